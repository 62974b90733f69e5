"""Exercise 13.3: run the blocks of a model in any order."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce

import torch
from torch import Tensor

from course.judging.exercise import exercise

Adds = Callable[[int, Tensor], Tensor]


@exercise(
    "13.3",
    minutes=4,
    atol=1e-5,
    hints=(
        "A block that is left out does nothing: the stream goes past it as it is. So only the "
        "numbers in `order` matter.",
        "Go through `order` with a loop. Each block reads the stream as it is now.",
        "for number in order: x = x + adds(number, x)",
    ),
)
def run_order(x: torch.Tensor, adds, order: list[int]) -> torch.Tensor:
    """Run the blocks of a model in any order.

    With order = [0, 1, 3] block 2 is skipped, with [0, 2, 1, 3] two are swapped, and
    with [0, 1, 1, 2] one is repeated.

    x: the residual stream before the first block, shape (pos, d_model).
    adds: a function. adds(number, x) gives what the block of this number adds to the
        stream when it reads x, shape (pos, d_model).
    order: the numbers of the blocks to run, the first to run first. A number may be
        missing, or stand there twice. The list may be empty.
    Returns the residual stream after the last of them, shape (pos, d_model).
    """
    for number in order:
        x = x + adds(number, x)
    return x


@run_order.also_right
def _folded(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return reduce(lambda stream, number: stream + adds(number, stream), order, x)


@run_order.also_right
def _recursive(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    if not order:
        return x
    *before, last = order
    stream = _recursive(x, adds, before)
    return stream + adds(last, stream)


@run_order.also_right
def _in_place_on_a_copy(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    stream = x.clone()
    for place in range(len(order)):
        stream += adds(order[place], stream)
    return stream


def _run(x: Tensor, adds: Adds, order: Sequence[int]) -> Tensor:
    return run_order.reference(x, adds, order)


@run_order.wrong(
    "What is left of the stream without a block? All of it. Here the stream is set to zero where a "
    "block is missing."
)
def _zeros_for_missing(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    for number in range(max(order, default=-1) + 1):
        x = x + adds(number, x) if number in order else torch.zeros_like(x)
    return x


@run_order.wrong(
    "Is what a block adds the new stream? It is added to the old one. Here the stream itself is "
    "thrown away: x = x + adds(…)."
)
def _no_residual(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    for number in order:
        x = adds(number, x)
    return x


@run_order.wrong(
    "What does the second block read? The stream as the first has left it. Here all blocks read the "
    "first x."
)
def _all_read_the_first(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return x + sum((adds(number, x) for number in order), torch.zeros_like(x))


@run_order.wrong("In which order do they run? In that of the list, and not by their numbers.")
def _sorted(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return _run(x, adds, sorted(order))


@run_order.wrong("May a block run twice? Yes, as often as it stands in the list. Here once.")
def _once_each(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return _run(x, adds, list(dict.fromkeys(order)))


@run_order.wrong(
    "Which block runs? The one whose number stands in the list, and not the one whose number is the "
    "place in the list."
)
def _place_for_number(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return _run(x, adds, range(len(order)))


@run_order.wrong("Does `order` name what is left out? It names the blocks that run.")
def _names_what_is_left_out(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    most = max(order, default=-1)
    return _run(x, adds, [number for number in range(most + 1) if number not in order])


@run_order.wrong("Which block runs first? The first of the list. Here it is the last.")
def _from_the_end(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return _run(x, adds, order[::-1])


@run_order.wrong("Is the last block of the list run too? Here the loop ends one too early.")
def _last_missing(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return _run(x, adds, order[:-1])


@run_order.wrong(
    "What is asked for? The stream, with the x that came in. Here it is only what the blocks have "
    "added."
)
def _only_what_was_added(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    return _run(x, adds, order) - x


@run_order.wrong(
    "How often does a block change the stream? Once for each time in the list. Here `return` stands "
    "inside the loop."
)
def _returns_in_the_loop(x: Tensor, adds: Adds, order: list[int]) -> Tensor:
    for number in order:
        x = x + adds(number, x)
        return x
    return x


@run_order.inputs
def _streams_and_orders(rng: torch.Generator) -> Iterator[tuple[Tensor, Adds, list[int]]]:
    orders: tuple[list[int], ...] = (
        [0, 1, 3],
        [0, 2, 1, 3],
        [0, 1, 1, 2],
        [],
        [3, 2, 1, 0],
        [1],
        [0, 1, 2, 3],
        [2, 0, 2, 1, 1],
        [3, 1],
        [0, 3],
        [4, 0, 2],
        [1, 2, 3, 4, 0],
        [2, 2, 2],
    )
    for place, order in enumerate(orders):
        pos, d_model = 1 + place % 4, 2 + place % 3
        x = torch.randn(pos, d_model, generator=rng)
        matrices = torch.randn(5, d_model, d_model, generator=rng)
        yield x, _blocks(matrices), list(order)


def _blocks(matrices: Tensor) -> Adds:
    """Blocks that do not commute: a product and a bend."""

    def adds(number: int, x: Tensor) -> Tensor:
        return torch.tanh(x @ matrices[number]) + 0.1 * number

    return adds
