"""The stored runs of chapter 21, averaged over their seeds: made by benchmarks/practice_runs.py, which
says what the columns are.
"""

from collections.abc import Mapping
from functools import cache
from statistics import fmean, stdev

import torch

from course.runs.rlhf_curves import Curve
from course.runs.step_writers import CHECKPOINTS
from course.runs.stored import matching
from utils.model.gpt import GPT
from utils.training.step_writer import load_step_writer

_RUNS, _STAGES = "practice_runs.csv", "practice_stages.csv"
_PASSES, _SAMPLES = "practice_passes.csv", "practice_samples.csv"


def hurried_model() -> GPT:
    """The model of the first seed that has read, and imitated people in a hurry."""
    return load_step_writer(CHECKPOINTS / "hurried.safetensors", "steps").model


@cache  # an explorer asks for the same curves again and again
def practice_curve(run: str, what: str) -> Curve:
    """The column `what` of a run against its step: the mean over the seeds, and its standard error.
    ValueError for a run that is not stored.
    """
    rows = matching(_RUNS, f"no run {run!r} is", run=run)
    steps = sorted({float(row["step"]) for row in rows})
    by_step = [[float(row[what]) for row in rows if row["step"] == step] for step in steps]
    values = torch.tensor(by_step)  # (step, seed)
    return Curve(steps, values.mean(dim=1), values.std(dim=1) / values.shape[1] ** 0.5)


def stage_values(stage: str, what: str) -> list[float]:
    """The column `what` of a model on 400 new problems, for each seed. ValueError for a model that is
    not stored; a seed that has no such number is left out.
    """
    rows = matching(_STAGES, f"no stage {stage!r} is", stage=stage)
    return [float(row[what]) for row in rows if row[what] != ""]


def stage_table(stages: Mapping[str, str]) -> str:
    """What these models do on 400 new problems, a line for each: the mean over the seeds, ± two
    standard errors. `stages`: the name of a model in the stored table, and how it is shown.
    """
    columns = {"right": "right", "with_steps": "with steps", "length": "symbols"}
    lines = [" " * 24 + "".join(f"{head:>15}" for head in columns.values())]
    for stage, name in stages.items():
        shown = (_with_error(stage_values(stage, what)) for what in columns)
        lines.append(f"{name:24}" + "".join(f"{each:>15}" for each in shown))
    return "\n".join(lines)


def _with_error(values: list[float]) -> str:
    return f"{fmean(values):.2f} ± {2 * stdev(values) / len(values) ** 0.5:.2f}"


def pass_values(stage: str, size: int, checker: str) -> dict[int, list[float]]:
    """pass@k of a model on calculations of so many operations, judged by this checker: for each k, a
    number for each seed.
    """
    rows = matching(_PASSES, f"no pass@k of {stage!r} is", stage=stage, size=size, checker=checker)
    ks = sorted({int(float(row["k"])) for row in rows})
    return {k: [float(row["passed"]) for row in rows if row["k"] == k] for k in ks}


def mean_passes(stage: str, size: int, checker: str) -> dict[int, float]:
    """`pass_values`, averaged over the seeds."""
    return {k: fmean(each) for k, each in pass_values(stage, size, checker).items()}


def sample_steps(run: str) -> list[int]:
    """The steps at which the first seed's replies of this run are stored."""
    rows = matching(_SAMPLES, f"no replies of {run!r} are", run=run)
    return sorted({int(float(row["step"])) for row in rows})


def samples(run: str, step: int) -> tuple[str, str, list[str]]:
    """A question, its answer, and eight replies of the first seed's model after `step` steps."""
    (row,) = matching(_SAMPLES, f"no replies of {run!r} at step {step} are", run=run, step=step)
    question, _, answer = str(row["solved"]).partition("=")
    return question + "=", answer, str(row["replies"]).split(" ")
