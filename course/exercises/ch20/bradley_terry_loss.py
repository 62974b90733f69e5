"""Exercise 20.2: the loss of a reward model on pairs of replies, of which people preferred one."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch20.shared import _losses
from course.judging.exercise import exercise


@exercise(
    "20.2",
    minutes=6,
    hints=(
        "How much better is the chosen one? chosen - rejected, one number for each pair. Its "
        "sigmoid is the chance that people choose as they did, and the loss is minus the logarithm "
        "of that.",
        "The sigmoid of -1000 is rounded to 0, and log(0) is minus infinity. There is a function "
        "for both in one step: torch.nn.functional.logsigmoid.",
        "So: -torch.nn.functional.logsigmoid(chosen - rejected), and then the mean over the pairs.",
    ),
)
def bradley_terry_loss(chosen: torch.Tensor, rejected: torch.Tensor) -> torch.Tensor:
    """The loss of a reward model on pairs of replies, of which people preferred one.

    A reward model gives each reply a number. The chance that people choose reply a over
    reply b is sigmoid(reward of a - reward of b). The loss of a pair is minus the
    natural logarithm of the chance of what they chose.

    chosen: the rewards of the replies that people chose, shape (pair,).
    rejected: the rewards of the others, shape (pair,). The difference may be from -1000
        to 1000.
    Returns the mean over the pairs: a tensor with one number, shape ().
    """
    difference = chosen - rejected
    return -torch.nn.functional.logsigmoid(difference).mean()


@bradley_terry_loss.also_right
def _library_softplus(chosen: Tensor, rejected: Tensor) -> Tensor:
    return F.softplus(rejected - chosen).mean()


@bradley_terry_loss.also_right
def _chosen_against_rejected_as_classes(chosen: Tensor, rejected: Tensor) -> Tensor:
    # (pair, 2); the right class is always 0
    both = torch.stack([chosen, rejected], dim=1)
    return F.cross_entropy(both, torch.zeros(len(both), dtype=torch.long))


@bradley_terry_loss.also_right
def _binary_with_logits(chosen: Tensor, rejected: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))


@bradley_terry_loss.also_right
def _pair_by_pair(chosen: Tensor, rejected: Tensor) -> float:
    losses = []
    for good, bad in zip(chosen.tolist(), rejected.tolist(), strict=True):
        losses.append(max(bad - good, 0) + math.log1p(math.exp(-abs(good - bad))))
    return math.fsum(losses) / len(losses)


@bradley_terry_loss.also_right
def _numpy_logaddexp(chosen: Tensor, rejected: Tensor) -> np.float32:
    return np.logaddexp(0, (rejected - chosen).numpy()).mean()


@bradley_terry_loss.wrong(
    "When should the loss be small? If the chosen reply has the higher reward. Here it is small if "
    "the rejected one has it: look at the sign of the difference."
)
def _reversed_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(rejected - chosen).mean()


@bradley_terry_loss.wrong(
    "Can this loss be negative? The logarithm of a chance is never above 0: a minus is missing."
)
def _minus_forgotten(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -_losses(chosen - rejected).mean()


@bradley_terry_loss.wrong(
    "Where is the logarithm? This is minus the chance itself, and that never falls below -1."
)
def _minus_the_chance(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -(chosen - rejected).sigmoid().mean()


@bradley_terry_loss.wrong(
    "Where is the logarithm? This is the chance of what people did choose. It rises as the model "
    "gets better, and a loss has to fall."
)
def _chance_of_the_chosen(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (chosen - rejected).sigmoid().mean()


@bradley_terry_loss.wrong(
    "Where is the logarithm? This is the chance of the other reply. It never rises above 1, "
    "however wrong the model is."
)
def _chance_of_the_rejected(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (rejected - chosen).sigmoid().mean()


@bradley_terry_loss.wrong(
    "Where did the infinity come from? exp(1000) is infinite, and sigmoid(-1000) is rounded to 0, "
    "whose logarithm is minus infinity. logsigmoid takes both in one step and copes with that."
)
def _infinite_for_large_differences(chosen: Tensor, rejected: Tensor) -> Tensor:
    return torch.log1p((rejected - chosen).exp()).mean()


@bradley_terry_loss.wrong(
    "What is exp of a reward in the hundreds? Infinite, and inf / inf is NaN. Only the difference "
    "counts: subtract before exp, or use logsigmoid."
)
def _share_of_powers(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -(chosen.exp() / (chosen.exp() + rejected.exp())).log().mean()


@bradley_terry_loss.wrong(
    "Does a tiny number inside the logarithm help? No loss is infinite then, but the worst pairs "
    "all look alike. Use logsigmoid."
)
def _tiny_number_beside_the_chance(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -((chosen - rejected).sigmoid() + 1e-8).log().mean()


@bradley_terry_loss.wrong(
    "May a loss be larger than 100? Here it may not: binary_cross_entropy cuts its logarithm "
    "there. The variant binary_cross_entropy_with_logits has no need to."
)
def _binary_cross_entropy_cut(chosen: Tensor, rejected: Tensor) -> Tensor:
    return F.binary_cross_entropy((chosen - rejected).sigmoid(), torch.ones_like(chosen))


@bradley_terry_loss.wrong(
    "How wrong can the model be about a pair? Here large differences are cut off, and the worst "
    "pairs look alike. logsigmoid copes with all of them."
)
def _differences_cut_off(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses((chosen - rejected).clamp(-50, 50)).mean()


@bradley_terry_loss.wrong(
    "Sum or mean? The mean, so that the loss does not grow with the number of pairs."
)
def _sum_over_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen - rejected).sum()


@bradley_terry_loss.wrong("One number, or one for each pair? The mean over the pairs is missing.")
def _mean_forgotten(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen - rejected)


@bradley_terry_loss.wrong(
    "What is averaged? The losses. Here the differences are, before the sigmoid, and a pair that "
    "is wrong hides behind one that is right."
)
def _loss_of_the_mean_difference(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen.mean() - rejected.mean())


@bradley_terry_loss.wrong(
    "What is averaged? The losses: first the logarithm for each pair, then the mean."
)
def _log_of_the_mean_chance(chosen: Tensor, rejected: Tensor) -> Tensor:
    return math.log(len(chosen)) - F.logsigmoid(chosen - rejected).logsumexp(dim=0)


@bradley_terry_loss.wrong(
    "What is left to learn about a pair that is right by far? Hardly anything. Without a sigmoid "
    "it pays to drive the rewards apart for ever."
)
def _difference_itself(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (rejected - chosen).mean()


@bradley_terry_loss.wrong(
    "Does a square know which of the two was chosen? It does not: equal rewards would be best. "
    "Take minus log sigmoid."
)
def _squared_difference(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (chosen - rejected).square().mean()


@bradley_terry_loss.wrong(
    "What is lost where the chosen one is ahead by more than 1? A little, still. This is a hinge "
    "with a margin of 1, which is 0 there."
)
def _hinge_with_margin(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (1 - chosen + rejected).relu().mean()


@bradley_terry_loss.wrong(
    "What is the loss of a tie? Not 0: the model cannot tell the two apart. This is a hinge, with "
    "a corner where minus log sigmoid is smooth."
)
def _hinge(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (rejected - chosen).relu().mean()


@bradley_terry_loss.wrong(
    "By how much is a pair right or wrong? This only counts the pairs that are wrong."
)
def _share_of_wrong_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (chosen <= rejected).float().mean()


@bradley_terry_loss.wrong(
    "Does it matter which one is ahead? It does; abs forgets it, and a model that is always wrong "
    "looks perfect."
)
def _sign_of_the_difference_lost(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses((chosen - rejected).abs()).mean()


@bradley_terry_loss.wrong(
    "Has a reward of 0 a meaning? No, only differences have. Here each reply goes through a "
    "sigmoid by itself: subtract first."
)
def _each_reply_by_itself(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (_losses(chosen) + _losses(-rejected)).mean()


@bradley_terry_loss.wrong(
    "What is subtracted: rewards, or logarithms of sigmoids? The rewards. Here each has gone "
    "through log-sigmoid before."
)
def _log_sigmoids_subtracted(chosen: Tensor, rejected: Tensor) -> Tensor:
    return (_losses(chosen) - _losses(rejected)).mean()


@bradley_terry_loss.wrong(
    "Who competes with whom? The two replies of a pair. This softmax lets the pairs compete with "
    "each other."
)
def _softmax_over_pairs(chosen: Tensor, rejected: Tensor) -> Tensor:
    return -(chosen - rejected).log_softmax(dim=0).mean()


@bradley_terry_loss.wrong(
    "Which logarithm is it? This one has base 2. The natural one gives ln 2 for a tie."
)
def _loss_in_bits(chosen: Tensor, rejected: Tensor) -> Tensor:
    return _losses(chosen - rejected).mean() / math.log(2)


@bradley_terry_loss.inputs
def _rewards_of_pairs(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([2.0]), torch.tensor([0.5])
    yield torch.tensor([0.5]), torch.tensor([2.0])
    yield torch.tensor([0.0, 3.0]), torch.tensor([0.0, 3.0])
    yield torch.tensor([-500.0, 1.0]), torch.tensor([500.0, 2.0])
    yield torch.tensor([500.0]), torch.tensor([-500.0])
    for pair in (1, 2, 5, 12):
        for spread, middle in ((1.0, 0.0), (0.2, -3.0), (3.0, 2.0), (1.0, 400.0)):
            yield tuple(torch.randn(2, pair, generator=rng) * spread + middle)
    for pair in (2, 6, 9):
        chosen, rejected = torch.randint(-500, 501, (2, pair), generator=rng).float()
        # at least one pair is wrong: a loss of nearly 0 would be all rounding
        rejected[0] = chosen[0].abs() + 7
        yield chosen, rejected
