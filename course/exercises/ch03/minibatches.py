"""Exercise 03.5: cut a shuffled training set into mini-batches."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "03.5",
    minutes=6,
    hints=(
        "Where does each batch begin? The first at 0, the second at `size`, and so on, as long as "
        "images are left.",
        "range(0, len(order), size) gives these beginnings. Cut the piece from each beginning to "
        "the next one out of `order`; a slice that reaches beyond the end simply stops there.",
        "A list of order[begin : begin + size], one for each begin in that range.",
    ),
)
def minibatches(order: torch.Tensor, size: int) -> list[torch.Tensor]:
    """Cut a shuffled training set into mini-batches.

    order: the numbers of the images in the order in which they shall be used, already
    shuffled, shape (n,).
    size: how many images a batch holds. The last batch holds what is left, which may be
        less.
    Returns the batches: a list of tensors, which hold every image once, in the given
        order.
    """
    return [order[begin : begin + size] for begin in range(0, len(order), size)]


@minibatches.also_right
def _library_split(order: Tensor, size: int) -> tuple[Tensor, ...]:
    return order.split(size)


@minibatches.also_right
def _one_by_one(order: Tensor, size: int) -> list[Tensor]:
    batches: list[list[int]] = []
    for place, image in enumerate(order.tolist()):
        if place % size == 0:
            batches.append([])
        batches[-1].append(image)
    return [torch.tensor(batch) for batch in batches]


@minibatches.also_right
def _take_from_the_front(order: Tensor, size: int) -> list[Tensor]:
    batches = []
    while len(order):
        batches.append(order[:size].clone())
        order = order[size:]
    return batches


@minibatches.also_right
def _count_the_batches(order: Tensor, size: int) -> list[Tensor]:
    count = math.ceil(len(order) / size)
    return [
        torch.as_tensor(order.numpy()[number * size : (number + 1) * size])
        for number in range(count)
    ]


@minibatches.wrong(
    "Where are the last images? The last batch may be shorter than the others, but it is used."
)
def _short_one_dropped(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size] for begin in range(0, len(order) - size + 1, size)]


@minibatches.wrong(
    "How often is an image used? Here it is in many batches: the next batch begins where this one "
    "ends."
)
def _windows(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size] for begin in range(max(1, len(order) - size + 1))]


@minibatches.wrong(
    "Which images stand together? Neighbours in the order do; these batches jump through the whole "
    "order instead, as when cards are dealt."
)
def _dealt(order: Tensor, size: int) -> list[Tensor]:
    count = math.ceil(len(order) / size)
    return [order[number::count] for number in range(count)]


@minibatches.wrong(
    "What does `size` count? The images in a batch. Here it is the number of batches."
)
def _count_instead_of_size(order: Tensor, size: int) -> list[Tensor]:
    return list(order.chunk(size))


@minibatches.wrong(
    "In which order do the images come? In the one that is given: sorting undoes the shuffling."
)
def _sorted(order: Tensor, size: int) -> list[Tensor]:
    return list(order.sort().values.split(size))


@minibatches.wrong(
    "Which numbers are in the batches? These are places, counted from 0. The images are what "
    "`order` holds there."
)
def _places(order: Tensor, size: int) -> list[Tensor]:
    return list(torch.arange(len(order)).split(size))


@minibatches.wrong(
    "What if the images come out even? Then nothing is left for one more batch, and an empty one "
    "has no mean."
)
def _empty_one_at_the_end(order: Tensor, size: int) -> list[Tensor]:
    return [order[number * size : (number + 1) * size] for number in range(len(order) // size + 1)]


@minibatches.wrong("Where are the other batches? Only the first one comes back.")
def _first_only(order: Tensor, size: int) -> list[Tensor]:
    return [order[:size]]


@minibatches.wrong(
    "What does the last batch hold? Only what is left. Filled up from the beginning, some images "
    "would be used twice."
)
def _filled_up(order: Tensor, size: int) -> list[Tensor]:
    return [
        order[torch.arange(begin, begin + size) % len(order)]
        for begin in range(0, len(order), size)
    ]


@minibatches.wrong(
    "What stands at the end of the last batch? Zeros that fill it up would be read as image number "
    "0."
)
def _filled_with_zeros(order: Tensor, size: int) -> list[Tensor]:
    return list(F.pad(order, (0, -len(order) % size)).split(size))


@minibatches.wrong(
    "How large is the last batch? The images that are left make a batch of their own, a shorter "
    "one."
)
def _rest_joined_to_the_last(order: Tensor, size: int) -> list[Tensor]:
    count = max(1, len(order) // size)
    begins = [number * size for number in range(count)]
    return [order[begin:end] for begin, end in zip(begins, [*begins[1:], len(order)], strict=True)]


@minibatches.wrong("Which batch is the short one? The last: full batches come first.")
def _short_one_first(order: Tensor, size: int) -> list[Tensor]:
    rest = len(order) % size
    return ([order[:rest]] if rest else []) + list(
        order[rest:].split(size) if rest < len(order) else []
    )


@minibatches.wrong(
    "Is the end of a slice part of it? No: order[begin : begin + size] holds `size` images; this "
    "holds one more, which the next batch has too."
)
def _one_more_in_each(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size + 1] for begin in range(0, len(order), size)]


@minibatches.wrong(
    "Is the end of a slice part of it? No: it stops before, so nothing has to be subtracted from "
    "it."
)
def _one_less_in_each(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size - 1] for begin in range(0, len(order), size)]


@minibatches.inputs
def _orders_and_sizes(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.tensor([3, 0, 2, 4, 1]), 2
    yield torch.tensor([2, 5, 0, 1, 4, 3]), 3  # comes out even
    yield torch.tensor([64, 7, 32, 50, 11, 48, 9]), 4  # a part of a larger set
    for n, size in (
        (1, 1),
        (7, 1),
        (4, 9),
        (8, 8),
        (9, 8),
        (10, 4),
        (31, 7),
        (64, 16),
        (100, 30),
        (1000, 64),
    ):
        yield torch.randperm(n, generator=rng), size
    some = 50_000 + torch.randperm(60, generator=rng)
    yield some[:23], 5
    yield some[23:47], 6
