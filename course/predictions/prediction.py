"""One prediction: kept, and shown beside the result."""

from typing import Any

from course.lesson.say import say
from course.predictions.kept import keep_answer, kept_answer
from course.predictions.kinds import Kind
from course.predictions.on_a_page import folded_result, for_a_page
from utils.pictures.html_panels import show_html

_answers: dict[str, Any] = {}  # of this session, for when nothing can be written to the disk


class Prediction:
    """One question and what the learner answered to it."""

    def __init__(self, id: str, question: str, kind: Kind):
        self.id, self.question, self.kind = id, question, kind

    @property
    def answer(self) -> Any:
        """What the learner predicted, in this session or an earlier one; None if nothing kept fits
        the question.
        """
        kept = _answers[self.id] if self.id in _answers else kept_answer(self.id)
        try:
            return None if kept is None else self.kind.read(kept)
        except ValueError:  # kept for an older wording of the question, or a damaged file
            return None

    def keep(self, answer: Any) -> str:
        """Keep an answer, for this session and the next.

        Returns what the learner is told; an answer may be refused.
        """
        try:
            _answers[self.id] = self.kind.read(answer)
        except ValueError as error:
            return f"Not kept: {error}."
        said = f"Your prediction: {self.kind.show(_answers[self.id])}."
        try:
            keep_answer(self.id, _answers[self.id])
        except OSError as error:
            return f"{said} It is kept for this session only, because it could not be written ({error.strerror or error})."
        return f"{said} Read on, and see."

    def reveal(self, truth: Any = None, *, choice: int | None = None) -> None:
        """Show the result beside the prediction. A notebook without a prediction goes on with a
        neutral sentence.

        truth: the result; or `choice`: its place among the choices, from 0, so that its words need
            not be repeated.
        """
        try:
            result = self.kind.measured(truth if choice is None else self.kind.at(choice))
        except ValueError as error:
            show_result(self.id, f"There is nothing to compare your prediction with: {error}.")
            return
        facts = {"Result": self.kind.show(result)}
        if for_a_page():
            text = f"Prediction {self.id}. Result: {facts['Result']}"
            show_html(folded_result(self.id, facts), text)
            return
        if self.answer is None:
            show_result(
                self.id, "You made no prediction this time, so here is the result alone.", facts
            )
            return
        facts = {"Your prediction": self.kind.show(self.answer)} | facts
        sentence, right = self.kind.compare(self.answer, result)
        show_result(self.id, sentence, facts, "good" if right else "note")


def show_result(
    id: str, sentence: str, facts: dict[str, str] | None = None, tone: str = "plain"
) -> None:
    """What came of the prediction `id`, in a box: the facts by name, and then the sentence."""
    lines = tuple(f"{name}: {words}" for name, words in (facts or {}).items())
    label = f"Result of prediction {id}"
    say(f"Prediction {id}", lines, tone, closing=sentence, label=label)
