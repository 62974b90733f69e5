"""The settings of trainings that take seconds, which the small readers and writers share."""

from utils.training.config import TrainConfig


def short_training(steps: int, rate: float | int, seed: int) -> TrainConfig:
    """A quarter of the steps, and at most 50, to warm up, and an end at a twentieth of `rate`."""
    return TrainConfig(
        steps=steps,
        learning_rate=rate,
        warmup_steps=min(50, steps // 4),
        floor=0.05,
        betas=(0.9, 0.98),
        seed=seed,
    )
