"""Exercise 18.4: one step of gradient descent, written as attention without softmax."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "18.4",
    minutes=8,
    atol=1e-5,
    hints=(
        "What is the query, and what are the keys? The new x asks; each example's x is a key, and "
        "its y is the value.",
        "The score of example i is the plain product of its x with the query: no softmax, no square "
        "root. The answer is the sum of the values, each times its score.",
        "scores = X @ query, shape (example,). Then rate * (scores * y).sum().",
    ),
)
def descent_by_attention(
    X: torch.Tensor, y: torch.Tensor, query: torch.Tensor, rate: float
) -> torch.Tensor:
    """What one step of gradient descent says of a new x, as linear attention.

    The rule y = w · x is to be learned from examples. w begins at 0 and makes one step
    down the loss, half the sum of (w · x - y) squared over the examples. Then it is asked
    for the query. Write it as attention: keys, values, a query, and no w anywhere.

    X: the examples' inputs, shape (example, input).
    y: their answers, shape (example,).
    query: the new input, shape (input,).
    rate: the learning rate, above 0.
    Returns the answer, a single number, shape ().
    """
    scores = X @ query
    return rate * (scores * y).sum()


@descent_by_attention.also_right
def _by_the_weights(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    w = torch.zeros_like(query).requires_grad_()
    with torch.enable_grad():
        loss = 0.5 * (X @ w - y).pow(2).sum()
        (slope,) = torch.autograd.grad(loss, w)
    return (w.detach() - rate * slope) @ query


@descent_by_attention.also_right
def _einsum_in_float64(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return rate * torch.einsum("ed,d,e->", X.double(), query.double(), y.double())


@descent_by_attention.also_right
def _example_by_example(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    answer = torch.zeros(())
    for x, value in zip(X, y, strict=True):
        answer = answer + rate * value * (x * query).sum()
    return answer


@descent_by_attention.wrong(
    "Is there a softmax in a step of gradient descent? There is not: the scores are the plain "
    "products, and they may be negative."
)
def _with_softmax(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return rate * ((X @ query).softmax(dim=0) * y).sum()


@descent_by_attention.wrong(
    "Sum or mean? The loss is a *sum* over the examples, so the step is a sum, too."
)
def _mean(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return rate * ((X @ query) * y).mean()


@descent_by_attention.wrong(
    "Up or down? The slope at w = 0 is minus the sum of y x, and the step goes against the slope: "
    "two signs that make a plus."
)
def _sign(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return -rate * ((X @ query) * y).sum()


@descent_by_attention.wrong("Where is the rate? The step is only `rate` times the slope.")
def _no_rate(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return ((X @ query) * y).sum()


@descent_by_attention.wrong(
    "Where do 2s come from? The loss is *half* the sum of squares, so that the 2 of the slope is gone."
)
def _twice(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return 2 * rate * ((X @ query) * y).sum()


@descent_by_attention.wrong(
    "Is a score divided by the square root of its length? In a transformer it is; in this step "
    "nothing is divided."
)
def _scaled(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return rate * ((X @ query) / X.shape[1] ** 0.5 * y).sum()


@descent_by_attention.wrong(
    "What is the value of an example? Its y. This adds up the scores alone, so that the answers of "
    "the examples play no part."
)
def _scores_alone(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return rate * (X @ query).sum()


@descent_by_attention.wrong(
    "One step, or the best w of all? This solves for the w with the smallest error. One step from 0 "
    "does not get there."
)
def _least_squares(X: Tensor, y: Tensor, query: Tensor, rate: float) -> Tensor:
    return torch.linalg.lstsq(X, y[:, None]).solution[:, 0] @ query


@descent_by_attention.inputs
def _examples(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    yield (
        torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]),
        torch.tensor([2.0, 6.0, 5.0]),
        torch.tensor([1.0, -1.0]),
        0.1,
    )
    for examples, inputs, size, rate in (
        *((5, 2, 1.0, 0.05), (6, 3, 1.0, 0.2), (9, 4, 0.01, 0.5), (12, 5, 100.0, 0.01)),
        *((4, 3, 1.0, 0.3), (20, 6, 3.0, 0.02), (7, 2, 0.1, 1.5), (15, 8, 1.0, 0.07)),
        *((10, 4, 10.0, 0.001), (8, 5, 1.0, 0.125)),
    ):
        X = size * torch.randn(examples, inputs, generator=rng)
        y = X @ torch.randn(inputs, generator=rng) + 0.1 * torch.randn(examples, generator=rng)
        yield X, y, torch.randn(inputs, generator=rng), rate
