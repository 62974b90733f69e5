"""A chapter's exercises become stubs and reference answers, and a chapter that misplaces one is
refused.
"""

import json
from pathlib import Path

import pytest

from course.building import exercise_cells
from course.building.build import main
from course.building.chapter import EXERCISE, ChapterError, read_chapter
from course.building.exercise_cells import learner_cell, refuse_exercises, solved_cell
from course.building.lint import ties_to_answers
from course.exercises import of_chapter

ROOT = Path(__file__).resolve().parents[3]
FRONT = """\
---
title: A chapter
mirrors:
  - Mathematical Guide > 1.1 Probabilistic Framework
---
Words.

```{code-cell}
import torch
from course import check, hint, solution
```
"""


def cell(line, tags=f":tags: [{EXERCISE}]\n"):
    return f"\n```{{code-cell}}\n{tags}{line}\n```\n"


def with_minutes(one):
    """The cell of an exercise, under the text that says how long it takes."""
    return f"\nAbout {one.minutes} minutes.\n" + cell(f'exercise("{one.id}")')


WHOLE = FRONT + "".join(map(with_minutes, of_chapter("01")))


@pytest.fixture
def chapter(tmp_path):
    """A function that reads a chapter 01 with this text."""

    def read(text):
        path = tmp_path / "course/chapters/01_a_chapter.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return read_chapter(path)

    return read


def refusal(found):
    with pytest.raises(ChapterError) as error:
        refuse_exercises(found)
    return str(error.value)


def test_the_two_notebooks_part_at_the_exercises_only(chapter, tmp_path, capsys):
    address = 'urls = { Repository = "https://github.com/someone/glass-box" }'
    (tmp_path / "pyproject.toml").write_text(f"[project]\n{address}\n", encoding="utf-8")
    chapter(WHOLE)
    assert main([], tmp_path) == 0

    def built(folder):
        text = (tmp_path / folder / "01_a_chapter.ipynb").read_text(encoding="utf-8")
        return text, json.loads(text)["cells"]

    (text, learner), (_, solved) = built("notebooks"), built("build/solved")
    assert [one["id"] for one in learner] == [one["id"] for one in solved]
    for mine, reference in zip(learner, solved, strict=True):
        if EXERCISE in mine["metadata"].get("tags", ()):
            assert mine["source"] != reference["source"]
            assert mine["source"][-1] == reference["source"][-1] and mine["source"][-1].startswith(
                'check("01.'
            )
            assert mine["source"][-3:-1] == ["    ...\n", "\n"]
        else:
            assert mine == reference
    assert text.count("    ...") == len(of_chapter("01"))
    main([], tmp_path)
    assert built("notebooks")[0] == text


def test_other_cells_stay_as_they_are(chapter):
    for found in chapter(WHOLE).cells[:2]:
        assert learner_cell(found) == solved_cell(found) == found.source


def test_a_whole_chapter_is_fine(chapter):
    refuse_exercises(chapter(WHOLE))
    refuse_exercises(chapter(WHOLE.replace('exercise("01.2")', "exercise('01.2')")))
    magic = cell("%matplotlib inline\n!ls", "")
    refuse_exercises(chapter(FRONT + magic + WHOLE.removeprefix(FRONT)))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (
            'exercise("01.2")',
            'exercise("01.77")',
            24,
            "There is no exercise '01.77'; did you mean 01.",
        ),
        ('exercise("01.2")', 'exercise("02.1")', 24, "exercise 02.1 does not belong to chapter 01"),
        ('exercise("01.2")', 'exercise("01.1")', 24, "exercise 01.1 stands here a second time"),
        ('exercise("01.2")', 'exercise("01.2"); x = 1', 24, "has one line, like exercise("),
        (with_minutes(of_chapter("01")[2]), "", 1, "exercise 01.3 has no cell"),
        (
            "import torch\n",
            "import torch\nsoftmax_at = 3\n",
            9,
            "softmax_at is the learner's answer",
        ),
        ("import torch\n", "def draw_index(): pass\n", 9, "draw_index is the learner's answer"),
        (
            "import torch\n",
            "from utils import generate_ids\n",
            9,
            "generate_ids is the learner's answer",
        ),
        (
            f"About {of_chapter('01')[0].minutes} minutes",
            "Some minutes",
            17,
            f'above exercise 01.1 has to say "About {of_chapter("01")[0].minutes} minutes."',
        ),
        ("check, hint, solution", "hint", 17, "`from course import check, solution` has to stand"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(chapter, old, new, line, words):
    assert old in WHOLE
    said = refusal(chapter(WHOLE.replace(old, new)))
    assert words in said and said.startswith(f"01_a_chapter.md:{line}: ")


def test_an_exercise_for_practice_says_so_and_no_other_does(chapter, monkeypatch):
    second = of_chapter("01")[1]
    before = with_minutes(second)
    assert WHOLE.count(before) == 1
    saying = WHOLE.replace(
        before, before.replace("minutes.", f"minutes. {exercise_cells.PRACTICE}")
    )
    refuse_exercises(chapter(WHOLE))
    said = refusal(chapter(saying))
    assert "exercise 01.2 is graded: the text above it must not say" in said
    monkeypatch.setattr(second, "graded", False)
    refuse_exercises(chapter(saying))
    said = refusal(chapter(WHOLE))
    assert "exercise 01.2 is not graded: the text above it has to say" in said
    assert exercise_cells.PRACTICE in said


def test_an_answer_used_after_its_exercise_is_refused(chapter):
    assert "nothing may depend on it" in refusal(
        chapter(WHOLE + cell("print(softmax_at(z, 1.0))", ""))
    )


# --- nothing else depends on an answer -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("", "x = [softmax_at]", "softmax_at is the learner's answer"),
        ("", "def later():\n    return softmax_at", "softmax_at is the learner's answer"),
        (
            "",
            "class Later:\n    answer = staticmethod(softmax_at)",
            "softmax_at is the learner's answer",
        ),
        ("", "import softmax_at", "softmax_at is the learner's answer"),
    ],
)
def test_a_chapter_in_which_a_cell_depends_on_an_answer_is_refused(chapter, before, after, words):
    assert words in refusal(
        chapter(WHOLE.replace("import torch\n", f"import torch\n{before}\n") + cell(after, ""))
    )


