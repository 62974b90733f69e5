"""An exercise on the site: what the learner starts from, then its hints and one way to do it, each
folded.
"""

from html import escape

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from course.building.build import ABOUT
from course.exercises import exercises
from course.judging.exercise_source import stub


def folded(cell: NotebookNode) -> list[NotebookNode]:
    """The cells that stand for a solved exercise cell: stub and hints, then the cell itself inside
    <details>.
    """
    found = exercises()[cell.metadata[ABOUT]["exercise"]]
    start = f"```python\n{stub(found)}\n\n{found.call}\n```"
    hints = [
        f'<details class="glass-box-fold"><summary>Exercise {found.id}, hint {number} of '
        f"{len(found.hints)}</summary>"
        f"<p>{escape(hint)}</p></details>"
        for number, hint in enumerate(found.hints, 1)
    ]
    summary = f"<summary>Exercise {found.id}, one way to do it</summary>"
    opens = f'{"".join(hints)}<details class="glass-box-fold">{summary}'
    return [
        new_markdown_cell(start),
        new_markdown_cell(opens),
        cell,
        new_markdown_cell("</details>"),
    ]
