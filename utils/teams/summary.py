"""What one way to train in a team comes to: losses beside the single process, bytes held and sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from utils.teams.processes import Outcome


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

    def __str__(self) -> str:
        """One line, in megabytes."""
        parts = []
        for kind in ("weights", "gradients", "optimizer"):
            each = [f"{held[kind] / 1e6:.1f}" for held in self.held]
            parts.append(f"{kind} {' / '.join(each)}")
        parts.append(f"sent {self.sent_in_all / 1e6:.2f} a step")
        return ", ".join(parts)


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
