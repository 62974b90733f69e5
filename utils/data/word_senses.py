"""Sentences that end in a word of several meanings: mole, bank and tower, eight for each meaning.

The word stands last, so that everything that tells its meaning comes before it. They were written
before any of them was tried. Two sentences of a meaning share hardly a word with each other.
"""

SENSES = {
    "mole": {
        "animal": (
            "In our garden we caught a small blind mole",
            "Under the lawn lives a hungry mole",
            "The earthworms were eaten by a mole",
            "Soft black fur covers the body of the mole",
            "The cat brought home a dead mole",
            "Tunnels in the meadow were dug by a mole",
            "The hedgehog, the shrew and the mole",
            "With its broad front paws digs the mole",
        ),
        "skin": (
            "On her left cheek she has a dark mole",
            "The dermatologist removed a suspicious mole",
            "Sunburn can change the colour of a mole",
            "The doctor took a biopsy of the mole",
            "Just above his upper lip was a brown mole",
            "Melanoma often begins in a mole",
            "She covered the spot with make-up, it was a mole",
            "On the skin of his back grew a hairy mole",
        ),
        "chemistry": (
            "The number of molecules is given by the mole",
            "Avogadro counted the atoms in one mole",
            "Twelve grams of carbon are exactly one mole",
            "The amount of a substance is measured in the mole",
            "The reaction releases 50 kilojoules per mole",
            "The concentration of the acid is half a mole",
            "Divide the mass in grams by the mass of one mole",
            "Hydrogen gas fills 22.4 litres for each mole",
        ),
    },
    "bank": {
        "money": (
            "She opened a savings account at the bank",
            "The loan was refused by the bank",
            "He deposited his salary in the bank",
            "The mortgage is held by a large bank",
            "Robbers stole the cash from the bank",
            "Interest rates were raised by the central bank",
            "The cheque was cashed at the bank",
            "Investors lost their money with the bank",
        ),
        "river": (
            "The fisherman sat down on the grassy bank",
            "The canoe drifted towards the muddy bank",
            "Willows grow along the river and its bank",
            "The flood washed away the northern bank",
            "Ducks were sleeping in the reeds on the bank",
            "They swam across the stream to the other bank",
            "The boat was tied to a tree on the bank",
            "The water rose over the left bank",
        ),
    },
    "tower": {
        "castle": (
            "The prisoners were kept in the dark tower",
            "The knight climbed the stairs of the tower",
            "Archers shot their arrows from the tower",
            "The princess looked down from her tower",
            "The walls of the fortress end at a round tower",
            "In the Middle Ages the duke built a stone tower",
            "The siege was over when they burned the tower",
            "The dragon circled around the ruined tower",
        ),
        "radio": (
            "The mobile phone has no signal from the tower",
            "The engineer repaired the antenna on the tower",
            "Television is broadcast from a steel tower",
            "The network company put up a new tower",
            "Microwaves are sent from tower to tower",
            "The radio station lost its transmission tower",
            "The wireless receiver is far from the nearest tower",
            "High-voltage power lines run from the next tower",
        ),
    },
}
