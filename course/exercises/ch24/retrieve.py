"""Exercise 24.3: which notes are about a question, by the angle between two vectors of words."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "24.3",
    minutes=10,
    hints=(
        "Counter(text.lower().split()) is the vector: one number a word, and 0 for all others.",
        "The dot product adds, over the words of the query, the count there times the count in the note. "
        "Divided by the lengths of both vectors it is the cosine. The query's length is the same for all "
        "notes, and changes no order.",
        "The length of a note is the root of the sum of its squared counts. sorted() with "
        "key=lambda number: -cosines[number] keeps equal ones in their order.",
    ),
)
def retrieve(query: str, notes: list[str]) -> list[int]:
    """Find the notes that are about a question, the best first.

    Query and note become vectors: how often each word stands in them. A note fits as well
    as the cosine of the angle between the two vectors says.

    query: words with spaces between them. Capitals do not matter: "Rex" is "rex".
    notes: texts of the same kind, each with one word or more.
    Returns the numbers of the notes that share a word with the query (the first note has
    number 0), by falling cosine. Of notes that fit equally well the earlier comes first.
    """
    asked = Counter(query.lower().split())
    cosines = []
    for note in notes:
        counts = Counter(note.lower().split())
        dot = sum(count * counts[word] for word, count in asked.items())
        length = math.sqrt(sum(count**2 for count in counts.values()))
        cosines.append(dot / length)
    best_first = sorted(range(len(notes)), key=lambda number: -cosines[number])
    return [number for number in best_first if cosines[number] > 0]


@retrieve.also_right
def _matrix(query: str, notes: list[str]) -> list[int]:
    texts = [text.lower().split() for text in [query, *notes]]
    vocabulary = sorted({word for words in texts for word in words})
    counts = np.array([[words.count(word) for word in vocabulary] for words in texts], dtype=float)
    cosines = (
        counts[1:] @ counts[0] / np.linalg.norm(counts[1:], axis=1) / np.linalg.norm(counts[0])
    )
    order = np.argsort(-cosines, kind="stable")
    return [int(number) for number in order if cosines[number]]


@retrieve.also_right
def _fractions(query: str, notes: list[str]) -> list[int]:
    """The square of the cosine has the same order, and no root."""
    fits = sorted((-_squared_cosine(query, note), number) for number, note in enumerate(notes))
    return [number for fit, number in fits if fit]


def _counts(text: str) -> Counter[str]:
    return Counter(text.lower().split())


def _dot(query: Counter[str], note: Counter[str]) -> int:
    return sum(count * note[word] for word, count in query.items())


def _length(counts: Counter[str]) -> float:
    return math.hypot(*counts.values())


def _squared_cosine(query: str, note: str) -> Fraction:
    """Exact, up to the query's length."""
    counts = _counts(note)
    return Fraction(_dot(_counts(query), counts) ** 2, _dot(counts, counts))


Fit = Callable[[Counter[str], Counter[str]], float]


def _cosine(query: Counter[str], note: Counter[str]) -> float:
    return _dot(query, note) / _length(note)


def _by(
    query: str, notes: list[str], fit: Fit, read: Callable[[str], Counter[str]] = _counts
) -> list[int]:
    """The right way, with another measure, or another way to read a text."""
    asked, texts = read(query), [read(note) for note in notes]
    sharing = [number for number, note in enumerate(texts) if _dot(asked, note)]
    return sorted(sharing, key=lambda number: -fit(asked, texts[number]))


@retrieve.wrong(
    "Which note wins by its length alone? The dot product grows with every word that is said again. "
    "Divide it by the length of the note's vector."
)
def _dot_alone(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, _dot)


@retrieve.wrong(
    "What is the length of a vector? The root of the sum of squares. Here it is the number of words."
)
def _by_the_number_of_words(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, lambda asked, note: _dot(asked, note) / note.total())


@retrieve.wrong(
    "Where is the root? The dot product is divided by the sum of squares, and long notes lose too much."
)
def _by_the_squared_length(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, lambda asked, note: _dot(asked, note) / _dot(note, note))


@retrieve.wrong(
    "How often does a word stand there? It counts as often as it comes, in the query too. Here it is "
    "there, or it is not."
)
def _there_or_not(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, _cosine, lambda text: Counter(set(text.lower().split())))


@retrieve.wrong(
    "Is it enough to count the words that both have? A long note shares many by chance. Measure the "
    "angle."
)
def _shared_words(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, lambda asked, note: len(asked.keys() & note.keys()))


