"""Exercise 16.6: how well facts are recalled, by how often they were told."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise

Table = list[list[float]]


@exercise(
    "16.6",
    minutes=5,
    hints=(
        "Which facts belong together? Those that were told equally often. Collect for each number of "
        "times what became of its facts.",
        "A dictionary from the number of times to a list of True and False. The share is sum / len: "
        "True counts as 1.",
        "[[n, sum(found) / len(found)] for n, found in sorted(groups.items())]",
    ),
)
def recall_by_times(times: list[int], recalled: list[bool]) -> list[list[float]]:
    """How well facts are recalled, by how often they were told.

    times: how often each fact was told, in no order.
    recalled: of the same facts, whether the model knows it.
    Returns a list with a pair for each number of times that occurs, the smallest first:
    the number, and the share of its facts that are recalled.
    """
    groups: dict[int, list[bool]] = {}
    for count, known in zip(times, recalled, strict=True):
        groups.setdefault(count, []).append(known)
    return [[float(n), sum(found) / len(found)] for n, found in sorted(groups.items())]


@recall_by_times.also_right
def _group_by_group(times: list[int], recalled: list[bool]) -> Table:
    table = []
    for count in sorted(set(times)):
        found = [known for told, known in zip(times, recalled, strict=True) if told == count]
        table.append([float(count), found.count(True) / len(found)])
    return table


@recall_by_times.also_right
def _tensors(times: list[int], recalled: list[bool]) -> Table:
    counts, which = torch.tensor(times).unique(return_inverse=True)
    known = torch.zeros(len(counts), dtype=torch.float64)
    known.index_add_(0, which, torch.tensor(recalled).double())
    return torch.stack([counts.double(), known / which.bincount()], dim=1).tolist()


def _shares(times: list[int], recalled: list[bool]) -> dict[int, list[bool]]:
    groups: dict[int, list[bool]] = {}
    for count, known in zip(times, recalled, strict=True):
        groups.setdefault(count, []).append(known)
    return groups


@recall_by_times.wrong("A number or a share? Divide by how many facts were told so often.")
def _counts_instead_of_shares(times: list[int], recalled: list[bool]) -> Table:
    return [[count, sum(found)] for count, found in sorted(_shares(times, recalled).items())]


@recall_by_times.wrong(
    "A share of which facts? Of those that were told so often. This divides by the number of all "
    "facts."
)
def _of_all_facts(times: list[int], recalled: list[bool]) -> Table:
    groups = sorted(_shares(times, recalled).items())
    return [[count, sum(found) / len(times)] for count, found in groups]


@recall_by_times.wrong(
    "In which order? From the smallest number of times to the largest, and not as they turn up."
)
def _as_they_turn_up(times: list[int], recalled: list[bool]) -> Table:
    return [[n, sum(found) / len(found)] for n, found in _shares(times, recalled).items()]


@recall_by_times.wrong(
    "Exactly so often, or at least so often? Each group stands for itself: do not add those that were "
    "told more often."
)
def _at_least_so_often(times: list[int], recalled: list[bool]) -> Table:
    groups = _shares(times, recalled)
    table: Table = []
    for count in sorted(groups):
        found = [one for n, some in groups.items() if n >= count for one in some]
        table.append([count, sum(found) / len(found)])
    return table


@recall_by_times.wrong(
    "At most so often? Each group stands for itself: do not add those that were told less often."
)
def _at_most_so_often(times: list[int], recalled: list[bool]) -> Table:
    groups = _shares(times, recalled)
    table: Table = []
    for count in sorted(groups):
        found = [one for n, some in groups.items() if n <= count for one in some]
        table.append([count, sum(found) / len(found)])
    return table


@recall_by_times.wrong(
    "What is the share of? Of the facts that are recalled in the group, not of all that are recalled."
)
def _of_all_recalled(times: list[int], recalled: list[bool]) -> Table:
    groups, known = sorted(_shares(times, recalled).items()), max(1, sum(recalled))
    return [[count, sum(found) / known] for count, found in groups]


@recall_by_times.wrong(
    "What was asked: how many are recalled, or how many are not? This gives the share of the forgotten."
)
def _forgotten(times: list[int], recalled: list[bool]) -> Table:
    groups = sorted(_shares(times, recalled).items())
    return [[count, 1 - sum(found) / len(found)] for count, found in groups]


@recall_by_times.inputs
def _facts(rng: torch.Generator) -> Iterator[tuple[list[int], list[bool]]]:
    yield [4, 1, 4, 2, 1, 4, 2, 1], [True, False, True, True, False, False, False, True]
    for size in (9, 20, 33, 50, 12, 27, 15, 40, 60):
        times = [2 ** int(n) for n in torch.randint(5, (size,), generator=rng)]
        luck = torch.rand(size, generator=rng).tolist()
        yield (
            [16, 1, 2, *times],
            [True, False, True, *(one < n / (n + 3) for one, n in zip(luck, times, strict=True))],
        )
