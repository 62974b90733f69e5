"""The folder of code that a worker sees: what runs an answer, `utils`, and nothing that knows what
is right.

Two folders of the course are copied whole, and nothing else of it. `course` itself is replaced by
course_stand_in.py, so that what an answer's cell imports is there and does nothing.
"""

import compileall
import shutil
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]
UTILS = COURSE.parent / "utils"
WHOLE = ("answers", "grading/inside")
STAND_IN = "grading/inside/course_stand_in.py"


def build(folder: Path) -> Path:
    """Fill an empty folder. Returns it."""
    inside, no_bytecode = folder / "course", shutil.ignore_patterns("__pycache__")
    for place in WHOLE:
        shutil.copytree(COURSE / place, inside / place, ignore=no_bytecode)
    shutil.copyfile(COURSE / STAND_IN, inside / "__init__.py")
    shutil.copyfile(COURSE / "grading" / "__init__.py", inside / "grading" / "__init__.py")
    shutil.copytree(UTILS, folder / "utils", ignore=no_bytecode)
    compileall.compile_dir(folder, quiet=1)
    return folder
