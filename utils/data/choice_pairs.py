"""Pairs of texts that differ in one word, of which one is right: what a model knows is asked without
a word of instruction, by which of the two it finds likelier.

From Shakespeare's plays, for models that read character by character; both words of a pair have the
same number of characters.
"""

import random
import re
from collections.abc import Sequence
from typing import NamedTuple


class ChoicePair(NamedTuple):
    """What stands before, the right word, the wrong one, and what comes after."""

    before: str
    right: str
    wrong: str
    after: str


BEFORE, AFTER = 48, 2  # characters
# For each pair of forms the subjects that take the first, and those that take the second. Each
# subject is asked for as often as its counterpart, so that the commoner form wins half the time.
_FORMS = (
    ("I am", "he is"),
    ("I have", "thou hast"),
    ("they have", "he hath"),
    ("thou art", "you are"),
    ("I will", "thou wilt"),
    ("thou dost", "he doth"),
    ("I shall", "thou shalt"),
)


def spelling_pairs(text: str, count: int, seed: int) -> list[ChoicePair]:
    """A word of the text, and the same with two neighbouring letters changed round in its middle."""
    found = []
    for word in _words(text, r"[a-z]{5,8}", count, seed):
        changed = _turned(word[0])
        if changed is not None:
            found.append(_pair(text, word.start(), word[0], changed))
        if len(found) == count:
            break
    return found


def word_pairs(text: str, count: int, seed: int) -> list[ChoicePair]:
    """A word of the text, and another that is as long and comes about as often."""
    every = re.findall(r"(?<=[ ])[a-z]{4,7}(?=[ ,.;])", text)
    often: dict[str, int] = {}
    for word in every:
        often[word] = often.get(word, 0) + 1
    common = sorted((word for word, n in often.items() if n >= 5), key=lambda w: (often[w], w))
    chance, found = random.Random(seed), []
    for word in _words(text, r"[a-z]{4,7}", count, seed):
        if often.get(word[0], 0) < 5:
            continue
        alike = [
            other
            for other in common
            if len(other) == len(word[0])
            and other != word[0]
            and 0.5 < often[other] / often[word[0]] < 2
        ]
        if alike:
            found.append(_pair(text, word.start(), word[0], chance.choice(alike)))
        if len(found) == count:
            break
    return found


def name_pairs(text: str, names: Sequence[str], count: int, seed: int) -> list[ChoicePair]:
    """A speaker's name before what is spoken, and the same with two letters changed round."""
    pattern = "|".join(sorted(names, key=len, reverse=True))
    found = []
    matches = list(re.finditer(rf"(?<=\n)(?:{pattern})(?=\.\n)", text))
    random.Random(seed).shuffle(matches)
    for name in matches:
        changed = _turned(name[0])
        if name.start() >= BEFORE and changed is not None:
            found.append(_pair(text, name.start(), name[0], changed))
        if len(found) == count:
            break
    return found


def agreement_pairs(text: str, each: int, seed: int) -> list[ChoicePair]:
    """A verb after its subject, and the form that belongs to another: "thou art", "thou are". At
    most `each` places for each subject, and as many for its counterpart.
    """
    found = []
    for first, second in _FORMS:
        (subject, form), (other_subject, other_form) = first.split(), second.split()
        one = _verbs(text, subject, form, other_form, seed)
        two = _verbs(text, other_subject, other_form, form, seed)
        count = min(each, len(one), len(two))
        found += one[:count] + two[:count]
    return found


def _verbs(text: str, subject: str, form: str, other: str, seed: int) -> list[ChoicePair]:
    matches = list(re.finditer(rf"(?<= {subject} ){form}(?= )", text))
    random.Random(seed).shuffle(matches)
    return [_pair(text, found.start(), form, other) for found in matches if found.start() >= BEFORE]


def _words(text: str, pattern: str, count: int, seed: int) -> list[re.Match[str]]:
    """Words between a blank and a mark, in random order, more than `count`."""
    matches = list(re.compile(rf"(?<= ){pattern}(?=[ ,.;])").finditer(text, BEFORE))
    return random.Random(seed).sample(matches, min(len(matches), 20 * count))


def _turned(word: str) -> str | None:
    """The word with two different neighbours in its middle changed round; None if there are none."""
    for place in range(len(word) // 2 - 1, len(word) - 2):
        if word[place] != word[place + 1]:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return None


def _pair(text: str, start: int, right: str, wrong: str) -> ChoicePair:
    end = start + len(right)
    before = text[start - BEFORE : start]
    return ChoicePair(before, right, wrong, text[end : end + AFTER])
