"""A zip as a tree of nodes. Nothing is unpacked on the disk, and nothing is paid for before its
cost is known.

What is bounded: the directory of a zip, the files in it, the zips within each other, and the bytes
of a file, whatever the zip says about them. Only the two methods are read that stop where they are
told to; Python's bzip2 and LZMA unpack as much as there is.
"""

import io
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from course.grading.handed_in.names import of_disk, of_entry, plain
from course.grading.handed_in.notebook import LARGEST, Unreadable
from course.grading.handed_in.tree import MOST_FILES, Kind, Node, Unused, hidden

MOST_OF_INNER = 2_000  # files of a zip that lies in another one: there, it is one student's
MOST_INNER = 5_000  # zips in a zip: a class
MOST_INNER_OF_INNER = 10
DEEPEST_ZIP = 4  # zips within each other, the class's own among them
# bytes of the zips in one folder of a zip: of a class, of one student
_INNER_OF_CLASS, _INNER_OF_ONE = 4 * 2**30, 256 * 2**20
_DIRECTORY = 8 * 2**20  # bytes of a zip's directory, and the most that is read at once
_PIECE = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    # a password, a method that is not known here
    RuntimeError,
    NotImplementedError,
    MemoryError,
    OverflowError,
)
Opener = Callable[[], zipfile.ZipFile]


class _Bounded(io.BufferedReader):
    """A file of which no more can be read at once than a zip's directory may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _DIRECTORY:
            raise zipfile.BadZipFile("its directory is too large")
        return super().read(size)


def _zip_file(raw: io.RawIOBase) -> zipfile.ZipFile:
    stream = _Bounded(raw)
    try:
        return _Owned(stream)
    except BaseException:
        stream.close()
        raise


class _Owned(zipfile.ZipFile):
    """A zip that closes the file that it was opened with."""

    def __init__(self, stream: IO[bytes]):
        super().__init__(stream)
        self._stream = stream

    def close(self) -> None:
        super().close()
        if hasattr(self, "_stream"):
            self._stream.close()


def of_disk_file(
    path: Path, unused: list[Unused], notes: list[str], above: tuple[str, ...] = ()
) -> Node:
    """The tree of a zip on the disk. Below a folder of the class it is one student's."""

    def opened() -> zipfile.ZipFile:
        return _zip_file(io.FileIO(path))

    return _Reader(unused, notes).tree(of_disk(path.name)[0], opened, above, int(len(above) > 1))


