"""`python -m course pack --chapters 02,10 --out homework`: an assignment to hand out.

Exercises whose answer stands in the lesson are for practice: a chapter gives no points for them.

With `--exercises 04.1 04.2` it asks for these only, whatever they are: the notebook is the whole
chapter, and says at its head which of its exercises count.

With --seed, exercises whose numbers can change get numbers of this class's own, and the inputs that
answers are graded with come from that seed. Without it, the numbers are the course's, and the
inputs come from a seed that is drawn. The learner's files hold neither the seed nor the private
checks.
"""

import argparse
import hashlib
import secrets
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from course.atomic_file import write_atomically
from course.building.build import CHAPTERS, ROOT, BuildError, notebook, repository
from course.building.chapter import Chapter, ChapterError, read_chapters
from course.building.exercise_cells import learner_cell
from course.exercises import exercises, find, of_chapter
from course.grading import private_checks, questions
from course.grading.assignment import CHECKS, LEARNERS, Assignment, save
from course.grading.nbgrader import source_notebook
from course.grading.notes import at_the_head, is_whole, with_notes
from course.grading.questions import Question, with_questions
from course.grading.reports.gradebook import number
from course.judging.exercise import Exercise

INSTRUCTIONS = """\
# {title}

{due}Write your answers into these notebooks, in the cells with the three dots, and hand the notebook files in.

{table}{practice}

## In JupyterLab

1. Make a folder `homework` in the folder of the course and put the notebooks there, not into `notebooks`: files of the
   same names are there already.
2. Open the course with `make lab`, and the folder `homework` in the list on the left.
3. Work through a notebook from the top. `check` under an exercise says what to look at; as often as you like.
4. Save it (Ctrl+S, on a Mac Cmd+S). The file that you hand in is what you saved.

## In Colab

1. Open colab.research.google.com, choose File > Upload notebook, and run the first cell: it installs the course.
2. Switch the writing help off, so that it does not answer for you: Settings > AI Assistance.
3. When you are done: File > Download > Download .ipynb. That file is what you hand in.

## Good to know

- Hand in one file for each chapter, the .ipynb itself: no PDF, no link, no screenshot. If you hand in again, the newest
  file counts.
- Keep the names of the functions and values: your answer is found by its name. Cells may be added, moved and split, and
  helpers of your own may stand wherever you like.
- Your answers run anew, with other inputs than `check` has, without network and without other files. All inputs of an
  exercise together have {seconds} seconds.
- Outputs in the file do not count, and an exercise is worth its points if it is right on all inputs.
"""


PRACTICE = (
    "A notebook has more exercises than these: the others are for practice, and give no points."
)


class BadPack(ValueError):
    """This assignment cannot be made. The message is one sentence."""


def _listed(words: Sequence[str]) -> list[str]:
    """What an option lists, with commas or blanks between."""
    return [one for word in words for one in word.replace(",", " ").split()]


def _chosen(numbers: Sequence[str], ids: Sequence[str]) -> list[Exercise]:
    """The graded exercises of these chapters, and those with these ids, in the order of the course."""
    if not numbers and not ids:
        raise BadPack("Say what to hand out: --chapters 02,10, or --exercises 04.1 04.2.")
    if empty := [one for one in numbers if not any(found.graded for found in of_chapter(one))]:
        raise BadPack(f"Chapter {', '.join(empty)} has no exercises that could be graded.")
    single = {find(id).id for id in ids}
    return [
        one
        for one in exercises().values()
        if one.id in single or (one.chapter in numbers and one.graded)
    ]


def _chapters(numbers: Sequence[str], root: Path) -> list[Chapter]:
    """The chapters with these numbers, in this order."""
    there = {chapter.number: chapter for chapter in read_chapters(root / CHAPTERS)}
    if missing := [one for one in numbers if one not in there]:
        raise BadPack(
            f"There is no chapter {', '.join(missing)}; there are {', '.join(there)}, given like "
            "02,10."
        )
    return [there[one] for one in numbers]


def _title(numbers: Sequence[str], chosen: Sequence[Exercise]) -> str:
    """How the gradebook calls it, if nobody says otherwise."""
    single = [one.id for one in chosen if one.chapter not in numbers]
    names = [f"Chapter {', '.join(numbers)}"] if numbers else []
    names += [f"Exercise{'s' if len(single) > 1 else ''} {', '.join(single)}"] if single else []
    return " and ".join(names)


def _number(purpose: str, seed: int) -> int:
    """A number that depends on the seed, and from which nobody can tell the seed or the other
    numbers.
    """
    return int.from_bytes(hashlib.sha256(f"{purpose} {seed}".encode()).digest()[:6], "big")


def assignment(
    chapters: Sequence[Chapter],
    asked_for: Sequence[Exercise],
    title: str,
    due: str,
    seed: int | None,
    asked: Sequence[Question] = (),
) -> Assignment:
    """One point for each minute that an exercise is meant to take. asked: answered in words.

    An exercise whose answer a capstone puts to use is marked there, if the whole capstone is asked
    for and the exercise is not asked for in its own chapter.
    """
    points: dict[str, float]
    points = {one.id: one.minutes for one in asked_for}
    parts = {
        chapter.slug: tuple(id for id in chapter.parts if id not in points)
        for chapter in chapters
        if chapter.is_capstone and is_whole(chapter.number, points)
    }
    points |= {id: find(id).minutes for ids in parts.values() for id in ids}
    variant = 0 if seed is None else 1 + _number("constants", seed) % 1_000_000
    inputs = _number("inputs", secrets.randbits(64) if seed is None else seed)
    slugs = tuple(chapter.slug for chapter in chapters)
    return Assignment(title, due, slugs, points, inputs, variant, tuple(asked), parts)


