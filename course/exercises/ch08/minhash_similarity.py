"""Exercise 08.2: the similarity of two texts, exactly and by MinHash."""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch

from course.judging.exercise import exercise

PRIME = 4_294_967_311
Shuffles = list[list[int]]


@exercise(
    "08.2",
    minutes=12,
    hints=(
        "First the sets. words = text.lower().split(), and a shingle is words[i], words[i + 1] and "
        "words[i + 2], joined by blanks. A set keeps each once.",
        "The exact similarity: shingles in both, len(one & other), divided by shingles in either, "
        "len(one | other).",
        "For MinHash every shingle becomes a number, x = zlib.crc32(shingle.encode()). A shuffle "
        "[a, b] gives it a new one: (a * x + b) % 4_294_967_311. Of a text keep only the smallest.",
        "Each shuffle gives one smallest number for the one text and one for the other. The "
        "estimate is the share of shuffles in which the two are equal.",
    ),
)
def minhash_similarity(one: str, other: str, shuffles: list[list[int]]) -> list[float]:
    """The similarity of two texts: exactly, and as MinHash estimates it.

    one, other: texts of three words or more. Words are separated by blanks. Capital
    letters count as small ones.
    shuffles: pairs [a, b]. Each stands for one way to shuffle all shingles: the shingle
    with the number x = zlib.crc32(shingle.encode()) gets the number
    (a * x + b) % 4_294_967_311.
    Returns a list of two shares. First the Jaccard similarity of the two sets of
    shingles, each three words in a row. Then the share of the shuffles in which the
    smallest number of the one text is also the smallest of the other.
    """
    sets = []
    for text in (one, other):
        words = text.lower().split()
        sets.append({" ".join(words[at : at + 3]) for at in range(len(words) - 2)})
    jaccard = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    equal = 0
    for a, b in shuffles:
        smallest = [
            min((a * zlib.crc32(shingle.encode()) + b) % 4_294_967_311 for shingle in some)
            for some in sets
        ]
        equal += smallest[0] == smallest[1]
    return [jaccard, equal / len(shuffles)]


def _shingles(text: str, size: int = 3, lower: bool = True, short: int = 0) -> list[str]:
    words = (text.lower() if lower else text).split()
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1 - short)]


def _jaccard(one: Iterable[str], other: Iterable[str]) -> float:
    first, second = set(one), set(other)
    return len(first & second) / max(1, len(first | second))


def _numbers(some: Iterable[str], shuffle: list[int]) -> list[int]:
    a, b = shuffle
    return [(a * zlib.crc32(one.encode()) + b) % PRIME for one in some]


def _agreement(
    one: Iterable[str],
    other: Iterable[str],
    shuffles: Shuffles,
    pick: Callable[[list[int]], int] = min,
) -> float:
    first, second = list(one), list(other)
    equal = [pick(_numbers(first, s)) == pick(_numbers(second, s)) for s in shuffles]
    return sum(equal) / len(equal)


