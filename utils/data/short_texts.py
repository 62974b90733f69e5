"""Short texts that several measurements share: some to take a loss on, some that everybody knows."""

# A paragraph each, of different kinds. They were written for this course.
PARAGRAPHS = (
    "The Moon is the only natural satellite of the Earth. It takes about 27 days to go around our "
    "planet once, and it always shows us the same side.",
    "To bake bread you need flour, water, salt and yeast. Knead the dough for ten minutes, let it "
    "rest in a warm place, and bake it until it is brown.",
    "The committee will meet on Tuesday to discuss the budget for the next year. Members who "
    "cannot attend should inform the secretary in advance.",
    "A triangle has three sides and three angles. The sum of its angles is 180 degrees, and if one "
    "of them is a right angle, the theorem of Pythagoras holds.",
    "She opened the door and looked into the garden. It had rained all night, and the roses were "
    "full of water. Nobody had seen the old man leave.",
)

# The beginnings of famous texts and how they go on, and of one that nobody has read before.
OPENINGS = {
    "lorem ipsum": (
        "Lorem ipsum dolor sit amet,",
        " consectetur adipiscing elit. Sed do eiusmod tempor incididunt ut labore",
    ),
    "Lincoln": (
        "Four score and seven years ago our fathers brought forth",
        " a new nation, conceived in liberty, and dedicated to the proposition",
    ),
    "Declaration": (
        "We hold these truths to be self-evident,",
        " that all men are created equal, that they are endowed by their Creator with certain"
        " unalienable Rights, that among these are Life, Liberty and the pursuit of Happiness",
    ),
    "Hamlet": (
        "To be, or not to be:",
        " that is the question: Whether 'tis nobler in the mind to suffer",
    ),
    "a made-up story": (
        "Our cat has a secret. Each night, when the lamps go out,",
        " she walks to the station and waits on the platform for a train",
    ),
}
