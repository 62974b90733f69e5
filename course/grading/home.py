"""The folder of code that a worker sees: what runs an answer, `utils`, and nothing that knows what is right.

Neither the exercises nor the claims nor the rest of the grader are in it. `course` itself is replaced by
course_inside.py, so that what an answer's cell imports is there and does nothing.
"""

import compileall
import shutil
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
UTILS = COURSE.parent / "utils"
_COURSE_FILES = ("compare", "exercise", "judge", "plain_data", "time_limit", "trial")
_GRADING_FILES = ("__init__", "cells", "limits", "wire", "worker")


def build(folder: Path) -> Path:
    """Fill an empty folder. Returns it."""
    inside = folder / "course"
    (inside / "grading").mkdir(parents=True)
    shutil.copyfile(COURSE / "grading" / "course_inside.py", inside / "__init__.py")
    for name in _COURSE_FILES:
        shutil.copyfile(COURSE / f"{name}.py", inside / f"{name}.py")
    for name in _GRADING_FILES:
        shutil.copyfile(COURSE / "grading" / f"{name}.py", inside / "grading" / f"{name}.py")
    shutil.copytree(UTILS, folder / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(folder, quiet=1)
    return folder
