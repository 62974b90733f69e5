"""What a learner sees who closes the notebook and comes back when its kernel has ended."""

import nbformat
import pytest
from lab_server import jupyterlab
from notebook_page import NotebookPage, open_lab

CELLS = [
    "from course import predict\nguess = predict('01.1', 'How many?', unit='bits')",
    """\
import torch
from ipywidgets import IntSlider
from utils.pictures.figures import bars, img
from utils.widgets.explorers import explorer

def draw(n):
    return img(bars(["a", "b"], torch.tensor([n, 1.0])), f"the number is {n}, in two bars")

explorer(draw, 100, n=IntSlider(3, max=5))""",
]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
RESTART = (
    "async () => { await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart() }"
)
SAVE = "async () => { await jupyterapp.commands.execute('docmanager:save') }"
OPEN = "path => { jupyterapp.commands.execute('docmanager:open', {path}) }"
AGAIN = "run this cell again"


@pytest.fixture
def came_back(browser, tmp_path):
    """A notebook that was run, its slider moved, and saved; then its kernel was restarted, and the page loaded anew."""
    (tmp_path / "root").mkdir()
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    book = nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)
    nbformat.write(book, tmp_path / "root" / "some.ipynb")
    with jupyterlab(tmp_path / "root", tmp_path) as server:
        page = open_lab(browser, server)
        before = NotebookPage(page, "some.ipynb")
        assert before.run_all() is True and before.errors() == []
        assert AGAIN not in "".join(page.locator(".jp-OutputArea").all_inner_texts())
        page.locator(".noUi-handle").press("ArrowRight")
        page.locator(".glass-box-still img[alt^='the number is 4']").wait_for(state="attached")
        page.evaluate(SAVE)
        page.evaluate(RESTART)
        page.reload()
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate("async () => { await jupyterapp.restored }")
        page.evaluate(OPEN, "some.ipynb")
        yield page
        page.close()


def test_the_last_picture_and_a_sentence_stand_where_the_controls_were(came_back):
    came_back.locator(".glass-box-still:visible").nth(1).wait_for()
    question, picture = came_back.locator(".jp-OutputArea").all()
    assert "How many?" in question.inner_text() and AGAIN in question.inner_text()
    assert picture.get_by_alt_text("the number is 4, in two bars").is_visible()
    assert AGAIN in picture.inner_text()
    for place in (question, picture):
        assert "Error displaying widget" not in place.inner_text()
