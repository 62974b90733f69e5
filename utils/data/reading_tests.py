"""The four tests of a model that reads Shakespeare's plays: spelling, names, words, agreement."""

import re
from collections import Counter

from utils.data.choice_pairs import (
    ChoicePair,
    agreement_pairs,
    name_pairs,
    spelling_pairs,
    word_pairs,
)

COUNT, EACH = 200, 16  # pairs of a test; places for each subject


def reading_tests(read: str, unread: str, seed: int = 1) -> dict[str, list[ChoicePair]]:
    """About 200 pairs for each test, from text that the models do not read, but for the names:
    those of the unread plays come nowhere else, so the names are those that are spoken under at
    least a hundred times in what may be read.
    """
    spoken = Counter(re.findall(r"(?<=\n)[A-Z]{5,9}(?=\.\n)", read))
    names = [name for name, count in spoken.items() if count >= 100]
    return {
        "spelling": spelling_pairs(unread, COUNT, seed),
        "names": name_pairs(read, names, COUNT, seed),
        "words": word_pairs(unread, COUNT, seed),
        "agreement": agreement_pairs(unread, EACH, seed),
    }
