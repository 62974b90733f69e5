"""The page of those who wrote the same, with the lines, for the teacher alone."""

from collections.abc import Sequence
from html import escape

from course.grading.assignment import Assignment
from course.grading.copies.alike import Pair, Work, groups
from course.grading.counted import counted
from course.grading.reports.pages import list_of, page

FILE = "copies.html"
MOST_GROUPS, MOST_PAIRS, MOST_LINES = 30, 20, 60
_MEANING = """
<p>Compared is what students wrote themselves: without the cells of the lesson, without the stubs,
the answers and the known mistakes of the course, and without what half of the class wrote. Names
of variables do not count, comments do.</p>
<p><b>What this does not prove.</b> Who had it from whom, or that anybody copied: short answers to
the same task look alike, people who learn together write alike, and a chatbot gives many people the
same answer. And whoever is not named here may have copied, with a little more work. Ask both, apart
from each other, how their lines work.</p>
"""


def copies_page(assignment: Assignment, pairs: Sequence[Pair], count: int) -> bytes:
    """The groups, those first that share most of what is rare. count: students compared."""
    found = groups(pairs)
    said = f"{counted(count, 'student')} compared, {counted(len(found), 'group')} with much of the same."
    said += f" The first {MOST_GROUPS} are shown." if len(found) > MOST_GROUPS else ""
    body = f"<p>{said}</p>{_MEANING}{''.join(map(_group, found[:MOST_GROUPS]))}"
    return page(f"{assignment.title}: who wrote the same", body)


def _group(pairs: Sequence[Pair]) -> str:
    """The lines of the two who are most alike, and how alike the others are."""
    first, rest = pairs[0], pairs[1:]
    people = sorted({work.name for pair in pairs for work in (pair.one, pair.other)})
    sides = [
        f"<h3>{escape(work.name)}</h3>{_lines(work, lines)}"
        for work, lines in zip((first.one, first.other), first.lines, strict=True)
    ]
    others = [f"{_names(pair)}: {pair.how}." for pair in rest[:MOST_PAIRS]]
    others += [f"… and {len(rest) - MOST_PAIRS} more pairs"] * (len(rest) > MOST_PAIRS)
    pieces = f"{first.how}: {first.shared} pieces of code that hardly anybody else has."
    head = f"<h2>{escape(', '.join(people))}</h2><p>{escape(f'{_names(first)}. {pieces}')}</p>"
    return f"{head}{''.join(sides)}{list_of('The others of this group', others, 3)}"


def _names(pair: Pair) -> str:
    return f"{pair.one.name} and {pair.other.name}"


def _lines(work: Work, places: Sequence[int]) -> str:
    """These lines, with a mark where some are left out."""
    shown: list[str] = []
    for before, place in zip((-1, *places), places[:MOST_LINES], strict=False):
        if shown and place > before + 1:
            shown.append("…")
        shown.append(work.lines[place][:200])
    if len(places) > MOST_LINES:
        shown.append(f"… and {len(places) - MOST_LINES} more lines")
    return f"<pre>{escape(chr(10).join(shown))}</pre>"
