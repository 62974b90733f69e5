"""Kernels as a learner has them: real ones, each with the same folder for what it keeps."""

import sys
from pathlib import Path

import nbformat
import pytest

from course.kernel import kernel
from course.testing import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def new_kernel(tmp_path):
    """Starts a kernel; used several times, it is the same learner in a new session."""
    (tmp_path / "private").mkdir()
    variables = environment(tmp_path / "private") | {"OMP_NUM_THREADS": "1"}
    (tmp_path / "private" / "stub").mkdir(exist_ok=True)
    path = [str(ROOT), str(ROOT / "tests" / "unit"), variables["PYTHONPATH"]]
    variables["PYTHONPATH"] = ";".join(path) if sys.platform == "win32" else ":".join(path)
    return lambda: kernel(Path(sys.executable), tmp_path, variables)


@pytest.fixture
def cells():
    """The code of a learner's notebook, cell by cell."""

    def read(name):
        (path,) = (ROOT / "notebooks").glob(f"{name}_*.ipynb")
        return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]

    return read
