"""Which of two replies is better?

Asked pair after pair, with a button for each: how preferences are collected.
"""

from collections.abc import Callable, Sequence
from html import escape

from ipywidgets import HTML, Button, Layout, VBox

Pair = tuple[str, str, str]  # a question and two replies


def preference_form(pairs: Sequence[Pair], done: Callable[[list[int]], str]) -> VBox:
    """Show one pair at a time. After the last, show what `done(choices)` says: for each pair 0 or
    1, the reply chosen.

    Raises ValueError if there is no pair.
    """
    if not pairs:
        raise ValueError(
            "there is no pair to choose from: give one or more, each a question and two replies."
        )
    question = HTML()
    choices: list[int] = []
    wide = Layout(width="100%", max_width="520px", height="auto")
    buttons = [Button(layout=wide) for _ in range(2)]

    def show() -> None:
        asked, *replies = pairs[len(choices)]
        question.value = f"<b>{len(choices) + 1} of {len(pairs)}.</b> {escape(asked)} Which reply do you like better?"
        for button, reply in zip(buttons, replies, strict=True):
            button.description = reply

    def choose(clicked: Button) -> None:
        choices.append(buttons.index(clicked))
        if len(choices) < len(pairs):
            show()
            return
        for button in buttons:
            button.disabled = True
        question.value = done(choices)

    for button in buttons:
        button.on_click(choose)
    show()
    return VBox([question, *buttons])
