"""The stored surgery on SmolLM2's blocks: made by benchmarks/block_surgery.py, which says what its
columns are.
"""

from collections import defaultdict

from course.runs.stored import matching, stored

_FILE = "block_surgery.csv"
Blocks = tuple[int, int]  # the first and the last block that an operation touches


def operations() -> list[str]:
    """What was done to the blocks, in the order of the table."""
    names = dict.fromkeys(str(row["operation"]) for row in stored(_FILE))
    return [name for name in names if name != "none"]


def whole_losses() -> list[float]:
    """The loss of each text with nothing changed, in nats per token."""
    return [float(row["loss"]) for row in matching(_FILE, "no loss is", operation="none")]


def rises(operation: str, length: int | None = None) -> dict[Blocks, list[float]]:
    """By how much the loss of each text rises, by the blocks that were touched; where there are
    several seeds, their mean.

    length: only pieces of so many blocks. Raises ValueError if no such operation is stored.
    """
    losses: defaultdict[Blocks, defaultdict[int, list[float]]]
    losses = defaultdict(lambda: defaultdict(list))
    for row in matching(_FILE, f"no operation {operation!r} is", operation=operation):
        first, last, text = (int(row[name]) for name in ("first", "last", "text"))
        if length is None or last - first + 1 == length:
            losses[first, last][text].append(float(row["loss"]))
    whole = whole_losses()
    return {
        blocks: [sum(of) / len(of) - whole[text] for text, of in sorted(texts.items())]
        for blocks, texts in losses.items()
    }
