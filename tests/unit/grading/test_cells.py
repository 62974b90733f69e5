"""Answers are found by name and run with what they need: the same marks after every rearrangement."""

import __future__

import ast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.building.chapter import read_chapter
from course.building.exercise_cells import learner_cell, solved_cell
from course.exercises import exercises, of_chapter
from course.grading.inside.jupyter import parse
from course.grading.inside.plan import plan
from course.grading.sandbox.code_folder import COURSE
from course.judging.judge import State, judge

CHAPTER = read_chapter(COURSE / "chapters" / "02_cross_entropy.md")
SOLVED = [solved_cell(cell) for cell in CHAPTER.cells if cell.kind == "code"]
STUBS = [learner_cell(cell) for cell in CHAPTER.cells if cell.kind == "code"]
NAMES = [one.name for one in of_chapter("02")]


def run(cells, names):
    """The names after the plan was carried out, as the worker does it."""
    found = plan(cells, names)
    values, waiting = {"__name__": "__main__"}, found.statements
    for _ in range(len(waiting)):
        later = []
        for one in waiting:
            try:
                exec(compile(ast.Module([one.tree], []), "<cell>", "exec"), values)
            except NameError:
                later.append(one)
        waiting = later
    return values, found


def states(cells):
    values, found = run(cells, NAMES)
    answers = {one.id: values.get(one.name) for one in of_chapter("02")}
    return {id: judge(exercises()[id], answer).state for id, answer in answers.items()}, found


ALL_RIGHT = {one.id: State.RIGHT for one in of_chapter("02")}


def test_of_a_whole_notebook_only_what_the_answers_need_runs():
    got, found = states(SOLVED)
    assert got == ALL_RIGHT and not found.unreadable
    bound = {name for one in found.statements for name in one.binds}
    # `math` is also used by the lesson; its model, its figures and its training are not run.
    assert bound == {*NAMES, "math", "torch"}


def test_a_notebook_of_stubs_is_not_started():
    got, found = states(STUBS)
    assert (
        set(got.values()) == {State.NOT_STARTED}
        and found.stubs == set(NAMES)
        and not found.statements
    )


@st.composite
def rearranged(draw):
    """The solved notebook after a student was at it: cells moved, cut in two, joined, doubled,
    noise between them.
    """
    pieces = []
    for cell in draw(st.permutations(SOLVED)):
        source = readable(cell)
        statements = [ast.get_source_segment(source, one) for one in ast.parse(source).body]
        cut = draw(st.integers(0, len(statements)))
        parts = [statements[:cut], statements[cut:]] if draw(st.booleans()) else [[cell]]
        pieces += ["\n".join(part) for part in parts if part]
        pieces += [cell] * draw(st.integers(0, 1))
    noise = [
        "",
        "# note",
        "print('x')",
        "1 / 0",
        "%matplotlib inline",
        "!ls",
        "def (",
        "x = 1",
        "%%bash\nls",
        *STUBS,
    ]
    for extra in draw(st.lists(st.sampled_from(noise), max_size=5)):
        pieces.insert(draw(st.integers(0, len(pieces))), extra)
    if draw(st.booleans()):
        place = draw(st.integers(0, len(pieces) - 2))
        if not any(
            piece.lstrip().startswith(("%", "def (")) for piece in pieces[place : place + 2]
        ):
            pieces[place : place + 2] = ["\n".join(pieces[place : place + 2])]
    return pieces


def readable(cell: str) -> str:
    return "\n".join(
        "    pass" if line.strip().startswith("%") else line for line in cell.splitlines()
    )


@settings(max_examples=40)
@given(rearranged())
def test_the_same_marks_after_every_rearrangement(cells):
    assert states(cells)[0] == ALL_RIGHT


