"""The ledger: its file, the little language of its column `expect`, `claim`, and the table."""

import csv
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch

from course.building.lint import unmeasured
from course.claims import claim as claims_module
from course.claims.claim import (
    CORRECTED,
    VERDICTS,
    Claim,
    ClaimError,
    claim,
    claims,
    documents,
    find,
    measurements,
    misfits,
)
from course.claims.expectation import parse
from course.claims.table import ledger, rows_of
from course.lesson import strictness
from course.lesson.confirmation import ConfirmationError, confirm
from course.measured_number import show_number

FOLDER = Path(claims_module.__file__).parent
CHAPTERS = [f"{number:02}" for number in range(1, 25)]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """No measurements from other tests, and the output of a plain script."""
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    measurements.clear()
    misfits.clear()
    yield
    measurements.clear()
    misfits.clear()


def row(**changes):
    facts = dict.fromkeys(Claim.__dataclass_fields__, "x") | {
        "verdict": "holds",
        "expect": "",
        "what": "",
    }
    return Claim(**(facts | changes))


@pytest.fixture
def one(monkeypatch):
    """Puts a single row with the given changes into the ledger."""

    def put(**changes):
        only = row(id="D9-001", chapter="99", **changes)
        monkeypatch.setattr("course.claims.claim.claims", lambda: {only.id: only})
        monkeypatch.setattr("course.claims.table.claims", lambda: {only.id: only})

    return put


# The file


@pytest.mark.parametrize("name", ["claims.csv", "documents.csv"])
def test_file_is_written_in_one_way(name):
    data = (FOLDER / name).read_bytes()
    assert b"\r" not in data and data.endswith(b"\n") and not data.startswith(b"\xef\xbb\xbf")
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert {len(entries) for entries in rows} == {len(rows[0])}


def test_ids_are_unique_and_in_order():
    with (FOLDER / "claims.csv").open(encoding="utf-8", newline="") as file:
        ids = [entry["id"] for entry in csv.DictReader(file)]
    assert len(ids) == 527
    assert ids == sorted(set(ids)) == list(claims())


def test_every_row_says_what_it_must():
    for one in claims().values():
        assert one.verdict in VERDICTS, one.id
        assert one.correction or one.verdict not in CORRECTED, one.id
        assert one.chapter in CHAPTERS and one.document in documents(), one.id
        assert one.id.split("-")[0] == documents()[one.document].ids, one.id
        assert one.claim and one.source and one.section and one.experiment, one.id
        assert not one.expect or parse(one.expect), one.id


def test_corrected_verdicts_exist():
    assert set(CORRECTED) < set(VERDICTS)
    assert {"wrong", "outdated"} < set(CORRECTED)


def test_documents_have_unique_names():
    assert len(documents()) == 5
    for field in ("title", "ids", "file", "heading"):
        assert len({getattr(one, field) for one in documents().values()}) == 5


# The language

AGREE = [
    ("49152", 49152),
    ("49152", 49152.0),
    ("-3", -3),
    ("2.996 ± 0.0005", -math.log(0.05)),
    ("2.996±0.0005", 2.9965),
    ("1e3 ± 1", 1000.5),
    (".5", 0.5),
    ("0.5..0.9", 0.5),
    ("0.5..0.9", 0.9),
    ("-1..1", 0),
    ("1000..", 1000),
    ("..0.1", -5),
    ("true", True),
    ("false", False),
    ("cat > moon > mat", {"mat": 0.005, "cat": 0.071, "moon": 0.05}),
    ("sum: 1 ± 0.01; max: 3", {"max": 3, "sum": 0.995}),
    ("same: true; order: a > b", {"same": True, "order": {"a": 2, "b": 1}}),
    ("0.9: 0.105 ± 0.001; 0.01: 4.6..4.7", {"0.9": 0.1054, "0.01": 4.6052}),
]
DISAGREE = [
    ("49152", 49153),
    ("49152", 49152.001),
    ("2.996 ± 0.0005", 2.9966),
    ("2.996 ± 0.0005", 2.9954),
    ("0.5..0.9", 0.4999),
    ("0.5..0.9", 0.9001),
    ("1000..", 999.9),
    ("..0.1", 0.11),
    ("true", False),
    ("false", True),
    ("cat > moon > mat", {"cat": 0.05, "moon": 0.05, "mat": 0.005}),
    ("cat > moon > mat", {"cat": 0.07, "moon": 0.004, "mat": 0.005}),
    ("sum: 1 ± 0.01; max: 3", {"max": 3, "sum": 0.9}),
    ("sum: 1 ± 0.01; max: 3", {"max": 4, "sum": 1.0}),
]
ILL_TYPED = [
    ("1", True, "number"),
    ("1", "1", "number"),
    ("1", None, "number"),
    ("1", math.nan, "finite"),
    ("1000..", math.inf, "finite"),
    ("1", torch.ones(2), r"shape \(2,\)"),
    ("1", np.ones((1, 1)), r"shape \(1, 1\)"),
    ("1", 1 + 0j, "number"),
    ("1", {"a": 1}, "number"),
    ("true", 1, "True or False"),
    ("true", torch.tensor([True]), "shape"),
    ("true", "yes", "True or False"),
    ("a > b", [2, 1], "mapping"),
    ("a > b", {"a": 2}, "names a, b"),
    ("a > b", {"a": 3, "b": 2, "c": 1}, "names a, b"),
    ("a > b", {"a": math.nan, "b": 1}, "finite"),
    ("x: 1; y: 2", {"x": 1}, "names x, y"),
    ("x: 1; y: 2", 1, "mapping"),
]
SCALARS = [
    torch.tensor,
    np.float32,
    np.float64,
    np.array,
    float,
    torch.tensor(0.0).bfloat16().new_tensor,
]


