"""Exercise 21.3: the loss of GRPO with one length for all replies."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "21.3",
    minutes=10,
    hints=(
        "The ratio of a token is exp(logp - old_logp). All tokens of a reply share its advantage: "
        "how does a tensor of shape (reply,) get a second axis?",
        "With A = advantages[:, None], a token's gain is torch.minimum(ratio * A, ratio.clamp(1 - "
        "clip, 1 + clip) * A). Which tokens count? Those that the model wrote.",
        "Add up the gains where mask is True, for instance gain[mask].sum(). Divide by constant and "
        "by the number of replies, whatever their lengths, and turn the sign round.",
    ),
)
def dr_grpo_loss(
    logp: torch.Tensor,
    old_logp: torch.Tensor,
    advantages: torch.Tensor,
    mask: torch.Tensor,
    clip: float,
    constant: int,
) -> torch.Tensor:
    """The loss of GRPO with one length for all replies, known as Dr. GRPO.

    What a token gains is the clipped objective of chapter 20, min(ratio * A, clipped ratio * A).
    A is the advantage of the reply in which the token stands. The gains of a reply's written
    tokens are added up and divided by `constant`, which is the same for all: so a token weighs the
    same in a short and in a long reply. The loss is minus the mean of that over the replies.

    logp: log-probabilities under the policy as it is now, shape (reply, pos).
    old_logp: those under the policy that wrote the replies, shape (reply, pos).
    advantages: one for each reply, shape (reply,).
    mask: True where the token was written, shape (reply, pos). Elsewhere stand the prompt
        and padding, and the numbers there mean nothing.
    clip: how far from 1 the ratio may pay to move, between 0 and 1.
    constant: the most tokens that a reply may have.
    Returns the loss, to be lowered: a tensor with one number, shape ().
    """
    ratio = (logp - old_logp).exp()
    A = advantages[:, None]  # (reply, 1)
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return -gain[mask].sum() / constant / len(advantages)


@dr_grpo_loss.also_right
def _larger_loss(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    ratio = torch.exp(logp - old_logp)
    spread = advantages.unsqueeze(1).expand_as(logp)
    losses = torch.maximum(-ratio * spread, -torch.clip(ratio, 1 - clip, 1 + clip) * spread)
    return (losses.where(mask, 0.0).sum(dim=1) / constant).mean()


@dr_grpo_loss.also_right
def _token_by_token(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> float:
    total = 0.0
    for row, advantage in enumerate(advantages.tolist()):
        for column in mask[row].nonzero()[:, 0].tolist():
            ratio = math.exp(float(logp[row, column]) - float(old_logp[row, column]))
            held = min(max(ratio, 1 - clip), 1 + clip)
            total += min(ratio * advantage, held * advantage)
    return -total / (constant * len(advantages))


@dr_grpo_loss.also_right
def _written_tokens_alone(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    rows, _ = mask.nonzero(as_tuple=True)
    ratio, A = (logp[mask] - old_logp[mask]).double().exp(), advantages[rows].double()
    bound = A + clip * A.abs()  # nothing gains more
    return -(ratio * A).minimum(bound).sum() / (constant * len(advantages))


def _gain(logp: Tensor, old_logp: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """The right gain of each token."""
    ratio, A = (logp - old_logp).exp(), advantages[:, None]
    return torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)


def _loss(gain: Tensor, mask: Tensor, constant: int) -> Tensor:
    """The right loss, for gains of one's own."""
    return -gain[mask].sum() / constant / len(gain)


