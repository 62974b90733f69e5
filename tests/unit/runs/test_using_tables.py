"""Chapter 24's tables against the files that they read, counted by hand with csv."""

import csv
from pathlib import Path
from statistics import fmean

import pytest

from course.runs import using_tables as tables

RUNS = Path(tables.__file__).parent


def rows_of(name: str) -> list[dict[str, str]]:
    with (RUNS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", ["one step", "two steps"])
@pytest.mark.parametrize("column", ["right", "first"])
def test_solved_counts_the_ones(kind, column):
    wanted = [
        row
        for row in rows_of("tool_loop_runs.csv")
        if (row["kind"], row["way"]) == (kind, "calculator")
    ]
    assert len(wanted) == 20
    assert tables.solved(kind, "calculator", column) == sum(float(row[column]) for row in wanted)


@pytest.mark.parametrize(("way", "size"), [("same words", "1"), ("found", "0")])
def test_the_shares_of_answers(way, size):
    wanted = [
        row for row in rows_of("passage_runs.csv") if (row["way"], row["large"]) == (way, size)
    ]
    found = tables.answers(way, large=float(size))
    assert found["right"] == pytest.approx(sum(row["right"] == "1" for row in wanted) / 20)
    assert found["misled"] == pytest.approx(sum(row["misled"] == "1" for row in wanted) / 20)
    assert sum(found.values()) == pytest.approx(1)


def test_the_table_of_passages_has_both_sizes():
    (line,) = tables.passage_table(["same words"]).splitlines()
    large, small = tables.answers("same words", large=1.0), tables.answers("same words", large=0.0)
    assert f"large: right {large['right']:4.0%}, false {large['misled']:4.0%}" in line
    assert f"small: right {small['right']:4.0%}, false {small['misled']:4.0%}" in line


def test_the_means_over_seeds():
    nets = [
        float(row["text_manner"])
        for row in rows_of("two_voices_runs.csv")
        if (row["training"], row["form"]) == ("marked", "forged")
    ]
    assert tables.voices("marked", "forged", "text_manner").value == pytest.approx(fmean(nets))
    eyes = [
        float(row["moved"])
        for row in rows_of("picture_word_runs.csv")
        if (row["order"], float(row["steps"])) == ("lines", 100)
    ]
    assert tables.pictures("lines", 100, "moved").value == pytest.approx(fmean(eyes))


def test_each_mean_stands_in_the_table_of_voices():
    head, line = tables.voice_table([("marked", "forged")]).splitlines()
    means = [
        str(tables.voices("marked", "forged", one))
        for one in ("owner", "owner_manner", "text_manner")
    ]
    assert line.endswith(" ".join(means))
    assert head.index("owner's") < head.index("his manner") < head.index("text's")


def test_the_table_of_attacks():
    defence = rows_of("injection_runs.csv")[0]["defence"]
    mine = [row for row in rows_of("injection_runs.csv") if row["defence"] == defence]
    attacks = list(dict.fromkeys(row["attack"] for row in mine))
    line = tables.attack_table([defence], attacks).splitlines()[1]
    for attack in attacks:
        some = [float(row["obeyed"]) for row in mine if row["attack"] == attack]
        assert f"{fmean(some):.0%}" in line
    assert line.endswith(f"{sum(row['only'] == '1' for row in mine)} of {len(mine)}")


@pytest.mark.parametrize(
    "asked",
    [
        lambda: tables.tool_rows("three steps", "calculator"),
        lambda: tables.passage_rows("a song"),
        lambda: tables.voices("marked", "sung", "owner"),
        lambda: tables.pictures("circles", 200),
        lambda: tables.injection_rows("prayer", "plain"),
    ],
)
def test_what_is_not_stored_is_said(asked):
    with pytest.raises(ValueError, match=r"is stored; course/runs/\w+\.csv lists those"):
        asked()
