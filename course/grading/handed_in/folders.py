"""A folder on the disk as a tree of nodes. Links are not followed."""

import stat
from functools import partial
from pathlib import Path

from course.grading.handed_in.archives import moment_on_disk, of_disk_file
from course.grading.handed_in.names import of_disk, plain
from course.grading.handed_in.notebook import LARGEST, Unreadable
from course.grading.handed_in.tree import DEEPEST, Kind, Node, Unused, hidden


def of_folder(
    path: Path, unused: list[Unused], notes: list[str], above: tuple[str, ...] = ()
) -> Node:
    """The tree of this folder. What is not used, and notes for the teacher, are added to the lists."""
    here = (*above, of_disk(path.name)[0])
    node = Node(here[-1], Kind.FOLDER)
    if len(here) > DEEPEST:
        unused.append(Unused(plain("/".join(here)), "lies too deep"))
        return node
    try:
        inside = sorted(path.iterdir())
    except OSError as error:
        unused.append(Unused(plain("/".join(here)), f"cannot be read ({error.strerror})"))
        return node
    for one in inside:
        if found := _node(one, unused, notes, here):
            node.children.append(found)
    return node


def _node(
    path: Path, unused: list[Unused], notes: list[str], above: tuple[str, ...]
) -> Node | None:
    name, guess = of_disk(path.name)
    shown = plain("/".join((*above, name)))
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        unused.append(Unused(shown, "is a link, which is not followed"))
    elif hidden(name):
        if not stat.S_ISDIR(status.st_mode):
            unused.append(Unused(shown, "of the system, no hand-in"))
        elif count := sum(one.is_file() for one in path.rglob("*")):
            unused.append(Unused(shown, "of the system, no hand-in", count))
    elif stat.S_ISDIR(status.st_mode):
        return of_folder(path, unused, notes, above)
    elif not stat.S_ISREG(status.st_mode):
        unused.append(Unused(shown, "is no ordinary file"))
    elif path.suffix.lower() == ".zip":
        return of_disk_file(path, unused, notes, above)
    else:
        if guess:
            notes.append(f"{shown} is not written in UTF-8; the name was guessed.")
        return Node(name, Kind.FILE, moment_on_disk(status.st_mtime), partial(_read, path))
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror})") from None
