"""The box in which the course talks: the same words as HTML and as text, and nothing empty in it."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from course.lesson import say as module
from course.lesson.say import say
from utils.pictures.html_panels import TONES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def shown(monkeypatch):
    """What is shown, the HTML as a tree beside its text."""
    found = []

    def show(html, text):
        found.append((ElementTree.fromstring(html.replace("<br>", "<br/>")), text))

    monkeypatch.setattr(module, "show_html", show)
    return found


def test_heading_lines_closing_and_code_stand_in_order(shown):
    say("Is 1 < 2?", ("one & all", "two"), "good", "✓", "x = 1\n", closing="Right.")
    ((tree, text),) = shown
    assert text == "✓ Is 1 < 2?\n  one & all\n  two\n  Right.\n\nx = 1\n"
    assert " ".join(tree.itertext()).split() == text.split()
    assert ["".join(bold.itertext()) for bold in tree.iter("b")] == ["✓ Is 1 < 2?", "Right."]
    assert tree.find("pre").text == "x = 1\n" and TONES["good"][0] in tree.get("style")
    assert tree.find("b/span").get("aria-hidden") == "true"


def test_without_them_there_is_the_heading_alone(shown):
    say("Done")
    ((tree, text),) = shown
    assert text == "Done" and [one.tag for one in tree.iter()] == ["div", "b"]


@pytest.mark.parametrize(("label", "named"), [("", "Done & dusted"), ("Exercise 7", "Exercise 7")])
def test_a_screen_reader_hears_the_label_or_else_the_heading(shown, label, named):
    say("Done & dusted", label=label)
    assert shown[0][0].get("aria-label") == named and shown[0][0].get("role") == "group"


LEARNER = """
from course import check, hint, progress, solution

def cross_entropy(logits, targets):
    print("\\u732b")
    return logits

check("02.1", cross_entropy)
hint("02.1")
solution("02.1")
progress()
"""


def test_a_terminal_that_writes_ascii_only_shows_all_of_it(tmp_path):
    """A plain script on an old terminal: signs become question marks, and nothing fails."""
    run = subprocess.run(
        [sys.executable, "-c", LEARNER],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "GLASSBOX_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0 and not run.stderr, run.stderr
    assert "mistake in the course" not in run.stdout
    assert run.stdout.startswith("?\n") and "? and " in run.stdout
    assert "? Exercise 02.1: not yet" in run.stdout and "? open   02.2" in run.stdout
