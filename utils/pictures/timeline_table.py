"""A timeline as a table that a notebook shows: the year, what was new, how the past of a text is
carried, and the source, with a link where there is one.
"""

from collections.abc import Sequence
from html import escape

from utils.data.architecture_history import KINDS, Milestone
from utils.pictures.figures import BLUE, GREEN, ORANGE, PURPLE, VERMILLION
from utils.pictures.html_panels import FONT, show_html

_COLOURS = dict(zip(KINDS, (ORANGE, GREEN, VERMILLION, PURPLE, BLUE), strict=True))
_CELL = "padding:1px 10px 1px 0;text-align:left;vertical-align:top"
_HEADS = ("year", "name", "what was new", "the past is carried by", "source")


def timeline_table(history: Sequence[Milestone]) -> None:
    """Show it, oldest first as given; a plain script prints it."""
    show_html(timeline_html(history), timeline_text(history))


def timeline_html(history: Sequence[Milestone]) -> str:
    """A <table> with a row for each step. The dot moves to the right from kind to kind."""
    heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in _HEADS)
    rows = "".join(_row(one) for one in history)
    return (
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;{FONT}">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def timeline_text(history: Sequence[Milestone]) -> str:
    """The same, a line for each step."""
    lines = [f"{one.year} {one.name}: {one.new} ({one.kind}; {one.source})" for one in history]
    return "\n".join(lines)


def _row(one: Milestone) -> str:
    indent = 8 * KINDS.index(one.kind)
    dot = f'<span style="color:{_COLOURS[one.kind]};margin-left:{indent}px">\u25cf</span>'
    kind = f'<span style="white-space:nowrap">{dot} {one.kind}</span>'
    cells = (
        str(one.year),
        f"<b>{escape(one.name)}</b>",
        escape(one.new),
        kind,
        _linked(one.source),
    )
    inner = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{inner}</tr>"


def _linked(source: str) -> str:
    """A link where the source has a number of arXiv."""
    if not source.startswith("arXiv:"):
        return escape(source)
    number = source.removeprefix("arXiv:")
    return f'<a style="color:inherit" href="https://arxiv.org/abs/{number}">{source}</a>'
