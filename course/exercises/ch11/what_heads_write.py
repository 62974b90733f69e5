"""Exercise 11.1: what each head adds to the residual stream."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "11.1",
    minutes=8,
    atol=1e-5,
    hints=(
        "Joined, the heads stand side by side, and row · W_O.T multiplies the first d_head numbers "
        "by the first d_head columns of W_O, the next by the next. So each head has columns of its "
        "own.",
        "For head h these are W_O[:, h * d_head : (h + 1) * d_head], of shape (d_model, d_head). "
        "What the head writes is mixed[h] @ columns.T.",
        "In a loop: append mixed[h] @ W_O[:, h * d_head : (h + 1) * d_head].T to a list, and "
        "torch.stack the list at the end.",
    ),
)
def what_heads_write(mixed: torch.Tensor, W_O: torch.Tensor) -> torch.Tensor:
    """What each head adds to the residual stream by itself.

    Joined, the heads would go through the output matrix together: joined @ W_O.T, where
    joined has head 0 in its first d_head columns, head 1 in the next, and so on. Added
    up over the heads, your answer must give the same.

    mixed: the values that each head has gathered, shape (head, pos, d_head).
    W_O: the output matrix, shape (d_model, head * d_head).
    Returns what each head writes, shape (head, pos, d_model).
    """
    n_head, _, d_head = mixed.shape
    return torch.stack([mixed[h] @ W_O[:, h * d_head : (h + 1) * d_head].T for h in range(n_head)])


@what_heads_write.also_right
def _einsum(mixed: Tensor, W_O: Tensor) -> Tensor:
    return torch.einsum("hpd,mhd->hpm", mixed, W_O.unflatten(1, (len(mixed), -1)))


@what_heads_write.also_right
def _others_set_to_zero(mixed: Tensor, W_O: Tensor) -> Tensor:
    found = []
    for h in range(len(mixed)):
        alone = torch.zeros_like(mixed, dtype=torch.float64)
        alone[h] = mixed[h]
        found.append(alone.transpose(0, 1).flatten(1) @ W_O.double().T)
    return torch.stack(found)


@what_heads_write.also_right
def _batched_in_numpy(mixed: Tensor, W_O: Tensor) -> Tensor:
    columns = np.split(W_O.numpy().astype(np.float64), len(mixed), axis=1)
    return torch.from_numpy(mixed.numpy() @ np.stack(columns).transpose(0, 2, 1))


def _with_columns(mixed: Tensor, columns: Tensor) -> Tensor:
    """`columns`: (head, d_model, d_head)."""
    return mixed @ columns.mT


def _columns(mixed: Tensor, W_O: Tensor) -> Tensor:
    return W_O.unflatten(1, (len(mixed), -1)).transpose(0, 1)


@what_heads_write.wrong(
    "Rows or columns? In joined @ W_O.T a head's numbers meet *columns* of W_O; these are rows, cut "
    "out of W_O.T's other side."
)
def _rows_for_columns(mixed: Tensor, W_O: Tensor) -> Tensor:
    n_head, _, d_head = mixed.shape
    if W_O.shape[0] < n_head * d_head:
        return mixed @ torch.zeros(n_head, d_head, W_O.shape[0])
    rows = W_O[: n_head * d_head].unflatten(0, (n_head, d_head))  # (head, d_head, columns)
    return (mixed @ rows)[..., : W_O.shape[0]]


@what_heads_write.wrong(
    "Which columns belong to head 0? The first d_head of them, side by side. Here it has every "
    "head-th one."
)
def _columns_dealt_out(mixed: Tensor, W_O: Tensor) -> Tensor:
    return _with_columns(mixed, W_O.unflatten(1, (-1, len(mixed))).permute(2, 0, 1))


@what_heads_write.wrong(
    "Does each head have columns of its own? Here all of them use those of head 0."
)
def _all_with_the_first(mixed: Tensor, W_O: Tensor) -> Tensor:
    return mixed @ W_O[:, : mixed.shape[-1]].T


@what_heads_write.wrong(
    "Are the heads averaged? What they write is added up, so nothing is divided by their number."
)
def _divided_by_the_heads(mixed: Tensor, W_O: Tensor) -> Tensor:
    return what_heads_write.reference(mixed, W_O) / len(mixed)


@what_heads_write.wrong(
    "The sum, or each head by itself? This has been added up over the heads already."
)
def _added_up(mixed: Tensor, W_O: Tensor) -> Tensor:
    return what_heads_write.reference(mixed, W_O).sum(dim=0)


@what_heads_write.wrong(
    "Does each head write the whole output? This is the sum of all heads, repeated for each of "
    "them: a head's own columns must be cut out."
)
def _sum_for_each(mixed: Tensor, W_O: Tensor) -> Tensor:
    found = what_heads_write.reference(mixed, W_O)
    return found.sum(dim=0).expand_as(found)


@what_heads_write.wrong(
    "In which order do the columns lie? Head 0 has the first ones; here the last head has them."
)
def _in_reverse(mixed: Tensor, W_O: Tensor) -> Tensor:
    return _with_columns(mixed, _columns(mixed, W_O).flip(0))


@what_heads_write.wrong(
    "Does .view or .reshape turn the matrix? It cuts the same numbers anew. Slice the columns, then "
    "transpose the slice."
)
def _reshaped_for_transposed(mixed: Tensor, W_O: Tensor) -> Tensor:
    n_head, _, d_head = mixed.shape
    return mixed @ W_O.reshape(n_head, d_head, len(W_O))


@what_heads_write.wrong("Where is pos? The heads come first: (head, pos, d_model). Here pos does.")
def _positions_first(mixed: Tensor, W_O: Tensor) -> Tensor:
    return what_heads_write.reference(mixed, W_O).transpose(0, 1)


@what_heads_write.inputs
def _heads_and_matrices(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[[1.0]], [[2.0]]]), torch.tensor([[10.0, 1.0], [0.0, 3.0]])
    for n_head, pos, d_head, d_model in (
        (2, 3, 2, 5), (3, 2, 4, 12), (2, 5, 3, 6), (4, 3, 2, 9), (1, 4, 3, 2), (3, 6, 1, 4), (9, 7, 8, 20)
    ):  # fmt: skip
        for size in (1.0, 100.0):
            mixed = size * torch.randn(n_head, pos, d_head, generator=rng)
            yield mixed, torch.randn(d_model, n_head * d_head, generator=rng)
