"""Word vectors by counting, without any network: which words stand near which, squeezed.

Two words are alike if they keep the same company. So count for each word how often every other word
stands near it, compare that with chance (PPMI: Church & Hanks 1990, Bullinaria & Levy 2007), and
keep the directions in which the rows of the table differ most (an SVD, as in Deerwester et al.
1990). Levy & Goldberg 2014 show that word2vec does nearly this.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from utils.seeding import seeded

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text and its numbers, in small letters and without punctuation."""
    return _WORD.findall(text.lower())


def vocabulary(texts: Iterable[Sequence[str]], size: int) -> tuple[str, ...]:
    """The `size` words that come most often, the most frequent first.

    Of words that come equally often, the one that is read first goes first.
    """
    counted = Counter(word for text in texts for word in text)
    return tuple(word for word, _ in counted.most_common(size))


def neighbour_counts(
    texts: Iterable[Sequence[str]], words: Sequence[str], reach: int
) -> Float[Tensor, "word word"]:
    """How often each word stands at most `reach` places from each other one, in the same text.

    The table is symmetric: both orders count. A word that is not among `words` is not counted, but
    keeps its place.
    """
    place = {word: number for number, word in enumerate(words)}
    gap = [-1] * reach  # so that the end of a text is no neighbour of the next one's beginning
    row: list[int] = []
    for text in texts:
        row += [place.get(word, -1) for word in text] + gap
    ids = np.array(row)
    size = len(words)
    found = np.zeros(size * size, dtype=np.int64)
    for distance in range(1, reach + 1):
        first, second = ids[:-distance], ids[distance:]
        both = (first >= 0) & (second >= 0)
        found += np.bincount(first[both] * size + second[both], minlength=size * size)
    counts = torch.from_numpy(found.reshape(size, size)).float()
    return counts + counts.T


def ppmi(counts: Float[Tensor, "word context"]) -> Float[Tensor, "word context"]:
    """log(how often they met / how often they would have met by chance), and 0 where that is
    negative.

    By chance: if each meeting took its word and its context independently, each as often as it is.
    Where two never met, 0.
    """
    by_chance = counts.sum(dim=1, keepdim=True) * counts.sum(dim=0) / counts.sum()
    met = counts > 0
    ratio = torch.where(met, counts / by_chance, 1.0)
    return ratio.log().clamp(min=0)


def squeezed(
    table: Float[Tensor, "word context"], d_model: int, seed: int = 0
) -> Float[Tensor, "word d_model"]:
    """Each row in `d_model` numbers: the directions in which rows differ most, each with the root of
    its weight.

    The random numbers that the algorithm draws are its own, from `seed`.
    """
    with seeded(seed):
        left, weights, _ = torch.svd_lowrank(table, q=d_model + 20, niter=3)
    return left[:, :d_model] * weights[:d_model].sqrt()
