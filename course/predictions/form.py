"""The form that asks for a prediction.

Only what ipywidgets 7.7 and 8 both have, because Colab has 7.7.
"""

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from course.predictions.kinds import Choice, Kind, Ranking
from course.predictions.prediction import Prediction
from utils.pictures.html_panels import panel

_WIDE = {"description_width": "initial"}
_NOT_YET = "(choose)"


def _number_input(kept: Any) -> tuple[widgets.Widget, Callable[[], Any]]:
    box = widgets.FloatText(value=kept or 0.0, description="Your number", style=_WIDE)
    return box, lambda: box.value


def _choice_input(choices: tuple[str, ...], kept: Any) -> tuple[widgets.Widget, Callable[[], Any]]:
    box = widgets.RadioButtons(
        options=choices,
        value=kept,
        description="Your choice",
        style=_WIDE,
        layout=widgets.Layout(width="auto"),
    )
    return box, lambda: box.value


def _ranking_input(items: tuple[str, ...], kept: Any) -> tuple[widgets.Widget, Callable[[], Any]]:
    options = [(_NOT_YET, ""), *((item, item) for item in items)]  # None would leave the box blank
    boxes = [
        widgets.Dropdown(options=options, value=value, description=f"Place {place}")
        for place, value in enumerate(kept or [""] * len(items), 1)
    ]
    return widgets.HBox(boxes, layout=widgets.Layout(flex_flow="row wrap")), lambda: [
        box.value for box in boxes
    ]


def _input(kind: Kind, kept: Any) -> tuple[widgets.Widget, Callable[[], Any]]:
    """The widget for a kind of answer, filled with the answer kept before, and a function that
    reads it.
    """
    if isinstance(kind, Choice):
        return _choice_input(kind.choices, kept)
    return _ranking_input(kind.items, kept) if isinstance(kind, Ranking) else _number_input(kept)


def form(prediction: Prediction, question: str) -> widgets.VBox:
    """Question (HTML), input, a button that keeps the answer, and a line that says what was kept.

    What goes wrong in the button's callback shows below the form and not in a log that nobody
    reads.
    """
    kept = prediction.answer
    box, read = _input(prediction.kind, kept)
    button = widgets.Button(description="Keep my answer", tooltip="Keep my answer")
    status, errors = widgets.HTML(), widgets.Output()

    def on_keep(_: widgets.Button) -> None:
        status.value = f'<div role="status">{panel(escape(prediction.keep(read())))}</div>'

    button.on_click(errors.capture(clear_output=True)(on_keep))
    if kept is not None:
        before = f"You answered before: {prediction.kind.show(kept)}. You may change it."
        status.value = panel(escape(before))
    return widgets.VBox([widgets.HTML(question), box, button, status, errors])
