"""The explorer of written steps: three small GPTs on one's own calculation, and a step that can be
broken.
"""

from collections.abc import Mapping
from html import escape

from ipywidgets import Dropdown, IntSlider, VBox

from utils.data.problems_in_steps import (
    FACTORS,
    Problem,
    Way,
    last_digit_from,
    last_digit_problem,
)
from utils.pictures.figures import img
from utils.pictures.html_panels import panel
from utils.pictures.reasoning_pictures import digit_bars
from utils.training.step_writer import StepWriter
from utils.widgets.explorers import explorer, text_field

_WHOLE = -1  # no step is broken


def steps_explorer(writers: Mapping[Way, StepWriter], question: str) -> VBox:
    """Type a calculation, choose a step to break and by how much: what each net writes, and how
    likely it finds each digit as the answer.

    writers: nets for calculations of as many operations as `question` has.
    """
    steps = len(last_digit_problem(question).steps)
    places = [("no step", _WHOLE), *((f"step {at + 1}", at) for at in range(steps))]

    def draw(question: str, broken: int, by: int) -> str:
        return steps_picture(writers, question, steps, broken, by)

    return explorer(
        draw,
        height=420,
        question=text_field(question, "calculation", 300),
        # begins with a broken step: without one "by" would change nothing
        broken=Dropdown(options=places, value=min(1, steps - 1), description="break"),
        by=IntSlider(1, min=1, max=9, description="by", continuous_update=False),
    )


def steps_picture(
    writers: Mapping[Way, StepWriter], question: str, steps: int, broken: int, by: int
) -> str:
    """What each net writes, in words, and its probabilities of the answer as bars, as HTML. `broken`:
    the step that is made `by` larger, from 0; -1 for none. ValueError for another number of steps.
    """
    problem = _read(question, steps)
    lines: list[str] = []
    answers: dict[str, list[float]] = {}
    for way, writer in writers.items():
        before = _before(writer, problem, broken, by)
        chances = writer.next_symbols([problem.question + before])[0, :10]
        answer = str(int(chances.argmax()))
        answers[way] = chances.tolist()
        verdict = _verdict(problem, before, broken, answer)
        written = " ".join(filter(None, [_marked(problem, before), answer]))
        lines.append(f"<b>{way}</b>: {written}, {verdict}")
    return panel("<br>".join([*lines, *_notes(problem)])) + img(
        *digit_bars(answers, int(problem.answer))
    )


def _read(question: str, steps: int) -> Problem:
    plain = question.replace(" ", "").replace("×", "*").rstrip("=") + "="
    problem = last_digit_problem(plain)
    if len(problem.steps) != steps:
        raise ValueError(
            f"{plain} has {len(problem.steps) + 1} operations, and these nets have learned "
            f"calculations of {steps + 1}: write as many."
        )
    return problem


def _before(writer: StepWriter, problem: Problem, broken: int, by: int) -> str:
    """What the net writes before its answer, with the broken step in its place."""
    if writer.way == "direct":
        return ""
    count = len(problem.steps)
    if writer.way == "dots" or broken == _WHOLE:
        return writer.write([problem.question], count)[0]
    begun = writer.write([problem.question], broken + 1)[0]
    if not begun[-1].isdigit():
        raise ValueError(f"the net wrote {begun} here, and only a digit can be broken.")
    begun = begun[:-1] + str((int(begun[-1]) + by) % 10)
    return begun + writer.write([problem.question + begun], count - broken - 1)[0]


def _marked(problem: Problem, before: str) -> str:
    """The steps, each with a sign: does it follow from the one before it?"""
    if not before or "." in before:
        return before
    said = []
    for at, digit in enumerate(before):
        follows = problem.steps[0] if at == 0 else _next(problem, at, before[at - 1])
        said.append(f"{escape(digit)}{'✓' if digit == follows else '✗'}")
    return " ".join(said)


def _next(problem: Problem, at: int, digit: str) -> str:
    """What step number `at` has to be after this digit."""
    operations = problem.question[: 2 * at + 3]
    return last_digit_from(f"{operations}=", at - 1, int(digit))


def _verdict(problem: Problem, before: str, broken: int, answer: str) -> str:
    if broken != _WHOLE and before and "." not in before:
        follows = last_digit_from(problem.question, broken, int(before[broken]))
        if answer == follows:
            return f"which follows from the broken step ({problem.answer} would be right)"
    if answer == problem.answer:
        return "which is right"
    return f"which is wrong ({problem.answer} is right)"


def _notes(problem: Problem) -> list[str]:
    factors = {one[0] for one in problem.question.split("*")[1:]}
    strange = sorted(factors - set(map(str, FACTORS)))
    known = ", ".join(map(str, FACTORS))
    return [f"No net has read the factor {', '.join(strange)}: only {known}."] if strange else []
