"""Exercise 03.4: gradient descent: walk downhill, step by step."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "03.4",
    minutes=8,
    hints=(
        "The gradient points uphill. In which direction do you go, and how far?",
        "A step is rate * gradient(position), and it is subtracted. The gradient is asked anew at "
        "each position.",
        "Begin with position = start; repeat `steps` times: position = position - rate * "
        "gradient(position). The short form with -= would change start.",
    ),
)
def descend(gradient, start: torch.Tensor, rate: float, steps: int) -> torch.Tensor:
    """Gradient descent: walk downhill, step by step.

    gradient: a function. It takes a position, shape (n,), and gives the gradient of the
    cost there, shape (n,).
    start: where the walk begins, shape (n,). It stays as it is.
    rate: the learning rate: a step is the gradient times this number.
    steps: how many steps to take, 0 or more.
    Returns the position after the last step, shape (n,).
    """
    position = start
    for _ in range(steps):
        # a new tensor: `-=` would change start
        position = position - rate * gradient(position)
    return position


Gradient = Callable[[Tensor], Tensor]


@descend.also_right
def _in_place_on_a_copy(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    position = start.clone()
    while steps > 0:
        position -= rate * gradient(position)
        steps -= 1
    return position


@descend.also_right
def _recursive(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    if steps == 0:
        return start
    before = _recursive(gradient, start, rate, steps - 1)
    return torch.sub(before, gradient(before), alpha=rate)


@descend.also_right
def _float64_by_coordinates(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    position = start.double()
    for _ in range(steps):
        slopes = gradient(position).tolist()
        moved = [
            value - rate * slope for value, slope in zip(position.tolist(), slopes, strict=True)
        ]
        position = torch.tensor(moved, dtype=torch.float64)
    return position


@descend.also_right
def _library_optimizer(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    position = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([position], lr=rate)
    for _ in range(steps):
        position.grad = gradient(position.detach())
        optimizer.step()
    return position.detach()


def _walk(
    gradient: Gradient,
    start: Tensor,
    rate: float,
    steps: int,
    *,
    step: Callable[[Tensor, float], Tensor] = lambda slopes, rate: -rate * slopes,
    where: Callable[[Tensor], Tensor] = lambda position: position,
) -> Tensor:
    """The right walk, with parts that can be put wrongly: what a step is, and where the
    gradient is asked for.
    """
    position = start
    for _ in range(steps):
        position = position + step(gradient(where(position)), rate)
    return position


@descend.wrong("Which way does the gradient point? Uphill. Subtract the step to go down.")
def _uphill(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, -rate, steps)


@descend.wrong(
    "Where do you ask for the gradient? It changes on the way: ask at each new position, not only "
    "at start."
)
def _gradient_of_the_start(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps, where=lambda position: start)


@descend.wrong("How many steps did it take? One less than `steps`. Look at the ends of your loop.")
def _one_too_few(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps - 1)


@descend.wrong(
    "How many steps did it take? One more than `steps`; with 0 steps it must not move at all."
)
def _one_too_many(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps + 1)


@descend.wrong(
    "Does it go on? After the first step it returns: the `return` belongs behind the loop, not "
    "inside."
)
def _return_in_the_loop(
    gradient: Gradient, start: Tensor, rate: float, steps: int
) -> Tensor | None:
    return _walk(gradient, start, rate, 1) if steps else None


@descend.wrong(
    "Where does `steps` come in? This takes one step, however many are asked for: it needs a loop."
)
def _single_step(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, 1)


@descend.wrong(
    "How long is a step? Where the ground is flat, it is short: the gradient's length counts, not "
    "only its direction."
)
def _steps_of_equal_length(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(
        gradient, start, rate, steps, step=lambda slopes, rate: -rate * slopes / slopes.norm()
    )


@descend.wrong(
    "Does only the sign of each slope count? A steep coordinate has to move further than a flat "
    "one."
)
def _signs(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps, step=lambda slopes, rate: -rate * slopes.sign())


@descend.wrong(
    "Where is the learning rate? A step is the gradient times the rate; without it, the steps are "
    "too long."
)
def _no_rate(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, 1.0, steps)


@descend.wrong("Times or divided by the rate? A small rate makes small steps: multiply by it.")
def _divided_by_the_rate(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps, step=lambda slopes, rate: -slopes / rate)


@descend.wrong("What is asked for? Only where the walk ends; this gives the whole path.")
def _whole_path(gradient: Gradient, start: Tensor, rate: float, steps: int) -> list[Tensor]:
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return path


@descend.wrong(
    "What is asked for? The position itself; this gives how far it has moved from start."
)
def _way_from_the_start(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps) - start


@descend.wrong("What is asked for? The position at the end; this is the gradient there.")
def _gradient_at_the_end(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return gradient(_walk(gradient, start, rate, steps))


@descend.wrong(
    "Do all coordinates move at the same time? This moves one, and then asks for the gradient of "
    "the next one at a place that is half old, half new. Ask once for each step."
)
def _one_coordinate_after_the_other(
    gradient: Gradient, start: Tensor, rate: float, steps: int
) -> Tensor:
    position = start.clone()
    for _ in range(steps):
        for place in range(len(position)):
            position[place] -= rate * gradient(position)[place]
    return position


@descend.wrong(
    "Whose tensor is `start`? `-=` changes the tensor of whoever called you, even if you gave it "
    "another name. Write position = position - …, or begin with start.clone().",
    changes_input=True,
)
def _start_changed(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    for _ in range(steps):
        start -= rate * gradient(start)
    return start


def _parabola(position: Tensor) -> Tensor:
    """the gradient of x²"""
    return 2 * position


def _valley(position: Tensor) -> Tensor:
    """the gradient of x² + 10 y²"""
    return position * torch.tensor([2.0, 20.0])


def _tilted(position: Tensor) -> Tensor:
    """the gradient of x² + x y + y²"""
    return 2 * position + position.flip(0)


def _two_dips(position: Tensor) -> Tensor:
    """the gradient of (x² - 1)² + y²"""
    x, y = position
    return torch.stack([4 * x * (x**2 - 1), 2 * y])


def _waves(position: Tensor) -> Tensor:
    """the gradient of cos x + cos y + cos z + x y z / 5"""
    others = torch.stack(
        [position[1] * position[2], position[0] * position[2], position[0] * position[1]]
    )
    return others / 5 - position.sin()


def _bowl(n: int, rng: torch.Generator) -> Gradient:
    """The gradient of a bowl in n dimensions, with its lowest point away from 0, and
    askew.
    """
    mixed, lowest = torch.randn(n, n, generator=rng), torch.randn(n, generator=rng)
    curvature = mixed @ mixed.T / n + 0.2 * torch.eye(n)

    def gradient(position: Tensor) -> Tensor:
        return curvature.to(position.dtype) @ (position - lowest)

    gradient.__doc__ = f"the gradient of a bowl in {n} dimensions"
    return gradient


@descend.inputs
def _slopes_and_starts(rng: torch.Generator) -> Iterator[tuple[Gradient, Tensor, float, int]]:
    yield _parabola, torch.tensor([4.0]), 0.25, 1
    yield _parabola, torch.tensor([3.0]), 0.1, 2
    yield _valley, torch.tensor([1.0, -2.0]), 0.02, 0
    yield _valley, torch.tensor([5.0, 1.0]), 0.09, 5
    yield _valley, torch.tensor([1.0, 1.0]), 0.11, 12  # a rate too large: it climbs out
    yield _tilted, torch.tensor([300.0, -100.0]), 0.3, 3
    yield _two_dips, torch.tensor([0.1, 2.0]), 0.05, 12
    for rate, steps in ((0.02, 1), (0.1, 3), (0.05, 10), (0.01, 60)):
        yield _tilted, torch.randn(2, generator=rng) * 4, rate, steps
    # few: a mistake would soon jump about at random here
    for rate, steps in ((0.02, 1), (0.3, 2), (0.1, 3)):
        yield _waves, torch.randn(3, generator=rng), rate, steps
    for n, size, rate, steps in (
        (1, 1.0, 0.1, 4),
        (3, 100.0, 0.05, 7),
        (4, 0.001, 0.2, 2),
        (6, 3.0, 0.03, 50),
    ):
        yield _bowl(n, rng), torch.randn(n, generator=rng) * size, rate, steps
    yield _bowl(5, rng), torch.randn(5, generator=rng), 0.1, 0
