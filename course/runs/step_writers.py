"""The small GPTs of chapter 17 that calculate, as benchmarks/product_runs.py stored them, and the
products that none of them has read.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

from utils.data.problems_in_steps import Problem, Way, product_problem, split_products
from utils.training.step_writer import StepWriter, load_step_writer

CHECKPOINTS = Path(str(files("course.runs"))) / "checkpoints"
LEFT_OUT = 400
_SPLIT_SEED = 0


@cache
def products_left_out() -> tuple[list[Problem], list[Problem]]:
    """The products that the stored models have read, and the 400 that they have not, the documents'
    47 x 23 first.
    """
    read, left_out = split_products(LEFT_OUT, _SPLIT_SEED)
    own = product_problem(47, 23)
    if own in read:
        read[read.index(own)] = left_out[0]
        left_out[0] = own
    left_out.remove(own)
    return read, [own, *left_out]


def last_digit_writer(way: Way) -> StepWriter:
    """The model for calculations of five operations."""
    return load_step_writer(CHECKPOINTS / f"last_digit_{way}.safetensors", way)


def product_writer(way: Way, early: bool = False) -> StepWriter:
    """The model for products; `early`: one that was trained for 250 steps in place of 700, which
    there is with the steps only.
    """
    name = f"product_{way}{'_early' if early else ''}.safetensors"
    return load_step_writer(CHECKPOINTS / name, way)
