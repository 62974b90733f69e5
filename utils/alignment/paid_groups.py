"""From replies to advantages: a function pays each reply, and each is compared with its group."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from utils.alignment.advantages import group_advantages

Truth = TypeVar("Truth")


class GroupRewards(NamedTuple):
    """advantages and rewards: of each reply, in the order that was given. facts: the mean, the
    smallest and the largest reward, their deviation, and the share of groups that teach something,
    since not all of their rewards are equal.
    """

    advantages: Float[Tensor, " reply"]
    rewards: Float[Tensor, " reply"]
    facts: dict[str, float]


def group_rewards(
    reward: Callable[[str, Truth], float],
    replies: Sequence[str],
    truths: Sequence[Truth],
    group_size: int,
    advantages: Callable[
        [Float[Tensor, "group member"]], Float[Tensor, "group member"]
    ] = group_advantages,
) -> GroupRewards:
    """Pay each reply by `reward(reply, truth)`, and compare it with the others to its prompt.

    replies: group by group, `group_size` to each prompt; truths: one for each reply. `advantages`:
    `group_advantages` divides by the group's deviation, `centered_rewards` does not. Raises
    ValueError where the replies do not make whole groups or the truths are not as many.
    """
    if not replies or len(replies) % group_size or len(truths) != len(replies):
        raise ValueError(
            f"{len(replies)} replies and {len(truths)} truths were given for groups of {group_size}: "
            "give whole groups, one after the other, and a truth to each reply."
        )
    paid = [float(reward(*pair)) for pair in zip(replies, truths, strict=True)]
    rewards = torch.tensor(paid)
    by_group = rewards.view(-1, group_size)  # (group, member)
    facts = {
        "mean": float(rewards.mean()),
        "deviation": float(rewards.std(correction=0)),
        "smallest": float(rewards.min()),
        "largest": float(rewards.max()),
        "groups that teach": float((by_group.amax(1) > by_group.amin(1)).float().mean()),
    }
    return GroupRewards(advantages(by_group).flatten(), rewards, facts)
