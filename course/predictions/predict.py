"""Predict before you look: a question before an experiment, and the answer beside the result after it.

    p = predict("01.1", "How likely is it that the model goes on with Paris?", unit="%")
    ...                                    # the learner uses the form, or keep("01.1", 50); then the experiment
    p.reveal(truth)                        # or reveal("01.1", truth), in a later cell

Nothing depends on an answer: a notebook runs through without one, and whatever the learner, the disk or the browser
does, neither call raises. Only a question that is put wrongly does (ValueError), so that its author sees it.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from course.lesson.learner_data import recall, remember
from course.predictions.form import form
from course.predictions.kinds import Choice, Kind, Number, Ranking
from utils.pictures.html_panels import panel, show_html, show_widget

_STORE = "predictions"
_asked: dict[str, "Prediction"] = {}
_answers: dict[str, Any] = {}  # of this session, for when nothing can be written to the disk


class Prediction:
    """One question and what the learner answered to it."""

    def __init__(self, id: str, question: str, kind: Kind):
        self.id, self.question, self.kind = id, question, kind

    @property
    def answer(self) -> Any:
        """What the learner predicted, in this session or an earlier one; None if nothing kept fits the question."""
        kept = _answers.get(self.id, recall(_STORE).get(self.id))
        try:
            return None if kept is None else self.kind.read(kept)
        except ValueError:  # kept for an older wording of the question, or a damaged file
            return None

    def keep(self, answer: Any) -> str:
        """Keep an answer, for this session and the next. Returns what the learner is told; an answer may be refused."""
        try:
            _answers[self.id] = self.kind.read(answer)
        except ValueError as error:
            return f"Not kept: {error}."
        said = f"Your prediction: {self.kind.show(_answers[self.id])}."
        try:
            remember(_STORE, self.id, _answers[self.id])
        except OSError as error:
            return (
                f"{said} It is kept for this session only, because it could not be written ({error.strerror or error})."
            )
        return f"{said} Read on, and see."

    def reveal(self, truth: Any = None, *, choice: int | None = None) -> None:
        """Show the result beside the prediction. A notebook without a prediction goes on with a neutral sentence.

        truth: the result; or `choice`: its place among the choices, from 0, so that its words need not be repeated.
        """
        try:
            result = self.kind.measured(truth if choice is None else self.kind.at(choice))
        except ValueError as error:
            _show_result(self.id, f"There is nothing to compare your prediction with: {error}.")
            return
        facts = {"Result": self.kind.show(result)}
        if self.answer is None:
            _show_result(self.id, "You made no prediction this time, so here is the result alone.", facts)
            return
        facts = {"Your prediction": self.kind.show(self.answer)} | facts
        sentence, right = self.kind.compare(self.answer, result)
        _show_result(self.id, sentence, facts, "good" if right else "note")


def _show_result(id: str, sentence: str, facts: dict[str, str] | None = None, tone: str = "plain") -> None:
    lines = [f"{name}: {words}" for name, words in (facts or {}).items()]
    text = "\n".join([f"Prediction {id}", *(f"  {line}" for line in [*lines, sentence])])
    html = "<br>".join([f"<b>Prediction {escape(id)}</b>", *map(escape, lines), f"<b>{escape(sentence)}</b>"])
    show_html(panel(html, tone, f"Result of prediction {id}"), text)


def _kind(choices: Sequence[str] | None, ranking: Sequence[str] | None, unit: str | None) -> Kind:
    if sum(given is not None for given in (choices, ranking, unit)) > 1:
        raise ValueError("a question has choices, a ranking or a number with a unit, and this one has several of them")
    if choices is not None:
        return Choice(choices)
    return Number(unit or "") if ranking is None else Ranking(ranking)


def predict(
    id: str,
    question: str,
    *,
    choices: Sequence[str] | None = None,
    ranking: Sequence[str] | None = None,
    unit: str | None = None,
) -> Prediction:
    """Ask for a prediction: a number (with its unit), one of `choices`, or the items of `ranking` in order.

    id: "01.1", unique in the course. Shows a form in a notebook, and elsewhere the question with the way to answer it.
    Raises ValueError for a question that is put wrongly: fewer than two choices, equal ones, or two kinds at once.
    """
    prediction = _asked[id] = Prediction(id, question, _kind(choices, ranking, unit))
    asked = f"<b>Predict first ({escape(id)}).</b> {escape(question)}"
    how = f"To answer without the form, run: keep({id!r}, {prediction.kind.example})"
    html = panel(f"{asked}<br>{escape(how)}", label=f"Prediction {id}")
    text = f"Predict first ({id}). {question}\n  {how}"
    show_widget(lambda: form(prediction, panel(asked, label=f"Prediction {id}")), html, text)
    return prediction


def keep(id: str, answer: Any) -> None:
    """Keep an answer to the question `id`, where its form cannot be used. Says what was kept, or why not."""
    said = _asked[id].keep(answer) if id in _asked else f"Question {id} was not asked yet: run its cell first."
    show_html(panel(escape(said), label=f"Prediction {id}"), said)


def reveal(id: str, truth: Any = None, *, choice: int | None = None) -> None:
    """Show the result of the question `id` beside the prediction: the `truth`, or the place of the right choice."""
    if id in _asked:
        _asked[id].reveal(truth, choice=choice)
    else:
        result = f"The result is {truth}. " if choice is None else ""
        _show_result(id, f"{result}Its question was not asked in this session: run its cell to predict.")