ANSWERS = [
    "from course import check\nrows = []",
    "def f(x):\n    return x\n\ncheck('1.1', f)",
    "print(len(rows))",
]


@pytest.mark.parametrize(
    ("number", "source", "tie"),
    [
        (2, "print(f(2))", (2, "f is bound in the cell of an answer")),
        (2, "f = 3", (2, "f is bound in the cell of an answer")),
        (
            0,
            "from course import check\nrows = []\ndef g():\n    return f(rows)",
            (0, "f is bound in the cell of an"),
        ),
        # its own, as long as nobody uses it
        (1, "import math\ndef f(x):\n    return x\n\ncheck('1.1', f)", None),
        (
            1,
            "def f(x):\n    rows.append(x)\n\nf(1)\ncheck('1.1', f)",
            (1, "the answer may change rows"),
        ),
        (1, "rows[0] = 1\ndef f(x):\n    return x", (1, "the answer may change rows")),
        (1, "rows = 1\ndef f(x):\n    return x", (0, "rows is bound in the cell of an answer")),
        (
            1,
            "def f(x):\n    global rows\n    rows = x",
            (0, "rows is bound in the cell of an answer"),
        ),
        (
            1,
            "import torch\ntorch.set_grad_enabled(False)\ndef f(x):\n    return x",
            (0, "set_grad_enabled() is bound in"),
        ),
    ],
)
def test_ties_between_an_answer_and_the_rest(number, source, tie):
    assert list(ties_to_answers(ANSWERS, [1])) == []
    changed = [source if position == number else old for position, old in enumerate(ANSWERS)]
    found = list(ties_to_answers(changed, [1]))
    if tie is None:
        assert found == []
    else:
        assert any(
            position == tie[0] and phrase.startswith(tie[1]) for position, phrase in found
        ), found


def test_one_answer_may_not_use_another():
    cells = [*ANSWERS, "def g(x):\n    return f(x)"]
    assert [position for position, _ in ties_to_answers(cells, [1, 3])] == [3]


def test_a_build_is_refused_for_its_own_ties(chapter, monkeypatch):
    """Also if only one of the two builds has them: here the reference answer alone changes
    something outside.
    """
    reference = "seen = []\ndef softmax_at(z, temperature):\n    return z"
    monkeypatch.setattr(
        exercise_cells, "reference", lambda found: reference if found.id == "01.1" else "pass"
    )
    refuse_exercises(chapter(WHOLE))
    said = refusal(chapter(WHOLE + cell("seen = 3", "")))
    assert "seen is bound in the cell of an answer" in said and said.startswith("01_a_chapter.md:")


def capstone(*lines):
    """A chapter 01 of the kind capstone, with these lines in a cell above the exercises."""
    front = "---\ntitle: A whole\nkind: capstone\n---\nWhat for.\n"
    body = WHOLE.removeprefix(FRONT)
    imported = "import torch\nfrom course import check, hint, own, solution"
    return front + cell("\n".join([imported, *lines]), "") + body


def test_a_capstone_knows_its_parts_and_needs_no_documents(chapter):
    found = chapter(capstone('mine = own("10.2", trained=True)', 'own("08.5")', 'own("01.1")'))
    refuse_exercises(found)
    assert found.is_capstone and found.mirrors == () and found.parts == ("10.2", "08.5")
    ordinary = chapter(WHOLE)
    assert not ordinary.is_capstone and ordinary.parts == ()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (('own("10.2")', "attention = 3"), "attention is the learner's answer"),
        (('own("10.2")', "def attention(q): pass"), "attention is the learner's answer"),
        (('own("10.77")',), "There is no exercise '10.77'"),
    ],
)
def test_the_names_of_a_capstones_parts_are_the_learners(chapter, lines, words):
    assert words in refusal(chapter(capstone(*lines)))


def test_only_a_capstone_has_parts(chapter):
    text = WHOLE.replace("import torch\n", 'import torch\nown("10.2")\n', 1)
    assert "stands in a chapter that is no capstone" in refusal(chapter(text))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: capstone", "kind: epilogue", "only capstone is known"),
        ("kind: capstone", 'kind: capstone\nmirrors:\n  - "x > y"', "mirrors nothing"),
        ("title: A whole\n", "", "needs some text as 'title'"),
    ],
)
def test_the_front_matter_of_a_capstone_is_checked(chapter, old, new, words):
    with pytest.raises(ChapterError, match=words):
        chapter(capstone().replace(old, new))
