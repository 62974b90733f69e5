"""A learner's own utils.py, beside the notebook, as Python finds it there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from course.shadowed import refuse_shadow

ROOT = Path(__file__).resolve().parents[2]
PATH = f"import sys; sys.path[:0] = ['', {str(ROOT)!r}]; "


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-I", "-c", PATH + code], cwd=folder, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", ["utils.py", "utils/__init__.py"])
@pytest.mark.parametrize("before", ["", "import utils; "])
def test_a_file_in_the_way_is_named(tmp_path, name, before):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("", encoding="utf-8")
    last = run(before + "from course import check", tmp_path).stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {file} has the name of a package of the course")
    assert "rename it" in last


def test_a_folder_in_the_way_is_named(tmp_path, monkeypatch):
    """Where the course comes through a finder, as `pip install -e` makes it: a mere folder is found
    before it.
    """
    (tmp_path / "utils").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "utils", raising=False)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if Path(path).resolve() != ROOT])
    with pytest.raises(ImportError, match=f"{re.escape(str(tmp_path / 'utils'))} has the name of"):
        refuse_shadow("utils", ROOT)


def test_nothing_in_the_way(tmp_path):
    ended = run("from course import check; import utils; print(utils.__file__)", tmp_path)
    assert Path(ended.stdout.strip()) == ROOT / "utils" / "__init__.py"
