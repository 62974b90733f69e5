"""What was handed in: every student with their notebooks, and every file that is of nobody.

Nothing is unpacked. Two owners are one student only if the platform, the place and every letter of
their names say so, or the teacher's roster does; whoever may be taken for somebody else is named.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from course.grading.handed_in import archives, folders, roster
from course.grading.handed_in.layout import Claim, Layout, lay_out
from course.grading.handed_in.names import alike, plain
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.roster import Person
from course.grading.handed_in.tree import Node, Unused

MOST_OF_ONE = 50  # notebooks of one student that are looked at


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
    """One student with all notebooks that came from them, the newest first.

    `guesses`: why it is not certain that all this is theirs. `on_roster`: None without a roster.
    """

    owner: Owner
    notebooks: list[File] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    late: bool = False
    guesses: list[str] = field(default_factory=list)
    on_roster: bool | None = None

    @property
    def count(self) -> int:
        """How many files came from them."""
        return len(self.notebooks) + len(self.others)


@dataclass(frozen=True)
class HandIn:
    """All that was handed in.

    `shared` counts the files that several students handed in together, once less than there are
    students.
    """

    students: list[Student]
    notes: list[str]
    unused: list[Unused] = field(default_factory=list)
    files: int = 0
    shared: int = 0

    @property
    def not_used(self) -> int:
        """How many files are of no student."""
        return sum(one.count for one in self.unused)


def collect(path: Path, slugs: Sequence[str], people: Sequence[Person] = ()) -> HandIn:
    """The students of a folder or a zip, by name, and with a roster its people.

    NoSubmissions if the path is neither, or holds no file at all.
    """
    unused: list[Unused] = []
    notes: list[str] = []
    root = _tree(path.resolve(), unused, notes)
    layout = lay_out(root, slugs)
    unused += layout.unused
    if not layout.claims:
        known = [*notes, *(f"{one.path}: {one.why}" for one in unused)]
        reason = f" ({known[0]})" if known else ""
        raise NoSubmissions(f"There is no file to grade in {path}{reason}.")
    files = sum(1 for _ in root.files()) + sum(one.count for one in unused) - len(layout.unused)
    students = list(_students(layout).values())
    shared = _shared(layout)
    _name_blackboards([one for one in students if one.owner.platform == "Blackboard"])
    if people:
        students = _settled(students, people)
    notes += [*layout.notes, *_alarms(students)]
    students.sort(key=lambda one: (one.owner.name.casefold(), one.owner.key))
    return HandIn(students, notes, unused, files, shared)


def _tree(path: Path, unused: list[Unused], notes: list[str]) -> Node:
    if path.is_dir():
        return folders.of_folder(path, unused, notes)
    if path.is_file():
        return archives.of_disk_file(path, unused, notes)
    raise NoSubmissions(
        f"There is nothing at {path}: give the folder with the submissions, or the platform's zip."
    )


def _students(layout: Layout) -> dict[str, Student]:
    found: dict[str, Student] = {}
    for claim in layout.claims:
        student = found.setdefault(claim.owner.key, Student(claim.owner))
        student.late |= claim.owner.late
        if claim.guess and claim.guess not in student.guesses:
            student.guesses.append(claim.guess)
        _add(student, claim)
    for student in found.values():
        student.notebooks.sort(key=lambda file: (file.when, file.parts), reverse=True)
    return found


def _add(student: Student, claim: Claim) -> None:
    for parts, node in claim.node.files(claim.above[1:]):
        if node.notebook:
            student.notebooks.append(File(parts, claim.owner.when or node.when, node.read))
        else:
            student.others.append(plain(node.name))


def _shared(layout: Layout) -> int:
    """Files that are counted more than once, because a group handed them in together."""
    nodes = [claim.node for claim in layout.claims]
    again = {id(node): node for node in nodes}
    return sum(len(list(one.files())) for one in nodes) - sum(
        len(list(one.files())) for one in again.values()
    )


def _name_blackboards(students: Sequence[Student]) -> None:
    """Take the assignment's title off, which stands before every name; it is what all share."""
    names = [student.owner.place for student in students]
    if not names:
        return
    words = [name.split("_") for name in names]
    title = 0
    while all(len(one) > title + 1 and one[title] == words[0][title] for one in words):
        title += 1
    if len(names) == 1:
        title = len(words[0]) - 1
    for student, own in zip(students, words, strict=True):
        student.owner = replace(student.owner, name=plain("_".join(own[title:])))
        if len(names) == 1 and title > 1:
            student.guesses.append("where the assignment's title ends is not known")


# --- the roster --------------------------------------------------------------------------------


def _settled(students: Sequence[Student], people: Sequence[Person]) -> list[Student]:
    """Every person of the roster, whether something came from them or not, and those who are not on
    it.
    """
    mine: dict[Person, list[Student]] = {person: [] for person in people}
    strangers: list[Student] = []
    for student in students:
        found = roster.fitting(student.owner, people)
        if len(found) == 1:
            mine[found[0]].append(student)
            continue
        student.on_roster = False
        if found:
            student.guesses.append(f"{len(found)} people of the roster may be meant")
        strangers.append(student)
    for person, theirs in mine.items():
        strangers += _of_person(person, theirs)
    return strangers


def _of_person(person: Person, theirs: Sequence[Student]) -> list[Student]:
    """One student; or several, where a platform says that they are not one."""
    platforms = [one.owner for one in theirs if one.owner.platform]
    if len({one.key for one in platforms}) > len({one.platform for one in platforms}):
        for one in theirs:
            one.guesses.append(f"two accounts fit {roster.shown(person)} of the roster")
            one.on_roster = False
        return list(theirs)
    owner = theirs[0].owner if theirs else Owner("")
    known = Owner(
        roster.shown(person),
        owner.platform,
        person.id or owner.id,
        mail=person.mail,
        place=f"roster {person.name} {person.id} {person.mail}",
    )
    whole = Student(known, on_roster=True, late=any(one.late for one in theirs))
    for one in theirs:
        whole.notebooks += one.notebooks
        whole.others += one.others
    whole.notebooks.sort(key=lambda file: (file.when, file.parts), reverse=True)
    return [whole]


def _alarms(students: Iterable[Student]) -> list[str]:
    """Students who are not the same to the letter, and whom a reader may take for one."""
    near: dict[str, list[Student]] = {}
    for student in students:
        if not student.on_roster:
            near.setdefault(alike(student.owner.name), []).append(student)
    return [
        f"{' and '.join(one.owner.name for one in some[:5])} look alike and are graded as "
        f"{len(some)} students; a roster settles who is who."
        for some in near.values()
        if len(some) > 1
    ]
