"""Where a learner's answer stands: in a notebook beside this one, by the name of the answer.

The same statements are taken as those that `grade` would run: the answer, what it imports, and what
helps it, and no other cell (course/grading/inside/plan.py).
"""

import ast
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.answers.run_answer import Stopped, run
from course.grading.handed_in.notebook import Unreadable, read_notebook
from course.grading.inside.cells import Statement
from course.grading.inside.execution import execute, file_of
from course.grading.inside.plan import plan
from course.judging.exercise import Exercise

SECONDS = 30.0  # for the statements of one answer
MOST_FILES = 8  # notebooks of one chapter that are looked at
BESIDE = (".", "../notebooks")  # an assignment lies in a folder of its own beside them


class NotRun(ValueError):
    """An answer was found, and its cell does not run. The message is one sentence."""


@dataclass(frozen=True)
class Written:
    """An answer in a file: the statements that it needs, in order, and the cells they are from."""

    file: Path
    name: str
    statements: tuple[Statement, ...]
    cells: tuple[str, ...]

    @property
    def code(self) -> str:
        """The statements as the learner wrote them, one below the other."""
        return "\n\n".join(_source(one, self.cells[one.cell]) for one in self.statements)

    def value(self) -> Any:
        """The answer itself, after its statements have run among names of their own.

        NotRun, if they raise or take too long.
        """
        for number, source in enumerate(self.cells):
            lines = source.splitlines(keepends=True)
            linecache.cache[file_of(number)] = len(source), None, lines, file_of(number)
        names: dict[str, Any] = {"__name__": "__main__"}
        later: Stopped | None = None
        for statement in self.statements:
            try:
                run(lambda one=statement: execute(one, names), [()], SECONDS)
            except Stopped as stopped:
                if not issubclass(stopped.kind, NameError):
                    raise NotRun(str(stopped)) from None
                later = stopped  # a name that is missing may come with a later statement
        if self.name not in names:
            raise NotRun(str(later) if later else f"{self.name} is not there after its cell ran.")
        return names[self.name]


def written(exercise: Exercise, folder: Path) -> Written | None:
    """The newest answer to an exercise in the notebooks of its chapter in or beside this folder;
    None if there is only the stub, or nothing.
    """
    for file in _notebooks(exercise.chapter, folder):
        try:
            cells = read_notebook(file.read_bytes()).cells
        except (OSError, Unreadable):
            continue  # a damaged file holds no answer that could be taken
        found = plan(cells, [exercise.name])
        if exercise.name in found.found:
            needed = [found.statements[place] for place in found.needs[exercise.name]]
            return Written(file, exercise.name, tuple(needed), tuple(cells))
    return None


def _notebooks(chapter: str, folder: Path) -> Sequence[Path]:
    """The notebooks of a chapter, the one that was saved last first."""
    files = {path.resolve() for place in BESIDE for path in _in(folder / place, chapter)}
    return sorted(files, key=lambda path: (path.stat().st_mtime, path.name), reverse=True)[
        :MOST_FILES
    ]


def _in(folder: Path, chapter: str) -> Iterator[Path]:
    yield from (path for path in folder.glob(f"{chapter}_*.ipynb") if path.is_file())


def _source(statement: Statement, cell: str) -> str:
    """A statement's text with its comments; without them where a cell has magics or decorators."""
    decorated = bool(getattr(statement.tree, "decorator_list", ()))
    try:
        as_written = None if decorated else ast.get_source_segment(cell, statement.tree)
    except IndexError:  # the tree is that of the cell as IPython rewrites it
        as_written = None
    whole = ast.unparse(statement.tree)
    same = as_written is not None and _same_code(as_written, whole)
    return as_written if as_written is not None and same else whole


def _same_code(one: str, other: str) -> bool:
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False
