"""The plan of a term: weeks that fit their time, chapters after those that they need, and nothing
forgotten.
"""

import csv
import itertools
import random

import pytest

from course.book.path import all_needed, needs
from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapter, read_chapters
from course.exercises import exercises
from course.term import plan as term
from course.term.plan import HOMEWORK, LESSON, TALK, TermError, balanced, check_order, parts, plan

THERE = read_chapters(ROOT / CHAPTERS)
WEEKS = plan(THERE)


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: str(week.number))
def test_a_week_exceeds_neither_its_lesson_nor_its_homework(week):
    # counted anew from the text, and from the exercises' own declarations
    predictions = sum(
        line.count("predict(") for part in week.parts if part.in_class for line in _code(part)
    )
    reading = sum(part.reading for part in week.parts if part.in_class)
    assert week.lesson == reading + 2 * predictions
    assert week.lesson + TALK <= LESSON
    own = [one.minutes for one in exercises().values() if one.id in {e.id for e in week.exercises}]
    read_at_home = sum(part.reading for part in week.parts if not part.in_class)
    assert week.home == sum(own) + read_at_home <= HOMEWORK


def _code(part):
    """The lines of a part's code, found in the file by its pauses."""
    text = part.chapter.path.read_text(encoding="utf-8")
    cut = text.split('+++ {"tags": ["pause"]}')[part.place - 1]
    inside = False
    for line in cut.splitlines():
        if line.startswith("```"):
            inside = line.startswith("```{code-cell}")
        elif inside:
            yield line


def test_every_exercise_of_a_lesson_is_asked_for_once_in_the_week_of_its_part():
    asked = [one.id for week in WEEKS for one in week.exercises]
    assert len(asked) == len(set(asked))
    left = [e.id for week in WEEKS for one in week.more for p in one.parts for e in p.exercises]
    assert sorted([*asked, *left]) == sorted(
        id for id, one in exercises().items() if one.chapter in {c.number for c in THERE}
    )


def test_chapters_come_after_all_that_they_need():
    """Over the whole way down, where the plan itself looks at the nearest only."""
    first: dict[str, int] = {}
    for at, part in enumerate(part for week in WEEKS for part in week.parts):
        first.setdefault(part.chapter.number, at)
    for number, at in first.items():
        assert all(first[one] < at for one in all_needed(number)), number


def test_every_chapter_is_in_the_core_or_named_as_left_out_once():
    seen = [(part.chapter.number, part.place) for week in WEEKS for part in week.parts]
    left = [(p.chapter.number, p.place) for week in WEEKS for one in week.more for p in one.parts]
    every = [(part.chapter.number, part.place) for one in THERE for part in parts(one)]
    assert sorted(seen + left) == sorted(every)
    assert all(one.words for week in WEEKS for one in week.more)


def test_the_parts_of_a_chapter_stand_in_order():
    for number, own in itertools.groupby(
        (part for week in WEEKS for part in week.parts), lambda part: part.chapter.number
    ):
        places = [part.place for part in own]
        assert places == sorted(set(places)), number


def test_what_is_left_fits_where_it_is_put():
    """A chapter that is left out stands in a week by which all that it needs has been there."""
    when = {p.chapter.number: week.number for week in reversed(WEEKS) for p in week.parts}
    whole = {one.chapter.number: week.number for week in WEEKS for one in week.more}
    for number, week in whole.items():
        for one in needs()[number]:
            assert when.get(one, whole.get(one, 99)) <= week, (number, one)


def cheapest(loads, weeks):
    """By trying all ways to cut."""
    best = None
    for cuts in itertools.combinations(range(1, len(loads)), weeks - 1):
        ends = [0, *cuts, len(loads)]
        own = [loads[a:b] for a, b in itertools.pairwise(ends)]
        sums = [[sum(one[k] for one in week) for k in (0, 1)] for week in own]
        over = sum(max(0, lesson - 105) + max(0, home - 120) for lesson, home in sums)
        cost = (over, sum(lesson**2 + home**2 for lesson, home in sums))
        if best is None or cost < best[0]:
            best = (cost, [len(week) for week in own])
    return best[1]


@pytest.mark.parametrize("seed", range(20))
def test_no_other_cut_is_better(seed):
    rng = random.Random(seed)
    loads = [(rng.randrange(97), rng.randrange(131)) for _ in range(rng.randint(5, 10))]
    weeks = rng.randint(2, 5)
    assert balanced(loads, weeks) == cheapest(loads, weeks)


def test_a_lesson_that_holds_is_worth_more_than_even_homework():
    # 55 + 55 would be too much for a lesson, though it would make the homework even
    loads = [(55, 0), (55, 60), (30, 60)]
    assert balanced(loads, 2) == [1, 2]
    # a little shorter, and the squares decide
    assert balanced([(50, 0), *loads[1:]], 2) == [2, 1]
    assert balanced([], 12) == [] and balanced([(10, 10)], 12) == [1]


@pytest.mark.parametrize(
    ("core", "after", "words"),
    [
        (["01", "03", "02"], {}, "chapter 03 comes before chapter 02"),
        (["01", "02"], {"16": "08"}, "comes after chapter 08, which is in no"),
        (["01", "02", "03", "04", "05"], {"06": "03"}, "chapter 06 comes before chapter 04"),
    ],
)
def test_a_wrong_order_is_one_sentence(core, after, words):
    with pytest.raises(TermError, match=words):
        check_order(core, after)


def test_a_right_order_is_taken():
    check_order(["01", "02", "03", "04", "05", "07"], {"06": "05", "05": "05"})


def with_rows(monkeypatch, **changed):
    kept = [one for one in term.rows() if one.chapter not in changed]
    monkeypatch.setattr(term, "rows", lambda: [*kept, *(one for one in changed.values() if one)])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (None, "no row for chapter 22"),
        (term.Row("22", (7,), (), "", ""), "names sitting 7 of chapter 22"),
        (term.Row("22", (), (), "20", ""), "leaves out a part of chapter 22"),
    ],
)
def test_a_row_that_does_not_fit_is_one_sentence(monkeypatch, row, words):
    with_rows(monkeypatch, **{"22": row})
    with pytest.raises(TermError, match=words):
        plan(THERE)


def test_a_pause_more_makes_a_part_more(tmp_path):
    """Minutes and headings come from the chapter's text, not from the plan's."""
    text = (
        "---\ntitle: A title\nmirrors:\n  - Mathematical Guide > 1.1 Probabilistic Framework\n---\n"
    )
    text += f"\n# \n\n{'word ' * 1500}\n\n".replace("# \n\n", "")
    text += '+++ {"tags": ["pause"]}\n\n## A good place to stop\n\n+++\n\n## Second\n\n'
    text += "word " * 3000 + "\n\n```{code-cell}\nguess = predict(1) + predict(2)\n```\n"
    path = tmp_path / "09_second.md"
    path.write_text(text, encoding="utf-8")
    first, second = parts(read_chapter(path))
    assert (first.reading, second.reading) == (10, 20) and second.predictions == 2
    assert second.lesson == 24 and "Second" in second.headings and second.name.endswith("2 of 2")


def test_the_file_is_as_the_csv_module_writes_it():
    path = ROOT / "course" / "term" / "term.csv"
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    assert all(len(row) == 5 for row in rows) and b"\r" not in path.read_bytes()
