"""What was handed in: every file of a folder, of folders in it, or of a zip, with whose it is.
Nothing is unpacked.

Links are not followed and names that lead out of the zip are refused, each with a note. A file is
read when it is its turn, and only up to the size that a notebook may have.
"""

import io
import lzma
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from course.grading.handed_in.notebook import LARGEST, Unreadable
from course.grading.handed_in.owners import Owner, owner, plain, without_wrapper

MOST_FILES, MOST_OF_ONE, DEEPEST = 100_000, 50, 50
_SKIPPED = ("__MACOSX", ".")  # what starts like this is no hand-in: .ipynb_checkpoints, .DS_Store
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
)
# a password, a method that is not known here
_BROKEN_ZIP = (*_BROKEN, RuntimeError, NotImplementedError, MemoryError)


class NoSubmissions(ValueError):
    """There is nothing to grade. The message is one sentence."""


@dataclass(frozen=True)
class File:
    """One file: its folders and name, its time, and how to read it. `read` raises Unreadable."""

    parts: tuple[str, ...]
    when: str
    read: Callable[[], bytes]


@dataclass
class Student:
    """One student with all notebooks that came from them, the newest first."""

    owner: Owner
    notebooks: list[File] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    late: bool = False


@dataclass(frozen=True)
class HandIn:
    """All that was handed in, and notes for the teacher on what was refused."""

    students: list[Student]
    notes: list[str]


def collect(path: Path, slugs: Sequence[str]) -> HandIn:
    """The students of a folder or a zip, by name.

    NoSubmissions if the path is neither, or holds no file at all.
    """
    notes: list[str] = []
    if path.is_dir():
        files = list(_folder(path, notes))
    elif path.is_file():
        files = list(_zip(path.name, lambda: _opened(path), (), notes, inner=False))
    else:
        raise NoSubmissions(
            f"There is nothing at {path}: give the folder with the submissions, or the platform's "
            "zip."
        )
    if not files:
        reason = f" ({notes[0]})" if notes else ""
        raise NoSubmissions(f"There is no file to grade in {path}{reason}.")
    depth = without_wrapper([file.parts for file in files])
    students: dict[str, Student] = {}
    for file in files:
        whose = owner(file.parts[depth:] or file.parts[-1:], slugs)
        student = students.setdefault(whose.key, Student(whose))
        student.late |= whose.late
        if file.parts[-1].lower().endswith(".ipynb"):
            student.notebooks.append(File(file.parts, whose.when or file.when, file.read))
        else:
            student.others.append(plain(file.parts[-1]))
    for student in students.values():
        student.notebooks.sort(key=lambda file: (file.when, file.parts), reverse=True)
        del student.notebooks[MOST_OF_ONE:]
    return HandIn(
        sorted(students.values(), key=lambda one: (one.owner.name.casefold(), one.owner.key)), notes
    )


def _shown(parts: Sequence[str]) -> str:
    return plain("/".join(parts))


def _folder(root: Path, notes: list[str], below: tuple[str, ...] = ()) -> Iterator[File]:
    try:
        if len(below) > DEEPEST:
            raise OSError("it lies too deep")
        paths = sorted(root.iterdir())
    except OSError as error:
        notes.append(f"{_shown(below)} cannot be read ({error.strerror or error}).")
        return
    for path in paths:
        parts = (*below, path.name)
        if path.name.startswith(_SKIPPED):
            continue
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            notes.append(f"{_shown(parts)} is a link and was not followed.")
        elif stat.S_ISDIR(mode):
            yield from _folder(path, notes, parts)
        elif not stat.S_ISREG(mode):
            notes.append(f"{_shown(parts)} is no ordinary file and was not read.")
        elif path.suffix.lower() == ".zip":
            open_zip = partial(_opened, path)
            yield from _zip(path.name, open_zip, below, notes, inner=bool(below))
        else:
            when = _time(time.localtime(path.stat().st_mtime))
            yield File(parts, when, partial(_read, path))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror})") from None


def _opened(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def _time(moment: Sequence[int]) -> str:
    return "-".join(f"{number:02d}" for number in moment[:6])


def _zip(
    name: str,
    open_zip: Callable[[], zipfile.ZipFile],
    below: tuple[str, ...],
    notes: list[str],
    inner: bool,
) -> Iterator[File]:
    """The files of a zip. A zip inside of it is opened too, but no further one in there."""
    shown = _shown((*below, name))
    try:
        with open_zip() as archive:
            entries = archive.infolist()
    except _BROKEN_ZIP:
        notes.append(f"{shown} is no zip that can be read.")
        yield File((*below, name), "", lambda: b"")
        return
    if len(entries) > MOST_FILES:
        notes.append(
            f"{shown} holds {len(entries)} files and was refused: {MOST_FILES} are the most."
        )
        return
    # A zip of the whole class is like a folder; one that a student handed in is a folder of that
    # student's.
    above = (*below, name) if inner or owner((name,), ()).platform else below
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if (
            not parts
            or entry.is_dir()
            or any(part.startswith(_SKIPPED) and part != ".." for part in parts)
        ):
            continue
        if stat.S_ISLNK(entry.external_attr >> 16) or ".." in parts or parts[0].startswith("/"):
            notes.append(f"{shown} holds {_shown(parts)}, which leads elsewhere; it was refused.")
        elif parts[-1].lower().endswith(".zip"):
            if inner:
                notes.append(
                    f"{shown} holds a zip inside a zip, {_shown(parts)}; it was not opened."
                )
                continue
            inside = partial(_zip_in_zip, open_zip, entry)
            yield from _zip(parts[-1], inside, (*above, *parts[:-1]), notes, inner=True)
        else:
            yield File(
                (*above, *parts),
                _time(entry.date_time),
                partial(_extract, open_zip, entry),
            )


def _zip_in_zip(open_zip: Callable[[], zipfile.ZipFile], entry: zipfile.ZipInfo) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(_extract(open_zip, entry)))


def _extract(open_zip: Callable[[], zipfile.ZipFile], entry: zipfile.ZipInfo) -> bytes:
    """The bytes of one entry, one more than allowed at most, whatever the zip says about its size.

    The zip is opened for it and closed again: a class may hand in more of them than may be open at
    once.
    """
    try:
        with open_zip() as archive, archive.open(entry) as file:
            return file.read(LARGEST + 1)
    except _BROKEN_ZIP:
        raise Unreadable(
            "the zip is damaged or has a password, and it cannot be read from there"
        ) from None
