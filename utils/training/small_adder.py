"""A small GPT learns to add, and two marks are read off every few steps: how many digits of its
answers are right, and how many whole answers.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from utils.data.digit_sums import SYMBOLS, DigitSums, digit_sums
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.losses import token_losses


class Marks(NamedTuple):
    """How well a model adds after so many steps.

    by_digit: the share right of each digit of the answer, the units first; each is asked with the
    right digits before it. sums: the share of the answers whose digits are all right. loss: in
    nats per digit.
    """

    step: int
    by_digit: Float[Tensor, " digit"]
    sums: float
    loss: float

    @property
    def digits(self) -> float:
        """The share of all digits that are right."""
        return float(self.by_digit.mean())


def new_adder(digits: int, d_model: int, seed: int) -> GPT:
    """An untrained model of two blocks for sums of numbers of so many digits.

    Llama's choices, but learned positions: where a digit stands says which others it goes with. Its
    matrices start four times as large as GPT-2's, which are made for wider models. The caller's
    random numbers stay as they were.
    """
    config = GPTConfig.llama(
        vocab_size=len(SYMBOLS),
        context_length=3 * digits + 2,  # the last digit of a sum is never read
        n_layer=2,
        n_head=4,
        d_model=d_model,
        position="learned",
    )
    with seeded(seed):
        model = GPT(config)
    start_larger(model)
    return model


@torch.no_grad()
def marks(model: nn.Module, sums: Int64[Tensor, "sum pos"], step: int = 0) -> Marks:
    """The marks of a model on sums as `utils.data.digit_sums` makes them."""
    digits = sums.shape[1] // 3  # of an answer: one more than the numbers have
    logits, answers = model(sums[:, :-1])[:, -digits:], sums[:, -digits:]
    right = logits.argmax(dim=-1) == answers
    return Marks(
        step,
        by_digit=right.float().mean(dim=0),
        sums=float(right.all(dim=1).float().mean()),
        loss=float(token_losses(logits, answers).mean()),
    )


@torch.enable_grad()
def watch_adder(
    model: GPT, steps: int, *, every: int = 25, seed: int = 0, rate: float | int = 0.006
) -> list[Marks]:
    """Train an adder on fresh sums, and give its marks on 500 others before the first step, after
    every `every` steps, and after the last. The sums of the training depend on `seed`.
    """
    digits = (model.config.context_length - 2) // 3
    others = digit_sums(500, digits, torch.Generator().manual_seed(-1))
    found: list[Marks] = []

    def look(model: nn.Module) -> float:
        found.append(marks(model, others, min(every * len(found), steps)))
        return found[-1].loss

    config = TrainConfig(
        steps=steps,
        learning_rate=rate,
        warmup_steps=min(50, steps - 1),
        floor=0.05,
        betas=(0.9, 0.98),
        seed=seed,
        evaluate_every=every,
    )
    train(model, DigitSums(digits, seed=seed), config, evaluate=look, progress=False)
    return found
