"""Does a model know how its tokens are spelled? Letters read off vectors, and letters counted."""

import random
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from utils.interpretability.linear_probe import probe_accuracy
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

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


class LettersRead(NamedTuple):
    """The share of words whose first, third and last letter a probe reads off their vectors, and
    the share for the first letter where the probe was fitted to the letters of other words.
    """

    first: float
    third: float
    last: float
    shuffled: float


def letters_read(vectors: Float[Tensor, "vocab d_model"], words: dict[int, str]) -> LettersRead:
    """What `letter_probe` reads at three places, and the control for the first."""
    first, third, last = (letter_probe(vectors, words, place) for place in (0, 2, -1))
    return LettersRead(first, third, last, letter_probe(vectors, words, 0, shuffled=True))


@torch.inference_mode()
def digit_said(model: GPT, tok: Tokenizer, prompt: str, start: Sequence[int] = ()) -> int:
    """Which of the digits 1 to 9 the model finds likeliest after a prompt.

    start: the ids that the text begins with, such as the mark that ends the one before it. The
    tokenizer has to cut a digit as a token of its own.
    """
    scores = model.next_logits(torch.tensor([[*start, *tok.encode(prompt)]]))[0]
    of_digits = {digit: float(scores[tok.encode(str(digit))[0]]) for digit in range(1, 10)}
    return max(of_digits, key=of_digits.__getitem__)
