"""What `check` said in a learner's notebook, `grade` says too.

The oracle is Jupyter itself: each notebook runs in a real kernel, cell by cell, and `check` gives
its verdicts there. Then the same cells are graded in the real sandbox.
"""

import re
from textwrap import indent

import nbclient
import nbformat
import pytest

from course.exercises import exercises
from course.grading.marks.examine import Examination, Trial
from course.grading.marks.marks import Item, mark
from course.grading.sandbox import code_folder
from course.grading.sandbox import launch as sandbox
from course.judging.exercise import SEED
from notebooks import IMPORTS, right, wrong

pytestmark = pytest.mark.sandbox

ONE, TWO = right("02.1"), right("02.2")
CHECK = "\n\ncheck('02.1', cross_entropy)"
CHECK_TWO = "\n\ncheck('02.2', perplexity_of_parts)"
AT_LAST = "def cross_entropy(a, b): return F.nll_loss(a.log_softmax(dim), b)" + CHECK
PASTED = "def cross_entropy(a, b):\n    x = F.cross_entropy(a, b)\n    return x"

CASES = {
    "cells as people write them": [
        "!true \\\n  and on\n" + IMPORTS,
        indent(ONE, "    "),
        "%%capture --no-stdout --no-display\n" + TWO,
        "%time answer_02_4 = 7.5\ncheck('02.4', answer_02_4)",
    ],
    "pasted with its prompts": [
        IMPORTS,
        "\n".join(
            f"{'... ' if line.startswith(' ') else '>>> '}{line}" for line in PASTED.split("\n")
        ),
        CHECK.strip(),
    ],
    "from the future": [
        "from __future__ import annotations",
        IMPORTS,
        "def cross_entropy(logits: Logits, targets: Targets) -> Loss:\n"
        "    return F.cross_entropy(logits, targets)" + CHECK,
    ],
    "helpers of the same name": [
        IMPORTS,
        "def mean(a, b): return F.cross_entropy(a, b)",
        "def cross_entropy(a, b): return mean(a, b)" + CHECK,
        "def mean(a, b): return torch.cat((a, b)).mean()",
        "def perplexity_of_parts(a, b): return mean(a, b).exp()" + CHECK_TWO,
    ],
    "a name that is something else later": [
        IMPORTS,
        "dim = -1",
        AT_LAST + "\nfor dim in range(5): pass",
        "dim = 'none'",
        wrong("02.2") + CHECK_TWO,
    ],
    "a name that was something else before": [
        IMPORTS,
        "dim = 0",
        "dim = -1",
        AT_LAST,
        "def perplexity_of_parts(a, b): return torch.cat((a, b)).mean() if dim else 0" + CHECK_TWO,
    ],
    "a file, a method of torch's and an await": [
        IMPORTS + "\nimport asyncio",
        "%%writefile own_helper.py\ndef last(): return -1",
        "from own_helper import last\nasync def later(): return last()\ndim = await later()",
        "torch.Tensor.lost = lambda self, b: F.nll_loss(self.log_softmax(dim), b)",
        "def cross_entropy(a, b): return a.lost(b)" + CHECK,
        "def perplexity_of_parts(a, b):\n    torch.set_default_dtype(torch.float64)\n"
        "    return torch.cat((a, b)).mean().exp()" + CHECK_TWO,
    ],
    "wrong, raising and untouched": [
        IMPORTS,
        wrong("02.1") + CHECK,
        "def perplexity_of_parts(a, b):\n    return nothing" + CHECK_TWO,
        "answer_02_4 = ...\ncheck('02.4', answer_02_4)",
    ],
}


def said_by_check(cells: list[str], folder) -> dict[str, str]:
    """The last verdict on each exercise, as the notebook shows it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    client = nbclient.NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}, timeout=600
    )
    client.execute()
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.outputs
    ]
    found = re.findall(r"Exercise (\d\d\.\d): (right|not yet|not started)", "\n".join(texts))
    return dict(found)


@pytest.fixture(scope="module")
def launch(tmp_path_factory):
    return sandbox.closed(code_folder.build(tmp_path_factory.mktemp("sandbox") / "home"))


@pytest.mark.parametrize("name", CASES)
def test_grade_says_what_check_said(launch, tmp_path, name):
    said = said_by_check(CASES[name], tmp_path)
    trials = [Trial(id, exercises()[id], SEED) for id in said]
    examination = Examination(CASES[name], trials, launch)
    results = examination.run()
    marks = {one.name: mark(Item(one, "", 1), results[one.name]).state.value for one in trials}
    assert said and marks == said, examination.notes
