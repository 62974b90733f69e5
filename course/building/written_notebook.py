"""Cells become a file: the same bytes for the same cells."""

from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook_file(cells: Sequence[NotebookNode]) -> bytes:
    """A valid notebook of these cells, ending with one line break."""
    about = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    book = new_notebook(cells=list(cells), metadata=about)
    nbformat.validate(book)
    text: str = nbformat.writes(book)
    return (text.rstrip("\n") + "\n").encode("utf-8")