@minhash_similarity.also_right
def _with_lists_and_counts(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = dict.fromkeys(_shingles(one)), dict.fromkeys(_shingles(other))
    both = sum(shingle in second for shingle in first)
    return [both / (len(first) + len(second) - both), _agreement(first, second, shuffles)]


@minhash_similarity.also_right
def _sorted_orders(one: str, other: str, shuffles: Shuffles) -> list[float]:
    sets = [set(_shingles(one)), set(_shingles(other))]
    equal = 0
    for shuffle in shuffles:
        orders = [sorted(_numbers(some, shuffle)) for some in sets]
        equal += orders[0][0] == orders[1][0]
    return [_jaccard(*sets), equal / len(shuffles)]


@minhash_similarity.also_right
def _first_of_the_union(one: str, other: str, shuffles: Shuffles) -> list[float]:
    """The smallest of the union lies in both exactly where the two smallest are equal."""
    first, second = set(_shingles(one)), set(_shingles(other))
    in_both = 0
    for a, b in shuffles:
        order = {s: (a * zlib.crc32(s.encode()) + b) % PRIME for s in first | second}
        in_both += min(order, key=order.__getitem__) in first & second
    return [_jaccard(first, second), in_both / len(shuffles)]


@minhash_similarity.wrong(
    "Divided by what? The first number divides by the smaller set, so a text that lies within a long "
    "one counts as its equal. Divide by all shingles that are in either."
)
def _of_the_smaller(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = set(_shingles(one)), set(_shingles(other))
    exact = len(first & second) / min(len(first), len(second))
    return [exact, _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "Divided by what? The first number divides by the sum of the two sizes, which counts the common "
    "shingles twice. Divide by the size of the union."
)
def _of_the_sum(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = set(_shingles(one)), set(_shingles(other))
    exact = len(first & second) / (len(first) + len(second))
    return [exact, _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "What is a shingle made of? Three words in a row, not single words: those say nothing of the "
    "order."
)
def _single_words(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = _shingles(one, size=1), _shingles(other, size=1)
    return [_jaccard(first, second), _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "What is a shingle made of? Three words in a row. These are three characters."
)
def _characters(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = (
        [text.lower()[at : at + 3] for at in range(len(text) - 2)] for text in (one, other)
    )
    return [_jaccard(first, second), _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "Do shingles overlap? Yes: one begins at every word. Here one begins at every third word, so a "
    "single word more at the start would change them all."
)
def _without_overlap(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = _shingles(one)[::3], _shingles(other)[::3]
    return [_jaccard(first, second), _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "Where does the last shingle begin? Three words before the end: it is missing here. range(n) "
    "ends at n - 1."
)
def _last_one_missing(one: str, other: str, shuffles: Shuffles) -> list[float]:
    # so that a text of three words has one, too
    first = _shingles(one, short=1) or _shingles(one)
    second = _shingles(other, short=1) or _shingles(other)
    return [_jaccard(first, second), _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "Is “The” another word than “the”? Here they are one: make the text small first."
)
def _capitals_differ(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = _shingles(one, lower=False), _shingles(other, lower=False)
    return [_jaccard(first, second), _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "How often does a shingle count? Once, however often it comes: these are sets. The first number "
    "counts repetitions."
)
def _repetitions_counted(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = Counter(_shingles(one)), Counter(_shingles(other))
    exact = (first & second).total() / (first | second).total()
    return [exact, _agreement(first, second, shuffles)]


@minhash_similarity.wrong(
    "Which number is kept? The smallest of each text. With the largest the estimate is as good, but "
    "then all have to keep the largest."
)
def _largest(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = _shingles(one), _shingles(other)
    return [_jaccard(first, second), _agreement(first, second, shuffles, pick=max)]


@minhash_similarity.wrong(
    "How many shuffles are used? All of them: each gives one smallest number. Here only the first "
    "counts, so the estimate is 0 or 1."
)
def _one_shuffle(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = _shingles(one), _shingles(other)
    return [_jaccard(first, second), _agreement(first, second, shuffles[:1])]


@minhash_similarity.wrong(
    "What is compared? The smallest number under a shuffle with the smallest under the same shuffle. "
    "Here all smallest numbers of the one text are looked up among all those of the other."
)
def _any_shuffle(one: str, other: str, shuffles: Shuffles) -> list[float]:
    first, second = _shingles(one), _shingles(other)
    kept = [{min(_numbers(some, s)) for s in shuffles} for some in (first, second)]
    return [_jaccard(first, second), len(kept[0] & kept[1]) / len(kept[0] | kept[1])]


@minhash_similarity.wrong(
    "What is the second number? An estimate from the smallest numbers. Here it is the exact "
    "similarity again."
)
def _exact_twice(one: str, other: str, shuffles: Shuffles) -> list[float]:
    return [_jaccard(_shingles(one), _shingles(other))] * 2


@minhash_similarity.wrong(
    "In which order? First the exact similarity, then the estimate: these two are swapped."
)
def _swapped(one: str, other: str, shuffles: Shuffles) -> list[float]:
    return minhash_similarity.reference(one, other, shuffles)[::-1]


_WORDS = [
    "the",
    "a",
    "Old",
    "river",
    "Boat",
    "dark",
    "hill",
    "sings",
    "Over",
    "under",
    "we",
    "see",
    "Far",
    "light",
    "stone",
]


def _text(length: int, rng: torch.Generator) -> list[str]:
    return [_WORDS[at] for at in torch.randint(len(_WORDS), (length,), generator=rng).tolist()]


def _shuffles(count: int, rng: torch.Generator) -> Shuffles:
    drawn = torch.randint(1, 2**31, (count, 2), generator=rng)
    return [[int(a), int(b)] for a, b in np.asarray(drawn)]


@minhash_similarity.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[str, str, Shuffles]]:
    yield (
        "the old boat on the old river and the old boat on the dark river",
        "The old boat on the dark river and a light",
        _shuffles(7, rng),
    )
    yield "one two three", "One two three", _shuffles(3, rng)
    for length, cut, count in ((12, 4, 5), (20, 3, 11), (30, 8, 20), (44, 20, 64), (70, 15, 33)):
        words = _text(length, rng)
        changed = [*words[:cut], *_text(3, rng), *words[cut + 2 :], *words[:5]]
        yield " ".join(words), " ".join(changed).capitalize(), _shuffles(count, rng)
        yield " ".join([*words, *words[:9]]), " ".join(words[2:-3]), _shuffles(count + 2, rng)
