"""The page of pairs that wrote the same, with the lines, for the teacher alone."""

from collections.abc import Sequence
from html import escape

from course.grading.assignment import Assignment
from course.grading.copies.alike import Pair, Work
from course.grading.reports.pages import page

FILE = "copies.html"
MOST_PAIRS, MOST_LINES = 30, 60
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
    """The pairs, those first that share most of what is rare. count: students compared."""
    shown = pairs[:MOST_PAIRS]
    more = len(pairs) - len(shown)
    said = f"{len(pairs)} pairs of {count} students wrote much of the same."
    said += f" The first {len(shown)} are shown." if more else ""
    body = f"<p>{said}</p>{_MEANING}{''.join(map(_pair, shown))}"
    return page(f"{assignment.title}: who wrote the same", body)


def _pair(pair: Pair) -> str:
    names = f"{escape(pair.one.name)} and {escape(pair.other.name)}"
    pieces = f"{pair.shared} pieces of code that hardly anybody else has"
    sides = [
        f"<h3>{escape(work.name)}</h3>{_lines(work, lines)}"
        for work, lines in zip((pair.one, pair.other), pair.lines, strict=True)
    ]
    return f"<h2>{names}</h2><p>{escape(pair.how)}: {pieces}.</p>{''.join(sides)}"


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
