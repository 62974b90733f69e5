"""A reward model: a GPT that ends in one number instead of a score for every token, trained on
comparisons.

Bradley & Terry 1952: the chance that a is preferred to b is sigmoid(r(a) - r(b)). Only differences
count, so the scores have no natural zero and no bounds; their unit is the log-odds. Ouyang et al.
2022, formula 1.
"""

import copy

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from utils.alignment.replies import Replies
from utils.model.gpt import GPT


class ScalarGPT(nn.Module):
    """A copy of a GPT with a scalar head on its final hidden states: one number at every position."""

    def __init__(self, gpt: GPT):
        super().__init__()
        self.gpt = copy.deepcopy(gpt)
        self.head = nn.Linear(gpt.config.d_model, 1)
        nn.init.normal_(self.head.weight, std=gpt.config.d_model**-0.5)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: Replies) -> Float[Tensor, "batch pos"]:
        """The number at each position. Those of padding mean nothing."""
        numbers: Tensor = self.head(self.gpt.hidden(batch.ids, batch.real))  # (batch, pos, 1)
        return numbers[..., 0]


def rewards(model: ScalarGPT, batch: Replies) -> Float[Tensor, " batch"]:
    """The learned reward of each reply: the number at its last token, where the model has read all
    of it.
    """
    numbers: Tensor = model(batch)  # (batch, pos)
    return numbers.gather(1, batch.last[:, None])[:, 0]


@torch.no_grad()
def standardize(model: ScalarGPT, batch: Replies) -> None:
    """Change the head, in place, so that the rewards of these replies have mean 0 and standard
    deviation 1.

    Comparisons fix neither, and beta and learning rates need a unit. (InstructGPT shifts its mean
    to 0 likewise.)
    """
    scores = rewards(model, batch)
    mean, std = scores.mean(), scores.std()
    # equal rewards differ by rounding
    if not std > 1e-6 * scores.abs().max():
        raise ValueError(
            "all these replies get the same reward, so there is no unit to measure it in: train "
            "longer."
        )
    model.head.weight.div_(std)
    model.head.bias.sub_(mean).div_(std)


def bradley_terry_loss(
    chosen: Float[Tensor, " pair"], rejected: Float[Tensor, " pair"]
) -> Float[Tensor, ""]:
    """The mean of -log sigmoid(r(chosen) - r(rejected)), in nats; ln 2 if the model cannot tell
    them apart.
    """
    return -F.logsigmoid(chosen - rejected).mean()


def ranking_accuracy(chosen: Float[Tensor, " pair"], rejected: Float[Tensor, " pair"]) -> float:
    """The share of pairs in which the chosen reply scores higher; a tie counts half."""
    return float(((chosen > rejected).float() + 0.5 * (chosen == rejected).float()).mean())
