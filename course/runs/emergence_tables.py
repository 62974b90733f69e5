"""The stored runs of chapter 18. The commands in benchmarks/ that made them say what the columns are:
induction_runs, few_shot_runs, example_orders, told_fact_runs, adder_runs, grokking_runs and
skill_runs.
"""

from collections import defaultdict

from course.runs.stored import matching, stored

_INDUCTION, _FEW_SHOT, _ORDERS = "induction_runs.csv", "few_shot_runs.csv", "example_orders.csv"
_TOLD, _ADDER, _GROKKING = "told_fact_runs.csv", "adder_runs.csv", "grokking_runs.csv"
_SKILLS = "skill_runs.csv"

Curves = tuple[list[int], list[list[float]]]  # the steps, and a curve for each seed


def _curves(name: str, column: str, missing: str, **wanted: float | str) -> Curves:
    by_seed: dict[float | str, dict[int, float]] = defaultdict(dict)
    for row in matching(name, missing, **wanted):
        by_seed[row["seed"]][int(row["step"])] = float(row[column])
    steps = sorted(next(iter(by_seed.values())))
    return steps, [[curve[step] for step in steps] for curve in by_seed.values()]


def induction_curves(setting: str, column: str) -> Curves:
    """A column over the steps of the training, for each seed. ValueError for a setting that is not
    stored.
    """
    return _curves(_INDUCTION, column, f"no run of {setting!r} is", setting=setting)


def grokking_curves(setting: str, column: str) -> Curves:
    """The same of the nets that read a table of sums."""
    return _curves(_GROKKING, column, f"no run of {setting!r} is", setting=setting)


def at_last(curves: Curves) -> list[float]:
    """The last value of each seed."""
    return [curve[-1] for curve in curves[1]]


def few_shot_tasks() -> list[str]:
    """The tasks whose answers are written, in the order of the table."""
    names = dict.fromkeys(str(row["task"]) for row in stored(_FEW_SHOT))
    return [name for name in names if name != "review"]


def few_shot(task: str, labels: str, shots: int, column: str = "right") -> list[float]:
    """A number for each query of a task, or of "all" of them but the reviews: a mean over draws of
    examples. ValueError for what is not stored.
    """
    tasks = few_shot_tasks() if task == "all" else [task]
    found: list[float] = []
    for name in tasks:
        missing = f"no prompt for {name!r} with labels {labels!r} and {shots} examples is"
        rows = matching(_FEW_SHOT, missing, task=name, labels=labels, shots=shots)
        found += [float(row[column]) for row in rows]
    return found


def by_order(task: str, column: str = "right") -> list[list[float]]:
    """For each query of a task a number for each order of the same eight examples."""
    queries: dict[float | str, list[float]] = defaultdict(list)
    for row in matching(_ORDERS, f"no order of examples for {task!r} is", task=task):
        queries[row["query"]].append(float(row[column]))
    return list(queries.values())


def told(lands: str, told: str, distance: int, column: str = "true") -> list[float]:
    """A number for each land. ValueError for what is not stored."""
    missing = f"nothing for {lands!r} lands, told {told!r}, {distance} tokens before, is"
    rows = matching(_TOLD, missing, lands=lands, told=told, distance=distance)
    return [float(row[column]) for row in rows]


def distances_told() -> list[int]:
    """How many tokens before the question something was told, from the nearest on."""
    return sorted({int(row["distance"]) for row in stored(_TOLD)})


def adder_weights() -> dict[int, int]:
    """The sizes of the models that learned to add, d_model, each with its number of weights."""
    return {int(row["d_model"]): int(row["weights"]) for row in stored(_ADDER)}


def adder(d_model: int, column: str) -> Curves:
    """A column over the steps of the training, for each seed of a size of model."""
    return _curves(_ADDER, column, f"no adder of d_model {d_model} is", d_model=d_model)


def skill(skill: str, condition: str) -> list[float]:
    """The values of a skill in one condition. ValueError for what is not stored."""
    missing = f"nothing on {skill!r} in the condition {condition!r} is"
    return [
        float(row["value"]) for row in matching(_SKILLS, missing, skill=skill, condition=condition)
    ]