CELLS = {
    "magics": "%who\nx = 1",
    "a magic in a block": "if 1:\n    %who\ny = 2",
    "shell lines": "!true\nprint?\nx = 3",
    "what a shell says": "files = !true\nx = 4",
    "timed": "%time x = 2 + 3",
    "timed, and kept": "x = %time 2 + 3",
    "a timed cell": "%%time\nx = 1",
    "a captured cell": "\n%%capture\nx = 1",
    "another language": "%%bash\nx=1",
    "continued": "!true \\\n  and more\nx = 5",
    "indented": "    x = 6\n    y = x",
    "prompts": ">>> def f(a):\n...     return a\n>>> x = f(7)",
    "IPython's prompts": "In [3]: x = 8",
    "percent signs": "x = (5\n% 3)\ns = '''\n%d items\n!\n'''",
    "windows": "x = 1\r\nif x:\r\n    y = 2\r\n",
    "the end of a line": "x = 9;",
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_what_ipython_makes_of_it(name, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    monkeypatch.setattr(shell, "system", lambda *args: None)
    assert shell.run_cell(CELLS[name], silent=True).success
    expected = {key: shell.user_ns[key] for key in "xys" if key in shell.user_ns}
    values = {"get_ipython": lambda: shell}
    monkeypatch.setattr(shell, "run_line_magic", lambda *args, **more: None)
    exec(compile(parse(CELLS[name]), "<cell>", "exec"), values)
    assert {key: values[key] for key in "xys" if key in values} == expected


def test_an_unknown_magic_runs_what_is_below_it():
    assert ast.dump(parse("%%memit -r 1\nx = 1")) == ast.dump(ast.parse("x = 1"))
    with pytest.raises(SyntaxError):
        parse("%%unheard_of\nselect * from table")


@pytest.mark.parametrize("slug", ["02_cross_entropy", "10_attention"])
def test_ipython_changes_nothing_in_cells_that_are_python(slug):
    from IPython.core.inputtransformer2 import TransformerManager

    chapter = read_chapter(COURSE / "chapters" / f"{slug}.md")
    for cell in (solved_cell(one) for one in chapter.cells if one.kind == "code"):
        if "%" not in cell and "!" not in cell:
            made = TransformerManager().transform_cell(cell)
            assert ast.dump(parse(cell)) == ast.dump(ast.parse(made))


@pytest.mark.parametrize("cell", ["def (", "x = 1 +", "'", "x = '\0'", "(" * 1000, "x = \ud800"])
def test_a_cell_that_is_no_python_costs_only_itself(cell):
    found = plan(["a = 1", cell, "b = a"], ["b"])
    assert list(found.unreadable) == [1] and [one.cell for one in found.statements] == [0, 2]


@pytest.mark.parametrize(
    ("cells", "needed"),
    [
        (["import math", "import os", "x = math.pi"], [0, 2]),
        (["def f(a): return g(a)", "def g(a): return a", "x = f(1)", "y = g(2)"], [0, 1, 2]),
        # the parameter is not the global name
        (["a = 1", "def f(a): return a", "x = f(2)"], [1, 2]),
        (["n = 3", "def f(a=n): return a", "x = f()"], [0, 1, 2]),
        (["n = 3", "x = [n for n in range(3)]"], [1]),
        (["n = 3", "x = [n + m for m in range(3)]"], [0, 1]),
        (["l = []", "l.append(1)", "m = []", "m.append(2)", "x = len(l)"], [0, 1, 4]),
        (["d = {}", "d['a'] = 1", "for k in (1, 2):\n    d[k] = k", "x = d"], [0, 1, 2, 3]),
        (["import torch", "torch.manual_seed(0)", "x = torch.ones(1)"], [0, 2]),
        (["class A: pass", "A.n = 3", "x = A.n"], [0, 1, 2]),
        (["from math import *", "x = pi"], [0, 1]),
        (["from math import *", "x = 1"], [1]),
        (["c = 0", "def f():\n    global c\n    c += 1\n    return c", "x = f()"], [0, 1, 2]),
        (
            ["import functools", "def f(): return 1", "f = functools.cache(f)", "x = f()"],
            [0, 1, 2, 3],
        ),
        (["try:\n    import a\nexcept ImportError:\n    a = None", "x = a"], [0, 1]),
        (["x = 1", "x += 1", "print(x)", "del x"], [0, 1]),
        (["def deco(f): return f", "@deco\ndef x(): return 1"], [0, 1]),
        (["from torch import Tensor", "def x(a: Tensor): return a"], [0, 1]),
        (["if True:\n    y = 2", "x = y"], [0, 1]),
        (["k = 1", "x = lambda a: a + k"], [0, 1]),
        (["x = ...", "x = 3"], [1]),
        # a module that is written into, a file that is written, and one that nobody reads
        (["import torch", "torch.Tensor.f = 3", "x = torch.ones(1)"], [0, 1, 2]),
        (["class A: pass", "setattr(A, 'n', 3)", "x = A.n"], [0, 1, 2]),
        (
            ["%%writefile a.py\ny = 1", "%%writefile b.py\ny = 1", "from a import y", "x = y"],
            [0, 2, 3],
        ),
        (["%%writefile a.json\n1", "x = open('a.json').read()"], [0, 1]),
        (["%%writefile ./a.json\n1", "x = open('a.json').read()"], [0, 1]),
        # a text is no name, whether the name comes before or after
        (["y = 1", "x = 'y'"], [1]),
        (["def x(): return ['_']", "for _ in range(3): pass"], [0]),
        # what comes after the answer's own cell, or after its check, does not reach back
        (["n = 1", "def x(): return n", "n = 2"], [0, 1]),
        (["n = 1", "def x(): return n\ncheck('02.1', x)\nfor n in (1, 2): pass"], [0, 1]),
        (["n = 1", "def x(): return n\nfor n in (1, 2): pass"], [0, 1, 1]),
        (["def x(): return n", "n = 1", "n = 2"], [0, 1]),
        (["def x(): return 1", "def x(): return 2\nx = x()"], [0, 1, 1]),
    ],
)
def test_what_an_answer_needs(cells, needed):
    assert [one.cell for one in plan(cells, ["x"]).statements] == needed


def test_each_answer_has_the_names_that_stood_at_its_own_cell():
    cells = [
        "def help(): return 1",
        "def f(): return help()",
        "def help(): return 2",
        "def g(): return help()",
    ]
    found = plan(cells, ["f", "g"])
    assert found.needs == {"f": [0, 1], "g": [0, 2, 3]}


def test_what_is_imported_from_the_future_holds_for_all_later_cells():
    found = plan(["from __future__ import annotations", "a = 1", "def f(x: Y): return a"], ["f"])
    flag = __future__.annotations.compiler_flag
    assert [one.flags & flag for one in found.statements] == [flag, flag]
    assert not plan(["x = 1", "from __future__ import annotations"], ["x"]).statements[0].flags


def test_lessons_own_cells_run_only_for_an_answer_that_uses_them():
    used = [cell for cell in SOLVED if "cross_entropy(logits" not in cell]
    found = plan(
        [*used, "def cross_entropy(logits, targets):\n    return token_losses('x')[1].mean()"],
        ["cross_entropy"],
    )
    bound = {name for one in found.statements for name in one.binds}
    assert {"token_losses", "model", "tok", "load"} <= bound and "tiny" not in bound
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("exercise", of_chapter("25"), ids=lambda one: one.id)
def test_glue_of_the_capstone_needs_no_cell_of_its_lesson_but_imports(exercise):
    """Its parameters and its texts bear names that the lesson has, too."""
    lesson = read_chapter(COURSE / "chapters" / "25_capstone.md")
    cells = [solved_cell(one) for one in lesson.cells if one.kind == "code"]
    needed = [one for one in plan(cells, [exercise.name]).statements if not one.imports]
    assert [one.binds for one in needed] == [{exercise.name}]
