"""Exercise 09.3: what does a layer see of the order of its inputs?"""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "09.3",
    minutes=8,
    hints=(
        "A layer that does not see the order gives each token the same vector wherever it stands. "
        "So compare each token with itself, and not with what stood in its place.",
        "Which row of `outputs` belongs beside the first row of `shuffled`? The row order[0]. All "
        "of them at once: outputs[order].",
        "Subtract, and take the length of each row: .norm(dim=1).",
    ),
)
def order_seen(outputs: torch.Tensor, shuffled: torch.Tensor, order: list[int]) -> torch.Tensor:
    """How much each token's output changes when the tokens change places.

    A layer was asked twice. First with the vectors x of a text, then with the same
    vectors in another order, x[order]: its first token is the one that was in place
    order[0]. A layer that is blind to the order gives each token what it gave it before.

    outputs: what the layer gave for x, shape (pos, d_model).
    shuffled: what it gave for x[order], shape (pos, d_model).
    order: each place from 0 to pos - 1 once.
    Returns for each token, in the order of the second run, the length of the difference
        between its two outputs, shape (pos,). All zeros: the layer is blind.
    """
    return (shuffled - outputs[order]).norm(dim=1)


@order_seen.also_right
def _token_by_token(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    found = []
    for now, before in enumerate(order):
        found.append(torch.dist(shuffled[now], outputs[before]))
    return torch.stack(found)


@order_seen.also_right
def _with_a_permutation_matrix(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    moved = torch.eye(len(order), dtype=torch.float64)[order] @ outputs.double()
    return (shuffled.double() - moved).square().sum(dim=1).sqrt()


@order_seen.also_right
def _back_and_forth(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    back = torch.empty_like(shuffled)
    back[order] = shuffled  # the tokens where they were at first
    return (back - outputs).norm(dim=1)[order]


@order_seen.wrong(
    "With whom is a token compared? Here with the one that stood in its place before. Move the rows "
    "of the first run before you compare."
)
def _not_moved(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled - outputs).norm(dim=1)


@order_seen.wrong(
    "Which way do the rows move? The first token of the second run is the one that was in place "
    "order[0]. This moves them the other way."
)
def _moved_the_other_way(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled - outputs[torch.tensor(order).argsort()]).norm(dim=1)


@order_seen.wrong(
    "Both runs are moved here. The second is in its new order already; only the first has to move."
)
def _both_moved(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled[order] - outputs[order]).norm(dim=1)


@order_seen.wrong("In which order are the tokens? In that of the second run; here it is the first.")
def _in_the_old_order(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled[torch.tensor(order).argsort()] - outputs).norm(dim=1)


@order_seen.wrong(
    "Is one number enough? One token may change while all others stay: give one for each token."
)
def _one_for_all(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled - outputs[order]).norm().expand(len(order)).clone()


@order_seen.wrong(
    "What is a length? The root of the sum of the squares. Differences that are only added up can "
    "cancel."
)
def _sum_of_differences(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled - outputs[order]).sum(dim=1)


@order_seen.wrong("What is a length? The root is missing: this is its square.")
def _squared(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled - outputs[order]).square().sum(dim=1)


@order_seen.wrong(
    "Are the lengths compared, or the vectors? Two vectors of one length may point anywhere: "
    "subtract first."
)
def _difference_of_lengths(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled.norm(dim=1) - outputs[order].norm(dim=1)).abs()


@order_seen.wrong(
    "Which axis is a token? The first: this gives a length for each number of d_model."
)
def _along_the_wrong_axis(outputs: Tensor, shuffled: Tensor, order: list[int]) -> Tensor:
    return (shuffled - outputs[order]).norm(dim=0)


@order_seen.inputs
def _runs(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, list[int]]]:
    outputs = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    yield outputs, torch.tensor([[0.0, 1.5], [2.0, 2.0], [1.0, 0.0]]), [1, 2, 0]
    yield outputs, outputs.clone(), [2, 0, 1]  # it gives each place the same
    for pos, d_model, size in (
        (4, 3, 1.0),
        (5, 2, 0.01),
        (7, 4, 1.0),
        (6, 8, 30.0),
        (3, 5, 1.0),
        (8, 3, 1.0),
        (5, 6, 2.0),
        (9, 2, 1.0),
    ):
        outputs = size * torch.randn(pos, d_model, generator=rng)
        order = torch.randperm(pos, generator=rng).tolist()
        shuffled = outputs[order].clone()
        changed = torch.randperm(pos, generator=rng)[: pos // 2 + 1]
        shuffled[changed] += size * torch.randn(len(changed), d_model, generator=rng)
        yield outputs, shuffled, order
