"""Texts that are partly in one language and partly in another."""

import random
from collections.abc import Sequence


def mixed_texts(
    first: Sequence[str],
    second: Sequence[str],
    share: float | int,
    words: int = 200,
    count: int = 20,
    seed: int = 5,
) -> list[str]:
    """`count` texts of `words` words, the first `share` of them from texts of `first`, the rest from
    `second`. Other shares cut the same texts elsewhere.
    """
    drawn = random.Random(seed)
    cut = round(words * share)
    texts = []
    for _ in range(count):
        begin, end = (_some_words(some, words, drawn) for some in (first, second))
        texts.append(" ".join([*begin[:cut], *end[: words - cut]]))
    return texts


def _some_words(texts: Sequence[str], count: int, drawn: random.Random) -> list[str]:
    """The words of texts drawn one after the other, until there are enough."""
    words: list[str] = []
    while len(words) < count:
        words += drawn.choice(texts).split()
    return words[:count]