@dataclass
class _Reader:
    """Reads a zip and those in it; collects what is not used, and notes for the teacher."""

    unused: list[Unused]
    notes: list[str]

    def tree(self, name: str, opened: Opener, above: tuple[str, ...], depth: int) -> Node:
        """The node of this zip, which lies in `depth` other ones and below the names `above`."""
        root = Node(name, Kind.ZIP)
        try:
            with opened() as archive:
                self._fill(root, archive, opened, (*above, name), depth)
        except _BROKEN:
            shown = plain("/".join((*above, name)))
            self.notes.append(f"{shown} is no zip that can be read.")
            root.children = [Node(name, Kind.FILE)]
        return root

    def _fill(
        self,
        root: Node,
        archive: zipfile.ZipFile,
        opened: Opener,
        here: tuple[str, ...],
        depth: int,
    ) -> None:
        folders: dict[tuple[str, ...], Node] = {(): root}
        # the notebooks first: of a zip that is too full, they are what is looked at
        entries = sorted(archive.infolist(), key=lambda one: ".ipynb" not in one.filename.lower())
        most = MOST_OF_INNER if depth else MOST_FILES
        inner_most = _INNER_OF_ONE if depth else _INNER_OF_CLASS
        left, zips = most, MOST_INNER_OF_INNER if depth else MOST_INNER
        bytes_left: dict[tuple[str, ...], int] = {}
        guessed = False
        for place, entry in enumerate(entries):
            if not left:
                rest = sum(not one.is_dir() for one in entries[place:])
                self.unused.append(
                    Unused(plain("/".join(here)), f"holds more than {most} files", rest)
                )
                break
            name, guess = of_entry(entry)
            guessed |= guess
            parts = PurePosixPath(name.replace("\\", "/")).parts
            if reason := _refused(entry, parts):
                self._refuse(entry, (*here, *parts), reason)
            elif entry.is_dir():
                _folder(folders, parts)
            elif not parts[-1].lower().endswith(".zip"):
                left -= 1
                read = partial(_extract, opened, entry)
                node = Node(parts[-1], Kind.FILE, moment(entry.date_time), read)
                _folder(folders, parts[:-1]).children.append(node)
            elif depth + 1 == DEEPEST_ZIP or not zips:
                self._refuse(entry, (*here, *parts), "a zip too deep within zips")
            elif (rest := bytes_left.get(parts[:-1], inner_most) - entry.file_size) < 0:
                self._refuse(entry, (*here, *parts), "the zips beside it are too large")
            else:
                zips -= 1
                bytes_left[parts[:-1]] = rest
                inner = partial(_zip_in_zip, archive, opened, entry)
                made = self.tree(parts[-1], inner, (*here, *parts[:-1]), depth + 1)
                _folder(folders, parts[:-1]).children.append(made)
        if guessed:
            self.notes.append(
                f"{plain('/'.join(here))} does not say in which alphabet its names are written; they were guessed."
            )

    def _refuse(self, entry: zipfile.ZipInfo, parts: tuple[str, ...], reason: str) -> None:
        if not entry.is_dir():
            self.unused.append(Unused(plain("/".join(parts)), reason))


def _refused(entry: zipfile.ZipInfo, parts: Sequence[str]) -> str:
    """Why this entry is not looked at; empty if it is."""
    if not parts:
        return "has no name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link, which is not followed"
    if ".." in parts or parts[0].startswith("/"):
        return "leads elsewhere"
    if len(parts) > 50:
        return "lies too deep"
    return "of the system, no hand-in" if any(map(hidden, parts)) else ""


def _folder(folders: dict[tuple[str, ...], Node], parts: tuple[str, ...]) -> Node:
    """The node of this folder; it is made, with those above it, where there is none."""
    if parts not in folders:
        folders[parts] = Node(parts[-1], Kind.FOLDER)
        _folder(folders, parts[:-1]).children.append(folders[parts])
    return folders[parts]


def _zip_in_zip(
    archive: zipfile.ZipFile, opened: Opener, entry: zipfile.ZipInfo
) -> zipfile.ZipFile:
    """A zip in a zip: from the open one while that is listed, later from one opened anew."""
    data = _bytes(archive, entry) if archive.fp else _extract(opened, entry)
    return _zip_file(_Memory(data))


class _Memory(io.RawIOBase):
    """Bytes as a raw file."""

    def __init__(self, data: bytes):
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._data.seek(offset, whence)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        return self._data.readinto(buffer)


def moment(time_of: Sequence[int]) -> str:
    """A time as text that sorts like it."""
    return "-".join(f"{number:02d}" for number in time_of[:6])


def moment_on_disk(seconds: float) -> str:
    """A file's time as such a text."""
    return moment(time.localtime(seconds))


def _extract(opened: Opener, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of one entry, one more than allowed at most, whatever the zip says about its size.

    The zip is opened for it and closed again: a class may hand in more of them than may be open at
    once.
    """
    if entry.compress_type not in _METHODS:
        raise Unreadable("its zip is packed by an unusual method; pack it as an ordinary zip")
    try:
        with opened() as archive:
            return _bytes(archive, entry)
    except _BROKEN:
        raise Unreadable(
            "the zip is damaged or has a password, and it cannot be read from there"
        ) from None


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than the zip says, for Python stops there, nor than a notebook may have."""
    if entry.compress_type not in _METHODS:
        raise zipfile.BadZipFile("an unusual method")
    pieces, left = [], LARGEST + 1
    with archive.open(entry) as file:
        while left and (piece := file.read(min(_PIECE, left))):
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)
