"""Thirty-one analogies: king and queen, and thirty more of the kinds that papers on word vectors use.

None was exchanged after its result was seen, so that their score means something. All words are
single tokens of SmolLM2.
"""

from typing import NamedTuple


class Analogy(NamedTuple):
    """`start` is to `end` as `other` is to `answer`: man, woman, king, queen."""

    start: str
    end: str
    other: str
    answer: str


ANALOGIES = {
    "people": (
        Analogy("man", "woman", "king", "queen"),
        Analogy("man", "woman", "actor", "actress"),
        Analogy("man", "woman", "father", "mother"),
        Analogy("man", "woman", "husband", "wife"),
        Analogy("man", "woman", "uncle", "aunt"),
        Analogy("boy", "girl", "son", "daughter"),
        Analogy("boy", "girl", "brother", "sister"),
        Analogy("he", "she", "his", "her"),
    ),
    "places": (
        Analogy("France", "Paris", "Germany", "Berlin"),
        Analogy("France", "Paris", "Italy", "Rome"),
        Analogy("Japan", "Tokyo", "China", "Beijing"),
        Analogy("France", "Paris", "Spain", "Madrid"),
        Analogy("England", "London", "Russia", "Moscow"),
        Analogy("France", "French", "Germany", "German"),
        Analogy("Italy", "Italian", "Spain", "Spanish"),
        Analogy("China", "Chinese", "Japan", "Japanese"),
        Analogy("Russia", "Russian", "Poland", "Polish"),
    ),
    "grammar": (
        Analogy("big", "bigger", "small", "smaller"),
        Analogy("good", "better", "bad", "worse"),
        Analogy("fast", "faster", "slow", "slower"),
        Analogy("walk", "walked", "jump", "jumped"),
        Analogy("go", "went", "see", "saw"),
        Analogy("eat", "eating", "run", "running"),
        Analogy("cat", "cats", "dog", "dogs"),
        Analogy("car", "cars", "house", "houses"),
        Analogy("child", "children", "man", "men"),
        Analogy("quick", "quickly", "slow", "slowly"),
    ),
    "order": (
        Analogy("one", "first", "two", "second"),
        Analogy("Monday", "Tuesday", "Thursday", "Friday"),
        Analogy("January", "February", "March", "April"),
        Analogy("hot", "cold", "big", "small"),
    ),
}


def analogies() -> list[Analogy]:
    """All of them, kind by kind."""
    return [one for kind in ANALOGIES.values() for one in kind]
