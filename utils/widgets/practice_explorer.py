"""The explorer of practice: move through the steps of a run, and read what the model writes."""

from collections.abc import Callable, Mapping

from ipywidgets import Dropdown, SelectionSlider, VBox

from utils.pictures.figures import img
from utils.pictures.practice_pictures import Curves, practice_figure, replies_panel
from utils.widgets.explorers import explorer

Replies = tuple[str, str, list[str]]  # the question, its answer, and what is written
ReadReplies = Callable[[str, int], Replies]
ReadCurves = Callable[[str], Mapping[str, Curves]]


def practice_explorer(
    runs: Mapping[str, str], steps: list[int], replies: ReadReplies, curves: ReadCurves
) -> VBox:
    """Choose a run and a step. `runs`: the name of each run by what the reader chooses; `replies(run,
    step)` and `curves(run)` look up what is shown.
    """

    def draw(run: str, step: int) -> str:
        return practice_picture(run, step, replies, curves)

    return explorer(
        draw,
        height=420,
        run=Dropdown(options=list(runs.items()), description="run"),
        step=SelectionSlider(
            options=steps, value=steps[0], description="step", continuous_update=False
        ),
    )


def practice_picture(run: str, step: int, replies: ReadReplies, curves: ReadCurves) -> str:
    """Eight replies, the right ones marked, above the curves of the run with a line at this step, as
    HTML.
    """
    question, answer, written = replies(run, step)
    right = [reply[:-1].isdigit() and reply.endswith(answer + ".") for reply in written]
    alt = (
        f"Curves of the run against the step, with a dotted line at step {step}, where "
        f"{sum(right)} of {len(right)} replies are right."
    )
    return replies_panel(question, answer, written, right) + img(
        practice_figure(curves(run), step), alt
    )
