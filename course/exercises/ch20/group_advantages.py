"""Exercise 20.6: how much better each reply is than the others to the same prompt."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "20.6",
    minutes=6,
    hints=(
        "Each row is a group: mean and standard deviation run along its members, so dim=1. How "
        "does a tensor of one number for each group fit the members again?",
        "With keepdim=True, rewards.mean(dim=1, keepdim=True) has the shape (group, 1), and can be "
        "subtracted from each member. rewards.std(dim=1, keepdim=True) likewise: it divides by "
        "members - 1 by itself.",
        "Take off the mean first, in brackets, and divide by (standard deviation + 1e-4). With "
        "equal rewards this is 0 / 1e-4, which is 0.",
    ),
)
def group_advantages(rewards: torch.Tensor) -> torch.Tensor:
    """How much better is each reply than the others to the same prompt? The advantages
    of GRPO.

    A group is several replies to one prompt. A reply's advantage is (its reward - the
    mean of its group) / (the standard deviation of its group + 1e-4).

    The standard deviation is the one for samples: the root of the sum of squared
    deviations divided by the number of members less 1.

    rewards: one for each reply, shape (group, member), with 2 members or more.
    Returns the advantages, shape (group, member). In a group of equal rewards they are
    0.
    """
    mean = rewards.mean(dim=1, keepdim=True)  # (group, 1)
    std = rewards.std(dim=1, keepdim=True)
    return (rewards - mean) / (std + 1e-4)


@group_advantages.also_right
def _library_std_and_mean(rewards: Tensor) -> Tensor:
    std, mean = torch.std_mean(rewards.double(), dim=-1, correction=1)
    return (rewards - mean[:, None]).div(std[:, None] + 1e-4)


@group_advantages.also_right
def _from_squares(rewards: Tensor) -> Tensor:
    centred = rewards - rewards.sum(dim=1, keepdim=True) / rewards.shape[1]
    variance = centred.square().sum(dim=1, keepdim=True) / (rewards.shape[1] - 1)
    return centred / (variance.sqrt() + 1e-4)


@group_advantages.also_right
def _group_by_group(rewards: Tensor) -> Tensor:
    result = torch.empty_like(rewards)
    for row, group in enumerate(rewards):
        result[row] = (group - group.mean()) / (group.std() + 1e-4)
    return result


@group_advantages.also_right
def _numpy_turned(rewards: Tensor) -> Tensor:
    columns = rewards.numpy().T.astype(np.float64)  # (member, group)
    return torch.from_numpy(
        ((columns - columns.mean(axis=0)) / (columns.std(axis=0, ddof=1) + 1e-4)).T.copy()
    )


@group_advantages.also_right
def _plain_numbers(rewards: Tensor) -> Tensor:
    result = []
    for group in rewards.tolist():
        mean = math.fsum(group) / len(group)
        std = math.sqrt(math.fsum((reward - mean) ** 2 for reward in group) / (len(group) - 1))
        result.append([(reward - mean) / (std + 1e-4) for reward in group])
    return torch.tensor(result)


def _centred(rewards: Tensor) -> Tensor:
    return rewards - rewards.mean(dim=1, keepdim=True)


def _std(rewards: Tensor) -> Tensor:
    """The right standard deviation of each group, (group, 1)."""
    return rewards.std(dim=1, keepdim=True)


@group_advantages.wrong(
    "Which rewards form a group? Those in a row. This compares the first members of all groups "
    "with each other, then the second ones: dim=1 instead of dim=0."
)
def _down_the_columns(rewards: Tensor) -> Tensor:
    return (rewards - rewards.mean(dim=0)) / (rewards.std(dim=0) + 1e-4)


@group_advantages.wrong(
    "With whom is a reply compared? With the others to the same prompt. Here it is all replies to "
    "all prompts, and an easy prompt makes every reply look good: give mean and standard deviation "
    "an axis."
)
def _over_all_groups(rewards: Tensor) -> Tensor:
    return (rewards - rewards.mean()) / (rewards.std() + 1e-4)


@group_advantages.wrong(
    "Whose mean is taken off? That of the group. Here it is the mean of all groups."
)
def _mean_of_all_groups(rewards: Tensor) -> Tensor:
    return (rewards - rewards.mean()) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Whose standard deviation is it? Each group has its own. Here it is one for all groups."
)
def _spread_of_all_groups(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.std() + 1e-4)


@group_advantages.wrong("Where is the standard deviation? Only the mean has been taken off so far.")
def _only_centred(rewards: Tensor) -> Tensor:
    return _centred(rewards)


@group_advantages.wrong(
    "Where is the mean? It has to be taken off first: an advantage says better or worse."
)
def _not_centred(rewards: Tensor) -> Tensor:
    return rewards / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Variance, or its root? Divide by the standard deviation: then rewards in cents or in euros "
    "give the same."
)
def _divided_by_the_variance(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.var(dim=1, keepdim=True) + 1e-4)


@group_advantages.wrong(
    "By what is the sum of squares divided? By the number of members less 1. This takes the number "
    "itself, as numpy does unless it is told ddof=1, and as correction=0 does in torch."
)
def _divided_by_all_members(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.std(dim=1, keepdim=True, correction=0) + 1e-4)


@group_advantages.wrong(
    "What is 0 / 0? NaN. In a group of equal rewards there is no spread: add 1e-4 to the standard "
    "deviation."
)
def _nan_for_equal_rewards(rewards: Tensor) -> Tensor:
    return _centred(rewards) / _std(rewards)


@group_advantages.wrong(
    "Is 1e-4 for groups of equal rewards only? It is added in every group, and where rewards "
    "hardly differ, it keeps the advantages smaller. Here it is not added elsewhere."
)
def _equal_rewards_by_themselves(rewards: Tensor) -> Tensor:
    return (_centred(rewards) / _std(rewards)).nan_to_num(nan=0.0)


@group_advantages.wrong(
    "How large is the number that is added? 1e-4. This one is much smaller, and too small to "
    "matter."
)
def _smaller_number_added(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (_std(rewards) + 1e-8)


@group_advantages.wrong(
    "Where is 1e-4 added? To the standard deviation, after the root. Under the root it is the "
    "variance that gets it."
)
def _number_under_the_root(rewards: Tensor) -> Tensor:
    return _centred(rewards) / (rewards.var(dim=1, keepdim=True) + 1e-4).sqrt()


@group_advantages.wrong(
    "Added, or a lower bound? 1e-4 is added to every standard deviation. This is clamp or max."
)
def _number_as_a_bound(rewards: Tensor) -> Tensor:
    return _centred(rewards) / _std(rewards).clamp(min=1e-4)


@group_advantages.wrong("What is divided? The difference. Without brackets it is the mean alone.")
def _brackets_forgotten(rewards: Tensor) -> Tensor:
    return rewards - rewards.mean(dim=1, keepdim=True) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Who is better than the mean? Whoever has the higher reward. Here the sign is turned round."
)
def _mean_less_the_reward(rewards: Tensor) -> Tensor:
    return -group_advantages.reference(rewards)


@group_advantages.wrong(
    "Whose mean is it? That of the whole group, the reply itself included. This leaves it out: a "
    "good baseline, too, but another one."
)
def _mean_of_the_others(rewards: Tensor) -> Tensor:
    others = (rewards.sum(dim=1, keepdim=True) - rewards) / (rewards.shape[1] - 1)
    return (rewards - others) / (_std(rewards) + 1e-4)


@group_advantages.wrong("Mean or median? The mean, so that the advantages of a group add up to 0.")
def _median_for_the_mean(rewards: Tensor) -> Tensor:
    return (rewards - rewards.median(dim=1, keepdim=True).values) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "Less what? The group's mean. Here it is the best of the group, and nobody is above 0."
)
def _best_for_the_mean(rewards: Tensor) -> Tensor:
    return (rewards - rewards.amax(dim=1, keepdim=True)) / (_std(rewards) + 1e-4)


@group_advantages.wrong(
    "What measures the spread? The standard deviation: squares and a root. This is the mean of |…|."
)
def _mean_absolute_deviation(rewards: Tensor) -> Tensor:
    centred = _centred(rewards)
    return centred / (centred.abs().mean(dim=1, keepdim=True) + 1e-4)


@group_advantages.wrong(
    "Why does the spread grow with the group? The sum of squares has to be divided before the root."
)
def _divided_by_the_norm(rewards: Tensor) -> Tensor:
    centred = _centred(rewards)
    return centred / (centred.norm(dim=1, keepdim=True) + 1e-4)


@group_advantages.wrong(
    "May an advantage be negative? It is for those below the mean. This runs from 0 for the worst "
    "to 1 for the best."
)
def _from_worst_to_best(rewards: Tensor) -> Tensor:
    low, high = rewards.amin(dim=1, keepdim=True), rewards.amax(dim=1, keepdim=True)
    return (rewards - low) / (high - low + 1e-4)


@group_advantages.wrong(
    "Do advantages add up to 1? To 0. This is a softmax; take off the mean and divide."
)
def _softmax_of_rewards(rewards: Tensor) -> Tensor:
    return rewards.softmax(dim=1)


@group_advantages.inputs
def _groups_of_rewards(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([[0.0, 2.0], [5.0, 4.0]]),)
    yield (torch.tensor([[1.0, 0.0, 0.0], [0.0, 7.0, 2.0]]),)
    # equal rewards, and one that is right
    yield (torch.tensor([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0]]),)
    yield (torch.tensor([[0.5, 0.5, 0.5], [2.0, 2.0, 2.0]]),)
    for spread in (0.001, 1e-6):  # so small that the 1e-4 counts
        yield (torch.randn(4, 6, generator=rng) * spread,)
    for group, member in ((2, 3), (3, 4), (4, 2), (5, 8), (3, 16)):
        # some prompts are easier than others
        level = torch.randn(group, 1, generator=rng) * 3
        for spread in (1.0, 5.0, 30.0, 100.0, 1000.0):
            yield ((torch.randn(group, member, generator=rng) + level) * spread,)
    correct = torch.randint(0, 2, (4, 9), generator=rng).float()
    correct[1] = 1
    yield (correct,)
