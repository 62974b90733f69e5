"""The stored runs of chapter 14: made by benchmarks/scaling_runs.py, which says what their columns
are.
"""

from functools import cache

from course.runs.stored import matching, select
from utils.scaling.iso_flop import IsoFlop, SizedRun
from utils.scaling.scaling_laws import PowerLaw, bootstrap, fit_power_law, parabola_minimum

_FILE = "scaling_runs.csv"


def budgets() -> list[float]:
    """The budgets in FLOPs, from the lowest up."""
    return sorted({float(row["budget"]) for row in select(_FILE, experiment="flops")})


def widths(budget: float) -> list[int]:
    """The widths that a budget was spent on, from the narrowest up."""
    rows = select(_FILE, experiment="flops", budget=budget)
    return sorted({int(row["width"]) for row in rows})


def weights(width: int) -> int:
    """The weights that a model of this width multiplies a character by."""
    return int(matching(_FILE, f"no run of the width {width} is", width=width)[0]["weights"])


def characters(budget: float, width: int) -> int:
    """What a model of this width reads for a budget."""
    return int(_flops(budget, width)[0]["characters"])


def losses(budget: float, width: int) -> list[float]:
    """The loss on unread text, seed by seed, in nats per character.

    Raises ValueError if no such runs are stored.
    """
    return [float(row["held_out"]) for row in _flops(budget, width)]


def rate(width: int) -> float:
    """The learning rate of this width, by the rule that the sweep at the smallest budget gave.

    Raises ValueError if no run of it for a budget is stored.
    """
    missing = f"no run of the width {width} for a budget is"
    return float(matching(_FILE, missing, experiment="flops", width=width)[0]["rate"])


def swept(sweep: str = "rates") -> list[int]:
    """The widths whose rates were swept."""
    return sorted({int(row["width"]) for row in select(_FILE, experiment=sweep)})


def checked() -> dict[int, float]:
    """The widths for which the rule was checked at a larger budget, and that budget."""
    rows = select(_FILE, experiment="checks")
    return {int(row["width"]): float(row["budget"]) for row in rows}


def losses_by_rate(width: int, sweep: str = "rates") -> dict[float, float]:
    """The mean loss for each learning rate of a sweep: "rates" at the smallest budget, "text rates"
    on the same characters, "checks" with half the rate of the rule, with it, and with twice.

    Raises ValueError if no such runs are stored.
    """
    rows = matching(_FILE, f"no {sweep!r} of the width {width} are", experiment=sweep, width=width)
    return _means(rows, "rate")


def same_text(characters: int) -> dict[int, list[float]]:
    """The losses of each width that read so many characters, seed by seed; the narrowest first.

    Raises ValueError if no such runs are stored.
    """
    missing = f"no runs on {characters} characters are"
    found: dict[int, list[float]] = {}
    for row in matching(_FILE, missing, experiment="text", characters=characters):
        found.setdefault(int(row["width"]), []).append(float(row["held_out"]))
    return dict(sorted(found.items()))


def text_lengths() -> list[int]:
    """How many characters the runs of `same_text` read, the fewest first."""
    return sorted({int(row["characters"]) for row in select(_FILE, experiment="text")})


def repeats() -> dict[float, list[float]]:
    """How often the text was read, and the losses, seed by seed; the fewest passes first."""
    found: dict[float, list[float]] = {}
    for row in select(_FILE, experiment="repeats"):
        passes = float(row["characters"]) / float(row["unique"])
        found.setdefault(passes, []).append(float(row["held_out"]))
    return dict(sorted(found.items()))


def written(budget: float, width: int) -> str:
    """What the first model of this width wrote after it spent the budget.

    Raises ValueError if no such run is stored.
    """
    return str(_flops(budget, width)[0]["text"]).replace("\\n", "\n")


@cache
def iso_flops() -> list[IsoFlop]:
    """Each budget with its sizes, the smallest first: their mean loss, and what the first seed
    wrote.
    """
    return [
        IsoFlop(
            budget,
            [
                SizedRun(
                    weights(width),
                    characters(budget, width),
                    sum(losses(budget, width)) / len(losses(budget, width)),
                    written(budget, width),
                )
                for width in widths(budget)
            ],
        )
        for budget in budgets()
    ]


@cache
def best_sizes() -> dict[float, tuple[float, float]]:
    """For each budget, the weights and the loss at the lowest point of the parabola through the
    mean losses.
    """
    return {
        budget: parabola_minimum(
            [weights(width) for width in widths(budget)],
            [sum(found) / len(found) for found in _by_width(budget)],
        )
        for budget in budgets()
    }


def size_law() -> PowerLaw:
    """The best size as a power of the budget."""
    best = best_sizes()
    return fit_power_law(list(best), [size for size, _ in best.values()])


@cache
def exponents(draws: int = 500) -> list[float]:
    """The exponent of `size_law`, of as many data sets redrawn from the seeds, in ascending order."""
    groups = [found for budget in budgets() for found in _by_width(budget)]

    def exponent(means: list[float]) -> float:
        left, best = iter(means), []
        for budget in budgets():
            sizes = [weights(width) for width in widths(budget)]
            best.append(parabola_minimum(sizes, [next(left) for _ in sizes])[0])
        return fit_power_law(budgets(), best).exponent

    return bootstrap(groups, exponent, draws)


def _by_width(budget: float) -> list[list[float]]:
    return [losses(budget, width) for width in widths(budget)]


def _flops(budget: float, width: int) -> list[dict[str, float | str]]:
    missing = f"no run of the width {width} at {budget:g} FLOPs is"
    return matching(_FILE, missing, experiment="flops", budget=budget, width=width)


def _means(rows: list[dict[str, float | str]], column: str) -> dict[float, float]:
    found: dict[float, list[float]] = {}
    for row in rows:
        found.setdefault(float(row[column]), []).append(float(row["held_out"]))
    return {value: sum(losses) / len(losses) for value, losses in sorted(found.items())}
