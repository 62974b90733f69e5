"""Exercise 20.5: the loss of DPO: learning from comparisons, without a reward model."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.ch20.shared import _losses
from course.judging.exercise import exercise


@exercise(
    "20.5",
    minutes=8,
    hints=(
        "How much more does the policy like a reply than the reference does? Subtract the "
        "log-probabilities, the same reply under both: chosen - ref_chosen, and rejected - "
        "ref_rejected.",
        "Times beta, these are the two rewards of a Bradley-Terry loss: minus log sigmoid of the "
        "reward of the chosen reply less that of the rejected one.",
        "beta belongs inside the sigmoid. torch.nn.functional.logsigmoid takes sigmoid and "
        "logarithm in one step, and nothing overflows. Minus that, and the mean over the pairs.",
    ),
)
def dpo_loss(
    chosen: torch.Tensor,
    rejected: torch.Tensor,
    ref_chosen: torch.Tensor,
    ref_rejected: torch.Tensor,
    beta: float,
) -> torch.Tensor:
    """The loss of DPO: learning from comparisons, without a reward model.

    The policy is its own reward model: a reply's reward is beta * log(P(reply) under
    the policy / P(reply) under the reference). The loss of a pair is minus the natural
    logarithm of sigmoid(reward of the chosen reply - reward of the rejected one).

    chosen, rejected: the policy's log-probabilities of both replies of each pair, shape
        (pair,).
    ref_chosen, ref_rejected: the reference's, of the same replies, shape (pair,).
    beta: above 0. The rewards of a pair may differ by as much as 1000.
    Returns the mean over the pairs: a tensor with one number, shape (). It is ln 2 if
    the policy and the reference are the same.
    """
    reward_of_chosen = beta * (chosen - ref_chosen)
    reward_of_rejected = beta * (rejected - ref_rejected)
    return -torch.nn.functional.logsigmoid(reward_of_chosen - reward_of_rejected).mean()


@dpo_loss.also_right
def _policy_and_reference_by_themselves(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return F.softplus(-beta * ((chosen - rejected) - (ref_chosen - ref_rejected))).mean()


@dpo_loss.also_right
def _two_classes(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    rewards = torch.stack([chosen - ref_chosen, rejected - ref_rejected], dim=1).double() * beta
    return -rewards.log_softmax(dim=1)[:, 0].mean()


@dpo_loss.also_right
def _one_pair_after_the_other(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> float:
    total = 0.0
    for c, r, ref_c, ref_r in zip(
        *map(Tensor.tolist, (chosen, rejected, ref_chosen, ref_rejected)), strict=True
    ):
        margin = beta * (c - ref_c - r + ref_r)
        total += math.log1p(math.exp(-abs(margin))) - min(margin, 0)
    return total / len(chosen)


@dpo_loss.also_right
def _numpy_logaddexp_of_margins(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> np.floating:
    c, r, ref_c, ref_r = (
        one.numpy().astype(np.float64) for one in (chosen, rejected, ref_chosen, ref_rejected)
    )
    return np.mean(np.logaddexp(0, beta * (ref_c - c) - beta * (ref_r - r)))


@dpo_loss.also_right
def _binary_with_soft_ones(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    margins = (chosen - ref_chosen - (rejected - ref_rejected)) * beta
    return F.binary_cross_entropy_with_logits(margins, torch.ones(len(margins)))


def _margins(chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor) -> Tensor:
    """The difference of the two log-ratios of each pair, (pair,), without beta."""
    return (chosen - ref_chosen) - (rejected - ref_rejected)


@dpo_loss.wrong(
    "Where is the reference? Without it the loss asks for likely replies, and not for replies that "
    "have become likelier: subtract its log-probabilities."
)
def _reference_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - rejected)).mean()


@dpo_loss.wrong(
    "What are the rewards? beta times the log-ratio of policy and reference. Here neither beta nor "
    "the reference is in them: log-probabilities alone."
)
def _reference_and_beta_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(chosen - rejected).mean()


@dpo_loss.wrong(
    "What is the loss if policy and reference agree? ln 2, because their difference is 0. Here the "
    "reference is added: its sign is wrong, or ref_chosen and ref_rejected have changed places."
)
def _reference_added(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - rejected + ref_chosen - ref_rejected)).mean()


@dpo_loss.wrong(
    "When should the loss be small? If the chosen reply has gained more than the rejected one. "
    "Here it is the other way: have chosen and rejected changed places, or policy and reference?"
)
def _pairs_reversed(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(-beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong(
    "Where does beta belong? Into the rewards, inside the sigmoid. Here it only makes the whole "
    "loss smaller or larger."
)
def _beta_outside(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return beta * _losses(_margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong("Where is beta? It is missing here: a reward is beta times a log-ratio.")
def _beta_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(_margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong(
    "Is beta a temperature? Nearly: but the log-ratios are multiplied by it, and not divided."
)
def _divided_by_beta(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(_margins(chosen, rejected, ref_chosen, ref_rejected) / beta).mean()


@dpo_loss.wrong(
    "Whose log-probabilities does beta multiply? Both. Here the policy's alone: a bracket is "
    "missing."
)
def _beta_for_the_policy_alone(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - rejected) - (ref_chosen - ref_rejected)).mean()


@dpo_loss.wrong(
    "Which reply's reward has beta in it? Both. Here that of the chosen one alone: a bracket is "
    "missing."
)
def _beta_for_the_chosen_alone(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - ref_chosen) - (rejected - ref_rejected)).mean()


@dpo_loss.wrong(
    "What is averaged? The losses. Here the differences of the rewards are, before the sigmoid, "
    "and a pair that is wrong hides behind one that is right."
)
def _mean_before_the_sigmoid(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected).mean())


@dpo_loss.wrong("What is averaged? The losses: first the logarithm for each pair, then the mean.")
def _log_of_the_mean_of_chances(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    margins = beta * _margins(chosen, rejected, ref_chosen, ref_rejected)
    return math.log(len(margins)) - F.logsigmoid(margins).logsumexp(dim=0)


@dpo_loss.wrong(
    "Can this loss be negative? The logarithm of a chance is never above 0: a minus is missing."
)
def _no_minus(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -_losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).mean()


@dpo_loss.wrong("Sum or mean? The mean, so that the loss does not grow with the number of pairs.")
def _sum_of_pairs(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).sum()


@dpo_loss.wrong("One number, or one for each pair? The mean over the pairs is missing.")
def _each_pair(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * _margins(chosen, rejected, ref_chosen, ref_rejected))


@dpo_loss.wrong(
    "Where is the logarithm? This is minus the chance itself, and that never falls below -1."
)
def _sigmoid_without_log(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).sigmoid().mean()


@dpo_loss.wrong(
    "Where did the infinity come from? Either a sigmoid was rounded to 0 before its logarithm was "
    "taken, or exp of a large number came before it. logsigmoid takes both in one step."
)
def _sigmoid_then_log(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -(beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).sigmoid().log().mean()


@dpo_loss.wrong(
    "A ratio, or its logarithm? A reward is beta times the logarithm of the ratio. Here exp has "
    "undone the logarithm."
)
def _ratios_for_log_ratios(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * ((chosen - ref_chosen).exp() - (rejected - ref_rejected).exp())).mean()


@dpo_loss.wrong(
    "Are these probabilities? They are logarithms: a ratio of probabilities is a difference of "
    "these."
)
def _log_probabilities_divided(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen / ref_chosen - rejected / ref_rejected)).mean()


@dpo_loss.wrong(
    "What became of the rejected reply? It is missing: the rewards of both replies are compared."
)
def _rejected_forgotten(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return _losses(beta * (chosen - ref_chosen)).mean()


@dpo_loss.wrong(
    "Does each reply stand for itself? The two of a pair are compared. Here each reward has a "
    "sigmoid of its own: subtract first."
)
def _a_sigmoid_for_each_reply(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (
        _losses(beta * (chosen - ref_chosen)) + _losses(-beta * (rejected - ref_rejected))
    ).mean()


@dpo_loss.wrong(
    "Where is the sigmoid? This is minus the difference of the rewards, and it has no lower end."
)
def _reward_difference_itself(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return -beta * _margins(chosen, rejected, ref_chosen, ref_rejected).mean()


@dpo_loss.wrong(
    "What is lost where the chosen reply leads by more than 1? A little, still. This is a hinge."
)
def _hinge_of_rewards(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (1 - beta * _margins(chosen, rejected, ref_chosen, ref_rejected)).relu().mean()


@dpo_loss.wrong(
    "A square, or a log sigmoid? This is the loss of IPO, which holds the margin near 1 / (2 beta)."
)
def _ipo(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (_margins(chosen, rejected, ref_chosen, ref_rejected) - 1 / (2 * beta)).square().mean()


@dpo_loss.wrong(
    "Which logarithm is it? This one has base 2, and gives 1 where the natural one gives ln 2."
)
def _dpo_in_bits(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return dpo_loss.reference(chosen, rejected, ref_chosen, ref_rejected, beta) / math.log(2)


@dpo_loss.wrong(
    "By how much does each pair differ? This only counts the pairs that the policy has the wrong "
    "way round."
)
def _pairs_counted(
    chosen: Tensor, rejected: Tensor, ref_chosen: Tensor, ref_rejected: Tensor, beta: float
) -> Tensor:
    return (_margins(chosen, rejected, ref_chosen, ref_rejected) <= 0).float().mean()


@dpo_loss.inputs
def _pairs_of_replies(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, float]]:
    lone = [torch.tensor([log_p]) for log_p in (-4.0, -9.0, -6.0, -8.0)]
    yield lone[0], lone[1], lone[2], lone[3], 0.5
    yield lone[1], lone[0], lone[3], lone[2], 0.5
    chosen, rejected = torch.tensor([-5.0, -7.0]), torch.tensor([-3.0, -7.0])
    yield chosen, rejected, chosen, rejected, 0.1  # the policy is the reference
    for pair in (1, 2, 3, 8):
        for beta, moved in ((0.1, 3.0), (0.5, 1.0), (0.05, 20.0), (1.0, 2.0), (0.2, 5.0)):
            ref = torch.rand(2, pair, generator=rng) * -50 - 5
            now = (ref + torch.randn(2, pair, generator=rng) * moved).clamp(max=-0.5)
            yield now[0], now[1], ref[0], ref[1], beta
    # replies of many tokens, and a policy that is far away
    for pair, beta in ((1, 0.5), (2, 0.4), (6, 0.8)):
        ref, now = torch.randint(-600, -1, (2, 2, pair), generator=rng).float()
        # at least one pair is wrong, and its loss is not nearly 0
        now[0, 0] = ref[0, 0] + now[1, 0] - ref[1, 0] - 300
        yield now[0], now[1], ref[0], ref[1], beta
