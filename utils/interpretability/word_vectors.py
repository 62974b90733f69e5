"""Vectors that have words: which words lie near which, and where a sum of vectors points."""

import difflib
from collections.abc import Collection, Iterable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer


class WordVectors:
    """A vector for each word: `vectors["king"]`, `vectors.nearest(...)`, `vectors.cosine(...)`."""

    def __init__(self, words: Sequence[str], rows: Float[Tensor, "word d_model"]):
        if len(words) != len(rows):
            raise ValueError(f"{len(words)} words were given for {len(rows)} rows: give one each.")
        self.words, self.rows = tuple(words), rows
        self.directions = F.normalize(rows, dim=1)  # of length 1
        self._places = {word: place for place, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._places

    def __getitem__(self, word: str) -> Float[Tensor, " d_model"]:
        """KeyError, with words that are near, if there is no such word."""
        return self.rows[self.place(word)]

    def place(self, word: str) -> int:
        """The row of a word."""
        if word not in self._places:
            near = difflib.get_close_matches(word, self.words, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "take another word."
            raise KeyError(f"there is no vector for {word!r:.40}: {hint}")
        return self._places[word]

    def cosine(self, first: str, second: str) -> float:
        """Of the angle between the vectors of two words."""
        one, other = (self.directions[self.place(word)] for word in (first, second))
        return float(one @ other)

    def nearest(
        self, vector: Float[Tensor, " d_model"], count: int = 5, leave_out: Collection[str] = ()
    ) -> list[str]:
        """The words whose vectors point most nearly the same way, the nearest first."""
        cosines = self.directions @ F.normalize(vector, dim=0)
        ranked = cosines.topk(min(len(self.words), count + len(leave_out))).indices.tolist()
        return [word for place in ranked if (word := self.words[place]) not in leave_out][:count]

    def analogy(
        self, start: str, end: str, other: str, count: int = 5, leave_out_inputs: bool = True
    ) -> list[str]:
        """What is to `other` as `end` is to `start`: the nearest words to end - start + other."""
        left_out = (start, end, other) if leave_out_inputs else ()
        return self.nearest(self[end] - self[start] + self[other], count, left_out)


def word_vectors(model: GPT, tok: Tokenizer) -> WordVectors:
    """The input vectors of those tokens that are a whole word with a space before it, under the word
    without the space.
    """
    pieces = [tok.decode([id]) for id in range(model.config.vocab_size)]
    ids = [id for id, piece in enumerate(pieces) if piece[:1] == " " and piece[1:].isalpha()]
    rows: Tensor = model.embed.weight.detach()[torch.tensor(ids)]
    return WordVectors([pieces[id][1:] for id in ids], rows)


def analogy_score(vectors: WordVectors, questions: Iterable[Sequence[str]]) -> tuple[int, int, int]:
    """How many analogies come right: if any word may be the answer; if the three given words may
    not; and by a rule without arithmetic, the nearest neighbour of the third word.

    questions: start, end, other and the wanted answer of each.
    """
    found = [0, 0, 0]
    for start, end, other, answer in questions:
        given = (start, end, other)
        tries = (
            vectors.analogy(*given, leave_out_inputs=False)[0],
            vectors.analogy(*given)[0],
            vectors.nearest(vectors[other], 1, leave_out=given)[0],
        )
        found = [right + (one == answer) for right, one in zip(found, tries, strict=True)]
    return found[0], found[1], found[2]


def shared_neighbours(
    vectors: WordVectors, others: WordVectors, words: Sequence[str], count: int
) -> float:
    """How many of the `count` nearest two tables share, as a mean over the words; only these words
    are looked at.
    """
    lists = (_nearest_of_each(vectors, words, count), _nearest_of_each(others, words, count))
    both = [len({*one} & {*other}) for one, other in zip(*lists, strict=True)]
    return sum(both) / len(both)


def _nearest_of_each(vectors: WordVectors, words: Sequence[str], count: int) -> list[list[int]]:
    rows = vectors.directions[[vectors.place(word) for word in words]]
    nearest: list[list[int]] = (rows @ rows.T).fill_diagonal_(-2).topk(count).indices.tolist()
    return nearest
