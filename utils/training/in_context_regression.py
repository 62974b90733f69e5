"""Learning in the forward pass, where it can be written down: a linear rule is shown by examples in
the input, and one layer of linear attention answers as one step of gradient descent on them would
(von Oswald et al., arXiv:2212.07677).

Linear attention has no softmax: what a token gathers is the sum of the values, each times the plain
product of query and key.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from utils.seeding import seeded


class Tasks(NamedTuple):
    """Rules y = w · x, a w for each task: examples of each, and a query with its answer."""

    x: Float[Tensor, "task example input"]
    y: Float[Tensor, "task example"]
    query: Float[Tensor, "task input"]
    answer: Float[Tensor, " task"]


def linear_tasks(tasks: int, examples: int, inputs: int, rng: torch.Generator) -> Tasks:
    """Random tasks; all numbers of the rules and of the inputs are drawn from a normal
    distribution.
    """
    w = torch.randn(tasks, inputs, 1, generator=rng)
    x = torch.randn(tasks, examples, inputs, generator=rng)
    query = torch.randn(tasks, inputs, generator=rng)
    return Tasks(x, (x @ w)[:, :, 0], query, (query[:, None] @ w)[:, 0, 0])


def after_one_step(tasks: Tasks, rate: float | int) -> Float[Tensor, " task"]:
    """What y = w · x says for each query, where w was 0 and has made one step down the loss, half
    the sum of the squared errors on the examples.
    """
    w = rate * (tasks.y[:, :, None] * tasks.x).sum(dim=1)  # minus the gradient at w = 0
    return (w * tasks.query).sum(dim=1)


def best_rate(examples: int, inputs: int) -> float:
    """The rate with the smallest mean squared error over all such tasks: 1 / (n + d + 1).

    The error is E|(1 - rate S) x|^2 for S the sum of x x^T over n examples, and E S = n,
    E S^2 = n (n + d + 1) for normal inputs.
    """
    return 1 / (examples + inputs + 1)


def best_error(examples: int, inputs: int) -> float:
    """The mean squared error of one step at the best rate, over all such tasks: d (d + 1) /
    (n + d + 1).
    """
    return inputs * (inputs + 1) / (examples + inputs + 1)


class LinearAttention(nn.Module):
    """One layer of attention without softmax over tokens (x, y), read by a query (x, 0).

    Query and key matrix matter only as their product, and of the value matrix only the row that
    gives y: `match` and `value` are these.
    """

    def __init__(self, inputs: int):
        super().__init__()
        self.match = nn.Parameter(0.1 * torch.randn(inputs + 1, inputs + 1))
        self.value = nn.Parameter(0.1 * torch.randn(inputs + 1))

    def forward(self, tasks: Tasks) -> Float[Tensor, " task"]:
        """The answer to each query."""
        tokens = torch.cat([tasks.x, tasks.y[:, :, None]], dim=2)  # (task, example, input + 1)
        asks = nn.functional.pad(tasks.query, (0, 1))  # y is not known: 0
        scores = tokens @ self.match @ asks[:, :, None]  # (task, example, 1)
        values = tokens @ self.value  # (task, example)
        answers: Tensor = (scores[:, :, 0] * values).sum(dim=1)
        return answers


@torch.enable_grad()
def trained_attention(
    examples: int, inputs: int, *, steps: int = 1500, seed: int = 0
) -> tuple[LinearAttention, list[float]]:
    """A linear attention layer, trained from random weights on ever new tasks, and its mean squared
    error at each step. The caller's random numbers stay as they were.
    """
    with seeded(seed):
        layer = LinearAttention(inputs)
    rng = torch.Generator().manual_seed(1 + seed)
    optimizer = torch.optim.Adam(layer.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in range(steps):
        tasks = linear_tasks(256, examples, inputs, rng)
        loss = (layer(tasks) - tasks.answer).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return layer, losses
