"""Sentences with two names, one of which comes twice, so that the other one is due next: "When John
and Mary went to the store, John gave a drink to" (after Wang et al. 2022, arXiv:2211.00593).
"""

import random
from dataclasses import dataclass

NAMES = ("John", "Mary", "Tom", "Anna", "Peter", "Sarah", "James", "Lisa", "Paul", "Emma")
_PLACES = ("store", "park", "school", "station", "beach")
_THINGS = ("drink", "book", "ring", "letter", "map")


@dataclass(frozen=True)
class TwoNames:
    """A text without its last word, the name that comes twice, and the one that is due."""

    text: str
    twice: str
    due: str


JOHN_AND_MARY = TwoNames(
    "When John and Mary went to the store, John gave a drink to", "John", "Mary"
)


def two_name_sentences(count: int, seed: int = 0) -> list[TwoNames]:
    """`count` such sentences at random; in about half of them the first name comes twice."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        first, second = rng.sample(NAMES, 2)
        twice, due = rng.sample((first, second), 2)
        place, thing = rng.choice(_PLACES), rng.choice(_THINGS)
        text = f"When {first} and {second} went to the {place}, {twice} gave a {thing} to"
        found.append(TwoNames(text, twice, due))
    return found
