"""Exercise 06.5: the bytes of weights, gradients and optimizer on each GPU of a team."""

from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "06.5",
    minutes=8,
    hints=(
        "What belongs to one weight in mixed precision? The weight itself in 16 bits, its gradient "
        "in 16 bits, and in 32 bits the exact copy and Adam's two moments. How many bytes is each?",
        "2 for the weight, 2 for the gradient, and 4 + 4 + 4 = 12 for what the optimizer keeps. "
        "That is 16 on each GPU where nothing is shared out (stage 0).",
        "Stage 1 divides the 12 by gpus. Stage 2 divides the gradient's 2 as well, and stage 3 the "
        "weight's 2.",
    ),
)
def state_on_each_gpu(n_weights: int, gpus: int, stage: int) -> float:
    """The bytes of weights, gradients and optimizer on each GPU, in mixed precision with Adam.

    For each weight there is the weight in 16 bits, its gradient in 16 bits, and what
    the optimizer keeps in 32 bits: an exact copy of the weight, and Adam's two moments.

    n_weights: the number of weights. gpus divides it.
    gpus: how many GPUs train the model together.
    stage: of ZeRO, what they share out evenly instead of each holding all of it. 0: nothing,
        1: what the optimizer keeps, 2: the gradients as well, 3: everything.
    Returns the bytes on one GPU.
    """
    weights, gradients, optimizer = 2.0, 2.0, 3 * 4.0
    if stage >= 1:
        optimizer /= gpus
    if stage >= 2:
        gradients /= gpus
    if stage == 3:
        weights /= gpus
    return n_weights * (weights + gradients + optimizer)


@state_on_each_gpu.also_right
def _by_a_table(n_weights: int, gpus: int, stage: int) -> float:
    whole, shared = {0: (16, 0), 1: (4, 12), 2: (2, 14), 3: (0, 16)}[stage]
    return whole * n_weights + shared * n_weights / gpus


@state_on_each_gpu.also_right
def _part_by_part(n_weights: int, gpus: int, stage: int) -> float:
    total = 0.0
    for first_shared_at, bytes_each in ((3, 2), (2, 2), (1, 4), (1, 4), (1, 4)):
        here = n_weights // gpus if stage >= first_shared_at else n_weights
        total += here * bytes_each
    return total


@state_on_each_gpu.also_right
def _numpy_shares(n_weights: int, gpus: int, stage: int) -> float:
    shares = np.where(np.array([1, 2, 3]) <= stage, 1 / gpus, 1.0)
    return float(np.array([12, 2, 2]) @ shares * n_weights)


def _each(
    weights: float, gradients: float, optimizer: float, n: int, gpus: int, stage: int
) -> float:
    """Bytes on each GPU with so many for each weight."""
    parts = (optimizer, gradients, weights)
    return n * sum(size / (gpus if stage > at else 1) for at, size in enumerate(parts))


@state_on_each_gpu.wrong(
    "What does the optimizer keep? Three numbers of 32 bits for each weight: the exact copy, and "
    "two moments. This counts two of them: the documents forget one moment, others the copy."
)
def _one_moment(n_weights: int, gpus: int, stage: int) -> float:
    return _each(2, 2, 8, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "What are the products computed with? The weights in 16 bits. The exact copy of the optimizer "
    "does not replace them."
)
def _no_weights_for_the_products(n_weights: int, gpus: int, stage: int) -> float:
    return _each(0, 2, 12, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "Does each weight have a gradient? It has, 16 bits of it: 2 bytes are missing here."
)
def _no_gradients(n_weights: int, gpus: int, stage: int) -> float:
    return _each(2, 0, 12, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "How many bits have the moments? 32, that is 4 bytes each, also in mixed precision. Here all "
    "that the optimizer keeps has 16."
)
def _optimizer_in_16_bits(n_weights: int, gpus: int, stage: int) -> float:
    return _each(2, 2, 6, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "How many bits have weights and gradients here? 16, that is 2 bytes each. This takes 4."
)
def _all_in_32_bits(n_weights: int, gpus: int, stage: int) -> float:
    return _each(4, 4, 12, n_weights, gpus, stage)


@state_on_each_gpu.wrong("Bits or bytes? A byte has eight bits. This counts bits.")
def _bits(n_weights: int, gpus: int, stage: int) -> float:
    return 8 * _each(2, 2, 12, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "What is shared out at stage 0? Nothing: each GPU holds all of it. Here everything is always "
    "shared."
)
def _always_everything(n_weights: int, gpus: int, stage: int) -> float:
    return _each(2, 2, 12, n_weights, gpus, 3)


@state_on_each_gpu.wrong(
    "What is shared out? From stage 1 on something is. Here each GPU always holds all of it."
)
def _never_shared(n_weights: int, gpus: int, stage: int) -> float:
    return _each(2, 2, 12, n_weights, gpus, 0)


@state_on_each_gpu.wrong(
    "On one GPU or on all? This is what all of them hold together. Do not multiply by gpus."
)
def _on_all_together(n_weights: int, gpus: int, stage: int) -> float:
    return gpus * _each(2, 2, 12, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "In which order are things shared out? First what the optimizer keeps, then gradients, then "
    "weights. Here stage 1 shares the weights, and stage 3 is the first to share the optimizer's."
)
def _weights_first(n_weights: int, gpus: int, stage: int) -> float:
    return _each(12, 2, 2, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "What does stage 2 share? The gradients, and still what the optimizer keeps. Here each stage "
    "shares one thing alone."
)
def _one_thing_at_a_time(n_weights: int, gpus: int, stage: int) -> float:
    parts = {1: 12, 2: 2, 3: 2}
    return n_weights * (16 - parts.get(stage, 0) * (1 - 1 / gpus))


@state_on_each_gpu.wrong(
    "What belongs to what the optimizer keeps? The two moments, and the exact copy too: at stage 1 "
    "all 12 bytes are shared out. Here each GPU holds the whole copy until stage 3."
)
def _copy_shared_with_the_weights(n_weights: int, gpus: int, stage: int) -> float:
    return _each(6, 2, 8, n_weights, gpus, stage)


@state_on_each_gpu.wrong(
    "What does stage 2 share? What stage 1 shares, and the gradients as well: each stage adds to the "
    "one before."
)
def _stage_two_shares_gradients_alone(n_weights: int, gpus: int, stage: int) -> float:
    weights, gradients, optimizer = 2.0, 2.0, 12.0
    if stage in (1, 3):
        optimizer /= gpus
    if stage >= 2:
        gradients /= gpus
    if stage == 3:
        weights /= gpus
    return n_weights * (weights + gradients + optimizer)


@state_on_each_gpu.wrong(
    "From which stage on is it shared? From stage 1 the optimizer's numbers, from 2 the gradients, "
    "from 3 the weights. Here each begins one stage too late."
)
def _one_stage_too_late(n_weights: int, gpus: int, stage: int) -> float:
    optimizer = 12 / (gpus if stage > 1 else 1)
    gradients = 2 / (gpus if stage > 2 else 1)
    return n_weights * (2 + gradients + optimizer)


@state_on_each_gpu.inputs
def _teams(rng: torch.Generator) -> Iterator[tuple[int, int, int]]:
    for stage in (0, 1, 2, 3):
        yield 1000, 4, stage
    yield 70_000_000_000, 5000, 3
    for n in range(12):
        gpus, each = (int(torch.randint(2, most, (1,), generator=rng)) for most in (300, 1_000_000))
        yield gpus * each, gpus, n % 4
