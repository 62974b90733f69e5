"""The stored runs of benchmarks/capstone_runs.py: complete, read as they are stored, and what the
capstone says of them.
"""

import pytest
from stored_runs import benchmark, by_hand

from course.building.chapter import read_chapter
from course.harness.lesson_run import computing_cells
from course.runs.capstone_tables import FILE, each_seed
from utils.data.market_pages import sums

ROWS = by_hand(FILE)
SHARES = ("at once", "with the tool", "8 bits", "4 bits", "2 bits", "at once, read")
LOSSES = ("base loss", "at once loss", "with the tool loss", "cache")
RUNS = benchmark("capstone_runs")


def test_each_measure_is_stored_for_each_seed():
    wanted = {(str(seed), one) for seed in RUNS.SEEDS for one in (*SHARES, *LOSSES)}
    wanted |= {(str(seed), "at once, longer") for seed in RUNS.SEEDS}
    assert {(row["seed"], row["measure"]) for row in ROWS} == wanted and len(ROWS) == len(wanted)


@pytest.mark.parametrize("measure", [*SHARES, *LOSSES, "at once, longer"])
def test_they_are_read_in_the_order_of_the_seeds(measure):
    wanted = [float(row["value"]) for row in ROWS if row["measure"] == measure]
    assert each_seed(measure) == wanted
    in_whole_sums = all(abs(100 * one - round(100 * one)) < 1e-9 for one in wanted)
    assert measure in LOSSES or (in_whole_sums and 0 <= min(wanted) <= max(wanted) <= 1)


def test_what_is_not_stored_is_refused():
    with pytest.raises(ValueError, match="no '3 bits' is stored"):
        each_seed("3 bits")


def test_what_the_lesson_says_of_them():
    gap = [a - b for a, b in zip(each_seed("at once, read"), each_seed("at once"), strict=True)]
    assert max(map(abs, gap)) <= 0.2  # not by heart
    assert max(each_seed("at once")) - min(each_seed("at once")) > 0.3  # depends on the seed
    assert min(each_seed("at once")) > 0.05  # a guess among two-digit numbers


def test_what_the_lesson_says_of_sums_that_were_read_in_neither_order():
    for seed in RUNS.SEEDS:
        read, held_out = sums(held_out=100, seed=seed)
        read_turned = {(one.b, one.a) for one in read}
        alone = [one for one in held_out if (one.a, one.b) not in read_turned]
        assert 0 < len(alone) < 20  # a few
    assert each_seed("at once, longer").count(1) >= 2  # there these are right, too


def test_the_command_runs_the_lessons_cells_with_another_seed():
    lesson = read_chapter(RUNS.LESSON)
    assert computing_cells(lesson, {RUNS.SEED_OF_THE_LESSON: "SEED = 2 "})
    with pytest.raises(ValueError, match=r"No cell of chapter 25 has 'SEED = 7 '"):
        computing_cells(lesson, {"SEED = 7 ": "SEED = 2 "})
    code = "\n".join(lesson.code)
    assert f"peak={RUNS.PEAK:g}".replace("0.003", "3e-3") in code.replace(" ", "")
