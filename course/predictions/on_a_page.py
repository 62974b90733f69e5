"""A prediction on a page without a kernel: a form to answer in, and the result folded until the
reader asks for it.

course/site/static/predictions.js puts the reader's answer beside the result.
"""

import os
from html import escape

from course.predictions.kinds import Choice, Kind, Number, Ranking
from utils.pictures.html_panels import panel

_CHOOSE = "(choose)"


def for_a_page() -> bool:
    """Whether this notebook runs for the site, which has no kernel."""
    return bool(os.environ.get("GLASSBOX_FRAMES"))


def question_with_form(id: str, asked: str, kind: Kind) -> str:
    """The question (HTML) with native controls, each with a label."""
    legend = f"<legend style='font-size:inherit;float:left'>{asked}</legend>"
    controls = f'<div style="clear:both;padding-top:6px">{_controls(id, kind)}</div>'
    form = f'<fieldset data-prediction="{escape(id)}">{legend}{controls}</fieldset>'
    return panel(form, label=f"Prediction {id}")


def _controls(id: str, kind: Kind) -> str:
    if isinstance(kind, Choice):
        name = escape(f"prediction-{id}")
        radios = (
            f'<label><input type="radio" name="{name}" value="{escape(one)}"> {escape(one)}</label>'
            for one in kind.choices
        )
        return "<br>".join(radios)
    if isinstance(kind, Ranking):
        options = "".join(f"<option>{escape(one)}</option>" for one in (_CHOOSE, *kind.items))
        places = range(1, len(kind.items) + 1)
        return " ".join(
            f"<label>Place {place} <select>{options}</select></label>" for place in places
        )
    unit = kind.unit if isinstance(kind, Number) else ""
    number = f'<input type="number" step="any" data-unit="{escape(unit)}" style="width:8em">'
    return f"<label>Your number {number} {escape(unit)}</label>"


def folded_result(id: str, facts: dict[str, str]) -> str:
    """What came of it, folded; the reader's answer appears beside it when it is unfolded."""
    lines = "".join(f"<p>{escape(name)}: {escape(words)}</p>" for name, words in facts.items())
    summary = f"<summary>Prediction {escape(id)}: show the result</summary>"
    own = '<p class="glass-box-own" role="status"></p>'
    return f'<details class="glass-box-fold" data-result="{escape(id)}">{summary}{own}{lines}</details>'
