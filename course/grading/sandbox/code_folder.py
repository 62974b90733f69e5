"""The folder of code that a worker sees: what runs an answer, `utils`, and nothing that knows what is right.

Neither the exercises nor the claims nor the rest of the grader are in it. `course` itself is replaced by
course_stand_in.py, so that what an answer's cell imports is there and does nothing.
"""

import compileall
import shutil
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]
UTILS = COURSE.parent / "utils"
_FILES = {
    "answers": ("__init__", "read_answer", "run_answer", "time_limit", "untouched"),
    "grading": ("__init__",),
    "grading/inside": ("__init__", "cells", "limits", "wire", "worker"),
}


def build(folder: Path) -> Path:
    """Fill an empty folder. Returns it."""
    inside = folder / "course"
    for place, names in _FILES.items():
        (inside / place).mkdir(parents=True)
        for name in names:
            shutil.copyfile(COURSE / place / f"{name}.py", inside / place / f"{name}.py")
    shutil.copyfile(COURSE / "grading" / "inside" / "course_stand_in.py", inside / "__init__.py")
    shutil.copytree(UTILS, folder / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(folder, quiet=1)
    return folder
