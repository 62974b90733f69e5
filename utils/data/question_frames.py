"""The four kinds of questions that the documents list, each with the word with which its answer is
said to go on, and with another question before the same beginning of an answer.
"""

from typing import NamedTuple


class Frame(NamedTuple):
    """A frame, and whether its word comes from the question or from what stands right before it.

    prompts: pairs of texts that end alike, the first with the frame's question, the second with
        another one. word: the token that the frame expects next.
    """

    name: str
    word: str
    prompts: tuple[tuple[str, str], ...]


FRAMES = (
    Frame(
        "What is X? X is …",
        " is",
        tuple(
            (f"What is {x}? {x.capitalize()}", f"Who likes {x}? {x.capitalize()}")
            for x in ("gravity", "inflation", "photosynthesis", "justice")
        ),
    ),
    Frame(
        "How do I X? To …",
        " To",
        tuple(
            (f"How do I {x}?", f"When did I {x}?")
            for x in ("learn Python", "bake bread", "sell a house", "change a tyre")
        ),
    ),
    Frame(
        "When did X? X … in",
        " in",
        tuple(
            (
                f"When did {x} {verb}? {x.capitalize()} {past}",
                f"Why did {x} {verb}? {x.capitalize()} {past}",
            )
            for x, verb, past in (
                ("the war", "end", "ended"),
                ("the ship", "sink", "sank"),
                ("the king", "die", "died"),
                ("the empire", "fall", "fell"),
            )
        ),
    ),
    Frame(
        "Why does X? X … because",
        " because",
        tuple(
            (
                f"Why does {x} {verb}? {x.capitalize()} {now}",
                f"When does {x} {verb}? {x.capitalize()} {now}",
            )
            for x, verb, now in (
                ("ice", "float", "floats"),
                ("bread", "rise", "rises"),
                ("iron", "rust", "rusts"),
                ("the moon", "shine", "shines"),
            )
        ),
    ),
)
