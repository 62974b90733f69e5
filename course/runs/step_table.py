"""The stored runs of chapter 17: made by benchmarks/step_runs.py and product_runs.py, which say what
the columns are.
"""

from course.runs.stored import matching
from utils.data.problems_in_steps import Way

_STEPS, _PRODUCTS = "step_runs.csv", "product_runs.csv"
_PRODUCT_STEPS = 700


def shares(
    task: str,
    way: Way,
    size: int = 5,
    blocks: int = 2,
    steps: int = 400,
    column: str = "right",
) -> list[float]:
    """A share for each seed. Raises ValueError for a setting that is not stored."""
    missing = f"no run of {task!r}, {way!r}, size {size}, {blocks} blocks and {steps} steps is"
    rows = matching(_STEPS, missing, task=task, way=way, size=size, blocks=blocks, steps=steps)
    return [float(row[column]) for row in rows]


def flops(task: str, way: Way, size: int = 5, blocks: int = 2, steps: int = 400) -> float:
    """The floating-point operations of one answer. Raises ValueError as `shares` does."""
    return shares(task, way, size, blocks, steps, "flops")[0]


def product_shares(way: Way, column: str = "right") -> list[float]:
    """The same of the products, after the whole training."""
    missing = f"no run of products, {way!r}, is"
    rows = matching(_PRODUCTS, missing, way=way, steps=_PRODUCT_STEPS)
    return [float(row[column]) for row in rows]