@pytest.mark.parametrize(("text", "measured"), AGREE)
def test_agrees(text, measured):
    assert parse(text).differs(measured) == ""
    assert parse(text).show(measured)


@pytest.mark.parametrize(("text", "measured"), DISAGREE)
def test_disagrees(text, measured):
    assert parse(text).differs(measured)


@pytest.mark.parametrize(("text", "measured", "words"), ILL_TYPED)
def test_ill_typed(text, measured, words):
    with pytest.raises(ValueError, match=words):
        parse(text).differs(measured)


@pytest.mark.parametrize("scalar", SCALARS)
def test_scalars_of_all_kinds(scalar):
    assert parse("0.4..0.6").differs(scalar(0.5)) == ""
    assert parse("0.6..0.7").differs(scalar(0.5))
    assert parse("a > b").differs({"a": scalar(0.5), "b": scalar(0.25)}) == ""


@pytest.mark.parametrize("truth", [torch.tensor(True), np.bool_(True), np.array(True)])
def test_truths_of_all_kinds(truth):
    assert parse("true").differs(truth) == "" and parse("false").differs(truth)


NONE = ["", " ", "yes", "True", "cat", "a > ", "a > a", "a > b >", "1,000", "nan", "inf"]
NONE += ["1 ± ", "± 1", "1 ± -1", "..", "2..1", "1...2", "1 .. 2"]
NONE += ["x:", "x: ", ": 1", "x: 1; x: 2", "x: 1; 2", "x: a; y: 1", "x: 1;"]


@pytest.mark.parametrize("text", NONE)
def test_no_expectation(text):
    with pytest.raises(ValueError, match="is no expectation"):
        parse(text)


def test_disagreement_names_the_part():
    assert parse("sum: 1; max: 3").differs({"sum": 1, "max": 4}).startswith("max: ")


NUMBERS = {
    49152: "49,152",
    2.99573: "2.996",
    1.0: "1",
    -0.0: "0",
    1.23456e-7: "1.235e-07",
    3.14e23: "3.14e+23",
    0.5: "0.5",
    12345.6: "12,346",
}


@pytest.mark.parametrize(("number", "text"), NUMBERS.items())
def test_show_number(number, text):
    assert show_number(number) == text


def test_an_ordering_shows_the_largest_first():
    assert parse("b > a").show({"a": 0.25, "b": 0.5}) == "b 0.5, a 0.25"


# claim


def test_claim_prints_its_line(capsys):
    claim("D1-002", torch.tensor(49152))
    said = capsys.readouterr().out
    for words in (
        "D1-002 ✎ holds with a correction",
        "Research Notes says: Output is",
        "We measured: numbers that come out: 49,152",
    ):
        assert words in said
    assert "Correction: Output is a score" in said


def test_claim_shows_html_with_the_same_words(shown):
    claim("D0-004", {"mat": 0.3, "cat": 0.07, "moon": 0.05})
    (bundle,) = shown
    tree = ET.fromstring(bundle["text/html"].replace("<br>", "<br/>"))
    assert tree.get("aria-label") == "Claim D0-004: holds with a correction"
    words = "".join(tree.itertext())
    for part in (
        "holds with a correction",
        "D0-004",
        'After "The cat sat on the"',
        "mat 0.3, cat 0.07, moon 0.05",
    ):
        assert part in words and part in bundle["text/plain"]
    assert "color:" in tree.get("style") and "background:" in tree.get("style")


