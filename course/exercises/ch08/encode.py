"""Exercise 08.6: a word becomes tokens, by rank."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch

from course.exercises.ch08.shared import Pair, drawn_words, first_only, overlapping, replaced
from course.judging.exercise import exercise

Merges = list[list[int]]


@exercise(
    "08.6",
    minutes=7,
    hints=(
        "Which pairs of neighbours of the word are in `merges`? The one that stands nearest to the "
        "beginning of the list is merged. Then look again: there are new neighbours now.",
        "A dictionary from pair to rank helps: {tuple(pair): rank for rank, pair in "
        "enumerate(merges)}. Of the word's pairs take the one of lowest rank, and stop when none "
        "is in the dictionary.",
        "Replace the pair from left to right by the id that its merge made (the task says which), at "
        "every place, and begin again.",
    ),
)
def encode(word: list[int], merges: list[list[int]]) -> list[int]:
    """Turn a word into tokens, with the merges that BPE training found.

    word: the word's bytes, numbers from 0 to 255.
    merges: the pairs in the order in which training made them, each a list of two ids.
        The merge at place 0 of the list made token 256, the one at place 1 token 257, and
        so on.
    While any two neighbours of the word are a pair of `merges`, the pair that was made
    first is merged, from left to right, at all its places.
    Returns the word's token ids.
    """
    ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
    ids = list(word)
    while found := [ranks[pair] for pair in pairwise(ids) if pair in ranks]:
        rank = min(found)
        left, right = merges[rank]
        new, at = [], 0
        while at < len(ids):
            if ids[at : at + 2] == [left, right]:
                new.append(256 + rank)
                at += 2
            else:
                new.append(ids[at])
                at += 1
        ids = new
    return ids


def _ranks(merges: Merges) -> dict[Pair, int]:
    return {(left, right): rank for rank, (left, right) in enumerate(merges)}


@encode.also_right
def _all_merges_in_their_order(word: list[int], merges: Merges) -> list[int]:
    """A merge can only be made possible by one that came before it: one pass over the list."""
    ids = word
    for (left, right), rank in _ranks(merges).items():
        ids = replaced(ids, (left, right), 256 + rank)
    return ids


@encode.also_right
def _one_place_at_a_time(word: list[int], merges: Merges) -> list[int]:
    ids, ranks = list(word), _ranks(merges)
    while True:
        rank, at = min(
            ((ranks.get((ids[i], ids[i + 1]), 10**9), i) for i in range(len(ids) - 1)),
            default=(10**9, 0),
        )
        if rank == 10**9:
            return ids
        ids[at : at + 2] = [256 + rank]


def _spelled(merges: Merges) -> dict[int, tuple[int, ...]]:
    spelled: dict[int, tuple[int, ...]] = {byte: (byte,) for byte in range(256)}
    for rank, (left, right) in enumerate(merges):
        spelled[256 + rank] = spelled[left] + spelled[right]
    return spelled


@encode.wrong(
    "Is it the longest token that fits? Not in BPE. This walks from left to right and takes the "
    "longest token each time. What decides is which merge was made first."
)
def _longest_match(word: list[int], merges: Merges) -> list[int]:
    ids = {bytes_: id for id, bytes_ in _spelled(merges).items()}
    out, at = [], 0
    while at < len(word):
        end = next(end for end in range(len(word), at, -1) if tuple(word[at:end]) in ids)
        out.append(ids[tuple(word[at:end])])
        at = end
    return out


def _repeat(word: list[int], merges: Merges, choose) -> list[int]:  # type: ignore[no-untyped-def]
    ids, ranks = list(word), _ranks(merges)
    while found := [pair for pair in pairwise(ids) if pair in ranks]:
        pair = choose(found, ranks)
        ids = replaced(ids, pair, 256 + ranks[pair])
    return ids


@encode.wrong(
    "Which merge comes first? The one that training made first, so the lowest place in the list. "
    "This takes the latest."
)
def _latest_first(word: list[int], merges: Merges) -> list[int]:
    return _repeat(word, merges, lambda found, ranks: max(found, key=ranks.__getitem__))


@encode.wrong(
    "Which pair of the word is merged first? This takes the leftmost that can be merged, whatever "
    "its rank. Look at all of them, and take the lowest rank."
)
def _leftmost_pair_first(word: list[int], merges: Merges) -> list[int]:
    ids, ranks = list(word), _ranks(merges)
    while True:
        at = next((i for i in range(len(ids) - 1) if (ids[i], ids[i + 1]) in ranks), None)
        if at is None:
            return ids
        ids[at : at + 2] = [256 + ranks[ids[at], ids[at + 1]]]


@encode.wrong(
    "Which pair of the word is merged first? This counts pairs again, within the word. Counting is "
    "for training; encoding only follows the list."
)
def _most_frequent_in_the_word(word: list[int], merges: Merges) -> list[int]:
    return _repeat(
        word, merges, lambda found, ranks: max(found, key=lambda pair: Counter(found)[pair])
    )


@encode.wrong("When is it over? This merges one pair and stops. Go on while there is a pair left.")
def _one_merge_only(word: list[int], merges: Merges) -> list[int]:
    ranks = _ranks(merges)
    found = [pair for pair in pairwise(word) if pair in ranks]
    if not found:
        return list(word)
    best = min(found, key=ranks.__getitem__)
    return replaced(word, best, 256 + ranks[best])


@encode.wrong(
    "When is it over? Only pairs of bytes were merged here. A new token has neighbours too, and "
    "may be merged on."
)
def _never_merged_on(word: list[int], merges: Merges) -> list[int]:
    ids = word
    for (left, right), rank in _ranks(merges).items():
        if max(left, right) < 256:
            ids = replaced(ids, (left, right), 256 + rank)
    return list(ids)


@encode.wrong(
    "At how many places is a pair merged? At all of them. This goes through the list of merges and "
    "uses each one once."
)
def _each_merge_once(word: list[int], merges: Merges) -> list[int]:
    ids = list(word)
    for (left, right), rank in _ranks(merges).items():
        ids = first_only(ids, (left, right), 256 + rank)
    return ids


@encode.wrong(
    "Which id does a merge make? The first merge of the list made the first id that is no byte. "
    "These ids are one too high."
)
def _ids_from_257(word: list[int], merges: Merges) -> list[int]:
    return [id + (id > 255) for id in _all_merges_in_their_order(word, merges)]


@encode.wrong(
    "Which id does a merge make? Here its place in the list is the id, and such ids belong to "
    "bytes: the task says where the ids of merges begin."
)
def _rank_as_id(word: list[int], merges: Merges) -> list[int]:
    return [id - 256 if id > 255 else id for id in _all_merges_in_their_order(word, merges)]


@encode.wrong(
    "Can an id be merged twice? Of three equal ids in a row, the middle one is used up by the first "
    "merge. After a merge go on by two places, not by one."
)
def _overlaps_merged(word: list[int], merges: Merges) -> list[int]:
    ids: Sequence[int] = word
    for (left, right), rank in _ranks(merges).items():
        ids = overlapping(ids, (left, right), 256 + rank)
    return list(ids)


def learned(words: list[list[int]], n_merges: int) -> Merges:
    """The merges of some words, each of which occurs once."""
    merges: Merges = []
    while len(merges) < n_merges:
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        words = [replaced(word, best, 256 + len(merges)) for word in words]
        merges.append(list(best))
    return merges


@encode.inputs
def _words_and_merges(rng: torch.Generator) -> Iterator[tuple[list[int], Merges]]:
    # with the letters a, b, c: bc was learned before ab
    yield [97, 98, 99], [[98, 99], [97, 98]]
    yield [1, 2, 3, 1, 2], [[1, 2], [256, 3]]
    # ab, then cd, then abc: longest match begins with abc
    yield [97, 98, 99, 100], [[97, 98], [99, 100], [256, 99]]
    yield [7, 7, 7, 7, 7], [[7, 7], [256, 7], [256, 256]]
    yield [5, 6, 5, 6, 4, 5], [[4, 5], [5, 6], [257, 257]]
    yield [3, 9, 3, 9, 3], [[9, 3], [3, 256], [3, 9]]
    yield [8], [[8, 9]]
    for letters, length, n_merges in (
        (2, 12, 5),
        (3, 9, 8),
        (3, 25, 12),
        (4, 30, 20),
        (5, 40, 25),
        (6, 60, 40),
        (4, 80, 60),
        (3, 50, 30),
        (7, 35, 50),
    ):
        words = drawn_words(rng, letters, 30, 9)
        alphabet = sorted({id for word in words for id in word})
        chosen = torch.randint(len(alphabet), (length,), generator=rng).tolist()
        yield [alphabet[place] for place in chosen], learned(words, n_merges)
