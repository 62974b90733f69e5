"""Search: which of many notes are about a question, by the words that they share.

Every note becomes a vector with one number a word: how often the word stands in it, times how rare
it is among the notes (tf-idf). A question becomes one, too. The nearest note is the one whose vector
points most nearly the same way: the cosine of the angle, so that a long note has no advantage.

tf-idf: Spärck Jones 1972; the form of the logarithm is that of scikit-learn's TfidfVectorizer.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Vector = Mapping[str, float]  # only the words that are there

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Found:
    """A note that was found: its number, the cosine with the question (0 to 1), and its text."""

    number: int
    cosine: float
    text: str


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without signs."""
    return _WORD.findall(text.lower())


class Notes:
    """Notes that can be searched."""

    def __init__(self, texts: Sequence[str]):
        """Raises ValueError if there are no notes."""
        if isinstance(texts, str) or not texts:
            raise ValueError(f"{texts!r:.60} was given; give a list of one note or more.")
        self.texts = list(texts)
        self.rarity = _rarity(map(words_of, self.texts))
        self._vectors = [self.vector(text) for text in self.texts]

    def vector(self, text: str) -> Vector:
        """The tf-idf vector of a text, of length 1; empty if it has no word of the notes."""
        counts = Counter(word for word in words_of(text) if word in self.rarity)
        weights = {word: count * self.rarity[word] for word, count in counts.items()}
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()}

    def search(self, query: str, k: int = 3) -> list[Found]:
        """At most `k` notes that share a word with the query, the nearest first; of equally near
        ones the earlier.
        """
        if k < 1:
            raise ValueError(f"{k} notes were asked for; ask for 1 or more.")
        asked = self.vector(query)
        found = [
            Found(number, _dot(asked, vector), self.texts[number])
            for number, vector in enumerate(self._vectors)
            if not asked.keys().isdisjoint(vector)
        ]
        return sorted(found, key=lambda one: -one.cosine)[:k]


def _rarity(notes: Iterable[Sequence[str]]) -> dict[str, float]:
    """For every word ln((1 + notes) / (1 + notes that have it)) + 1: 1 for a word in all of them."""
    kinds = [set(words) for words in notes]
    having = Counter(word for words in kinds for word in sorted(words))
    return {word: math.log((1 + len(kinds)) / (1 + count)) + 1 for word, count in having.items()}


def _dot(a: Vector, b: Vector) -> float:
    return math.fsum(weight * b[word] for word, weight in a.items() if word in b)
