"""An HTML table for notebooks and for pages: every head says what it heads, as screen readers need.

A notebook strips style sheets, so a Look holds inline declarations; a page with a style sheet needs
none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Column:
    """A column's name, as plain text; whether it holds numbers; its width in percent, if it is set."""

    name: str
    numeric: bool = False
    width: int | None = None


@dataclass(frozen=True)
class Look:
    """Inline CSS declarations, each like "color:#000;padding:6px", for the parts of a table."""

    table: str = ""
    caption: str = ""
    column_head: str = ""
    row_head: str = ""
    cell: str = ""


_BARE = Look()


def html_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    look: Look = _BARE,
    caption: str = "",
    row_heads: bool = False,
    headings: Mapping[int, str] | None = None,
) -> str:
    """A <table> of cells that are HTML already.

    caption: plain text above the table.
    row_heads: whether the first cell of each row heads it.
    headings: plain texts over all columns, by the place of the row above which they stand.
    ValueError if a row has not as many cells as there are columns.
    """
    above = _tag("caption", escape(caption), style=look.caption) if caption else ""
    head = "".join(_column_head(column, look) for column in columns)
    body = []
    for place, row in enumerate(rows):
        if headings and place in headings:
            span = str(len(columns))
            body.append(
                _tag("th", escape(headings[place]), colspan=span, scope="colgroup", style=look.cell)
            )
        body.append(_row(columns, row, look, row_heads))
    lines = "".join(f"<tr>{cells}</tr>" for cells in body)
    inner = f"{above}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>"
    return _tag("table", inner, style=look.table)


def _tag(name: str, content: str, **attributes: str) -> str:
    """An element; attributes without a value are left out."""
    given = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{given}>{content}</{name}>"


def _kind(column: Column) -> dict[str, str]:
    return {"class": "n"} if column.numeric else {}


def _column_head(column: Column, look: Look) -> str:
    width = "" if column.width is None else f"width:{column.width}%"
    style = ";".join(filter(None, [look.column_head, width]))
    return _tag("th", escape(column.name), scope="col", **_kind(column), style=style)


def _row(columns: Sequence[Column], row: Sequence[str], look: Look, row_heads: bool) -> str:
    cells = []
    for place, (column, html) in enumerate(zip(columns, row, strict=True)):
        if row_heads and place == 0:
            cells.append(_tag("th", html, scope="row", style=look.row_head))
        else:
            cells.append(_tag("td", html, **_kind(column), style=look.cell))
    return "".join(cells)
