"""Read the code cells of a notebook file that may be anything: damaged, huge, of another format, or
no notebook at all.

Only the sources of code cells are taken. Outputs, metadata and cell ids are not looked at, so
nothing can be claimed through them.
"""

import json
from typing import Any

LARGEST = 64 * 2**20  # bytes of a file; pictures among its outputs count
MOST_CODE = 3 * 2**20  # bytes of its code
MOST_PARTS = 4_000_000  # brackets and commas: what JSON becomes in memory, some 100 bytes for each


class Unreadable(ValueError):
    """This file is no notebook that can be graded.

    The message is a part of a sentence, for the student.
    """


def code_cells(data: bytes) -> list[str]:
    """The sources of the code cells, in order: nbformat 3, 4, and 5 as far as it looks like them.

    Or Unreadable.
    """
    if len(data) > LARGEST:
        raise Unreadable(
            f"it is larger than {LARGEST // 2**20} MiB; delete the outputs and hand it in again"
        )
    if not data.strip():
        raise Unreadable("the file is empty")
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
    return sources


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