def test_claim_escapes_what_the_ledger_says(one, shown):
    one(expect="true", claim="a <script> & b", correction="c < d", what="<i>")
    claim("D9-001", True)
    assert (
        "a &lt;script&gt; &amp; b" in shown[0]["text/html"] and "<i>" not in shown[0]["text/html"]
    )


@pytest.mark.parametrize(
    ("verdict", "name"),
    [("holds", "Note"), ("wrong", "Correction"), ("not checkable here", "Note")],
)
def test_correction_or_note(one, capsys, verdict, name):
    one(expect="true", verdict=verdict, correction="words")
    claim("D9-001", True)
    assert f"{name}: words" in capsys.readouterr().out


def test_a_row_without_correction_has_no_empty_line(one, capsys):
    one(expect="true", correction="")
    claim("D9-001", True)
    assert "Note" not in capsys.readouterr().out


@pytest.mark.parametrize(("id", "near"), [("D0-0004", "D0-004"), ("d0-004", "D0-004")])
def test_unknown_id_lists_near_ones(id, near):
    with pytest.raises(ClaimError, match=near):
        claim(id, 1)


@pytest.mark.parametrize("id", ["nonsense", "", None, 4, ["D0-004"]])
def test_unknown_id_without_near_ones(id):
    with pytest.raises(ClaimError, match="ids look like D0-006"):
        find(id)


BAD_MEASUREMENTS = [
    (None, "a number was expected, and None was given"),
    (1.5, "the ledger expects 2 ± 0.1, and 1.5 was measured"),
    (math.nan, "finite"),
    (torch.ones(3), "shape"),
    ("2", "a number was expected"),
    (True, "a number was expected"),
]


@pytest.mark.parametrize(("measured", "words"), BAD_MEASUREMENTS)
def test_bad_measurement(one, capsys, measured, words):
    one(expect="2 ± 0.1")
    with pytest.raises(ClaimError, match=words) as caught:
        claim("D9-001", measured)
    assert "D9-001" in str(caught.value) and "\n" not in str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert set(misfits) == {"D9-001"} and capsys.readouterr().out == ""


def test_values_go_by_the_names_of_the_parts_in_their_order(one, capsys):
    one(expect="sum: 6; max: 3; same: true")
    claim("D9-001", 6, torch.tensor(3), True)
    claim("D9-001", {"max": 3, "same": True, "sum": 6})
    assert capsys.readouterr().out.count("We measured: sum: 6; max: 3; same: yes") == 2
    with pytest.raises(ClaimError, match="max: the ledger expects 3, and 6 was measured"):
        claim("D9-001", 3, 6, True)
    with pytest.raises(ClaimError, match="2 values were given, for 3"):
        claim("D9-001", 6, 3)


def test_values_go_by_the_names_of_an_ordering(one, capsys):
    one(expect="cat > moon > mat")
    claim("D9-001", 3, 2, 1)
    assert "cat 3, moon 2, mat 1" in capsys.readouterr().out
    with pytest.raises(ClaimError, match="cat > moon > mat"):
        claim("D9-001", 3, 1, 2)


@pytest.mark.parametrize(
    ("values", "words"), [((), "a measurement is needed"), ((1, 2), "2 values were given, for 1")]
)
def test_as_many_values_as_are_expected(one, values, words):
    one(expect="2 ± 0.1")
    with pytest.raises(ClaimError, match=words):
        claim("D9-001", *values)


def test_row_without_expectation(one):
    one(expect="")
    with pytest.raises(ClaimError, match="nothing stands in the column expect"):
        claim("D9-001", 1)


@pytest.fixture
def learner(monkeypatch):
    """As outside of the tests."""
    monkeypatch.delenv(strictness.VARIABLE)


@pytest.mark.parametrize(("measured", "words"), BAD_MEASUREMENTS)
def test_a_learner_gets_a_box_and_goes_on(one, learner, capsys, measured, words):
    one(expect="2 ± 0.1", verdict="wrong", correction="It is 2.")
    claim("D9-001", measured)
    said = capsys.readouterr().out
    for part in (
        "D9-001: this run came out differently",
        "The ledger says: wrong. It is 2.",
        words,
    ):
        assert part in said
    assert "you changed something above" in said and "✗" not in said


