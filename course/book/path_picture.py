"""The path as a picture: chapters from top to bottom, an arc from each to those that rest on it,
and a column of dots for each way through.

It is an SVG of plain shapes, which the build writes for the README, in light and in dark, and which
the site draws in the theme's own ink with links in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from course.book.path import Titled, leads_to, listed, needs, ways

_ROW, _TOP = 26, 46  # the height of a chapter, and of what stands above the first
_DOTS, _TITLES, _MINUTES, _FIRST, _APART = 112, 124, 530, 578, 62  # where the columns stand
_OUT = 7  # how much further out an arrow runs for each chapter that it passes
_WIDTH = _FIRST + 2 * _APART + 46
_FONT = "font-family:Verdana,DejaVu Sans,sans-serif"


@dataclass(frozen=True)
class Look:
    """The colours of the picture; `paper` is left out where it is empty."""

    ink: str
    arcs: str
    dots: str
    paper: str = ""


LIGHT = Look("#1f2328", "#5a6472", "#0b5cad", "#ffffff")
DARK = Look("#e6edf3", "#9aa4b2", "#6cb6ff", "#0d1117")
OF_THE_PAGE = Look(
    "var(--pst-color-text-base)", "var(--pst-color-text-muted)", "var(--pst-color-link)"
)


def described(chapters: Sequence[Titled]) -> str:
    """The picture in words: what each chapter needs."""
    there = {one.number for one in chapters}
    parts = []
    for one in chapters:
        needed = [number for number in needs().get(one.number, ()) if number in there]
        parts.append(f"{one.number} needs {listed(needed) if needed else 'none'}")
    return f"What each chapter rests on: {'; '.join(parts)}."


def path_picture(chapters: Sequence[Titled], look: Look, ending: str = "") -> str:
    """The picture as an <svg> element.

    ending: what a chapter's link ends with, as ".html"; without, nothing is linked.
    """
    height = {one.number: _TOP + _ROW * place for place, one in enumerate(chapters)}
    last = _TOP + _ROW * len(chapters)
    parts = [_paper(look, last)] if look.paper else []
    parts += [_arc(height[one], height[later], look) for one, later in _arrows(height)]
    parts += [_head(way.name, column, look) for column, way in enumerate(ways())]
    parts.append(_words(_MINUTES, _TOP - 22, "Minutes", look, anchor="end", size=10))
    parts += [_row(one, height[one.number], look, ending) for one in chapters]
    role = f'role="img" aria-label="{escape(described(chapters))}"' if not ending else _GROUP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {last}" width="{_WIDTH}" '
        f'height="{last}" {role} style="{_FONT}">{"".join(parts)}</svg>\n'
    )


_GROUP = 'role="group" aria-label="The path through the chapters"'


def _arrows(height: dict[str, int]) -> list[tuple[str, str]]:
    return [(one, later) for one in height for later in leads_to(one) if later in height]


def _paper(look: Look, last: int) -> str:
    return f'<rect width="{_WIDTH}" height="{last}" rx="6" fill="{look.paper}"/>'


def _arc(start: int, end: int, look: Look) -> str:
    """A curve on the left of the dots, and its arrowhead at the later chapter."""
    out = _DOTS - 16 - _OUT * (end - start) // _ROW
    head = f"M{_DOTS - 13} {end - 4}L{_DOTS - 5} {end}L{_DOTS - 13} {end + 4}z"
    return (
        f'<path d="M{_DOTS} {start}C{out} {start} {out} {end} {_DOTS - 6} {end}" fill="none" '
        f'stroke="{look.arcs}" stroke-width="1.4"/><path d="{head}" fill="{look.arcs}"/>'
    )


def _head(name: str, column: int, look: Look) -> str:
    return _words(_FIRST + _APART * column, _TOP - 22, name, look, anchor="middle", size=10)


def _words(x: int, y: int, text: str, look: Look, *, anchor: str = "start", size: int = 13) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{look.ink}">{escape(text)}</text>'
    )


def _row(chapter: Titled, y: int, look: Look, ending: str) -> str:
    dot = f'<circle cx="{_DOTS}" cy="{y}" r="4" fill="{look.ink}"/>'
    title = _words(_TITLES, y + 4, f"{chapter.number}  {chapter.title}", look)
    if ending:
        title = f'<a href="{escape(chapter.slug)}{ending}">{title}</a>'
    minutes = _words(_MINUTES, y + 4, str(chapter.minutes), look, anchor="end", size=12)
    on = [column for column, way in enumerate(ways()) if chapter.number in way.chapters]
    marks = "".join(
        f'<circle cx="{_FIRST + _APART * column}" cy="{y}" r="6" fill="{look.dots}"/>'
        for column in on
    )
    return f"{dot}{title}{minutes}{marks}"