def instructions(made: Assignment) -> str:
    """What learners read first."""
    from course.grading.marks.examine import CALLS

    rows = [
        f"| {slug} | {one.id} {one.title} | {number(made.points[one.id])} |"
        for slug in made.chapters
        for one in made.of(slug)
    ]
    rows += [
        f"| {one.chapter} | {one.id} {one.title} | {number(one.points)} |" for one in made.questions
    ]
    whole = number(sum(made.points.values()) + sum(one.points for one in made.questions))
    table = "\n".join(
        ["| Notebook | Exercise | Points |", "|---|---|---|", *rows, f"| | Together | {whole} |"]
    )
    due = f"**Due: {made.due}.** " if made.due else ""
    practice = f"\n\n{PRACTICE}" if any(at_the_head(made, slug) for slug in made.chapters) else ""
    return INSTRUCTIONS.format(
        title=made.title, due=due, table=table, practice=practice, seconds=number(CALLS)
    )


def pack(
    made: Assignment, chapters: Sequence[Chapter], folder: Path, checks: Path | None, root: Path
) -> None:
    """Write the assignment into an empty folder."""
    address = repository(root)
    fill = partial(learner_cell, variant=made.variant)
    # No link to Colab: the public notebook of that name is another file, maybe with other numbers.
    files = {}
    for one in chapters:
        own = [question for question in made.questions if question.chapter == one.slug]
        data = notebook(one, address, fill, chapters, linked=False)
        files[f"{one.slug}.ipynb"] = with_questions(with_notes(data, made, one.slug), own)
    files["READ_ME_FIRST.md"] = instructions(made).encode()
    for name, data in files.items():
        write_atomically(folder / LEARNERS / name, data)
    if checks:
        shutil.copyfile(checks, folder / CHECKS)
    save(made, folder)


def pack_for_nbgrader(made: Assignment, folder: Path) -> Path:
    """Write the packed notebooks once more as sources for nbgrader; returns their folder."""
    sources = folder / "nbgrader" / "source" / folder.resolve().name
    for slug in made.chapters:
        learners = (folder / LEARNERS / f"{slug}.ipynb").read_bytes()
        write_atomically(sources / f"{slug}.ipynb", source_notebook(learners, made))
    return sources


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m course pack", description="Make an assignment to hand out."
    )
    top.add_argument("--chapters", default="", help="all graded exercises of these, like 02,10")
    top.add_argument(
        "--exercises", nargs="+", default=[], help="single exercises, like 04.1 04.2 04.3"
    )
    top.add_argument("--out", type=Path, required=True, help="the folder to make")
    top.add_argument(
        "--title", default="", help="how the gradebook calls it (default: the chapters)"
    )
    top.add_argument("--due", default="", help="the due date, in your own words")
    top.add_argument(
        "--seed", type=int, help="a number only you know: numbers and inputs of this class's own"
    )
    top.add_argument(
        "--checks",
        type=Path,
        help="a file with checks of your own (course/grading/private_checks.py)",
    )
    top.add_argument(
        "--questions",
        type=Path,
        help="a CSV file with questions to answer in words: chapter,points,question",
    )
    top.add_argument(
        "--nbgrader", action="store_true", help="also write source notebooks for nbgrader"
    )
    return top


def main(argv: list[str], root: Path = ROOT) -> int:
    """The command.

    Returns 0, or 1 after a sentence on what does not fit; then nothing was written.
    """
    options = parser().parse_args(argv)
    try:
        whole = _listed([options.chapters])
        _chapters(whole, root)  # those that are not there are named before what they lack
        chosen = _chosen(whole, _listed(options.exercises))
        numbers = dict.fromkeys([*whole, *(one.chapter for one in chosen)])
        chapters = _chapters(list(numbers), root)
        if options.out.exists() and any(options.out.iterdir()):
            raise BadPack(f"{options.out} is there already, and not empty: choose another folder.")
        checks = private_checks.load(options.checks) if options.checks else []
        ids = {one.id for one in chosen}
        if strange := [one.name for one in checks if one.exercise.id not in ids]:
            raise BadPack(
                f"The check {strange[0]} belongs to an exercise that is not in this assignment."
            )
        title = options.title or _title(whole, chosen)
        slugs = [chapter.slug for chapter in chapters]
        asked = questions.load(options.questions, slugs) if options.questions else []
        made = assignment(chapters, chosen, title, options.due, options.seed, asked)
        pack(made, chapters, options.out, options.checks, root)
        sources = pack_for_nbgrader(made, options.out) if options.nbgrader else None
    except (BadPack, BuildError, ChapterError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"Hand out {options.out / LEARNERS}; keep the rest of {options.out}, which only you need."
    )
    if sources:
        print(f"For nbgrader: copy {sources} into the folder `source` of its course.")
    return 0
