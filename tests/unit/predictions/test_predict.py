"""Predictions: asked, kept, revealed; and nothing that learner, disk or browser do makes them
raise.
"""

import json
import os
import re
import stat
import xml.etree.ElementTree as ET

import ipywidgets as widgets
import numpy as np
import pytest
import torch

from course import keep, predict, reveal
from course.atomic_file import write_atomically
from course.lesson.learner_data import data_folder, recall, remember
from course.predictions import predict as module
from course.predictions import prediction
from course.predictions.form import form
from course.predictions.kinds import Choice, Number, Ranking
from utils.pictures.html_panels import TONES

CHOICES = ["cat", "moon", "mat"]


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A new learner in a plain script."""
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    module._asked.clear()
    prediction._answers.clear()


@pytest.fixture
def new_session(monkeypatch):
    """Forgets all that is not on the disk."""
    return prediction._answers.clear


def said(capsys):
    return capsys.readouterr().out


# Asking


def test_a_plain_script_sees_question_and_way_to_answer(capsys):
    p = predict("01.1", "How likely is Paris?", unit="%")
    out = said(capsys)
    assert "Predict first (01.1). How likely is Paris?" in out and "keep('01.1', 0.5)" in out
    assert p.answer is None


@pytest.mark.parametrize(
    ("options", "example"),
    [
        ({"choices": CHOICES}, "keep('01.1', 'cat')"),
        ({"ranking": CHOICES}, "keep('01.1', ['cat', 'moon', 'mat'])"),
        ({}, "keep('01.1', 0.5)"),
    ],
)
def test_the_example_is_an_answer_that_is_kept(options, example, capsys):
    p = predict("01.1", "Which?", **options)
    assert example in said(capsys)
    exec(example, {"keep": keep})
    assert p.answer is not None


def test_a_notebook_gets_a_form_and_equivalents(kernel):
    predict("01.1", "Is 1 < 2?", choices=["yes", "no"])
    still, bundle = kernel
    assert "hidden" in still["text/html"] and bundle["text/html"] in still["text/html"]
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert (
        widgets.Widget.get_manager_state()["state"][view["model_id"]]["model_name"] == "VBoxModel"
    )
    assert "Is 1 &lt; 2?" in bundle["text/html"] and "Is 1 < 2?" in bundle["text/plain"]


BAD_QUESTIONS = [
    {"choices": ["one"]},
    {"choices": ["one", "one"]},
    {"choices": "one"},
    {"ranking": []},
    {"choices": CHOICES, "ranking": CHOICES},
    {"choices": CHOICES, "unit": "%"},
]


@pytest.mark.parametrize("options", BAD_QUESTIONS)
def test_a_question_put_wrongly_is_refused(options):
    with pytest.raises(ValueError, match=r"two or more different texts|several of them"):
        predict("01.1", "?", **options)


# Keeping


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"unit": "%"}, 77.5),
        ({"choices": CHOICES}, "moon"),
        ({"ranking": CHOICES}, ["mat", "cat", "moon"]),
    ],
)
def test_an_answer_lasts_into_the_next_session(options, answer, new_session):
    assert predict("01.1", "?", **options).keep(answer).startswith("Your prediction: ")
    new_session()
    assert predict("01.1", "?", **options).answer == answer
    assert predict("01.2", "?", **options).answer is None


def test_answers_are_kept_side_by_side_and_the_last_counts(new_session):
    for id, answer in [("01.1", 1), ("01.2", 2), ("01.1", 3)]:
        predict(id, "?").keep(answer)
    new_session()
    assert [predict(id, "?").answer for id in ("01.1", "01.2")] == [3, 2]


REFUSED = [
    ({}, "many"),
    ({}, None),
    ({}, float("nan")),
    ({}, True),
    ({"choices": CHOICES}, "dog"),
    ({"choices": CHOICES}, None),
    ({"choices": CHOICES}, np.array(["cat", "mat"])),
    ({"ranking": CHOICES}, ["cat", "moon"]),
    ({"ranking": CHOICES}, ["cat", "moon", "moon"]),
    ({"ranking": CHOICES}, ["cat", "moon", "mat", "cat"]),
    ({"ranking": CHOICES}, ["cat", "moon", None]),
    ({"ranking": CHOICES}, ["cat", "moon", "mat", 4]),
    ({"ranking": CHOICES}, "cat"),
]


@pytest.mark.parametrize(("options", "answer"), REFUSED)
def test_an_answer_that_is_none_is_refused_in_words(options, answer):
    p = predict("01.1", "?", **options)
    assert re.fullmatch(r"Not kept: .*\.", p.keep(answer))
    assert p.answer is None and recall("predictions_in_order") == {}


def test_a_refused_answer_leaves_the_one_before():
    p = predict("01.1", "?", choices=CHOICES)
    p.keep("cat")
    p.keep("dog")
    assert p.answer == "cat"


@pytest.mark.parametrize("file", ["predictions.json", "predictions_in_order.json"])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"01.1": {"a": [1]}}', b'{"01.1": "x"}']
)
def test_a_corrupt_file_harms_nothing(file, content, capsys, new_session):
    data_folder().mkdir(parents=True)
    (data_folder() / file).write_bytes(content)
    p = predict("01.1", "?")
    assert p.answer is None
    p.reveal(3)
    assert "no prediction" in said(capsys)
    p.keep(4)
    new_session()
    assert predict("01.1", "?").answer == 4


def test_an_answer_to_an_older_wording_is_ignored(new_session):
    predict("01.1", "?", choices=["a", "b"]).keep("a")
    new_session()
    assert predict("01.1", "?", choices=["c", "d"]).answer is None
    assert predict("01.1", "?").answer is None


def test_a_folder_that_cannot_be_written_keeps_the_answer_for_the_session(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path / "file"))
    p = predict("01.1", "?")
    assert "for this session only" in p.keep(4)
    assert p.answer == 4


# Revealing

NUMBERS = [
    (77.3, 77.3, "%", "Spot on.", True),
    (76.5, 77.3, "%", "Spot on.", True),
    (2.996, 2.99573, "", "Spot on.", True),
    (0, 0.0, "", "Spot on.", True),
    (72, 77.3, "%", "Close: too low by 5.3 percentage points.", True),
    (90, 77.3, "%", "Too high by 12.7 percentage points.", False),
    (1.5, 1, "s", "Too high by 0.5 s.", False),
    (2.5, 1, "s", "Too large by a factor of 2.5.", False),
    (1, 12345, "tokens", "Too small by a factor of 12,345.", False),
    (-8, -2, "", "Too large by a factor of 4.", False),
    (-1, 2, "", "Too low by 3.", False),
    (3, 0, "", "Too high by 3.", False),
    (0, 3, "", "Too low by 3.", False),
]


@pytest.mark.parametrize(("answer", "truth", "unit", "sentence", "right"), NUMBERS)
def test_numbers(answer, truth, unit, sentence, right):
    found, close = Number(unit).compare(answer, truth)
    assert found == sentence and close is right


@pytest.mark.parametrize(
    ("answer", "sentence", "right"),
    [
        (2022, "Spot on.", True),
        (2021.6, "Spot on.", True),
        (2023, "Close: 1 year too late.", True),
        (2021, "Close: 1 year too early.", True),
        (2024, "2 years too late.", False),
        (2010, "12 years too early.", False),
    ],
)
def test_a_year_is_off_by_years_and_not_by_a_share(answer, sentence, right):
    asked = predict("01.1", "Which year?", unit="(a year)")
    assert asked.kind.compare(answer, 2022) == (sentence, right)
    assert asked.kind.show(answer) == str(round(answer))


def test_choices():
    assert Choice(CHOICES).compare("cat", "cat") == ("Right.", True)
    assert Choice(CHOICES).compare("cat", "mat") == ("Not this one: it was mat.", False)
    assert Choice(CHOICES).compare("cat", "dog")[1] is False
    assert "none of the choices" in Choice(CHOICES).compare("cat", "dog")[0]


RANKINGS = [
    ("abcd", "abcd", "Right, in every place.", True),
    ("abcd", "abdc", "2 of 4 places agree: places 1 and 2.", False),
    ("abcd", "badc", "No place agrees.", False),
    ("abcd", "acdb", "1 of 4 places agree: place 1.", False),
    ("abcde", "abced", "3 of 5 places agree: places 1, 2 and 3.", False),
]


@pytest.mark.parametrize(("answer", "truth", "sentence", "right"), RANKINGS)
def test_rankings(answer, truth, sentence, right):
    assert Ranking(sorted(answer)).compare(list(answer), list(truth)) == (sentence, right)


def test_a_ranking_is_measured_by_numbers():
    numbers = {"mat": torch.tensor(0.005), "cat": 0.07, "moon": np.float32(0.05)}
    assert Ranking(CHOICES).measured(numbers) == ["cat", "moon", "mat"]


def test_reveal_puts_prediction_beside_result(capsys):
    p = predict("01.1", "?", unit="%")
    p.keep(60)
    said(capsys)
    p.reveal(torch.tensor(77.25))
    assert said(capsys) == (
        "Prediction 01.1\n  Your prediction: 60 %\n  Result: 77.25 %\n  Too low by 17.25 "
        "percentage points.\n"
    )


def test_reveal_by_id_says_the_same(capsys):
    predict("01.1", "?", choices=CHOICES).keep("cat")
    said(capsys)
    reveal("01.1", "mat")
    assert "Your prediction: cat\n  Result: mat\n  Not this one: it was mat." in said(capsys)


def test_reveal_without_an_answer_goes_on(capsys):
    p = predict("01.1", "?")
    said(capsys)
    p.reveal(3)
    out = said(capsys)
    assert (
        "Result: 3" in out
        and "You made no prediction this time" in out
        and "Your prediction" not in out
    )


def test_reveal_of_a_question_that_was_not_asked(capsys):
    reveal("09.9", 3)
    assert "The result is 3." in said(capsys)


TRUTHS = [
    float("nan"),
    float("inf"),
    None,
    "words",
    torch.ones(2),
    [1, 2],
    {"cat": float("nan")},
    {"dog": 1},
    10**400,
]


@pytest.mark.parametrize("truth", TRUTHS, ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"choices": CHOICES}, {"ranking": CHOICES}], ids=["number", "choice", "ranking"]
)
@pytest.mark.parametrize("answered", [True, False])
def test_reveal_never_raises(options, truth, answered, capsys):
    p = predict("01.1", "?", **options)
    if answered:
        exec(f"p.keep({p.kind.example})")
    p.reveal(truth)
    assert "Prediction 01.1" in said(capsys)


@pytest.mark.parametrize(("answer", "tone"), [("cat", "good"), ("mat", "note"), (None, "plain")])
def test_tone_of_the_panel(kernel, answer, tone):
    p = predict("01.1", "?", choices=CHOICES)
    p.keep(answer)
    p.reveal("cat")
    assert TONES[tone][0] in kernel[-1]["text/html"]


def test_reveal_in_a_notebook_is_html_with_the_same_words(kernel):
    p = predict("01.1", "?", choices=["<a>", "b"])
    p.keep("<a>")
    p.reveal("<a>")
    bundle = kernel[-1]
    tree = ET.fromstring(bundle["text/html"].replace("<br>", "<br/>"))
    assert "Your prediction: <a>" in "".join(tree.itertext()) and "Right." in "".join(
        tree.itertext()
    )
    assert tree.get("role") == "group" and tree.get("aria-label") == "Result of prediction 01.1"


# The form, its callbacks called as a click would


def parts(p):
    _, box, button, status, errors = form(p, "<b>?</b>").children
    return box, button, status, errors


def test_form_keeps_a_number():
    p = predict("01.1", "?", unit="%")
    box, button, status, _ = parts(p)
    box.value = 12.5
    assert p.answer is None
    button.click()
    assert p.answer == 12.5 and "Your prediction: 12.5 %" in status.value


def test_form_keeps_a_choice_and_starts_without_one():
    p = predict("01.1", "?", choices=CHOICES)
    box, button, status, _ = parts(p)
    assert box.value is None
    button.click()
    assert p.answer is None and "Not kept: choose one of cat, moon, mat" in status.value
    box.value = "mat"
    button.click()
    assert p.answer == "mat"


def test_form_shows_a_choice_as_text_whatever_signs_it_has():
    p = predict("01.1", "?", choices=["p <b> q", "p > q"])
    box, button, status, _ = parts(p)
    box.value = "p <b> q"
    button.click()
    assert "Your prediction: p &lt;b&gt; q." in status.value and "<b>" not in status.value
    status = parts(p)[2]  # of a form that is shown anew
    assert "You answered before: p &lt;b&gt; q." in status.value and "<b>" not in status.value


def test_form_keeps_a_ranking_and_refuses_half_of_one():
    p = predict("01.1", "?", ranking=CHOICES)
    row, button, status, _ = parts(p)
    assert [box.value for box in row.children] == [""] * 3  # the option "(choose)" is shown
    assert row.children[0].options == (("(choose)", ""), *zip(CHOICES, CHOICES, strict=True))
    for box, value in zip(row.children, ["mat", "cat", "cat"], strict=True):
        box.value = value
    button.click()
    assert p.answer is None and "give each of cat, moon, mat one place" in status.value
    row.children[2].value = "moon"
    button.click()
    assert p.answer == ["mat", "cat", "moon"]


@pytest.mark.parametrize(
    ("options", "answer"),
    [({}, 12.5), ({"choices": CHOICES}, "moon"), ({"ranking": CHOICES}, ["mat", "cat", "moon"])],
)
def test_form_starts_with_the_answer_kept_before(options, answer):
    p = predict("01.1", "?", **options)
    p.keep(answer)
    box, _, status, _ = parts(p)
    values = [one.value for one in box.children] if options.get("ranking") else box.value
    assert values == answer and "You answered before" in status.value


@pytest.mark.parametrize("options", [{}, {"choices": CHOICES}, {"ranking": CHOICES}])
def test_every_input_has_a_name(options):
    box, button, _, _ = parts(predict("01.1", "?", **options))
    assert all(one.description for one in (*getattr(box, "children", [box]), button))


# The store


def test_write_atomically_replaces_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "new" / "file"
    write_atomically(path, b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new and longer")
    assert path.read_bytes() == b"old" and list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_written_files_can_be_read_by_others(tmp_path):
    write_atomically(tmp_path / "file", b"")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_remember_and_recall():
    remember("things", "b", ["ü", 1])
    remember("things", "a", None)
    assert recall("things") == {"a": None, "b": ["ü", 1]}
    text = (data_folder() / "things.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == ["a", "b"] and "ü" in text
    assert recall("others") == {}


def test_data_folder_without_the_variable_is_the_users(monkeypatch):
    monkeypatch.delenv("GLASSBOX_DATA")
    assert data_folder().name == "glass-box" and data_folder().is_absolute()


# On the site


@pytest.mark.parametrize(
    ("options", "truth", "controls", "line"),
    [
        ({"unit": "%"}, 12.5, ["number"], "Result: 12.5 %"),
        ({"choices": ["<a>", "b"]}, "b", ["radio", "radio"], "Result: b"),
        ({"ranking": ["x", "y"]}, {"x": 1, "y": 3}, ["select", "select"], "Result: 1. y, 2. x"),
    ],
)
def test_a_page_without_a_kernel_asks_by_native_controls_and_folds_the_result(
    kernel, monkeypatch, options, truth, controls, line
):
    monkeypatch.setenv("GLASSBOX_FRAMES", "1")
    p = predict("01.1", "How likely is A & B?", **options)
    asked = ET.fromstring(re.sub(r"<(input[^>]*|br)>", r"<\1/>", kernel[-1]["text/html"]))
    assert "A & B" in "".join(asked.find(".//legend").itertext())
    found = [one.get("type") or one.tag for one in asked.iter() if one.tag in ("input", "select")]
    assert found == controls
    # each control lies in a label that says what it is for
    assert all(len(label) and "".join(label.itertext()).strip() for label in asked.iter("label"))
    p.reveal(truth)
    result = ET.fromstring(kernel[-1]["text/html"])
    assert result.tag == "details" and result.get("open") is None
    assert [text for text in map("".join, map(ET.Element.itertext, result.iter("p"))) if text] == [
        line
    ]
    assert result.get("data-result") == asked.find(".//fieldset").get("data-prediction")
