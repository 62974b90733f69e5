"""Questions that differ in one small thing, with their answers: which decimal is larger, how often a
letter stands in a word, which city is a capital. A model that has the skill gets all of a kind
right; one with holes gets some.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from utils.data.minimal_pairs import CAPITALS

# ways to ask for a capital in a conversation
CAPITAL_QUESTIONS = (
    "What is the capital of {country}?",
    "Which city is the capital of {country}?",
    "Name the capital of {country}.",
    "Tell me the capital city of {country}.",
    "{country}: what is its capital?",
)
_LETTER_WORDS_TEXT = (
    "strawberry banana blueberry raspberry cherry orange tomato pepper cabbage carrot "
    "coffee butter cheese bottle kettle hammer ladder rubber mirror window summer winter "
    "letter little middle puzzle rabbit kitten parrot giraffe elephant crocodile "
    "mississippi committee assassin bookkeeper tattoo success address balloon"
)
LETTER_WORDS = tuple(_LETTER_WORDS_TEXT.split())


@dataclass(frozen=True)
class Decimals:
    """Two numbers with the same whole part: one digit after the point, and two.

    `trap`: whoever compares what stands after the point as whole numbers takes the wrong one: 9.9
    and 9.11, as 11 is more than 9.
    """

    whole: int
    one_digit: int
    two_digits: int

    @property
    def texts(self) -> tuple[str, str]:
        """As they are written: the short one, and the long one."""
        return f"{self.whole}.{self.one_digit}", f"{self.whole}.{self.two_digits}"

    @property
    def trap(self) -> bool:
        """Whether the short one is the larger number, and 11 more than 9."""
        return 10 * self.one_digit > self.two_digits

    @property
    def larger(self) -> str:
        """The larger number, as it is written."""
        return self.texts[0 if self.trap else 1]


def decimals(count: int, trap: bool, seed: int = 0) -> list[Decimals]:
    """Different pairs, drawn with `seed`, whose first digits after the point differ: all of them
    traps, or none. ValueError if there are not so many.
    """
    every = [
        Decimals(whole, one, two)
        for whole in range(1, 20)
        for one in range(2, 10)
        for two in range(10, 100)
        if two // 10 != one and (10 * one > two) == trap and two % 10
    ]
    if not 1 <= count <= len(every):
        raise ValueError(f"{count} pairs were asked for; give a number from 1 to {len(every)}.")
    return random.Random(seed).sample(every, count)


def larger_question(pair: Decimals, long_first: bool) -> str:
    """Which of the two numbers is larger, in one order or the other."""
    return f"Which number is larger, {_or(pair, long_first)}?"


def newer_question(pair: Decimals, long_first: bool) -> str:
    """Which of the two is the newer version of a program: of 9.9 and 9.11 it is 9.11."""
    return f"Which version of the program is newer, {_or(pair, long_first)}?"


def _or(pair: Decimals, long_first: bool) -> str:
    short, long = pair.texts
    return f"{long} or {short}" if long_first else f"{short} or {long}"


def letter_questions(words: Sequence[str] = LETTER_WORDS) -> list[tuple[str, str, int]]:
    """For each word two questions: (word, letter, how often it stands there). One asks for the
    letter that is there most often, one for another one, that is there once.
    """
    asked = []
    for word in words:
        most = max(sorted(set(word)), key=word.count)
        once = [letter for letter in sorted(set(word)) if word.count(letter) == 1]
        asked += [(word, letter, word.count(letter)) for letter in (most, *once[:1])]
    return asked


def capital_questions(countries: Sequence[str] = tuple(CAPITALS)) -> list[tuple[str, str, str]]:
    """Every country in every wording: (country, capital, question)."""
    return [
        (country, CAPITALS[country], wording.format(country=country))
        for country in countries
        for wording in CAPITAL_QUESTIONS
    ]
