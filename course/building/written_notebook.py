"""Cells become a file: the same bytes for the same cells."""

from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook_file(cells: Sequence[NotebookNode]) -> bytes:
    """A valid notebook of these cells, ending with one line break."""
    about = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    return as_file(new_notebook(cells=list(cells), metadata=about))


def as_file(book: NotebookNode) -> bytes:
    """A notebook as its file, ending with one line break. nbformat's ValidationError if it is not
    valid.
    """
    nbformat.validate(book)
    text: str = nbformat.writes(book)
    return (text.rstrip("\n") + "\n").encode("utf-8")
