"""The learning rate of each step: a linear warm-up, then half a cosine down to a floor.

Early gradients are large and disagree, and AdamW's averages are still empty: small steps first. At
the end small steps again, to settle. The cosine is Loshchilov & Hutter's (2017, SGDR, formula 5),
without restarts.
"""

import math

from utils.training.config import TrainConfig


def learning_rate(step: int, config: TrainConfig) -> float:
    """The learning rate of `step`, counted from 0.

    With w warm-up steps of T: peak * (step + 1) / (w + 1) before step w, the peak at step w, and
    from there

        floor + (peak - floor) * (1 + cos(pi * t)) / 2,   t = (step - w) / (T - 1 - w),

    so that the last step, T - 1, has the floor. A run whose only step after the warm-up is the last
    has the peak there.
    """
    peak, warmup = float(config.learning_rate), config.warmup_steps
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    lowest = peak * config.floor
    done = (step - warmup) / max(1, config.steps - 1 - warmup)
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * done)) / 2
