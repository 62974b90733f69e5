"""Chapter 24's tables against the files that they read, counted by hand with csv."""

import csv
from pathlib import Path
from statistics import fmean

import pytest

from course.runs import using_tables as tables
from utils.data.capital_passages import COUNTRIES, Cited, cited_questions, names_city
from utils.data.tool_problems import KINDS

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


def test_answers_come_by_the_size_of_the_country():
    found = tables.answers_by_size(("same words", "true"))
    assert list(found) == ["20 large countries", "20 small countries"]
    for panel, large in zip(found.values(), (1.0, 0.0), strict=True):
        assert panel == {way: tables.answers(way, large=large) for way in ("same words", "true")}
    # who lives in a large country is no secret
    large = {row["country"] for row in rows_of("passage_runs.csv") if row["large"] == "1"}
    assert {"France", "India"} <= large and "Malta" not in large


def test_the_table_of_problems_has_a_line_for_each_kind_and_way():
    head, *lines = tables.solved_table().splitlines()
    assert head.index("first call") < head.index("answer right")
    kinds = [(kind, way) for kind in KINDS for way in ("at once", "calculator")]
    assert len(lines) == len(kinds) == 4
    for line, (kind, way) in zip(lines, kinds, strict=True):
        first, right = tables.solved(kind, way, "first"), tables.solved(kind, way)
        assert line.startswith(f"{kind}, {way}") and line.split()[-2:] == [str(first), str(right)]


def test_outcomes_are_told_apart_by_the_answer_and_by_who_ended():
    rows = [row for row in rows_of("tool_loop_runs.csv") if row["way"] == "out of order"]
    answered = [row for row in rows if "Answer:" in row["text"]]
    stopped = [row for row in rows if row["ended"] == "calls" and row not in answered]
    assert tables.outcomes("out of order") == {
        "an answer": len(answered),
        "something else": 40 - len(answered) - len(stopped),
        "calls until the end": len(stopped),
    }


def test_an_answer_behind_a_result_is_read_with_its_sign(monkeypatch):
    texts = [
        "CALC(8-9)=-1 | Answer: -1",
        "CALC(1+1)=2 | CALC(2+2)=4 | Answer: 5",
        "CALC(1+1=2) | Answer: 2",
        "CALC(1+1)=2 | CALC(2",
    ]
    monkeypatch.setattr(tables, "tool_rows", lambda kind, way: [{"text": text} for text in texts])
    assert tables.answers_after_results("one step", "x") == [("-1", "-1"), ("4", "5")]


def test_citations_are_looked_up_in_the_passage_that_they_name(monkeypatch):
    asked = cited_questions()[:4]
    place = [one.number for one in asked]
    others = [next(n for n in (1, 2, 3) if n != number) for number in place]
    said = [
        f"{asked[0].country.city} [{place[0]}]",  # right, and stands there
        f"{asked[1].country.city} [{others[1]}]",  # right, and stands elsewhere
        f"{_city(asked[2], others[2])} [{others[2]}",  # wrong, and stands there
        asked[3].country.city,  # right, without a source
    ]
    monkeypatch.setattr(tables, "cited_questions", lambda: asked)
    monkeypatch.setattr(tables, "passage_rows", lambda way: [{"said": one} for one in said])
    assert [one[1:] for one in tables.citations()] == [
        (str(place[0]), True, True),
        (str(others[1]), False, True),
        (str(others[2]), True, False),
        ("", False, True),
    ]


def _city(asked: Cited, number: int) -> str:
    """The city that a passage names."""
    (city,) = [one.city for one in COUNTRIES if names_city(asked.passages[number - 1], one.city)]
    return city


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


def test_whom_nets_follow_seed_by_seed():
    found = tables.followed([("bare", "bare"), ("marked, attacked", "forged")])
    assert list(found) == ["no marks: bare", "marks, attacks read: forged"]
    rows = [
        row
        for row in rows_of("two_voices_runs.csv")
        if (row["training"], row["form"]) == ("marked, attacked", "forged")
    ]
    owner, text = found["marks, attacks read: forged"]
    assert owner == [float(row["owner_manner"]) for row in rows]
    assert text == [float(row["text_manner"]) for row in rows]
    assert len(rows) == 4


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
