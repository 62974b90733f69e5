"""The explorer of an assistant with a tool: a question, and who wrote which part of the reply."""

from collections.abc import Callable, Sequence
from html import escape

from ipywidgets import Dropdown, VBox

from utils.pictures.using_pictures import parts_html
from utils.tools.tool_loop import Part
from utils.widgets.explorers import explorer, text_field

MOST_CHARACTERS = 200  # of a question
# From the name of an assistant and a question to the parts of its reply.
Reply = Callable[[str, str], Sequence[Part]]


def tool_explorer(reply: Reply, assistants: Sequence[str], question: str) -> VBox:
    """Type a question and choose one of the assistants: what it writes itself, what the tool gives
    back, and what it makes of that. ValueError if there is no assistant.
    """
    if not assistants:
        raise ValueError("assistants is empty; give the name of one at least.")

    def draw(question: str, assistant: str) -> str:
        if not question.strip():
            raise ValueError("the question is empty; type at least one word.")
        if len(question) > MOST_CHARACTERS:
            raise ValueError(
                f"the question has {len(question)} characters; type at most {MOST_CHARACTERS}."
            )
        html, _ = parts_html(question, reply(assistant, question))
        return f"<p>The assistant <b>{escape(assistant)}</b>:</p>{html}"

    return explorer(
        draw,
        height=110,
        question=text_field(question, "question", 420),
        assistant=Dropdown(options=list(assistants), description="assistant"),
    )
