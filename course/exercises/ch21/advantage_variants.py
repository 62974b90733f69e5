"""Exercise 21.2: three ways to say how much better a reply is than the others to its problem."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "21.2",
    minutes=10,
    hints=(
        "Go through the problems one after the other: problem == one is True for the replies to "
        "it, and rewards[problem == one] are their rewards. Where do the results go?",
        "With mine = problem == one: result[0, mine] = ..., and so on. For the second row, what the "
        "others got together is group.sum() - group, and they are len(group) - 1.",
        "Begin with torch.zeros(3, len(rewards)), and go on to the next problem if group.max() == "
        "group.min(): a reply on its own is among these. group.std() divides by n - 1 by itself.",
    ),
)
def advantage_variants(rewards: torch.Tensor, problem: torch.Tensor) -> torch.Tensor:
    """How much better is each reply than the others to its problem, in three ways?

    In chapter 20 each group was a row. In a batch as it comes, the replies to a problem are
    not always equally many, and they need not stand side by side.

    rewards: one for each reply, shape (reply,).
    problem: the number of the problem that it replies to, shape (reply,).
    Returns three rows, shape (3, reply):
        row 0: the reward, less the mean reward of all replies to the same problem;
        row 1: the reward, less the mean reward of the *other* replies to it;
        row 2: row 0, divided by the standard deviation of the rewards for that problem (the
            one for samples: n - 1). Nothing is added to it.
    Where all replies to a problem got the same reward, or there is only one, nothing is to be
    learned: all three are exactly 0.
    """
    result = torch.zeros(3, len(rewards))
    for one in problem.unique():
        mine = problem == one
        group = rewards[mine]
        if group.max() == group.min():
            continue
        others = (group.sum() - group) / (len(group) - 1)
        result[0, mine] = group - group.mean()
        result[1, mine] = group - others
        result[2, mine] = (group - group.mean()) / group.std()
    return result


@advantage_variants.also_right
def _stretched(rewards: Tensor, problem: Tensor) -> Tensor:
    # row 1 is row 0 times n / (n - 1): the reply's own share of the mean is left out
    exact = rewards.double()
    same = (problem[:, None] == problem[None, :]).double()
    n = same.sum(dim=1)
    centred = exact - same @ exact / n
    variance = same @ centred.square() / (n - 1).clamp(min=1)
    deviation = variance.sqrt().where(variance > 0, 1.0)
    return torch.stack([centred, centred * n / (n - 1).clamp(min=1), centred / deviation])


@advantage_variants.also_right
def _plain_numbers(rewards: Tensor, problem: Tensor) -> Tensor:
    groups: dict[int, list[float]] = {}
    for reward, one in zip(rewards.tolist(), problem.tolist(), strict=True):
        groups.setdefault(one, []).append(reward)
    columns = []
    for reward, one in zip(rewards.tolist(), problem.tolist(), strict=True):
        group = groups[one]
        if len(set(group)) == 1:
            columns.append([0.0, 0.0, 0.0])
            continue
        n, mean = len(group), sum(group) / len(group)
        deviation = (sum((other - mean) ** 2 for other in group) / (n - 1)) ** 0.5
        of_others = (sum(group) - reward) / (n - 1)
        columns.append([reward - mean, reward - of_others, (reward - mean) / deviation])
    return torch.tensor(columns).T.clone()


@advantage_variants.also_right
def _sums_by_index(rewards: Tensor, problem: Tensor) -> Tensor:
    _, group = problem.unique(return_inverse=True)
    exact = rewards.double()
    n = torch.bincount(group)[group]
    mean = torch.bincount(group, weights=exact)[group] / n
    row = exact - mean
    squares = torch.bincount(group, weights=row.square())[group] / (n - 1)
    teaches = (n > 1) & (squares > 0)
    rows = torch.stack([row, row * n / (n - 1), row / squares.sqrt()])
    return rows.where(teaches, 0.0)


def _rows(rewards: Tensor, problem: Tensor, three: Callable[[Tensor], list[Tensor]]) -> Tensor:
    """The rows that the function `three` makes of each group whose rewards are not all equal."""
    result = torch.zeros(3, len(rewards))
    for one in problem.unique():
        mine = problem == one
        group = rewards[mine]
        if group.max() > group.min():
            result[:, mine] = torch.stack(three(group))
    return result


def _others(group: Tensor) -> Tensor:
    """The mean of the others, for each member."""
    return (group.sum() - group) / (len(group) - 1)


@advantage_variants.wrong(
    "With whom is a reply compared? With those to the same problem. Here it is with all replies of "
    "the batch, and every reply to an easy problem looks good."
)
def _one_batch(rewards: Tensor, problem: Tensor) -> Tensor:
    return advantage_variants.reference(rewards, torch.zeros_like(problem))


@advantage_variants.wrong(
    "Do replies to a problem stand side by side? Not always: here a new group begins wherever the "
    "number changes. Collect by number."
)
def _side_by_side(rewards: Tensor, problem: Tensor) -> Tensor:
    run = torch.cat([torch.zeros(1, dtype=torch.bool), problem[1:] != problem[:-1]]).cumsum(dim=0)
    return advantage_variants.reference(rewards, run)


@advantage_variants.wrong(
    "What is 0 / 0? NaN, and one such reply makes the whole gradient NaN. Where all rewards are equal, "
    "the advantages are 0."
)
def _nan_for_equal_rewards(rewards: Tensor, problem: Tensor) -> Tensor:
    result = torch.zeros(3, len(rewards))
    for one in problem.unique():
        mine = problem == one
        group = rewards[mine].double()
        centred = group - group.mean()
        n = len(group)
        deviation = (centred.square().sum() / (n - 1)).sqrt() if n > 1 else torch.tensor(0.0)
        result[0, mine] = centred.float()
        result[1, mine] = (centred * n / max(n - 1, 1)).float()
        result[2, mine] = (centred / deviation).float()
    return result


@advantage_variants.wrong(
    "Are the rewards equal? Ask the rewards themselves: group.max() == group.min(). In float32 the "
    "mean of equal numbers can be another number; then the deviation is tiny, not 0, and rounding "
    "errors are blown up to advantages."
)
def _noise_blown_up(rewards: Tensor, problem: Tensor) -> Tensor:
    result = torch.zeros(3, len(rewards))
    for one in problem.unique():
        mine = problem == one
        group = rewards[mine]
        total = torch.zeros(())
        for reward in group:
            total = total + reward
        centred = group - total / len(group)
        squares = centred.square().sum()
        if len(group) == 1 or squares == 0:
            continue
        result[0, mine] = centred
        result[1, mine] = centred * len(group) / (len(group) - 1)
        result[2, mine] = centred / (squares / (len(group) - 1)).sqrt()
    return result


@advantage_variants.wrong(
    "What is a reply compared with that has no other beside it? With nobody: it teaches nothing. Here "
    "it keeps its whole reward in the second row, as if the others had got 0."
)
def _alone_against_zero(rewards: Tensor, problem: Tensor) -> Tensor:
    result = advantage_variants.reference(rewards, problem)
    alone = (problem[:, None] == problem[None, :]).sum(dim=1) == 1
    result[1, alone] = rewards[alone]
    return result


@advantage_variants.wrong(
    "Who are the others? All but the reply itself, and they are n - 1. Here the mean of all is taken "
    "off in the second row, too."
)
def _itself_among_the_others(rewards: Tensor, problem: Tensor) -> Tensor:
    return _rows(
        rewards,
        problem,
        lambda group: [group - group.mean()] * 2 + [(group - group.mean()) / group.std()],
    )


@advantage_variants.wrong(
    "By how many is the sum of the others divided? There are n - 1 of them. This divides by n."
)
def _others_divided_by_all(rewards: Tensor, problem: Tensor) -> Tensor:
    return _rows(
        rewards,
        problem,
        lambda group: [
            group - group.mean(),
            group - (group.sum() - group) / len(group),
            (group - group.mean()) / group.std(),
        ],
    )


@advantage_variants.wrong(
    "Which deviation? The one for samples, whose squares are divided by n - 1. This divides by n."
)
def _deviation_by_n(rewards: Tensor, problem: Tensor) -> Tensor:
    return _rows(
        rewards,
        problem,
        lambda group: [
            group - group.mean(),
            group - _others(group),
            (group - group.mean()) / group.std(correction=0),
        ],
    )


@advantage_variants.wrong(
    "Whose deviation? Each problem has its own. Here it is one for the whole batch: a good variant, "
    "too, but another one."
)
def _deviation_of_the_batch(rewards: Tensor, problem: Tensor) -> Tensor:
    return _rows(
        rewards,
        problem,
        lambda group: [
            group - group.mean(),
            group - _others(group),
            (group - group.mean()) / rewards.std(),
        ],
    )


@advantage_variants.wrong(
    "Is something added to the deviation? Not here. In chapter 20 it kept 0 / 0 away; here equal "
    "rewards are looked for, and small spreads stay what they are."
)
def _something_added(rewards: Tensor, problem: Tensor) -> Tensor:
    return _rows(
        rewards,
        problem,
        lambda group: [
            group - group.mean(),
            group - _others(group),
            (group - group.mean()) / (group.std() + 1e-4),
        ],
    )


@advantage_variants.wrong(
    "What is divided in the third row? The difference to the mean of all. Here it is the difference "
    "to the others."
)
def _others_divided(rewards: Tensor, problem: Tensor) -> Tensor:
    return _rows(
        rewards,
        problem,
        lambda group: [
            group - group.mean(),
            group - _others(group),
            (group - _others(group)) / group.std(),
        ],
    )


@advantage_variants.wrong(
    "Which row is which? Not divided, the others, divided. Here the first and the third are exchanged."
)
def _rows_exchanged(rewards: Tensor, problem: Tensor) -> Tensor:
    return advantage_variants.reference(rewards, problem).flip(0)


@advantage_variants.wrong(
    "Who is better than the mean? Whoever has the higher reward. Here the sign is turned round."
)
def _sign(rewards: Tensor, problem: Tensor) -> Tensor:
    return -advantage_variants.reference(rewards, problem)


@advantage_variants.inputs
def _batches(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0]), torch.tensor([0, 0, 0, 1, 1])
    yield torch.tensor([0.0, 1.0, 2.0, 0.0, 7.0, 2.0]), torch.tensor([4, 9, 4, 9, 9, 4])
    equal = torch.tensor([0.1] * 7 + [1000.1] * 3 + [0.3] * 6 + [1.0, 0.0, 0.0])
    yield equal, torch.tensor([3] * 7 + [1] * 3 + [2] * 6 + [0] * 3)
    yield torch.tensor([2.0, 5.0, 0.0, 1.0]), torch.tensor([6, -1, 6, 2])
    for replies, problems in ((8, 2), (12, 3), (16, 3), (20, 5), (15, 4)):
        problem = torch.randint(-3, problems - 3, (replies,), generator=rng)
        chance = torch.rand(problems, generator=rng)[problem + 3]
        yield (torch.rand(replies, generator=rng) < chance).float(), problem
    for scale in (0.001, 1.0, 40.0):  # rewards of other kinds than right and wrong
        problem = torch.randint(0, 4, (14,), generator=rng)
        yield torch.randn(14, generator=rng) * scale + problem * scale, problem
