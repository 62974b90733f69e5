"""A drawing made of boxes, words and lines, as one <img>: quick enough to be drawn anew at every
key, and sharp at any size.
"""

import base64
from collections.abc import Sequence
from functools import cache
from html import escape

from matplotlib import font_manager, ft2font

from utils.pictures.figures import FONT_NAME, GREY
from utils.pictures.html_panels import INK, PAPER

_FAMILY = f"{FONT_NAME},Verdana,system-ui,sans-serif"  # Verdana is as wide, where that is missing


@cache
def _font(size: int) -> ft2font.FT2Font:
    font = ft2font.FT2Font(font_manager.findfont(FONT_NAME))
    font.set_size(size, 72)
    return font


@cache
def text_width(text: str, size: int) -> float | int:
    """How many pixels a line of text takes."""
    font = _font(size)
    # a character that the font lacks is about as wide as an M
    font.set_text("".join(c if font.get_char_index(ord(c)) else "M" for c in text))
    width, _ = font.get_width_height()
    return float(width / 64)  # the font counts in 64ths


class Svg:
    """A white sheet of `width` by `height` pixels; x goes right and y goes down."""

    def __init__(self, width: float | int, height: float | int):
        self.width, self.height = width, height
        self._parts: list[str] = []

    def box(
        self,
        x: float | int,
        y: float | int,
        width: float | int,
        height: float | int,
        *,
        fill: str = "none",
        edge: str = "none",
        dashed: bool = False,
    ) -> None:
        """A rectangle with its upper left corner at (x, y)."""
        dashes = ' stroke-dasharray="4 3"' if dashed else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{fill}" stroke="{edge}"{dashes}/>'
        )

    def words(
        self,
        x: float | int,
        y: float | int,
        text: str,
        *,
        size: int = 13,
        anchor: str = "start",
        color: str = INK,
        bold: bool = False,
        room: float | int | None = None,
    ) -> None:
        """A line of text that stands on y. anchor: which part of it is at x: start, middle or end.

        room: where given, letters are pressed together rather than running over so many pixels.
        """
        weight = ' font-weight="bold"' if bold else ""
        wide = room is not None and text_width(text, size) > room
        pressed = f' textLength="{room:.0f}" lengthAdjust="spacingAndGlyphs"' if wide else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{color}"{weight}{pressed} xml:space="preserve">{escape(text)}</text>'
        )

    def line(
        self,
        points: Sequence[tuple[float | int, float | int]],
        *,
        color: str = GREY,
        thick: float | int = 1.5,
    ) -> None:
        """A line through these points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{thick}"/>'
        )

    def img(self, alt: str) -> str:
        """The drawing as one <img> element, `alt` for who cannot see it."""
        sheet = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" font-family="{_FAMILY}">'
            f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(self._parts)}</svg>'
        )
        data = base64.b64encode(sheet.encode()).decode("ascii")
        look = f"max-width:100%;height:auto;background:{PAPER}"
        size = f'width="{self.width}" height="{self.height}"'
        return f'<img alt="{escape(alt)}" {size} style="{look}" src="data:image/svg+xml;base64,{data}">'
