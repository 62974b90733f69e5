"""Read the code cells of a notebook file that may be anything: damaged, huge, of another format, or
no notebook at all.

Only the sources of code cells are taken, and the version of Python. Outputs and cell ids are not
looked at, so nothing can be claimed through them.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

LARGEST = 64 * 2**20  # bytes of a file; pictures among its outputs count
MOST_CODE = 3 * 2**20  # bytes of its code
MOST_PARTS = 1_500_000  # brackets and commas: what JSON becomes in memory, some 100 bytes for each
MOST_TEXT = 96 * 2**20  # bytes of the file as text: all its letters take as much as the widest


class Unreadable(ValueError):
    """This file is no notebook that can be graded.

    The message is a part of a sentence, for the student.
    """


@dataclass(frozen=True)
class Notebook:
    """The sources of the code cells, in order, and the Python that the file names: "3.12"."""

    cells: list[str]
    python: str = ""


def read_notebook(data: bytes) -> Notebook:
    """What is in this file: nbformat 3, 4, and 5 as far as it looks like them. Or Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(
            f"it is larger than {LARGEST // 2**20} MiB; delete the outputs and hand it in again"
        )
    if not data.strip():
        raise Unreadable("the file is empty")
    if len(data) * _width(data) > MOST_TEXT:
        raise Unreadable("it is too large; delete the outputs and hand it in again")
    if sum(map(data.count, (b"{", b"[", b","))) > MOST_PARTS:
        raise Unreadable("it has millions of values; delete the outputs and hand it in again")
    try:
        # some editors write UTF-16
        content = json.loads(data.decode(json.detect_encoding(data)))
    except UnicodeDecodeError:
        raise Unreadable("it is not in UTF-8, as notebooks are") from None
    except (ValueError, RecursionError):
        raise Unreadable(
            "it is not JSON, as notebooks are; was it saved as a notebook (.ipynb)?"
        ) from None
    sources = [
        _source(cell)
        for cell in _cells(content)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    if len(json.dumps(sources)) > MOST_CODE:
        raise Unreadable(f"it has more than {MOST_CODE // 2**20} MiB of code")
    return Notebook(sources, _python(content))


def _python(content: dict[str, Any]) -> str:
    """Major and minor version of the Python that ran it; empty if it does not say."""
    try:
        said = content["metadata"]["language_info"]["version"]
        return "" if not (found := re.match(r"\d{1,2}\.\d{1,3}", said)) else found[0]
    except (LookupError, TypeError):
        return ""


def _width(data: bytes) -> int:
    """Bytes of each letter once this is text: 1, 2, or 4 where a single one needs it."""
    if re.search(rb"[\xf0-\xff]", data):
        return 4
    return 2 if re.search(rb"[\xc4-\xef]", data) else 1


def _cells(content: Any) -> list[Any]:
    """The list of cells, which lies one level deeper in nbformat 3."""
    if isinstance(content, dict) and isinstance(content.get("cells"), list):
        cells: list[Any] = content["cells"]
        return cells
    sheets = content.get("worksheets") if isinstance(content, dict) else None
    if isinstance(sheets, list):
        return [cell for sheet in sheets if isinstance(sheet, dict) for cell in _cells(sheet)]
    raise Unreadable("it is JSON, but no notebook: it has no list of cells")


def _source(cell: dict[str, Any]) -> str:
    """A cell's text: "input" in nbformat 3, a text or a list of lines."""
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))