@dr_grpo_loss.wrong(
    "Which tokens count? Those that the model wrote. Here the prompt and the padding are learned, too."
)
def _all_tokens(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return -_gain(logp, old_logp, advantages, clip).sum() / constant / len(advantages)


@dr_grpo_loss.wrong(
    "What is left of `constant`? Here each reply is divided by its own length, as GRPO first had it: "
    "a wrong reply is then blamed less, token by token, the longer it is."
)
def _mean_of_means(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    gain = _gain(logp, old_logp, advantages, clip).where(mask, 0.0)
    return -(gain.sum(dim=1) / mask.sum(dim=1)).mean()


@dr_grpo_loss.wrong(
    "By what is divided? By `constant` and the number of replies. Here it is the number of written "
    "tokens: then a long reply in the batch makes the tokens of all others weigh less."
)
def _mean_over_tokens(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return -_gain(logp, old_logp, advantages, clip)[mask].mean()


@dr_grpo_loss.wrong("A sum or a mean over the replies? A mean: divide by how many there are.")
def _replies_added_up(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return -_gain(logp, old_logp, advantages, clip)[mask].sum() / constant


@dr_grpo_loss.wrong(
    "Where is `constant`? The sum of a reply is divided by it, before the mean over the replies."
)
def _not_divided(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return _loss(_gain(logp, old_logp, advantages, clip), mask, 1)


@dr_grpo_loss.wrong(
    "Is the width of the batch the constant? It changes with the longest text in it, and the prompt "
    "is in it. Divide by `constant`."
)
def _divided_by_the_width(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return _loss(_gain(logp, old_logp, advantages, clip), mask, logp.shape[1])


@dr_grpo_loss.wrong(
    "Is it to be raised or lowered? The gains are to be raised, a loss is lowered: the sign is "
    "missing."
)
def _sign(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return -dr_grpo_loss.reference(logp, old_logp, advantages, mask, clip, constant)


@dr_grpo_loss.wrong(
    "Which of the two products? The lower one. With the higher one a policy gains the more, the "
    "further it runs away."
)
def _higher_product(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    ratio, A = (logp - old_logp).exp(), advantages[:, None]
    gain = torch.maximum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return _loss(gain, mask, constant)


@dr_grpo_loss.wrong("What keeps the policy near the old one? `clip`, which has no effect here.")
def _not_clipped(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return _loss((logp - old_logp).exp() * advantages[:, None], mask, constant)


@dr_grpo_loss.wrong(
    "Where is the minimum? The clipped ratio alone cannot tell a policy to come back that has gone "
    "the wrong way."
)
def _clipped_alone(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    ratio = (logp - old_logp).exp().clamp(1 - clip, 1 + clip)
    return _loss(ratio * advantages[:, None], mask, constant)


@dr_grpo_loss.wrong(
    "Is the difference of two logarithms a ratio? exp of it is. Without it, it would be 0 where "
    "nothing has changed, and not 1."
)
def _not_exponentiated(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    ratio, A = logp - old_logp, advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return _loss(gain, mask, constant)


@dr_grpo_loss.wrong("Which way round is the ratio? New over old. Here it is old over new.")
def _upside_down(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return dr_grpo_loss.reference(old_logp, logp, advantages, mask, clip, constant)


@dr_grpo_loss.wrong(
    "Does a token have a ratio, or the reply? Each token has its own, and is clipped by itself. Here "
    "a reply has one ratio, for all of its tokens together."
)
def _ratio_of_the_reply(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    moved = (logp - old_logp).where(mask, 0.0).sum(dim=1, keepdim=True).expand_as(logp)
    return _loss(_gain(moved, torch.zeros_like(moved), advantages, clip), mask, constant)


@dr_grpo_loss.wrong(
    "Does a reply have one advantage, or a share of it for each token? Every token gets all of it. Here "
    "it is divided among the written tokens."
)
def _advantage_shared_out(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    shares = advantages / mask.sum(dim=1)
    return _loss(_gain(logp, old_logp, shares, clip), mask, constant)


@dr_grpo_loss.wrong(
    "Can an advantage be negative? It must: it makes what was worse than the others less likely. Here "
    "only the replies above 0 are learned."
)
def _only_the_good(
    logp: Tensor, old_logp: Tensor, advantages: Tensor, mask: Tensor, clip: float, constant: int
) -> Tensor:
    return dr_grpo_loss.reference(logp, old_logp, advantages.clamp(min=0), mask, clip, constant)


@dr_grpo_loss.inputs
def _batches(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, float, int]]:
    sizes = ((2, 5), (3, 7), (4, 6), (2, 9), (5, 8), (6, 11), (3, 10), (4, 5), (7, 12), (3, 4))
    for number, (reply, pos) in enumerate(sizes):
        old = -3 * torch.rand(reply, pos, generator=rng) - 0.1
        moved = (0.15, 0.5, 1.0)[number % 3] * torch.randn(reply, pos, generator=rng)
        advantages = torch.randn(reply, generator=rng) * (1.0, 0.05, 8.0, 0.4)[number % 4]
        advantages[0] = -advantages[0].abs() - 0.02
        advantages[1] = advantages[1].abs() + 0.02
        starts = torch.randint(1, pos // 2 + 1, (reply, 1), generator=rng)
        lengths = torch.randint(1, pos // 2 + 1, (reply, 1), generator=rng)
        lengths[0], lengths[1] = 1, pos // 2
        place = torch.arange(pos)
        mask = (place >= starts) & (place < starts + lengths)
        yield old + moved, old, advantages, mask, 0.1 + 0.05 * (number % 4), pos + 3 * number + 2
