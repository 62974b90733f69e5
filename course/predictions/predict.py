"""Predict before you look: a question before an experiment, and the answer beside the result after
it.

    p = predict("01.1", "How likely is it that the model goes on with Paris?", unit="%")
    ...               # the learner uses the form, or keep("01.1", 50); then the experiment
    p.reveal(truth)   # or reveal("01.1", truth), in a later cell

Nothing depends on an answer: a notebook runs through without one, and whatever the learner, the
disk or the browser does, neither call raises. Only a question that is put wrongly does
(ValueError), so that its author sees it.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from course.lesson.say import say
from course.predictions.form import form
from course.predictions.kinds import Choice, Kind, Number, Ranking, Year
from course.predictions.on_a_page import for_a_page, question_with_form
from course.predictions.prediction import Prediction, show_result
from utils.pictures.html_panels import panel, show_widget

_asked: dict[str, "Prediction"] = {}


def _kind(choices: Sequence[str] | None, ranking: Sequence[str] | None, unit: str | None) -> Kind:
    if sum(given is not None for given in (choices, ranking, unit)) > 1:
        raise ValueError(
            "a question has choices, a ranking or a number with a unit, and this one has several "
            "of them"
        )
    if choices is not None:
        return Choice(choices)
    if ranking is not None:
        return Ranking(ranking)
    return Year() if unit == Year.UNIT else Number(unit or "")


def predict(
    id: str,
    question: str,
    *,
    choices: Sequence[str] | None = None,
    ranking: Sequence[str] | None = None,
    unit: str | None = None,
) -> Prediction:
    """Ask for a prediction: a number (with its unit; "(a year)" is one), one of `choices`, or the
    items of `ranking` in order.

    id: "01.1", unique in the course. Shows a form in a notebook, and elsewhere the question with
    the way to answer it. Raises ValueError for a question that is put wrongly: fewer than two
    choices, equal ones, or two kinds at once.
    """
    prediction = _asked[id] = Prediction(id, question, _kind(choices, ranking, unit))
    asked = f"<b>Predict first ({escape(id)}).</b> {escape(question)}"
    how = f"To answer without the form, run: keep({id!r}, {prediction.kind.example})"
    html = (
        question_with_form(id, asked, prediction.kind)
        if for_a_page()
        else panel(f"{asked}<br>{escape(how)}", label=f"Prediction {id}")
    )
    text = f"Predict first ({id}). {question}\n  {how}"
    show_widget(lambda: form(prediction, panel(asked, label=f"Prediction {id}")), html, text)
    return prediction


def keep(id: str, answer: Any) -> None:
    """Keep an answer to the question `id`, where its form cannot be used.

    Says what was kept, or why not.
    """
    unasked = f"Question {id} was not asked yet: run its cell first."
    said = _asked[id].keep(answer) if id in _asked else unasked
    say(said, label=f"Prediction {id}")


def reveal(id: str, truth: Any = None, *, choice: int | None = None) -> None:
    """Show the result of the question `id` beside the prediction: the `truth`, or the place of the
    right choice.
    """
    if id in _asked:
        _asked[id].reveal(truth, choice=choice)
    else:
        result = f"The result is {truth}. " if choice is None else ""
        show_result(
            id, f"{result}Its question was not asked in this session: run its cell to predict."
        )
