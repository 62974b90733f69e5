"""What one way to train in a team comes to: losses beside the single process, bytes held and sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from utils.teams.parcel import Work
from utils.teams.processes import Outcome, ProcessTeam

KINDS = ("weights", "gradients", "optimizer")


@dataclass(frozen=True)
class Summary:
    """One way to train, over some steps, in numbers."""

    loss_gap: float  # the largest difference of a loss from the single process
    held: list[dict[str, int]]  # by rank: bytes of weights, gradients and optimizer state
    sent: dict[str, float]  # bytes that one process sends in a step, on average, by operation

    @property
    def sent_in_all(self) -> float:
        """Bytes that one process sends in a step."""
        return sum(self.sent.values())

    def row(self) -> str:
        """Megabytes in four columns: weights, gradients and optimizer of each rank, and sent."""
        cells = ["/".join(f"{held[kind] / 1e6:.1f}" for held in self.held) for kind in KINDS]
        return f"{' '.join(f'{cell:>11}' for cell in cells)} {self.sent_in_all / 1e6:7.2f}"


def summarize(outcomes: Sequence[Outcome], alone: Sequence[float]) -> Summary:
    """Compare with the losses of a single process, one for each step.

    Each process has returned its losses, or None where it sees none, and what `held_bytes` says. A
    process with a share of the batch sees the loss of its share, so the mean over the processes
    counts. Raises ValueError if a process has another number of losses.
    """
    steps = len(alone)
    seen: list[list[float]] = [[] for _ in range(steps)]
    sent: Counter[str] = Counter()
    for outcome in outcomes:
        losses = outcome.value[0]
        if len(losses) != steps:
            raise ValueError(
                f"a process gave {len(losses)} losses and the single one {steps}: give as many."
            )
        for column, loss in zip(seen, losses, strict=True):
            column += [] if loss is None else [loss]
        sent.update({name: count["bytes"] for name, count in outcome.sent.items()})
    means = [sum(column) / len(column) for column in seen]
    return Summary(
        loss_gap=max(abs(mean - loss) for mean, loss in zip(means, alone, strict=True)),
        held=[outcome.value[1] for outcome in outcomes],
        sent={name: total / steps / len(outcomes) for name, total in sent.items()},
    )


@dataclass
class Comparison:
    """Ways to train in one team, each beside the losses of a single process."""

    team: ProcessTeam
    alone: Sequence[float]  # a loss for each step
    ways: dict[str, Summary] = field(default_factory=dict)

    def run(self, name: str, work: Work, *arguments: Any) -> list[Any]:
        """Train in this way, print what it came to, and give what each process returned.

        Raises TeamError if a process fails, and ValueError as `summarize` does.
        """
        outcomes = self.team.run(work, *arguments)
        self.ways[name] = summarize(outcomes, self.alone)
        print(self.table([name]))
        print(f"losses differ from one process by at most {self.ways[name].loss_gap:.1e}")
        return [outcome.value for outcome in outcomes]

    def table(self, names: Sequence[str] | None = None) -> str:
        """A row for each of these ways, or for all: what its processes hold, and one of them sends
        in a step.
        """
        head = f"{'MB held by 0/1/…':20} {' '.join(f'{kind:>11}' for kind in KINDS)}    sent"
        rows = [f"{name:20} {self.ways[name].row()}" for name in names or self.ways]
        return "\n".join([head, *rows])
