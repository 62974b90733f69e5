"""The explorer of an assistant with a tool: both controls change the picture, and it says who wrote
what.
"""

import pytest

from utils.tools.tool_loop import Part
from utils.widgets.tool_explorer import tool_explorer

ASSISTANTS = ("at once", "with the tool")


def reply(assistant, question):
    if assistant == "at once":
        return [Part(question.upper(), "model")]
    return [Part("<call> 1 + 2<result>", "model"), Part("3", "calculator")]


def controls(box):
    row, picture = box.children
    return {one.description: one for one in row.children}, picture


def test_question_and_assistant_change_the_picture():
    named, picture = controls(tool_explorer(reply, ASSISTANTS, "one and two"))
    assert set(named) == {"question", "assistant"} and "ONE AND TWO" in picture.value
    assert "glass-box-pieces" in picture.value and "calculator" not in picture.value
    named["question"].value = "two & three"
    assert "TWO &amp; THREE" in picture.value
    named["assistant"].value = "with the tool"
    assert "<b>calculator:</b>" in picture.value and "&lt;call&gt; 1 + 2" in picture.value
    assert "<b>with the tool</b>" in picture.value


@pytest.mark.parametrize(("question", "words"), [(" ", "is empty"), ("x" * 201, "has 201 char")])
def test_what_cannot_be_asked_becomes_a_sentence(question, words):
    named, picture = controls(tool_explorer(reply, ASSISTANTS, "one"))
    named["question"].value = question
    assert words in picture.value and "glass-box-pieces" not in picture.value


def test_no_assistant_is_refused():
    with pytest.raises(ValueError, match="give the name of one"):
        tool_explorer(reply, (), "one")
