"""What the exercises on BPE share: ways to write one id for two, right and wrong, and words."""

from collections.abc import Sequence

import torch

Pair = tuple[int, int]


def replaced(word: Sequence[int], pair: Pair, new_id: int) -> list[int]:
    """`word` with new_id for each `pair`, from left to right."""
    new: list[int] = []
    at = 0
    while at < len(word):
        found = tuple(word[at : at + 2]) == pair
        new.append(new_id if found else word[at])
        at += 2 if found else 1
    return new


def overlapping(word: Sequence[int], pair: Pair, new_id: int) -> list[int]:
    """The mistake that merges each place, also two that share an id."""
    starts = [at for at in range(len(word) - 1) if tuple(word[at : at + 2]) == pair]
    used = {at + 1 for at in starts} - set(starts)
    return [
        new_id if at in starts else word[at]
        for at in range(len(word))
        if at in starts or at not in used
    ]


def first_only(word: Sequence[int], pair: Pair, new_id: int) -> list[int]:
    """The mistake that merges one place of a word."""
    for at in range(len(word) - 1):
        if tuple(word[at : at + 2]) == pair:
            return [*word[:at], new_id, *word[at + 2 :]]
    return list(word)


def from_the_right(word: Sequence[int], pair: Pair, new_id: int) -> list[int]:
    """The mistake that merges overlapping places from right to left."""
    return replaced(word[::-1], (pair[1], pair[0]), new_id)[::-1]


def joined(words: Sequence[Sequence[int]], counts: Sequence[int]) -> list[int]:
    """All words one after the other, each as often as it occurs."""
    return [
        id for word, count in zip(words, counts, strict=True) for _ in range(count) for id in word
    ]


def drawn_words(rng: torch.Generator, letters: int, words: int, size: int) -> list[list[int]]:
    """Different words of up to `size` ids, drawn from as many as `letters`."""
    alphabet = (1 + torch.randperm(200, generator=rng)[:letters]).tolist()
    found: dict[tuple[int, ...], None] = {}
    for _ in range(words):
        length = int(torch.randint(2, size + 1, (), generator=rng))
        chosen = torch.randint(letters, (length,), generator=rng).tolist()
        found[tuple(alphabet[letter] for letter in chosen)] = None
    return [list(word) for word in found]
