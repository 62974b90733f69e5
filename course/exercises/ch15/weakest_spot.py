"""Exercise 15.4: what an average over all dates and characters hides."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "15.4",
    minutes=6,
    hints=(
        "One group first: its rows are hits[group == number] and counts[group == number].",
        "Its shares, one for each character: (hits & counts).sum(dim=0) / counts.sum(dim=0), of these "
        "rows. Where counts.sum(dim=0) < least, put a share that is never the lowest, such as 2.",
        "Keep the lowest so far, with its group and its character, and go on to the next group.",
    ),
)
def weakest_spot(
    hits: torch.Tensor, counts: torch.Tensor, group: torch.Tensor, least: int
) -> list[int]:
    """The group of dates and the character for which the share of hits is lowest.

    hits: True where a character's largest weight lies on a place that decides it, bool, shape
        (date, pos). counts: False where a hit or a miss is not to be counted, as for a dash,
        bool, shape (date, pos).
    group: the number of each date's group, from 0 up, shape (date,).
    least: 1 or more; a share of fewer than so many hits and misses is not looked at: it says
        little.
    Returns [the group's number, pos]. No other share is as low; one at least can be looked at.
    """
    lowest, weakest = 2.0, [0, 0]
    for number in group.unique().tolist():
        rows, of_them = hits[group == number], counts[group == number]
        counted = of_them.sum(dim=0)
        shares = (rows & of_them).sum(dim=0) / counted
        shares[counted < least] = 2.0
        if shares.min() < lowest:
            lowest, weakest = float(shares.min()), [number, int(shares.argmin())]
    return weakest


@weakest_spot.also_right
def _one_character_at_a_time(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    shares = {}
    for number in set(group.tolist()):
        for pos in range(hits.shape[1]):
            seen = [
                bool(hits[date, pos])
                for date in range(len(hits))
                if group[date] == number and counts[date, pos]
            ]
            if len(seen) >= least:
                shares[number, pos] = sum(seen) / len(seen)
    weakest = min(shares, key=lambda spot: shares[spot])
    return [*weakest]


@weakest_spot.also_right
def _all_groups_at_once(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    member = torch.nn.functional.one_hot(group).T.float()  # (group, date)
    counted = member @ counts.float()
    shares = member @ (hits & counts).float() / counted
    shares[counted < least] = torch.inf
    return _place(shares)


def _table(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> Tensor:
    """The share of each group and character; 2 where too few count."""
    rows = []
    for number in range(int(group.max()) + 1):
        counted = counts[group == number].sum(dim=0)
        shares = (hits & counts)[group == number].sum(dim=0) / counted
        rows.append(torch.where(counted < max(least, 1), 2.0, shares))
    return torch.stack(rows)


def _place(table: Tensor) -> list[int]:
    at = int(table.argmin())
    return [at // table.shape[1], at % table.shape[1]]


@weakest_spot.wrong("How many stand behind a share? One of fewer than `least` is not looked at.")
def _small_groups_too(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    return _place(_table(hits, counts, group, 1))


@weakest_spot.wrong(
    "What is compared with `least`: the dates of the group, or those in which the character counts? "
    "Where `counts` is False there is neither a hit nor a miss."
)
def _dates_for_least(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    table = _table(hits, counts, group, 1)
    table[group.bincount(minlength=len(table)) < least] = 2.0
    return _place(table)


@weakest_spot.wrong(
    "Is what does not count a miss? Divide by counts.sum(dim=0), not by the dates of the group."
)
def _not_counted_as_misses(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    table = _table(hits, counts, group, least)
    of_all = _table(hits & counts, torch.ones_like(counts), group, 1)
    return _place(torch.where(table < 2, of_all, 2.0))


@weakest_spot.wrong("`counts` says which hits count; here all are counted.")
def _all_counted(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    return _place(_table(hits, torch.ones_like(counts), group, least))


@weakest_spot.wrong(
    "Is the weakest character that of the weakest group? Here the group with the lowest average is "
    "taken first. One bad character can hide in a good group."
)
def _group_first(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    table = _table(hits, counts, group, least)
    known = torch.where(table < 2, table, torch.nan)
    number = int(known.nanmean(dim=1).nan_to_num(2.0).argmin())
    return [number, int(table[number].argmin())]


@weakest_spot.wrong(
    "Is the weakest group that which is weakest in the character that is worst over all dates? Look "
    "at each group and character together."
)
def _character_first(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    table = _table(hits, counts, group, least)
    over_all = (hits & counts).sum(dim=0) / counts.sum(dim=0)
    pos = int(over_all.nan_to_num(2.0).argmin())
    return [int(table[:, pos].argmin()), pos]


@weakest_spot.wrong("The lowest share is asked for; this is the highest.")
def _strongest(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    table = _table(hits, counts, group, least)
    return _place(torch.where(table < 2, -table, 2.0))


@weakest_spot.wrong(
    "Fewest hits, or the lowest share of hits? A small group has few of either: divide."
)
def _fewest_hits(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    table = _table(hits, counts, group, least)
    sums = [(hits & counts)[group == number].sum(dim=0) for number in range(len(table))]
    return _place(torch.where(table < 2, torch.stack(sums).float(), torch.inf))


@weakest_spot.wrong("In which order? The group first, then the character.")
def _exchanged(hits: Tensor, counts: Tensor, group: Tensor, least: int) -> list[int]:
    return weakest_spot.reference(hits, counts, group, least)[::-1]


@weakest_spot.inputs
def _hits(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, int]]:
    yield (
        torch.tensor([[1, 1], [0, 1], [1, 0], [1, 0], [0, 1], [0, 1]]) == 1,
        torch.tensor([[1, 1], [1, 1], [1, 1], [1, 1], [1, 1], [1, 0]]) == 1,
        torch.tensor([0, 0, 1, 1, 1, 2]),
        2,
    )
    made = 0
    while made < 30:
        dates, pos, groups = (
            int(torch.randint(low, high, (1,), generator=rng))
            for low, high in ((30, 70), (3, 9), (4, 7))
        )
        group = (torch.rand(dates, generator=rng) ** 2 * groups).long()
        hits = torch.rand(dates, pos, generator=rng) < torch.rand(groups, pos, generator=rng)[group]
        counts = torch.rand(dates, pos, generator=rng) < 0.6
        least = 3 + made % 4
        table = _table(hits, counts, group, least).flatten().sort().values
        if table[0] < 2 and table[0] < table[1]:
            made += 1
            yield hits, counts, group, least
