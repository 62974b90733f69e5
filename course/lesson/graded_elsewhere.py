"""What a right answer rests on that stays on the learner's machine: told by `check`, before it is
handed in.

`grade` runs the code cells of the notebook and nothing else, and finds an answer by its name.
"""

import dis
import importlib.util
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from IPython import get_ipython
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course.judging.exercise import Exercise

COURSE = "glass-box"
_KNOWN = {"torch", "numpy", "utils", "course", "__main__", "builtins"}


def only_here(exercise: Exercise, answer: Any) -> tuple[str, ...]:
    """A sentence for each thing that is not where the answer is graded; none outside a notebook."""
    shell = get_ipython()
    if shell is None:
        return ()
    names: dict[str, Any] = shell.user_ns
    lines = []
    if names.get(exercise.name) is not answer:
        lines.append(f"Before you hand it in, call it {exercise.name}: it is found by its name.")
    cells = "\n".join(names.get("In", []))
    for module in sorted(_modules(answer) - _KNOWN - set(sys.stdlib_module_names)):
        file = _own_file(module)
        if file and f"%%writefile {file}" not in cells:
            lines.append(
                f"It uses {file}, and only the notebook is handed in: put what it needs into a "
                "cell."
            )
        elif not file and _foreign(module):
            lines.append(
                f"It uses {module}, which the course does not bring: where answers are graded, it "
                "may be missing."
            )
    return tuple(lines)


def _modules(answer: Any) -> set[str]:
    """The top-level modules that an answer uses, itself or through the notebook's functions."""
    found: set[str] = set()
    waiting, seen = [answer], set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, ModuleType):
            found.add(value.__name__.partition(".")[0])
            continue
        module = getattr(value, "__module__", None)
        if isinstance(module, str):
            found.add(module.partition(".")[0])
        if isinstance(value, FunctionType) and module == "__main__":
            for code in _codes(value.__code__):
                waiting += [value.__globals__[n] for n in code.co_names if n in value.__globals__]
                found |= set(_imported(code))
        elif isinstance(value, type) and module == "__main__":
            waiting += vars(value).values()
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _imported(code: CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME":
            yield str(step.argval).partition(".")[0]


def _own_file(module: str) -> str:
    """The name of the learner's own file that this module comes from; empty for a library."""
    loaded = getattr(sys.modules.get(module), "__file__", None)
    spec = None if loaded else importlib.util.find_spec(module)
    place = loaded or (spec.origin if spec else None)
    library = not place or any(part in Path(place).parts for part in ("site-packages", "lib"))
    return "" if library else Path(str(place)).name


def _foreign(module: str) -> bool:
    """Whether no package of the course's brings this module."""
    owners = metadata.packages_distributions().get(module, [])
    return bool(owners) and not {canonicalize_name(one) for one in owners} & _brought()


def _brought() -> set[str]:
    """The packages that come with the course, with all that they need in turn."""
    found: set[str] = set()
    waiting = [COURSE]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        try:
            lines = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system
        needed = map(Requirement, lines)
        waiting += [
            one.name for one in needed if not one.marker or one.marker.evaluate({"extra": ""})
        ]
    return found
