"""Why a team ended: which process was the first to fail, and a sentence about it."""

import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_AGAIN = "The other processes have been ended, too; run it again, and a new team starts."
_TAIL = 6  # lines of what a process wrote last


class TeamError(RuntimeError):
    """A team of processes has ended before its work was done; the sentence says which and why."""


@dataclass(frozen=True)
class Trouble:
    """How one process failed."""

    rank: int
    code: int | None  # of its end; None: it still runs, and has raised
    error: Mapping[str, str | float] | None  # what it raised: what, where, at (seconds)
    written: str  # to its standard error


def first_cause(troubles: Iterable[Trouble]) -> Trouble:
    """The one that the others follow from.

    Whoever loses a partner raises soon after it. So one that was killed comes first, then what was
    raised, the earliest before the others. An abort counts last: NCCL aborts when a partner is lost.
    """
    found = list(troubles)

    def order(trouble: Trouble) -> tuple[int, float]:
        if trouble.error is not None:
            return 1, float(trouble.error["at"])
        return (2 if trouble.code == -signal.SIGABRT else 0), 0.0

    return min(found, key=order)


def sentence(trouble: Trouble, size: int, work: str) -> str:
    """Which process failed in what and why, and what to do."""
    who = f"rank {trouble.rank} of {size}"
    if trouble.error is not None:
        where = trouble.error["where"]
        return f"{who} raised {trouble.error['what']} ({where}). {_AGAIN}"
    code = trouble.code
    assert code is not None
    if code < 0:
        name = signal.Signals(-code).name
        return (
            f"{who} was killed ({name}) during {work}: by somebody, or by the system, which does so "
            f"when memory runs out. {_AGAIN}"
        )
    said = "\n".join(trouble.written.strip().splitlines()[-_TAIL:]) or "It said nothing."
    return f"{who} ended during {work} with exit code {code}. {_AGAIN} Its last words:\n{said}"


def hung(
    where: Mapping[int, str],
    finished: Sequence[int],
    size: int,
    work: str,
    patience: float | int,
) -> str:
    """That all wait for each other, and where."""
    places = [
        f"rank {rank} has finished"
        if rank in finished
        else f"rank {rank} waits at {where.get(rank, 'a place that it does not say')}"
        for rank in range(size)
    ]
    return (
        f"{work} hangs: for {patience:g} seconds no process has done anything. "
        f"{'; '.join(places)}. Do all processes call the same operations in the same order? {_AGAIN}"
    )
