"""The box in which the course talks: the same words as HTML and as text, and nothing empty in it."""

from xml.etree import ElementTree

import pytest

from course.lesson import say as module
from course.lesson.say import say
from utils.pictures.html_panels import TONES


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
