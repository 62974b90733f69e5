"""Kernels as a learner has them: real ones, each with the same folder for what it keeps."""

import os
import sys
from pathlib import Path

import pytest

from course.harness.changed_chapters import chosen
from course.harness.colab_mirror import code_cells
from course.harness.kernel import kernel
from course.harness.stages import environment

ROOT = Path(__file__).resolve().parents[2]


def pytest_terminal_summary(terminalreporter):
    said = f"Notebooks whose exercise cells run where they stand. {chosen(ROOT)}"
    terminalreporter.write_line(said)


@pytest.fixture
def new_kernel(tmp_path):
    """Starts a kernel; used several times, it is the same learner in a new session."""
    (tmp_path / "private").mkdir()
    variables = environment(tmp_path / "private") | {"OMP_NUM_THREADS": "1"}
    path = [str(ROOT), str(ROOT / "tests" / "help"), variables["PYTHONPATH"]]
    variables["PYTHONPATH"] = os.pathsep.join(path)
    return lambda: kernel(Path(sys.executable), tmp_path, variables)


@pytest.fixture
def cells():
    """The code of a learner's notebook, cell by cell."""

    def read(name):
        (path,) = (ROOT / "notebooks").glob(f"{name}_*.ipynb")
        return code_cells(path)

    return read
