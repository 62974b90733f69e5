"""Does the vector of a token tell how the token is spelled?"""

import random
import re
from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.interpretability.linear_probe import probe_accuracy

_WORD = re.compile(rb" [a-zA-Z]{5,}")
_SAME_START = 4  # letters


def long_words(tokens: Iterable[bytes]) -> dict[int, str]:
    """The tokens that are a space and a word of five letters or more: its letters, in lower case,
    by their ids.
    """
    return {
        id: token.decode().strip().lower()
        for id, token in enumerate(tokens)
        if _WORD.fullmatch(token)
    }


def split_by_start(words: dict[int, str], seed: int = 0) -> tuple[list[int], list[int]]:
    """The ids of the words to fit a probe to, and of those to test it on: about a fifth.

    No word of the one part begins with the same four letters as one of the other, so that "runner"
    is no help with "running".
    """
    starts = sorted({word[:_SAME_START] for word in words.values()})
    random.Random(seed).shuffle(starts)
    for_test = set(starts[: len(starts) // 5])
    parts: tuple[list[int], list[int]] = ([], [])
    for id, word in words.items():
        parts[word[:_SAME_START] in for_test].append(id)
    return parts


def letter_probe(
    vectors: Float[Tensor, "vocab d_model"],
    words: dict[int, str],
    place: int,
    shuffled: bool = False,
) -> float:
    """The share of words for the test whose letter at `place` a linear probe reads off the vector.

    shuffled: the control, a probe fitted to the letters of other words.
    """
    fit, test = split_by_start(words)
    fit_letters, test_letters = (_letters(words, ids, place) for ids in (fit, test))
    if shuffled:
        order = torch.randperm(len(fit), generator=torch.Generator().manual_seed(0))
        fit_letters = fit_letters[order]
    return probe_accuracy(vectors[fit], fit_letters, vectors[test], test_letters)


def _letters(words: dict[int, str], ids: Sequence[int], place: int) -> Tensor:
    return torch.tensor([ord(words[id][place]) - ord("a") for id in ids])
