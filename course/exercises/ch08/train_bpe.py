"""Exercise 08.5: a whole BPE training."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import torch

from course.exercises.ch08.shared import Pair, first_only, overlapping, replaced
from course.judging.exercise import exercise

Merges = list[list[int]]
Word = tuple[int, ...]
Count = Callable[[Mapping[Word, int]], Counter[Pair]]


@exercise(
    "08.5",
    minutes=12,
    hints=(
        "Cut the text with text.split(), turn each word into list(word.encode('utf-8')), and count "
        "the words. From then on it is the exercise on one merge, in a loop.",
        "After each merge the words have changed, so the pairs have to be counted anew.",
        "For each new id: count the pairs; if there are none, stop; choose; note the pair; write "
        "the new id for it in every word.",
    ),
)
def train(text: str, n_merges: int) -> list[list[int]]:
    """Learn the merges of a text by BPE.

    text: words with white space between them. The white space is no part of any word
        here, and no token reaches from one word into the next.
    n_merges: how many merges to make. If nothing is left to merge, there are fewer.
    At the start each word is its bytes in UTF-8, numbers from 0 to 255. The first merge
    makes token 256, the next one 257, and so on. A pair counts once for each place where
    it stands in the text. Of equally frequent pairs take the smallest: compare the left
    ids, then the right ones.
    Returns the merges in their order, each a list of two ids.
    """
    words = Counter(tuple(word.encode("utf-8")) for word in text.split())
    merges = []
    for new_id in range(256, 256 + n_merges):
        pairs: Counter[tuple[int, int]] = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(list(best))
        shorter = {}
        for word, count in words.items():
            new: list[int] = []
            rest = list(word)
            while rest:
                new.append(rest.pop(0))
                if rest and (new[-1], rest[0]) == best:
                    new[-1] = new_id
                    rest.pop(0)
            shorter[tuple(new)] = count
        words = Counter(shorter)
    return merges


def _words(text: str) -> Counter[Word]:
    return Counter(tuple(word.encode("utf-8")) for word in text.split())


def _count(words: Mapping[Word, int]) -> Counter[Pair]:
    pairs: Counter[Pair] = Counter()
    for word, count in words.items():
        for pair in pairwise(word):
            pairs[pair] += count
    return pairs


def _smallest(pairs: Counter[Pair]) -> Pair:
    return min(pairs, key=lambda pair: (-pairs[pair], pair))


def _learn(
    words: Mapping[Word, int],
    n_merges: int,
    count: Count = _count,
    choose: Callable[[Counter[Pair]], Pair] = _smallest,
    write: Callable[[Word, Pair, int], list[int]] = replaced,
    first_id: int = 256,
) -> Merges:
    merges: Merges = []
    for new_id in range(first_id, first_id + n_merges):
        pairs = count(words)
        if not pairs:
            break
        best = choose(pairs)
        merges.append(list(best))
        merged: Counter[Word] = Counter()
        for word, times in words.items():
            merged[tuple(write(word, best, new_id))] += times
        words = merged
    return merges


@train.also_right
def _without_counting_words(text: str, n_merges: int) -> list[Pair]:
    words = [list(word.encode()) for word in text.split()]
    merges: list[Pair] = []
    while len(merges) < n_merges:
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs:
            return merges
        top = max(pairs.values())
        best = sorted(pair for pair, count in pairs.items() if count == top)[0]
        words = [replaced(word, best, 256 + len(merges)) for word in words]
        merges.append(best)
    return merges


@train.also_right
def _with_a_mark_between_words(text: str, n_merges: int) -> Merges:
    """One long list, in which -1 keeps words apart."""
    line = [id for word in text.split() for id in (*word.encode(), -1)]
    merges: Merges = []
    for new_id in range(256, 256 + n_merges):
        pairs = Counter(pair for pair in pairwise(line) if -1 not in pair)
        if not pairs:
            break
        best = min((-count, pair) for pair, count in pairs.items())[1]
        line = replaced(line, best, new_id)
        merges.append([*best])
    return merges


@train.wrong(
    "Does a token reach from one word into the next? It must not. Cut the text into words first, "
    "and count pairs within each of them; here a merge holds a space."
)
def _across_words(text: str, n_merges: int) -> Merges:
    return _learn({tuple(" ".join(text.split()).encode()): 1}, n_merges)


@train.wrong(
    "Does a token reach from one word into the next? It must not. Without the spaces, the end of "
    "one word and the beginning of the next became neighbours."
)
def _words_joined(text: str, n_merges: int) -> Merges:
    return _learn({tuple("".join(text.split()).encode()): 1}, n_merges)


@train.wrong(
    "How often does a word occur? A pair counts at each place in the text, so it counts again "
    "wherever its word comes again. Here every different word counts once."
)
def _different_words_only(text: str, n_merges: int) -> Merges:
    return _learn(dict.fromkeys(_words(text), 1), n_merges)


def _once_a_word_count(words: Mapping[Word, int]) -> Counter[Pair]:
    pairs: Counter[Pair] = Counter()
    for word, count in words.items():
        for pair in set(pairwise(word)):
            pairs[pair] += count
    return pairs


@train.wrong(
    "How often does a pair stand in one word? Once for each place: banana holds a, n twice. Here "
    "each pair counts once a word, as in a set."
)
def _once_a_word(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, count=_once_a_word_count)


def _count_without_overlaps(words: Mapping[Word, int]) -> Counter[Pair]:
    pairs: Counter[Pair] = Counter()
    for word, count in words.items():
        last: dict[Pair, int] = {}
        for at, pair in enumerate(pairwise(word)):
            if last.get(pair, -2) < at - 1:
                pairs[pair] += count
                last[pair] = at
    return pairs


@train.wrong(
    "Do overlapping places count? They do here: aaa holds the pair a, a twice, although only one "
    "of the two can be merged."
)
def _without_overlaps(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, count=_count_without_overlaps)


@train.wrong(
    "Which of equally frequent pairs is it? The smallest: compare left ids first, then right ones. "
    "This takes the largest, as `max` over (count, pair) does."
)
def _largest_of_equal(text: str, n_merges: int) -> Merges:
    return _learn(
        _words(text),
        n_merges,
        choose=lambda pairs: max(pairs, key=lambda pair: (pairs[pair], pair)),
    )


@train.wrong(
    "Which of equally frequent pairs is it? The smallest, not the one that was counted first. "
    "`max(pairs, key=pairs.get)` and `most_common(1)` take the first."
)
def _first_of_equal(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, choose=lambda pairs: pairs.most_common(1)[0][0])


@train.wrong(
    "Are the pairs counted again after a merge? Here all merges come from one count of the bytes. "
    "A merge makes new neighbours and takes away old ones."
)
def _counted_once(text: str, n_merges: int) -> Merges:
    pairs = _count(_words(text))
    best_first = sorted(pairs, key=lambda pair: (-pairs[pair], pair))
    return [list(pair) for pair in best_first[:n_merges]]


@train.wrong(
    "What stands in the words after a merge? The new token. Here the pair stays, and the same one "
    "wins again and again."
)
def _never_replaced(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, write=lambda word, pair, new_id: list(word))


@train.wrong(
    "At how many places of a word is a pair merged? At all of them. This stops after the first."
)
def _first_place_only(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, write=first_only)


@train.wrong(
    "Can a token be merged twice? In aaa the middle one is used up by the first merge. After a "
    "merge go on by two places, not by one."
)
def _overlaps_merged(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, write=overlapping)


@train.wrong(
    "Which id does the first merge make? The first that is not a byte's. These ids are one too "
    "high."
)
def _ids_from_257(text: str, n_merges: int) -> Merges:
    return _learn(_words(text), n_merges, first_id=257)


@train.wrong(
    "What is a word made of at the start? Of its bytes, word.encode('utf-8'). Here it is made of "
    "characters: é is one character and two bytes."
)
def _characters(text: str, n_merges: int) -> Merges:
    words = Counter(tuple(map(ord, word)) for word in text.split())
    return _learn(words, n_merges)


@train.wrong(
    "When is there nothing left to merge? When every word is a single token. This stops as soon as "
    "no pair stands twice."
)
def _only_what_stands_twice(text: str, n_merges: int) -> Merges:
    def twice(words: Mapping[Word, int]) -> Counter[Pair]:
        return Counter({pair: count for pair, count in _count(words).items() if count > 1})

    return _learn(_words(text), n_merges, count=twice)


@train.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[str, int]]:
    yield "the cat sat on the mat the cat", 4
    yield "low low low low low lower lower newest newest newest widest", 8
    yield "aaa aaa aaa b ab aaaa bab", 5
    yield "banana bandana banana ananas", 6
    yield "été thé été né thé café naïve", 7
    yield "ba ab ba ab dc dc ed", 30  # ties, and nothing left in the end
    yield "a b c ab", 3
    for letters, words, size, n_merges in (
        ("ab", 12, 7, 6),
        ("abc", 30, 6, 12),
        ("aé", 25, 6, 9),
        ("abcd", 60, 5, 20),
        ("etaoin", 120, 7, 30),
        ("etaoinshé", 200, 6, 40),
        ("xyz", 40, 8, 15),
        ("mnop", 50, 6, 18),
    ):
        lengths = torch.randint(1, size + 1, (words,), generator=rng).tolist()
        drawn = [torch.randint(len(letters), (n,), generator=rng).tolist() for n in lengths]
        yield " ".join("".join(letters[i] for i in word) for word in drawn), n_merges
