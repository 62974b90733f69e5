"""The quality rules that FineWeb applies, with its limits: a text stays if each measure lies between
its lowest and its highest value.

The limits are those of the code that made FineWeb (datatrove, examples/fineweb.py), but for the
repeated lines, where they are those of its paper.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from utils.crawl import text_measures as measure


class Rule(NamedTuple):
    """What is measured of a text, and between which values, both included, it has to lie."""

    measure: Callable[[str], float]
    lowest: float
    highest: float


_COMMONEST = {2: 0.20, 3: 0.18, 4: 0.16}  # words of a group: the highest share of characters
_REPEATED = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}

REPETITION: dict[str, Rule] = {
    "lines that came before": Rule(measure.repeated_lines, 0, 0.30),
    "characters in lines that came before": Rule(measure.in_repeated_lines, 0, 0.20),
    **{
        f"characters in the commonest {size} words": Rule(
            partial(measure.in_commonest_group, size=size), 0, most
        )
        for size, most in _COMMONEST.items()
    },
    **{
        f"characters in repeated {size} words": Rule(
            partial(measure.in_repeated_groups, size=size), 0, most
        )
        for size, most in _REPEATED.items()
    },
}

GOPHER: dict[str, Rule] = {
    "words": Rule(measure.word_count, 50, 100_000),
    "characters of a word": Rule(measure.mean_word_length, 3, 10),
    "hashes or ellipses for each word": Rule(measure.signs_per_word, 0, 0.1),
    "lines with a bullet": Rule(measure.lines_with_bullet, 0, 0.9),
    "lines that end in an ellipsis": Rule(measure.lines_with_ellipsis, 0, 0.3),
    "words with a letter": Rule(measure.words_with_letter, 0.8, 1),
    "the, be, to, of, and, that, have, with": Rule(measure.stop_words, 2, math.inf),
}

C4: dict[str, Rule] = {
    "curly brackets and lorem ipsum": Rule(measure.placeholders, 0, 0),
    "sentences": Rule(measure.sentence_count, 5, math.inf),
}

# Above 0.12 and below 0.67: a share that is just that is out.
FINEWEB: dict[str, Rule] = {
    "lines that end as a sentence": Rule(measure.lines_with_full_stop, math.nextafter(0.12, 1), 1),
    "lines of 30 characters or fewer": Rule(measure.short_lines, 0, math.nextafter(0.67, 0)),
    "characters in lines that came before": Rule(
        measure.in_repeated_lines, 0, math.nextafter(0.1, 0)
    ),
    "line feeds for each word": Rule(measure.lines_per_word, 0, 0.3),
}

QUALITY: dict[str, dict[str, Rule]] = {
    "Gopher: repetition": REPETITION,
    "Gopher: quality": GOPHER,
    "C4": C4,
    "FineWeb's own": FINEWEB,
}


def broken_rule(text: str, rules: Mapping[str, Rule]) -> str:
    """The name of the first rule that a text breaks; empty if it breaks none."""
    for name, rule in rules.items():
        if not rule.lowest <= rule.measure(text) <= rule.highest:
            return name
    return ""


def first_broken(text: str) -> str:
    """The first of all rules, family after family, that a text breaks; empty if it breaks none."""
    reasons = (broken_rule(text, rules) for rules in QUALITY.values())
    return next(filter(None, reasons), "")
