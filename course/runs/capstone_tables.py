"""The stored runs of the capstone: with other seeds, and with a mistake in one part. They are made by
benchmarks/capstone_runs.py, which says what the measures are.
"""

from collections.abc import Sequence

from course.runs.assistant_tables import Mean, mean_of
from course.runs.stored import matching

FILE = "capstone_runs.csv"
NONE = "none"
MISTAKES = {  # an exercise and the name of a wrong answer to it: what is wrong, in a few words
    "10.2 _no_mask": "attention sees what comes",
    "10.2 _no_scale": "scores are not scaled",
    "13.1 _no_residual": "nothing is added to the stream",
    "05.5 _over_the_whole_table": "one size for all tokens in RMS norm",
    "07.3 _no_warm_up": "no warm-up",
    "14.1 _not_shifted": "the target is the token itself",
    "19.1 _end_not_learned": "the end mark is not learned",
    "25.2 _no_shift": "each row judges its own token",
    "22.4 _step_without_scale": "the cache's scores are not scaled",
}


def each_seed(measure: str, mistake: str = NONE) -> list[float]:
    """A measure of each seed's run. ValueError for what is not stored."""
    rows = matching(FILE, f"no {measure!r} of {mistake!r} is", measure=measure, mistake=mistake)
    return [float(row["value"]) for row in rows]


def measured(measure: str, mistake: str = NONE) -> Mean:
    """The mean over the seeds. ValueError for what is not stored."""
    return mean_of(each_seed(measure, mistake))


def mistake_table(mistakes: Sequence[str] = tuple(MISTAKES)) -> str:
    """A line for each mistake: the loss after pre-training, how far the cache is from the whole pass,
    and the share of right sums of both assistants, as means over the seeds.
    """
    lines = [f"{'':42} {'loss':>6} {'cache':>8} {'at once':>8} {'with the tool':>14}"]
    for mistake in (NONE, *mistakes):
        words = f"{mistake[:4]} {MISTAKES[mistake]}" if mistake in MISTAKES else "all parts right"
        loss, cache, direct, caller = (
            measured(one, mistake).value
            for one in ("base loss", "cache", "at once", "with the tool")
        )
        lines.append(f"{words:42} {loss:6.2f} {cache:8.0e} {direct:8.0%} {caller:14.0%}")
    return "\n".join(lines)
