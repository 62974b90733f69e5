"""Who wrote the same: found where it is rare, whatever the names; and not where the course or half
of the class wrote it.
"""

import inspect
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.exercises import exercises
from course.grading.assignment import Assignment
from course.grading.copies.alike import Pair, groups, own_cells, pairs, work
from course.grading.copies.course_code import known_prints, lesson_cells
from course.grading.copies.fingerprints import (
    LENGTH,
    MOST_LETTERS,
    MOST_TOKENS,
    WINDOW,
    comments,
    fingerprints,
    tokens,
)
from course.grading.reports.copies_page import copies_page
from course.judging.exercise_source import reference

SLUG = "02_cross_entropy"
ASSIGNMENT = Assignment("Homework <1>", "", (SLUG,), {"02.1": 10}, 1)
ANSWER = """def cross_entropy(logits, targets):
    highest = logits.max(dim=-1, keepdim=True).values
    shifted = logits - highest
    total = shifted.exp().sum(dim=-1, keepdim=True).log()
    picked = (shifted - total).gather(-1, targets.unsqueeze(-1))
    result = 0
    for row in range(len(picked)):
        result = result - picked[row, 0] / len(picked)
    return result
"""
RENAMED = ANSWER.replace("highest", "m").replace("shifted", "s").replace("picked", "chosen")
RENAMED = RENAMED.replace("result", "loss").replace("row", "i").replace("total", "lse")
ACTIONS = ("exp", "log", "sum", "mean", "abs", "sqrt", "cumsum", "sigmoid", "tanh", "neg", "sin")


def own_way(seed: int, length: int = 12) -> str:
    """Code that nobody else writes."""
    rng = random.Random(seed)
    lines = [
        f"    x = x.{rng.choice(ACTIONS)}() {rng.choice('+-*/')} {rng.randint(2, 99)} * "
        f"y.{rng.choice(ACTIONS)}({rng.randint(0, 9)})"
        for _ in range(length)
    ]
    return "\n".join(["def answer(x, y):", *lines, "    return x", ""])


def names_of(class_: dict[str, str], known=()) -> list[tuple[str, str]]:
    found = pairs([work(name, [code], known) for name, code in class_.items()])
    return [(pair.one.name, pair.other.name) for pair in found]


OTHERS = {f"student {seed}": own_way(seed) for seed in range(20)}


# --- fingerprints --------------------------------------------------------------------------------


def test_names_do_not_count_and_numbers_and_methods_do():
    assert fingerprints(ANSWER).keys() == fingerprints(RENAMED).keys()
    assert fingerprints(ANSWER).keys() != fingerprints(ANSWER.replace("exp()", "sin()")).keys()
    assert fingerprints(ANSWER).keys() != fingerprints(ANSWER.replace("result = 0", "x = 1")).keys()
    spaced = re.sub(r"\n", "\n\n\n", ANSWER)
    assert fingerprints(ANSWER).keys() == fingerprints(spaced).keys()


TEXTS = st.lists(st.sampled_from(["a.b", "f(", ")", "+", "7", "if", "'x'"]), max_size=60)


@settings(max_examples=200)
@given(TEXTS, TEXTS, TEXTS, TEXTS, st.integers(0, 2**32))
def test_a_stretch_that_is_long_enough_is_always_found(a, b, c, d, seed):
    """The guarantee of winnowing, whatever stands around the stretch."""
    rng = random.Random(seed)
    stretch = [str(rng.randint(100, 10**6)) for _ in range(LENGTH + WINDOW - 1)]
    one = " ".join([*a, *stretch, *b])
    other = " ".join([*c, *stretch, *d])
    assert fingerprints(one).keys() & fingerprints(other).keys()


def test_what_is_shorter_is_never_found():
    stretch = [str(number) for number in range(100, 100 + LENGTH - 1)]
    one, other = ["a.x"] * 40, ["b.y"] * 40
    assert not fingerprints(" ".join([*one, *stretch])).keys() & (
        fingerprints(" ".join([*other, *stretch])).keys()
    )


def test_lines_are_those_of_the_stretch():
    code = "\n\n" + "x = 1\n" * 3 + ANSWER
    lines = set().union(*fingerprints(code).values())
    assert max(lines) == len(code.splitlines()) - 1
    assert [token.line for token in tokens('a\n"""b\nc"""\nd')] == [0, 1, 3]


@pytest.mark.parametrize(
    "code", ["'''", '"""', "'\\", '"' * 9999, "f'{", "%pip x\n!ls", "\x00\ud800"]
)
def test_broken_code_has_tokens_too(code):
    fingerprints(code * 3 + ANSWER)


def test_what_it_costs_is_bounded():
    assert len(tokens("x + " * 10**6)) == MOST_TOKENS
    long = "\n" * MOST_LETTERS
    assert fingerprints(long + ANSWER) == {} and fingerprints(long[LENGTH * 99 :] + ANSWER)


NEVER_ENDING = ["'\\", '"x\\\n', "'''\n", "f'{", "# a long comment, once more\n", "rb", "\n"]


