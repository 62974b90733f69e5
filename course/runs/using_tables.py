"""The stored runs of chapter 24. The commands in benchmarks/ that made them say what the columns are:
tool_loop_runs, passage_runs, picture_word_runs, two_voices_runs and injection_runs.
"""

from collections.abc import Sequence

from course.runs.assistant_tables import Mean, mean_of
from course.runs.stored import matching

Row = dict[str, float | str]

SIZES = (("large", 1.0), ("small", 0.0))  # the countries, and how the file calls them


def tool_rows(kind: str, way: str) -> list[Row]:
    """The problems of one kind, solved in one way. ValueError for what is not stored."""
    missing = f"no problem of {kind!r} solved by {way!r} is"
    return matching("tool_loop_runs.csv", missing, kind=kind, way=way)


def solved(kind: str, way: str, column: str = "right") -> int:
    """How many of these problems have the right answer, or the right "first" call."""
    return round(sum(float(row[column]) for row in tool_rows(kind, way)))


def passage_rows(way: str, **more: float) -> list[Row]:
    """The answers after one kind of passage. ValueError for what is not stored."""
    return matching("passage_runs.csv", f"no answer after {way!r} is", way=way, **more)


def share(rows: Sequence[Row], name: str) -> float:
    """The share of rows in which a column of zeros and ones is one."""
    return sum(float(row[name]) for row in rows) / len(rows)


def answers(way: str, **more: float) -> dict[str, float]:
    """The shares of answers with the right city, the false one, and another one or none."""
    rows = passage_rows(way, **more)
    right, misled = share(rows, "right"), share(rows, "misled")
    return {"right": right, "misled": misled, "other": 1 - right - misled}


def passage_table(ways: Sequence[str]) -> str:
    """A line for each kind of passage: the share that is right and misled, by size of country."""
    lines = []
    for way in ways:
        parts = []
        for name, large in SIZES:
            one = answers(way, large=large)
            parts.append(f"{name}: right {one['right']:4.0%}, false {one['misled']:4.0%}")
        lines.append(f"{way:12} {'   '.join(parts)}")
    return "\n".join(lines)


def pictures(order: str, steps: int, column: str = "right") -> Mean:
    """A share over the seeds of the nets that read pictures in this order for so many steps."""
    missing = f"no net of {order!r} and {steps} steps is"
    rows = matching("picture_word_runs.csv", missing, order=order, steps=float(steps))
    return mean_of([float(row[column]) for row in rows])


def voices(training: str, form: str, column: str) -> Mean:
    """A share over the seeds of one training, in one form of test."""
    missing = f"no net of {training!r} tested on {form!r} is"
    rows = matching("two_voices_runs.csv", missing, training=training, form=form)
    return mean_of([float(row[column]) for row in rows])


def voice_table(tests: Sequence[tuple[str, str]]) -> str:
    """A line for each training and form of test: whom the nets of three seeds follow."""
    lines = [f"{'training':17} {'test':18} owner's word for word   his manner   text's manner"]
    for training, form in tests:
        means = [voices(training, form, one) for one in ("owner", "owner_manner", "text_manner")]
        lines.append(" ".join([f"{training:17} {form:18}", *map(str, means)]))
    return "\n".join(lines)


def injection_rows(defence: str, *attacks: str) -> list[Row]:
    """The replies with one defence to these attacks. ValueError for what is not stored."""
    found: list[Row] = []
    for attack in attacks:
        missing = f"no reply to {attack!r} with {defence!r} is"
        found += matching("injection_runs.csv", missing, defence=defence, attack=attack)
    return found


def attack_table(defences: Sequence[str], attacks: Sequence[str]) -> str:
    """A line for each defence: the share of replies with the attack's word, by attack; and how many
    of all replies are that word and little else.
    """
    lines = [" ".join([f"{'defence':15}", *(f"{name:>10}" for name in attacks), "  only the word"])]
    for defence in defences:
        rates = [share(injection_rows(defence, name), "obeyed") for name in attacks]
        rows = injection_rows(defence, *attacks)
        only = round(sum(float(row["only"]) for row in rows))
        row = " ".join([f"{defence:15}", *(f"{rate:10.0%}" for rate in rates)])
        lines.append(f"{row}   {only:4} of {len(rows)}")
    return "\n".join(lines)
