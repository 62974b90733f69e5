"""The stored runs of chapter 24. The commands in benchmarks/ that made them say what the columns are:
tool_loop_runs, passage_runs, picture_word_runs, two_voices_runs and injection_runs.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from course.runs.assistant_tables import Mean, mean_of
from course.runs.stored import matching
from utils.data.capital_passages import cited_questions, names_city
from utils.data.tool_problems import KINDS

Row = dict[str, float | str]

_TRAININGS = {"bare": "no marks", "marked": "marks", "marked, attacked": "marks, attacks read"}
SIZES = (("large", 1.0), ("small", 0.0))  # the countries, and how the file calls them


def tool_rows(kind: str, way: str) -> list[Row]:
    """The problems of one kind, solved in one way. ValueError for what is not stored."""
    missing = f"no problem of {kind!r} solved by {way!r} is"
    return matching("tool_loop_runs.csv", missing, kind=kind, way=way)


def solved(kind: str, way: str, column: str = "right") -> int:
    """How many of these problems have the right answer, or the right "first" call."""
    return round(sum(float(row[column]) for row in tool_rows(kind, way)))


def outcomes(way: str) -> dict[str, int]:
    """What came of the problems of both kinds: how many end with an answer, how many the loop had to
    stop because of their calls, and how many are anything else, in this order.
    """
    counts = {"an answer": 0, "something else": 0, "calls until the end": 0}
    for row in [row for kind in KINDS for row in tool_rows(kind, way)]:
        stopped = "calls until the end" if row["ended"] == "calls" else "something else"
        counts["an answer" if "Answer:" in str(row["text"]) else stopped] += 1
    return counts


def answers_after_results(kind: str, way: str) -> list[tuple[str, str]]:
    """Where an answer comes right behind a result of the tool: this result, and the answer."""
    rows = [str(row["text"]) for row in tool_rows(kind, way)]
    found = [re.search(r"\)=(-?\d+) \| Answer: (-?\d+)", text) for text in rows]
    return [(one[1], one[2]) for one in found if one]


def solved_table() -> str:
    """A line for each kind of problem, at once and with a calculator: first calls and answers that
    are right, and both of them.
    """
    lines = [f"{'of 20 problems':22} first call right   answer right"]
    for kind in KINDS:
        for way in ("at once", "calculator"):
            first, right = solved(kind, way, "first"), solved(kind, way)
            lines.append(f"{f'{kind}, {way}':22} {first:16} {right:14}")
    return "\n".join(lines)


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


def answers_by_size(ways: Sequence[str]) -> dict[str, dict[str, dict[str, float]]]:
    """For large and for small countries the shares of answers after each kind of passage."""
    return {
        f"20 {name} countries": {way: answers(way, large=large) for way in ways}
        for name, large in SIZES
    }


class Citation(NamedTuple):
    """An answer with its source: what was said, the number that it gives ("" for none), whether the
    passage of this number has the city that was said, and whether it is the right one.
    """

    said: str
    number: str
    in_source: bool
    right: bool


def citations() -> list[Citation]:
    """The answers to `utils.data.capital_passages.cited_questions()`, each looked up in the passage
    that it names.
    """
    found = []
    for row, asked in zip(passage_rows("cited"), cited_questions(), strict=True):
        said = str(row["said"])
        parts = re.fullmatch(r"(.*) \[(\d)\]?", said)
        city, number = (parts[1], int(parts[2])) if parts else (said, 0)
        source = asked.passages[number - 1] if 0 < number <= len(asked.passages) else ""
        right = names_city(said, asked.country.city)
        found.append(Citation(said, str(number or ""), names_city(source, city), right))
    return found


def pictures(order: str, steps: int, column: str = "right") -> Mean:
    """A share over the seeds of the nets that read pictures in this order for so many steps."""
    missing = f"no net of {order!r} and {steps} steps is"
    rows = matching("picture_word_runs.csv", missing, order=order, steps=float(steps))
    return mean_of([float(row[column]) for row in rows])


def voices(training: str, form: str, column: str) -> Mean:
    """A share over the seeds of one training, in one form of test."""
    return mean_of(_seeds(training, form, column))


def _seeds(training: str, form: str, column: str) -> list[float]:
    missing = f"no net of {training!r} tested on {form!r} is"
    rows = matching("two_voices_runs.csv", missing, training=training, form=form)
    return [float(row[column]) for row in rows]


def followed(tests: Sequence[tuple[str, str]]) -> dict[str, tuple[list[float], list[float]]]:
    """For each training and form of test the shares of replies in the owner's manner and in the
    text's, seed by seed.
    """
    return {
        f"{_TRAININGS[training]}: {form}": (
            _seeds(training, form, "owner_manner"),
            _seeds(training, form, "text_manner"),
        )
        for training, form in tests
    }


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
