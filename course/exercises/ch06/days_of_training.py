"""Exercise 06.2: how many days a training run takes."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "06.2",
    minutes=5,
    hints=(
        "How much work is there? 6 FLOPs for each weight and each token: 2 forwards and 4 "
        "backwards.",
        "How much is done in a second? Each GPU reaches `utilisation` times its peak, and there "
        "are `gpus` of them.",
        "Work divided by speed gives seconds. A day has 24 * 60 * 60 of them.",
    ),
)
def days_of_training(
    n_weights: float,
    n_tokens: float,
    gpus: int,
    peak: float,
    utilisation: float,
) -> float:
    """How many days a training run takes, by the rule of thumb.

    n_weights, n_tokens: the size of the model, and the tokens that it is trained on.
    gpus: how many GPUs share the work evenly.
    peak: FLOP/s that one GPU reaches at most.
    utilisation: the share of the peak that it really reaches, from 0 to 1.
    Returns the number of days.
    """
    flops = 6 * n_weights * n_tokens
    seconds = flops / (gpus * peak * utilisation)
    return seconds / (24 * 60 * 60)


@days_of_training.also_right
def _forward_and_backward_apart(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    forward = 2 * n_weights * n_tokens
    work = forward + 2 * forward
    return work / 86_400 / gpus / (utilisation * peak)


@days_of_training.also_right
def _of_one_gpu_in_float64(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    per_second = np.float64(peak) * utilisation
    gpu_hours = 6 * np.float64(n_weights) / per_second * n_tokens / 3600
    return gpu_hours / gpus / 24


@days_of_training.also_right
def _with_a_timedelta(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    day = timedelta(days=1).total_seconds()
    passes = [2, 4]
    return sum(passes) * n_weights * n_tokens / (gpus * utilisation * peak * day)


@days_of_training.wrong(
    "Does a GPU always reach its peak? It reaches `utilisation` of it, and this does not use that."
)
def _always_at_the_peak(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights, n_tokens, gpus, peak, 1)


@days_of_training.wrong(
    "Does a lower utilisation make it quicker? Slower: divide by it, do not multiply."
)
def _multiplied_by_utilisation(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights, n_tokens, gpus, peak, 1 / utilisation)


@days_of_training.wrong(
    "Forwards alone? 2 FLOPs for each weight and token are the forward pass. The backward pass "
    "takes twice as many: 6 together."
)
def _forward_alone(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights / 3, n_tokens, gpus, peak, utilisation)


@days_of_training.wrong(
    "What is a FLOP? A multiplication is one, an addition another: 6 for each weight and token, "
    "not 3."
)
def _multiplications_alone(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights / 2, n_tokens, gpus, peak, utilisation)


@days_of_training.wrong("Of how many GPUs? They share the work: divide by their number.")
def _on_one_gpu(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights, n_tokens, 1, peak, utilisation)


@days_of_training.wrong(
    "Days or GPU-hours? All GPUs work at the same time. This adds up their hours."
)
def _gpu_hours(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return 24 * days_of_training.reference(n_weights, n_tokens, 1, peak, utilisation)


@days_of_training.wrong(
    "Days or seconds? These are seconds. A day has 24 * 60 * 60 of them.",
)
def _seconds(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return 86_400 * days_of_training.reference(n_weights, n_tokens, gpus, peak, utilisation)


@days_of_training.wrong("Days or hours? These are hours. A day has 24.")
def _hours(n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float) -> float:
    return 24 * days_of_training.reference(n_weights, n_tokens, gpus, peak, utilisation)


@days_of_training.wrong(
    "Is utilisation in per cent? It is a share from 0 to 1: do not divide it by 100."
)
def _utilisation_in_per_cent(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights, n_tokens, gpus, peak, utilisation / 100)


@days_of_training.wrong(
    "Does a token need the weights or only itself? Each token meets every weight: multiply "
    "n_weights and n_tokens."
)
def _tokens_forgotten(
    n_weights: float, n_tokens: float, gpus: int, peak: float, utilisation: float
) -> float:
    return days_of_training.reference(n_weights, 1, gpus, peak, utilisation)


@days_of_training.inputs
def _runs(rng: torch.Generator) -> Iterator[tuple[float, float, int, float, float]]:
    yield 1e6, 1e9, 2, 1e12, 0.5
    yield 70e9, 2e12, 6000, 312e12, 0.43  # Llama 2 70B
    yield 175e9, 3e11, 1000, 125e12, 0.3
    for _ in range(10):
        share = torch.rand(4, generator=rng).tolist()
        gpus = int(torch.randint(2, 3000, (1,), generator=rng))
        yield (
            round(10 ** (6 + 5 * share[0])) * 1.0,
            round(10 ** (9 + 3 * share[1])) * 1.0,
            gpus,
            round(10 ** (11 + 4 * share[2])) * 1.0,
            0.1 + 0.6 * share[3],
        )
