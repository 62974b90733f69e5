"""Exercise 15.3: the three masks, and padding."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "15.3",
    minutes=8,
    hints=(
        "Begin with a decoder: torch.ones(n, n, dtype=torch.bool).tril() leaves the diagonal and "
        "what is below it. Rows look, columns are looked at.",
        "The prefix is open for all: mask[:, :prefix] = True opens its columns.",
        "mask & real closes the columns of padding. Then open the diagonal again: "
        "mask.fill_diagonal_(True).",
    ),
)
def may_look(real: torch.Tensor, prefix: int) -> torch.Tensor:
    """Who may look at whom, in one text with padding.

    Every token may look at itself, at those before it, and at each of the first `prefix`
    ones. So prefix = 0 is a decoder, and prefix = n, the length of the text, an encoder.
    Nobody may look at padding, but for padding itself: each place may look at itself.

    real: False where the text is padding, bool, shape (n,). prefix: from 0 to n.
    Returns True where the row's token may look at the column's, bool, shape (n, n).
    """
    n = len(real)
    mask = torch.ones(n, n, dtype=torch.bool).tril()
    mask[:, :prefix] = True
    mask = mask & real
    return mask.fill_diagonal_(True)


@may_look.also_right
def _by_comparing(real: Tensor, prefix: int) -> Tensor:
    place = torch.arange(len(real))
    row, column = place[:, None], place
    return (((column < row) | (column < prefix)) & real) | (column == row)


@may_look.also_right
def _in_numpy(real: Tensor, prefix: int) -> Tensor:
    table = np.tri(len(real), dtype=bool)
    table[:, :prefix] = True
    table[:, ~real.numpy()] = False
    np.fill_diagonal(table, True)
    return torch.from_numpy(table)


@may_look.also_right
def _place_by_place(real: Tensor, prefix: int) -> Tensor:
    n = len(real)
    mask = torch.zeros(n, n, dtype=torch.bool)
    for query in range(n):
        for key in range(n):
            seen = (key < query or key < prefix) and bool(real[key])
            mask[query, key] = seen or key == query
    return mask


def _mask(real: Tensor, prefix: int, diagonal: int = 0) -> Tensor:
    """With padding closed, and the diagonal not opened again."""
    mask = torch.ones(len(real), len(real), dtype=torch.bool).tril(diagonal)
    mask[:, :prefix] = True
    return mask & real


@may_look.wrong(
    "May a token look at itself? It may: tril(), not tril(-1), and the diagonal is open."
)
def _not_itself(real: Tensor, prefix: int) -> Tensor:
    return _mask(real, prefix, diagonal=-1)


@may_look.wrong(
    "What is left for padding to look at? Nothing, and a softmax over nothing is NaN. Each place may "
    "look at itself."
)
def _padding_sees_nothing(real: Tensor, prefix: int) -> Tensor:
    mask = _mask(real, prefix)
    mask[~real] = False
    return mask


@may_look.wrong(
    "Is the diagonal open everywhere? Padding may look at itself, too: a row without any key to look "
    "at turns into NaN."
)
def _diagonal_closed_at_padding(real: Tensor, prefix: int) -> Tensor:
    return _mask(real, prefix)


@may_look.wrong("May one look at padding? It says nothing: close its columns, & real.")
def _padding_seen(real: Tensor, prefix: int) -> Tensor:
    return _mask(torch.ones_like(real), prefix)


@may_look.wrong(
    "Which side of padding is closed? Its columns, so that nobody looks at it. This closes its rows."
)
def _rows_of_padding_closed(real: Tensor, prefix: int) -> Tensor:
    mask = _mask(torch.ones_like(real), prefix) & real[:, None]
    return mask.fill_diagonal_(True)


@may_look.wrong(
    "Who looks and who is looked at? Rows look. This is turned over: each token sees what comes "
    "after it."
)
def _turned_over(real: Tensor, prefix: int) -> Tensor:
    return may_look.reference(real, prefix).T


@may_look.wrong(
    "Who may look at the prefix? Every token, so whole *columns* are open. This opens rows: the "
    "first tokens would see what is to be predicted."
)
def _rows_opened(real: Tensor, prefix: int) -> Tensor:
    mask = torch.ones(len(real), len(real), dtype=torch.bool).tril()
    mask[:prefix] = True
    return (mask & real).fill_diagonal_(True)


@may_look.wrong(
    "What of the tokens after the prefix? They see the prefix and what is before them. Here they "
    "see the prefix alone."
)
def _prefix_alone(real: Tensor, prefix: int) -> Tensor:
    mask = torch.zeros(len(real), len(real), dtype=torch.bool)
    mask[:, :prefix] = True
    return (mask & real).fill_diagonal_(True)


@may_look.wrong("How long is the prefix? Its last token has the number prefix - 1: [:, :prefix].")
def _one_too_many(real: Tensor, prefix: int) -> Tensor:
    return may_look.reference(real, prefix + 1)


@may_look.wrong(
    "How long is the prefix? All of the first `prefix` tokens belong to it; one is missing."
)
def _one_too_few(real: Tensor, prefix: int) -> Tensor:
    return may_look.reference(real, max(0, prefix - 1))


@may_look.wrong(
    "What does the prefix do? Its tokens may look ahead within it. Here nothing is opened."
)
def _prefix_forgotten(real: Tensor, prefix: int) -> Tensor:
    return may_look.reference(real, 0)


@may_look.wrong("True is where a token *may* look. This says where it may not.")
def _open_and_closed_swapped(real: Tensor, prefix: int) -> Tensor:
    return ~may_look.reference(real, prefix)


@may_look.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.tensor([True, True, True, True]), 2
    yield torch.tensor([True, True, True, False]), 4
    for n in (4, 5, 7, 9, 12):
        for most in (n // 2 + 1, n + 1):
            padding = int(torch.randint(1, n - 1, (1,), generator=rng))
            real = torch.arange(n) < n - padding
            if most > n:  # on the left
                real = real.flip(0)
            yield real, int(torch.randint(most, (1,), generator=rng))
            yield torch.rand(n, generator=rng) < 0.7, int(torch.randint(n + 1, (1,), generator=rng))
