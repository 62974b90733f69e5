"""Exercise 15.3: the three masks."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "15.3",
    minutes=8,
    hints=(
        "An encoder first: everybody may look at everybody, torch.ones(n, n, dtype=torch.bool). "
        "Then .tril() leaves the diagonal and what is below it.",
        "A prefix model is a decoder whose first columns are open for all: mask[:, :prefix] = True.",
        "Rows look, columns are looked at. The diagonal is open in all three.",
    ),
)
def may_look(kind: str, n: int, prefix: int) -> torch.Tensor:
    """Who may look at whom, in a text of n tokens.

    kind: "encoder": every token at every token. "decoder": each at itself and at those
        before it. "prefix": the same, and every token besides at each of the first
        `prefix` ones.
    n: 1 or more. prefix: from 0 to n; the other two kinds do not need it.
    Returns True where the row's token may look at the column's, shape (n, n), bool.
    """
    mask = torch.ones(n, n, dtype=torch.bool)
    if kind == "encoder":
        return mask
    mask = mask.tril()
    if kind == "prefix":
        mask[:, :prefix] = True
    return mask


@may_look.also_right
def _by_comparing(kind: str, n: int, prefix: int) -> Tensor:
    row, column = torch.arange(n)[:, None], torch.arange(n)
    open_columns = {"encoder": n, "decoder": 0, "prefix": prefix}[kind]
    return (column <= row) | (column < open_columns)


@may_look.also_right
def _in_numpy(kind: str, n: int, prefix: int) -> Tensor:
    table = np.tri(n, dtype=bool)
    table[:, : {"encoder": n, "decoder": 0, "prefix": prefix}[kind]] = True
    return torch.from_numpy(table)


@may_look.also_right
def _token_by_token(kind: str, n: int, prefix: int) -> Tensor:
    return torch.tensor(
        [
            [kind == "encoder" or key <= query or (kind == "prefix" and key < prefix)]
            for query in range(n)
            for key in range(n)
        ]
    ).view(n, n)


def _with(kind: str, n: int, prefix: int, decoder: Tensor, of_prefix: Tensor) -> Tensor:
    whole = torch.ones(n, n, dtype=torch.bool)
    return {"encoder": whole, "decoder": decoder, "prefix": of_prefix}[kind]


@may_look.wrong("May a token look at itself? It may: tril(), not tril(-1).")
def _not_itself(kind: str, n: int, prefix: int) -> Tensor:
    strict = torch.ones(n, n, dtype=torch.bool).tril(-1)
    of_prefix = strict.clone()
    of_prefix[:, :prefix] = True
    return _with(kind, n, prefix, strict, of_prefix)


@may_look.wrong(
    "Who looks and who is looked at? Rows look. This is turned over: each token sees what comes "
    "after it."
)
def _turned_over(kind: str, n: int, prefix: int) -> Tensor:
    return may_look.reference(kind, n, prefix).T


@may_look.wrong(
    "Who may look at the prefix? Every token, so whole *columns* are open. This opens rows: the "
    "first tokens would see what is to be predicted."
)
def _rows_opened(kind: str, n: int, prefix: int) -> Tensor:
    decoder = torch.ones(n, n, dtype=torch.bool).tril()
    of_prefix = decoder.clone()
    of_prefix[:prefix] = True
    return _with(kind, n, prefix, decoder, of_prefix)


@may_look.wrong(
    "What of the tokens after the prefix? They see the prefix and what is before them. Here they "
    "see the prefix alone."
)
def _prefix_alone(kind: str, n: int, prefix: int) -> Tensor:
    decoder = torch.ones(n, n, dtype=torch.bool).tril()
    of_prefix = torch.zeros(n, n, dtype=torch.bool)
    of_prefix[:, :prefix] = True
    return _with(kind, n, prefix, decoder, of_prefix | torch.eye(n, dtype=torch.bool))


@may_look.wrong("How long is the prefix? Its last token has the number prefix - 1: [:, :prefix].")
def _one_too_many(kind: str, n: int, prefix: int) -> Tensor:
    return may_look.reference(kind, n, min(n, prefix + 1))


@may_look.wrong(
    "How long is the prefix? All of the first `prefix` tokens belong to it; one is missing."
)
def _one_too_few(kind: str, n: int, prefix: int) -> Tensor:
    return may_look.reference(kind, n, max(0, prefix - 1))


@may_look.wrong("Does an encoder have a causal mask? It has not: each token sees the whole text.")
def _causal_encoder(kind: str, n: int, prefix: int) -> Tensor:
    return may_look.reference("decoder" if kind == "encoder" else kind, n, prefix)


@may_look.wrong(
    "What does the prefix do? Its tokens may look ahead within it. Here nothing is opened."
)
def _prefix_forgotten(kind: str, n: int, prefix: int) -> Tensor:
    return may_look.reference("decoder" if kind == "prefix" else kind, n, prefix)


@may_look.wrong("True is where a token *may* look. This says where it may not.")
def _open_and_closed_swapped(kind: str, n: int, prefix: int) -> Tensor:
    return ~may_look.reference(kind, n, prefix)


@may_look.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[str, int, int]]:
    for kind in ("encoder", "decoder", "prefix"):
        yield kind, 4, 2
        yield kind, 1, 0
        for n in (3, 5, 8, 13):
            for _ in range(2):
                yield kind, n, int(torch.randint(n + 1, (1,), generator=rng))
