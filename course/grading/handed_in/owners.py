"""Whose file is this? Read from its place in the folder or zip, as learning platforms name what
they export.

Moodle       Jane Doe_1234567_assignsubmission_file_/02_cross_entropy.ipynb, or with the file's name
right behind Canvas       doejane_LATE_12345_678901_02_cross_entropy-1.ipynb
Blackboard   Homework 1_jdoe_attempt_2026-11-02-23-50-10_02_cross_entropy.ipynb
folders      jane/02_cross_entropy.ipynb, homework/jane/…, 02_cross_entropy/jane.ipynb
files        jane_02_cross_entropy.ipynb, 02_cross_entropy_jane.ipynb, jane.ipynb
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# The first place that fits counts: what stands behind it is a name that the student gave.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
_CANVAS = re.compile(
    r"(?P<name>[^\W_]+(?:-[^\W_]+)*)(?P<late>_LATE)?_(?P<id>\d{3,})_(?P<attachment>\d{3,})_.+"
)
_BLACKBOARD = re.compile(r".+?_(?P<name>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:[_.].*)?")


@dataclass(frozen=True)
class Owner:
    """A student as a platform names them.

    `when` orders files of one student, where the name tells it.
    """

    name: str
    platform: str = ""
    id: str = ""
    late: bool = False
    when: str = ""

    @property
    def key(self) -> str:
        """Equal for the files of one student."""
        return (
            f"{self.platform} {self.id}"
            if self.id
            else unicodedata.normalize("NFC", self.name).casefold()
        )


def plain(text: str) -> str:
    """A name as it can be shown on one line: without characters that cannot be seen or that turn
    the direction.
    """
    kept = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())[:120] or "without a name"


def _on_platform(part: str) -> Owner | None:
    if found := _MOODLE.fullmatch(part):
        return Owner(plain(found["name"]), "Moodle", found["id"])
    if found := _CANVAS.fullmatch(part):
        return Owner(
            plain(found["name"]),
            "Canvas",
            found["id"],
            bool(found["late"]),
            f"{int(found['attachment']):020d}",
        )
    if found := _BLACKBOARD.fullmatch(part):
        return Owner(plain(found["name"]), "Blackboard", when=found["time"])
    return None


def owner(parts: Sequence[str], slugs: Sequence[str]) -> Owner:
    """Whose file this is: `parts` are its folders below the hand-in and its name, `slugs` the
    assignment's chapters.

    A platform's name counts at the first place only: students give the others, and may give them
    somebody else's.
    """
    if found := _on_platform(parts[0]):
        return found
    of_chapters = {
        word.casefold() for slug in slugs for word in (slug, slug[:2], f"chapter {slug[:2]}")
    }
    folders = [part for part in parts[:-1] if part.casefold() not in of_chapters]
    if folders:
        return Owner(plain(folders[0].removesuffix(".zip")))
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    short = stem
    for slug in slugs:
        short = re.sub(
            rf"[ _-]*{re.escape(slug)}[ _-]*(\(\d+\)|-?Copy\d*)?", "", short, flags=re.IGNORECASE
        )
    return Owner(plain(short.strip(" _-") or stem))


def without_wrapper(paths: Sequence[tuple[str, ...]]) -> int:
    """How many leading folders only wrap everything.

    Those are the folders that all paths share above several folders or owners; and the groups of a
    class, if more than half of them hold a platform's names.
    """

    def shared(depth: int) -> bool:
        folders = {path[depth] for path in paths if len(path) > depth + 1}
        return (
            len(folders) == 1
            and all(len(path) > depth + 1 for path in paths)
            and not _on_platform(*folders)
        )

    depth = 0
    while shared(depth):
        depth += 1
    inside = [path[depth:] for path in paths]
    for place in (0, 1):
        if _of_platform(inside, place):
            return depth + place
    several = len({path[0] for path in inside}) > 1 and all(len(path) > 1 for path in inside)
    return depth if several else 0


def _of_platform(paths: Sequence[tuple[str, ...]], place: int) -> bool:
    """Whether more than half of the first folders and files have, or hold, a platform's name at
    this place.
    """
    found = {path[0] for path in paths if len(path) > place and _on_platform(path[place])}
    return 2 * len(found) > len({path[0] for path in paths})
