"""Exercise 08.4: one step of BPE training."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import torch

from course.exercises.ch08.shared import (
    drawn_words,
    first_only,
    from_the_right,
    joined,
    overlapping,
    replaced,
)
from course.judging.exercise import exercise

Words = list[list[int]]
Answer = tuple[list[int], Words]


@exercise(
    "08.4",
    minutes=8,
    hints=(
        "Two jobs: count, then replace. zip(word, word[1:]) gives the pairs of neighbours of a "
        "word; in the counter each of them grows by how often the word occurs.",
        "The pair with the highest count, and of equal ones the smallest: "
        "min(pairs, key=lambda pair: (-pairs[pair], pair)).",
        "To replace: walk through a word with an index. If the next two ids are the pair, append "
        "new_id and go on by two, else append the id and go on by one.",
    ),
)
def one_merge(
    words: list[list[int]], counts: list[int], new_id: int
) -> tuple[list[int], list[list[int]]]:
    """One step of BPE training: find the most frequent pair, and merge it everywhere.

    A pair is two neighbours within a word; it counts once for each place where it stands,
    so 7, 7, 7 holds the pair (7, 7) twice. Of equally frequent pairs take the smallest:
    compare the left ids, then the right ones. Where places overlap, merge from the left:
    7, 7, 7 becomes new_id, 7.

    words: the different words of a text, each a list of token ids. There is a pair in at
        least one of them. Leave them as they are, and make new lists.
    counts: how often each of the words occurs in the text.
    new_id: the id of the new token.
    Returns the pair, as a list of two ids, and the words after the merge.
    """
    pairs: Counter[tuple[int, int]] = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairwise(word):
            pairs[pair] += count
    best = min(pairs, key=lambda pair: (-pairs[pair], pair))
    merged = []
    for word in words:
        new, at = [], 0
        while at < len(word):
            if tuple(word[at : at + 2]) == best:
                new.append(new_id)
                at += 2
            else:
                new.append(word[at])
                at += 1
        merged.append(new)
    return list(best), merged


def _pairs(words: Words, counts: list[int]) -> Counter[tuple[int, int]]:
    pairs: Counter[tuple[int, int]] = Counter()
    for word, count in zip(words, counts, strict=True):
        pairs.update({pair: times * count for pair, times in Counter(pairwise(word)).items()})
    return pairs


def _best(pairs: Counter[tuple[int, int]]) -> tuple[int, int]:
    return min(pairs, key=lambda pair: (-pairs[pair], pair))


def _answer(words: Words, pair: tuple[int, int], new_id: int) -> Answer:
    return list(pair), [replaced(word, pair, new_id) for word in words]


@one_merge.also_right
def _sorted_and_popped(words: Words, counts: list[int], new_id: int) -> Answer:
    pairs = sorted(_pairs(words, counts).items(), key=lambda item: (-item[1], item[0]))
    best = pairs[0][0]
    merged = []
    for word in words:
        left, new = list(word), []
        while left:
            new.append(left.pop(0))
            if left and (new[-1], left[0]) == best:
                left.pop(0)
                new[-1] = new_id
        merged.append(new)
    return [*best], merged


@one_merge.also_right
def _in_tensors(words: Words, counts: list[int], new_id: int) -> Answer:
    all_pairs = [pair for word in words for pair in pairwise(word)]
    weights = [count for word, count in zip(words, counts, strict=True) for _ in word[1:]]
    kinds, which = torch.tensor(all_pairs).unique(dim=0, return_inverse=True)
    totals = torch.zeros(len(kinds), dtype=torch.long).index_add(0, which, torch.tensor(weights))
    best = kinds[totals == totals.max()][0].tolist()
    return _answer(words, (best[0], best[1]), new_id)


@one_merge.wrong(
    "How often does a word occur? A pair stands in the text wherever its word does. Here every "
    "word counts once: use `counts`."
)
def _counts_forgotten(words: Words, counts: list[int], new_id: int) -> Answer:
    return _answer(words, _best(_pairs(words, [1] * len(words))), new_id)


@one_merge.wrong(
    "Where does a word end? Pairs stand within words. Here the last id of one word and the first "
    "of the next count as neighbours."
)
def _across_borders(words: Words, counts: list[int], new_id: int) -> Answer:
    pairs = _pairs(words, counts)
    for left, right in pairwise(words):
        if left and right:
            pairs[left[-1], right[0]] += 10 * sum(counts)
    return _answer(words, _best(pairs), new_id)


@one_merge.wrong(
    "Where does a word end? The words were joined to one long list before the pairs were counted, "
    "so the last id of a word and the first of the next count as neighbours."
)
def _words_joined(words: Words, counts: list[int], new_id: int) -> Answer:
    return _answer(words, _best(_pairs([joined(words, counts)], [1])), new_id)


@one_merge.wrong(
    "Which of equally frequent pairs is it? The smallest: compare left ids first, then right ones. "
    "This takes the largest, as `max` over (count, pair) does."
)
def _largest_of_equal(words: Words, counts: list[int], new_id: int) -> Answer:
    pairs = _pairs(words, counts)
    return _answer(words, max(pairs, key=lambda pair: (pairs[pair], pair)), new_id)


@one_merge.wrong(
    "Which of equally frequent pairs is it? The smallest, not the one that was counted first. "
    "`max(pairs, key=pairs.get)` and `most_common(1)` take the first."
)
def _first_of_equal(words: Words, counts: list[int], new_id: int) -> Answer:
    return _answer(words, _pairs(words, counts).most_common(1)[0][0], new_id)


@one_merge.wrong(
    "How often does a pair stand in one word? Once for each place: banana holds a, n twice. Here "
    "each pair counts once a word, as in a set."
)
def _once_a_word(words: Words, counts: list[int], new_id: int) -> Answer:
    pairs: Counter[tuple[int, int]] = Counter()
    for word, count in zip(words, counts, strict=True):
        pairs.update(dict.fromkeys(pairwise(word), count))
    return _answer(words, _best(pairs), new_id)


@one_merge.wrong(
    "Do overlapping places count? They do here: 7, 7, 7 holds (7, 7) twice, although only one of "
    "the two can be merged."
)
def _without_overlaps(words: Words, counts: list[int], new_id: int) -> Answer:
    pairs: Counter[tuple[int, int]] = Counter()
    for word, count in zip(words, counts, strict=True):
        last: dict[tuple[int, int], int] = {}
        for at, pair in enumerate(pairwise(word)):
            if last.get(pair, -2) < at - 1:
                pairs[pair] += count
                last[pair] = at
    return _answer(words, _best(pairs), new_id)


@one_merge.wrong(
    "Is the pair (3, 5) the same as (5, 3)? Order counts: “th” and “ht” are two things. Here both "
    "are counted together."
)
def _order_ignored(words: Words, counts: list[int], new_id: int) -> Answer:
    pairs: Counter[tuple[int, int]] = Counter()
    for pair, count in _pairs(words, counts).items():
        pairs[min(pair), max(pair)] += count
    return _answer(words, _best(pairs), new_id)


@one_merge.wrong(
    "Can an id be merged twice? In 7, 7, 7 the middle one is used up by the first merge. After a "
    "merge go on by two places, not by one."
)
def _overlaps_merged(words: Words, counts: list[int], new_id: int) -> Answer:
    best = _best(_pairs(words, counts))
    return list(best), [overlapping(word, best, new_id) for word in words]


@one_merge.wrong(
    "At how many places of a word is the pair merged? At all of them. This stops after the first."
)
def _first_place_only(words: Words, counts: list[int], new_id: int) -> Answer:
    best = _best(_pairs(words, counts))
    return list(best), [first_only(word, best, new_id) for word in words]


@one_merge.wrong(
    "From which side are overlapping places merged? From the left: 7, 7, 7 becomes new_id, 7. This "
    "begins at the right."
)
def _merged_from_the_right(words: Words, counts: list[int], new_id: int) -> Answer:
    best = _best(_pairs(words, counts))
    return list(best), [from_the_right(word, best, new_id) for word in words]


@one_merge.wrong(
    "What becomes of the words? The pair is right, and the words come back as they were: write "
    "new_id for it."
)
def _not_merged(words: Words, counts: list[int], new_id: int) -> Answer:
    return list(_best(_pairs(words, counts))), [list(word) for word in words]


@one_merge.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[Words, list[int], int]]:
    yield [[1, 2, 3], [1, 2], [2, 3]], [3, 2, 4], 10
    # (7, 7) stands at six places, three of them overlapping; (5, 6) at five
    yield [[7, 7, 7], [5, 6], [6, 5, 5]], [3, 5, 2], 300
    yield [[4, 9], [2, 8, 3], [9, 2]], [2, 2, 1], 256  # a tie; the smallest is not the first
    yield [[3, 1, 3, 1], [1, 3], [2, 5]], [2, 3, 6], 257  # (1, 3) and (3, 1) apart
    yield [[6, 4, 6, 4, 6], [8, 9]], [4, 6], 500  # twice in one word
    yield [[1, 2], [3, 4], [3, 4, 1]], [30, 1, 1], 99  # counts matter
    yield [[5], [8, 8, 8, 8, 8], [5, 3]], [7, 2, 1], 300  # a word without a pair
    for letters, words, size in (
        (2, 4, 9),
        (3, 6, 6),
        (4, 9, 5),
        (5, 7, 8),
        (6, 20, 7),
        (9, 40, 6),
        (3, 9, 7),
        (2, 7, 6),
        (4, 30, 5),
        (5, 12, 6),
    ):
        found = drawn_words(rng, letters, words, size)
        counts = torch.randint(1, 9, (len(found),), generator=rng).tolist()
        yield found, counts, int(torch.randint(256, 999, (), generator=rng))
