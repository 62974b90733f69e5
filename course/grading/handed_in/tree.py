"""What was handed in, as it lies there: folders, zips and files, before anybody asks whose they are.

A zip is a node like a folder. What cannot or must not be read is no node: it is listed as unused,
with the reason, so that every file is accounted for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

NOTEBOOKS = (".ipynb", ".ipynb.json", ".ipynb.txt")  # browsers and mail programs add the second
HIDDEN = ("__MACOSX", ".")  # what starts like this is no hand-in: .ipynb_checkpoints, .DS_Store
MOST_FILES = 100_000  # of everything that is given to `grade`
DEEPEST = 50  # folders within each other


class Kind(Enum):
    """What a node is."""

    FOLDER = auto()
    ZIP = auto()
    FILE = auto()


@dataclass
class Node:
    """A folder, a zip or a file. `read` gives a file's bytes, or raises Unreadable.

    `when`: a file's time, as text that sorts like the time.
    """

    name: str
    kind: Kind
    when: str = ""
    read: Callable[[], bytes] = bytes
    children: list["Node"] = field(default_factory=list)

    @property
    def holder(self) -> bool:
        """Whether it is a folder or a zip."""
        return self.kind is not Kind.FILE

    @property
    def notebook(self) -> bool:
        """Whether it is a file with the name of a notebook."""
        return not self.holder and self.name.lower().endswith(NOTEBOOKS)

    def files(self, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Node"]]:
        """Every file in it, or itself, with the names that lead to it."""
        here = (*above, self.name)
        if not self.holder:
            yield here, self
        for child in self.children:
            yield from child.files(here)


@dataclass(frozen=True)
class Unused:
    """A file, or `count` of them, that is of no student, and why. `path` can be shown."""

    path: str
    why: str
    count: int = 1


def hidden(name: str) -> bool:
    """Whether systems and programs put a file of this name there by themselves."""
    return name.startswith(HIDDEN) and name != ".."