@pytest.mark.parametrize("piece", NEVER_ENDING)
def test_texts_that_never_end_do_not_make_it_slow(piece):
    """Three megabytes of each: without a longest length, the first takes hours."""
    found = fingerprints(piece * (3 * 2**20 // len(piece)))
    assert all(max(lines) < MOST_LETTERS for lines in found.values())


def test_longer_comments_count_by_their_letters():
    code = "x = 1  # Why is this so slow here?\n# ok\n# WHY is this so slow, here\n"
    assert list(comments(code)) == [("whyisthissoslowhere", 0), ("whyisthissoslowhere", 2)]


# --- pairs ---------------------------------------------------------------------------------------


def test_a_copy_is_found_whatever_the_names_and_what_stands_around():
    class_ = OTHERS | {"ann": ANSWER, "bob": own_way(98, 2) + RENAMED, "eve": own_way(99)}
    assert names_of(class_) == [("ann", "bob")]


def test_how_alike_they_are():
    def how(one, other, **more):
        class_ = [work(name, [code], ()) for name, code in OTHERS.items()]
        class_ += [work("ann", [one], (), **more), work("bob", [other], (), **more)]
        (pair,) = pairs(class_)
        return pair.how

    assert how(ANSWER, ANSWER) == "The same, letter by letter"
    assert how(ANSWER, ANSWER, digests=["1"]) == "The very same file, byte by byte"
    assert how(ANSWER, RENAMED) == "The same but for names"
    said = how(ANSWER, ANSWER.replace("exp()", "sin()"))
    assert re.fullmatch(r"\d\d% of what one of them has is in the other's", said)


@pytest.mark.parametrize("many", [4, 12, 24])
def test_what_half_of_the_class_wrote_is_no_sign(many):
    same = {f"same {number}": ANSWER for number in range(many)}
    others = {f"student {seed}": own_way(seed) for seed in range(many)}
    assert names_of(same | others) == []
    less = names_of(same | others | {"one more": own_way(50)})
    assert len(less) == many * (many - 1) / 2


def test_two_of_a_small_class_are_found():
    assert names_of({"ann": ANSWER, "bob": RENAMED}) == [("ann", "bob")]
    assert names_of({"ann": ANSWER, "bob": RENAMED, "cleo": own_way(1)}) == [("ann", "bob")]


def test_who_handed_in_together_is_no_pair():
    class_ = [work(name, [ANSWER], (), places=[("sub", "x.ipynb")]) for name in ("ann", "bob")]
    assert pairs(class_) == []


def test_the_heaviest_come_first():
    more = OTHERS | {"a": ANSWER, "b": RENAMED, "c": own_way(70, 40), "d": own_way(70, 40)}
    assert names_of(more) == [("c", "d"), ("a", "b")]


def test_different_ways_to_the_same_answer_are_seldom_pairs():
    """All right answers that the course has to an exercise, as if each were a student's. One author
    wrote them, and a few differ in a line only: 22 of 782 pairs were named when this was written.
    """
    named, count = 0, 0
    for exercise in exercises().values():
        answers = [exercise.reference, *exercise.also_rights]
        ways = {f"way {place}": inspect.getsource(one) for place, one in enumerate(answers)}
        named += len(names_of(ways | OTHERS))
        count += len(ways) * (len(ways) - 1) // 2
    assert count > 500 and named < count / 20


# --- what the course wrote -----------------------------------------------------------------------


def test_what_the_course_wrote_is_nobodys():
    known = known_prints([SLUG], 0)
    for one in exercises().values():
        if one.chapter == "02":
            code = reference(one)
            assert names_of({"ann": code, "bob": code}, known) == []
    assert names_of({"ann": ANSWER, "bob": RENAMED}, known) == [("ann", "bob")]


def test_what_the_course_wrote_of_a_capstones_parts_is_nobodys():
    known = known_prints(["25_capstone"], 0)
    for id in ("10.2", "08.5", "22.4", "25.3"):
        code = reference(exercises()[id])
        assert names_of({"ann": code, "bob": code}, known) == []


def test_cells_of_the_lesson_are_not_compared():
    lesson = lesson_cells([SLUG], 0)
    stub = next(cell for cell in lesson if "defcross_entropy" in cell)
    assert own_cells([stub, " " + stub + "\n\n", "mine = 1"], lesson) == ["mine = 1"]


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_the_lines_and_what_they_do_not_prove():
    evil = ANSWER + "x = '<script>alert(1)</script>'\n"
    class_ = OTHERS | {"<b>ann": evil, "bob": own_way(60, 3) + evil}
    works = [work(name, [code], ()) for name, code in class_.items()]
    text = copies_page(ASSIGNMENT, pairs(works), len(works)).decode()
    assert "22 students compared, 1 group with much" in text and "What this does not prove" in text
    assert "<script" not in text and "<h2>&lt;b&gt;ann, bob</h2>" in text
    assert "shifted.exp().sum(dim=-1, keepdim=True).log()" in text
    assert own_way(60, 3).splitlines()[1] not in text


def test_the_page_stays_short():
    letters, many = "abcdefghijklmnopqrstuvwxyzäöüßéèà", 8
    works = [
        work(f"{letter}{number}", [own_way(ord(letter), 99)], ())
        for letter in letters
        for number in range(many)
    ]
    text = copies_page(ASSIGNMENT, pairs(works), len(works)).decode()
    assert f"{len(letters)} groups" in text and "The first 30 are shown" in text
    assert text.count("<h2>") == 30 and "more lines" in text
    assert "a0, a1, a2, a3, a4, a5, a6, a7</h2>" in text
    left = many * (many - 1) // 2 - 1 - 20
    assert text.count(f"… and {left} more pairs") == 30


def test_who_shares_with_the_same_student_is_one_group():
    names = "abcdefg"
    works = dict(zip(names, (work(name, [name], ()) for name in names), strict=True))

    def pair(one, other, weight):
        return Pair(works[one], works[other], 3, 1.0, weight, "alike", ((), ()))

    found = groups([pair("a", "b", 1), pair("c", "d", 5), pair("e", "f", 2), pair("b", "c", 3)])
    got = [[(one.one.name, one.other.name) for one in group] for group in found]
    assert got == [[("c", "d"), ("b", "c"), ("a", "b")], [("e", "f")]]
    assert groups([]) == []