@retrieve.wrong(
    "What is measured? The angle, and not the distance between the ends of the vectors: a long note is "
    "far away from every query."
)
def _distance(query: str, notes: list[str]) -> list[int]:
    def fit(asked: Counter[str], note: Counter[str]) -> float:
        return -sum((asked[word] - note[word]) ** 2 for word in asked.keys() | note.keys())

    return _by(query, notes, fit)


@retrieve.wrong("Which note comes first? The one that fits best. Here it comes last.")
def _worst_first(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, lambda asked, note: -_cosine(asked, note))


@retrieve.wrong("Which number has the first note? 0. Here it has 1.")
def _from_one(query: str, notes: list[str]) -> list[int]:
    return [number + 1 for number in retrieve.reference(query, notes)]


@retrieve.wrong(
    "Which of two equal notes comes first? The earlier one. Sorting pairs with reverse=True turns them "
    "round."
)
def _later_first(query: str, notes: list[str]) -> list[int]:
    fits = [(_squared_cosine(query, note), number) for number, note in enumerate(notes)]
    return [number for fit, number in sorted(fits, reverse=True) if fit]


@retrieve.wrong(
    "What of notes without a word of the query? They are not about it: leave them out. Here they come "
    "last."
)
def _all_notes(query: str, notes: list[str]) -> list[int]:
    found = retrieve.reference(query, notes)
    return found + [number for number in range(len(notes)) if number not in found]


@retrieve.wrong("Is Rex another word than rex? Not here: write both texts in small letters first.")
def _capitals_matter(query: str, notes: list[str]) -> list[int]:
    return _by(query, notes, _cosine, lambda text: Counter(text.split()))


@retrieve.wrong(
    "How many notes are asked for? All that share a word, in order. Here it is the best."
)
def _best_alone(query: str, notes: list[str]) -> list[int]:
    return retrieve.reference(query, notes)[:1]


@retrieve.wrong(
    "Are the notes in order? They share a word with the query, but stand here as they came."
)
def _not_sorted(query: str, notes: list[str]) -> list[int]:
    return sorted(retrieve.reference(query, notes))


@retrieve.wrong(
    "What is asked for? Which note is first, second, and so on. Here it is the place of each note in "
    "that order: the list the other way about."
)
def _places(query: str, notes: list[str]) -> list[int]:
    found = retrieve.reference(query, notes)
    return [found.index(number) for number in sorted(found)]


@retrieve.wrong(
    "Does a cat stand in a catalogue? `in` on texts finds it there. Compare whole words: split()."
)
def _parts_of_words(query: str, notes: list[str]) -> list[int]:
    def count(note: str) -> float:
        counts = _counts(note)
        asked = _counts(query).items()
        return sum(times * note.lower().count(word) for word, times in asked) / _length(counts)

    fits = [count(note) for note in notes]
    return [n for n in sorted(range(len(notes)), key=lambda n: -fits[n]) if fits[n]]


_WORDS = ("cat", "catalogue", "Rex", "rex", "sun", "sunday", "sea", "Ox", "ox", "owl", "the", "a")


@retrieve.inputs
def _questions_and_notes(rng: torch.Generator) -> Iterator[tuple[str, list[str]]]:
    yield "cat", ["the cat and the dog", "a dog", "the cat"]
    yield "Rex sea", ["sea sea sea sea sun", "rex at sea", "the catalogue"]
    shapes = [(1, 4), (2, 5), (3, 5), (2, 7), (3, 8), (4, 6), (5, 9), (3, 12), (4, 10), (5, 7)]
    for asked, count in shapes * 2:
        yield _drawn(rng, asked, count)


def _drawn(rng: torch.Generator, asked: int, count: int) -> tuple[str, list[str]]:
    """A query, and notes of which two have the same words. No two others fit equally well, not even
    nearly, so that rounding decides nothing.
    """
    while True:
        query = _text(rng, asked)
        notes = [_text(rng, 1 + place * 5 % 11) for place in range(count - 1)]
        twin = int(torch.randint(0, count - 1, (), generator=rng))
        notes.append(" ".join(notes[twin].split()[::-1]))
        fits = sorted(float(_squared_cosine(query, note)) for note in notes[:-1])
        apart = [b - a for a, b in pairwise(fits) if b]
        if fits[-1] and min(apart, default=1.0) > 1e-6:
            return query, notes


def _text(rng: torch.Generator, words: int) -> str:
    picks = torch.randint(0, len(_WORDS), (words,), generator=rng).tolist()
    return " ".join(_WORDS[pick] for pick in picks)
