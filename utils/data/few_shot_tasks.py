"""Tasks for a prompt with examples: a word, and the word that belongs to it. Twenty pairs each."""

Pair = tuple[str, str]


def _pairs(text: str) -> tuple[Pair, ...]:
    pairs = [part.split() for part in text.split(",")]
    return tuple((word, answer) for word, answer in pairs)


# as in the documents; what has several colours has the one that people name first
FRUIT_COLORS = _pairs(
    "apple red,banana yellow,grape purple,lime green,lemon yellow,cherry red,plum purple,"
    "strawberry red,blueberry blue,orange orange,tomato red,carrot orange,cucumber green,"
    "eggplant purple,pumpkin orange,broccoli green,corn yellow,raspberry red,spinach green,"
    "coconut brown"
)

WORD_TASKS: dict[str, tuple[Pair, ...]] = {
    "opposite": _pairs(
        "hot cold,big small,up down,happy sad,fast slow,old young,rich poor,light dark,hard soft,"
        "early late,wet dry,strong weak,open closed,full empty,good bad,high low,left right,"
        "day night,long short,love hate"
    ),
    "plural": _pairs(
        "cat cats,box boxes,child children,man men,mouse mice,foot feet,tooth teeth,leaf leaves,"
        "baby babies,city cities,bus buses,knife knives,goose geese,dish dishes,hero heroes,"
        "woman women,toy toys,wolf wolves,fox foxes,lady ladies"
    ),
    "past": _pairs(
        "go went,see saw,take took,eat ate,run ran,write wrote,give gave,come came,drink drank,"
        "think thought,buy bought,sing sang,fly flew,know knew,speak spoke,sleep slept,find found,"
        "make made,break broke,fall fell"
    ),
    "capital": _pairs(
        "France Paris,Germany Berlin,Italy Rome,Spain Madrid,Japan Tokyo,China Beijing,"
        "Russia Moscow,Egypt Cairo,Greece Athens,Poland Warsaw,Austria Vienna,Portugal Lisbon,"
        "Ireland Dublin,Norway Oslo,Sweden Stockholm,Cuba Havana,Peru Lima,Iran Tehran,"
        "Iraq Baghdad,Turkey Ankara"
    ),
    "French": _pairs(
        "cat chat,dog chien,water eau,bread pain,house maison,red rouge,white blanc,king roi,"
        "day jour,night nuit,one un,two deux,three trois,friend ami,world monde,book livre,"
        "sun soleil,sea mer,hand main,love amour"
    ),
    "color": FRUIT_COLORS,
}

# The same tasks put in words, without an example.
TASK_SENTENCES = {
    "opposite": "The opposite of {} is",
    "plural": "The plural of {} is",
    "past": "The past tense of {} is",
    "capital": "The capital of {} is",
    "French": "The French word for {} is",
    "color": "The color of the {} is",
}

# Two words each, so that they are of one length; the first ten are praise.
REVIEWS = (
    *("lovely film", "great food", "wonderful day", "superb acting", "excellent idea"),
    *("charming town", "perfect weather", "fantastic trip", "brilliant song", "delightful story"),
    *("awful film", "terrible food", "boring day", "dreadful acting", "stupid idea"),
    *("ugly town", "horrible weather", "miserable trip", "dull song", "painful story"),
)
PRAISE = 10  # how many of the REVIEWS are praise

# What a small model surely has read of, and what it may have read of hardly ever.
WELL_KNOWN_CAPITALS = WORD_TASKS["capital"][:16]
LITTLE_KNOWN_CAPITALS = _pairs(
    "Bhutan Thimphu,Palau Ngerulmud,Eswatini Mbabane,Lesotho Maseru,Gabon Libreville,"
    "Malawi Lilongwe,Burundi Gitega,Tajikistan Dushanbe,Turkmenistan Ashgabat,"
    "Suriname Paramaribo,Guyana Georgetown,Mauritania Nouakchott,Niger Niamey,Rwanda Kigali,"
    "Comoros Moroni,Kiribati Tarawa"
)