def test_a_misfit_stands_in_the_table_and_goes_when_the_cell_fits_again(one, learner, capsys):
    one(expect="2 ± 0.1", what="sides")
    claim("D9-001", 3)
    ledger("99")
    told = "sides: 3. This does not fit the verdict: the ledger expects 2 ± 0.1, and 3 was measured"
    assert told in capsys.readouterr().out
    claim("D9-001", 2)
    ledger("99")
    assert "does not fit" not in capsys.readouterr().out and not misfits


@pytest.mark.parametrize("call", [lambda: claim("D0-0004", 1), lambda: ledger("25")])
def test_a_learner_gets_a_box_for_what_the_ledger_does_not_know(learner, shown, call):
    call()
    assert "the ledger has no claim" in shown[0]["text/plain"]


def test_confirm_says_nothing_where_the_lesson_is_right(capsys):
    for truth in (True, torch.tensor(True), np.bool_(True)):
        confirm("two is two", truth)
    assert capsys.readouterr().out == ""


def test_confirm_raises_under_the_tests_and_tells_a_learner(monkeypatch, capsys):
    with pytest.raises(
        ConfirmationError, match="in this run it is not so that Paris is the favourite"
    ):
        confirm("Paris is the favourite", torch.tensor(False))
    monkeypatch.delenv(strictness.VARIABLE)
    confirm("Paris is the favourite", False)
    said = capsys.readouterr().out
    assert "The lesson says: Paris is the favourite. In this run that is not so." in said
    assert "you changed something above" in said


# The table


def test_ledger_table(shown):
    claim("D1-002", 49152)
    ledger("01")
    html, text = shown[1]["text/html"], shown[1]["text/plain"]
    table = ET.fromstring(html).find("table")
    head = [cell.text for cell in table.find("thead/tr")]
    assert head == [
        "Document",
        "What it says",
        "What we measured",
        "Verdict",
        "Correction or note",
        "Source",
    ]
    assert all(cell.get("scope") == "col" for cell in table.find("thead/tr"))
    body = [["".join(cell.itertext()) for cell in line] for line in table.findall("tbody/tr")]
    assert len(body) == len(rows_of("01")) == 13
    for line, one in zip(body, rows_of("01"), strict=True):
        assert line[0].startswith(f"{one.id}, {one.document}") and one.section in line[0]
        assert line[1:2] + line[4:] == [one.claim, one.correction or "none", one.source]
        assert line[3].endswith(one.verdict)
        assert all(words in text for words in line)
    measured = {line[0].split(",")[0]: line[2] for line in body}
    assert measured["D1-002"] == "numbers that come out: 49,152"
    assert measured["D2-002"] == "not measured in this run"
    assert measured["D3-002"] == "not checkable here"
    assert (
        "13 claims (holds: 7, holds with a correction: 5, not checkable here: 1)"
        in table.find("caption").text
    )
    for cell in table.iter():
        if cell.tag in ("td", "th"):
            # the theme's ink on the theme's paper: neither is set without the other
            assert not re.search(r"(?<![-\w])(color|background):#", cell.get("style"))
    assert all(line[0].get("scope") == "row" for line in table.findall("tbody/tr"))


def test_ledger_of_a_row_that_was_looked_up(one, capsys):
    one(experiment="[none] no cell: table", verdict="wrong", claim="<b>bold</b>")
    ledger("99")
    assert "looked up, not measured" in capsys.readouterr().out


def test_ledger_escapes(one, shown):
    one(claim="<b>bold</b> & more")
    ledger("99")
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in shown[0]["text/html"]


def test_ledger_of_an_unknown_chapter():
    with pytest.raises(ClaimError, match=r"no claims of a chapter '25'; it has 01, 02"):
        ledger("25")


# Which claims no cell measures


def test_unmeasured_reads_code():
    every = [one.id for one in rows_of("01") if one.checkable]
    assert "D3-002" not in every and len(every) == 12
    cells = [
        'claim("D0-004", measured=1)',
        'if True:\n    %pip list\n    claim(id="D1-001", measured=x)\n!ls\nvalue = '
        'claim("D1-002", 2)',
        '# claim("D2-001", 1)\nprint("claim(\'D2-002\')")',
        'other.claim("D2-003")\nclaim(name, measured=3)\nclaim()\nreclaim("D2-029")',
    ]
    assert unmeasured("01", cells) == every[3:]
    assert unmeasured("01", [f'claim("{id}", measured=1)' for id in every]) == []
    assert unmeasured("01", []) == every


def test_a_claim_that_no_cell_can_measure_is_exempt():
    assert not row(verdict="not checkable here").checkable
    assert not row(verdict="wrong", experiment="[none] no cell: table").checkable
    assert row(verdict="outdated", experiment="[arith] 1+1").checkable
