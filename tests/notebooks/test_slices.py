"""What the browser looks at in a notebook that it runs in part is what Run All shows there.

The cells are found by reading (course/building/cell_slice.py). Here the same notebook runs whole
and in part, and what can be
used is compared: its text, and the pictures of explorers, byte for byte.
"""

import os

import pytest

from course.building.build import ROOT
from course.building.cell_slice import that_call
from course.harness.changed_chapters import EVERYTHING
from course.harness.interactive_cells import INTERACTIVE, for_the_browser

CHAPTERS = sorted(path.name[:2] for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
PICTURES = """\
from ipywidgets.widgets import widget as _widget
_of = lambda box: getattr(box, "_dom_classes", ())
_explorers = [box for box in _widget._instances.values() if "glass-box-explorer" in _of(box)]
print([box.children[1].value for box in _explorers])
"""
SOME = ["01", "02"]  # one with an explorer and a model, one with a game


def said(at, cells, positions):
    """What each of these cells shows, by its position; then the pictures of explorers."""
    shown = {position: at.execute(cells[position]) for position in positions}
    return shown, at.execute(PICTURES)


@pytest.mark.parametrize("name", CHAPTERS if os.environ.get(EVERYTHING) else SOME)
def test_in_part_as_whole(name, new_kernel, cells):
    code = cells(name)
    part = for_the_browser(code)
    wanted = that_call(code, INTERACTIVE)
    assert len(part) < len(code)
    with new_kernel() as at:
        whole, pictures = said(at, code, range(len(code)))
    with new_kernel() as at:
        again, same_pictures = said(at, code, part)
    assert wanted and {position: again[position] for position in wanted} == {
        one: whole[one] for one in wanted
    }
    assert pictures == same_pictures
