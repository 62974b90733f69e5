"""Which cells a cell rests on.

The oracle runs: after the slice a cell has to show what it shows after all cells.
"""

import ast
import contextlib
import io

import hypothesis.strategies as st
import nbformat
import pytest
from hypothesis import given, settings

from course.building.build import CHAPTERS, LEARNER, ROOT, SOLVED, built
from course.building.cell_slice import cheapest, rests_on, that_call
from course.building.chapter import EXERCISE
from course.harness.interactive_cells import INTERACTIVE, PICTURES, for_the_browser


def shown(cells, positions):
    """What the last of these cells prints when they run in a namespace of their own."""
    space, said = {}, ""
    for position in positions:
        with contextlib.redirect_stdout(io.StringIO()) as stream:
            exec(cells[position], space)
        said = stream.getvalue()
    return said


def agrees(cells):
    """The slice for the last cell, after it was found to show the same as all cells."""
    last = len(cells) - 1
    found = rests_on(cells, [last])
    assert shown(cells, found) == shown(cells, range(len(cells))), found
    return found


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["a = 1", "b = 2", "c = a", "print(c)"], [0, 2, 3]),
        (["a = 1", "a = 2", "print(a)"], [1, 2]),
        (["a = 1", "if a > 1:\n    a = 2", "print(a)"], [0, 1, 2]),
        (["a = 1", "for a in []: pass", "print(a)"], [0, 1, 2]),
        (["import math", "import re", "print(math.sqrt(4))"], [0, 2]),
        (["import os.path as p", "x = 0", "print(p.sep)"], [0, 2]),
        (["a = 1", "a += 1", "print(a)"], [0, 1, 2]),
        # reading globals() is not understood
        (["a = b = 1", "del b", "print(a, 'b' in globals())"], [0, 2]),
        (["figure = 1\nprint(figure)", "figure = 2\nprint(figure)"], [1]),
        (["a = 3", "def f():\n    return a", "a = 4", "print(f())"], [0, 1, 2, 3]),
        (["a = 3", "f = lambda: a", "a = 4", "print(f())"], [0, 1, 2, 3]),
        (["a = 3", "def f(a):\n    b = a\n    return b", "b = 5", "print(f(1))"], [1, 3]),
        (["a = 3", "print([a for a in range(2)])"], [1]),
        (["a = []", "b = a", "b.append(1)", "c = 7", "print(a)"], [0, 1, 2, 4]),
        # what a list holds stays when the list grows
        (["a = [1]", "b = [a]", "b.append(1)", "print(a)"], [0, 3]),
        (["a = [1]", "b = [a]", "b[0].append(1)", "print(a)"], [0, 1, 2, 3]),
        (["a = [1]", "b = [0]\nb[0] = a", "b[0].append(1)", "print(a)"], [0, 1, 2, 3]),
        (["a = [1]", "b = []\nb.append(a)", "b[0].append(1)", "print(a)"], [0, 1, 2, 3]),
        (["a = [1]", "b = a", "b = [2]", "b.append(1)", "print(a)"], [0, 4]),
        (["a = [1]", "b = a", "c = b", "b = [2]", "c.append(1)", "print(a)"], [0, 1, 2, 4, 5]),
        (["a = [0]", "b = [a]", "for x in b:\n    x.append(1)", "print(a)"], [0, 1, 2, 3]),
        (
            ["a = [0]", "b = [a]", "c = b\nx, = c", "c = 1", "x.append(1)", "print(a)"],
            [0, 1, 2, 4, 5],
        ),
        (["a = {}", "len(a)", "a['x'] = 1", "a.get('x')", "print(a)"], [0, 2, 4]),
        (["a = {}", "def f(x):\n    x['y'] = 1", "f(a)", "print(a)"], [0, 1, 2, 3]),
        (["a = {}", "def f(x):\n    y = x\n    y['y'] = 1", "f(a)", "print(a)"], [0, 1, 2, 3]),
        (["a = {}", "def f(x):\n    y = []\n    y.append(len(x))", "f(a)", "print(a)"], [0, 3]),
        (["a = [1]", "def f():\n    a.append(2)", "x = 1", "f()", "print(a)"], [0, 1, 3, 4]),
        (["a = [1]", "f = lambda: a.append(2)", "f()", "print(a)"], [0, 1, 2, 3]),
        (["a = 1", "def f():\n    global a\n    a = 2", "f()", "print(a)"], [0, 1, 2, 3]),
        (
            [
                "class A:\n    n = 0\n    def up(self):\n        self.n += 1",
                "a = A()",
                "a.up()",
                "print(a.n)",
            ],
            [0, 1, 2, 3],
        ),
        (
            [
                "import random",
                "random.seed(1)",
                "random.random()",
                "random.seed(2)",
                "print(random.random())",
            ],
            [0, 3, 4],
        ),
        (
            ["import random", "random.seed(1)", "random.random()", "print(random.random())"],
            [0, 1, 2, 3],
        ),
        (
            ["import random", "a = [1, 2, 3]", "random.seed(1)\nrandom.shuffle(a)", "print(a)"],
            [0, 1, 2, 3],
        ),
        (["a = [3, 1]", "it = iter(a)", "next(it)", "print(next(it))"], [0, 1, 2, 3]),
        (["a = [3, 1]", "sorted(a)", "a.sort()", "print(a)"], [0, 2, 3]),
        (["def f(x, *, y=2):\n    return x", "y = 3", "print(f(1))"], [0, 2]),
        (["try:\n    a = 1\nexcept ValueError as error:\n    a = 2", "print(a)"], [0, 1]),
        (["with open('/dev/null') as file:\n    a = 1", "print(a, file.closed)"], [0, 1]),
        (["(a := [1])", "[a.append(i) for i in range(2)]", "print(a)"], [0, 1, 2]),
        (
            [
                "n = [0]",
                "def up():\n    def inner():\n        n[0] += 1\n    inner()",
                "up()",
                "print(n)",
            ],
            [0, 1, 2, 3],
        ),
    ],
)
def test_small_notebooks(cells, kept):
    if "globals()" in cells[-1]:
        assert rests_on(cells, [len(cells) - 1]) == kept
    else:
        assert agrees(cells) == kept


def test_several_are_wanted_and_magics_are_understood():
    cells = ["%matplotlib inline\nimport math", "!ls\na = 1", "print(a)", "print(math.pi)", "a = 2"]
    assert (
        rests_on(cells, [2]) == [1, 2]
        and rests_on(cells, [2, 3]) == [0, 1, 2, 3]
        and rests_on(cells, []) == []
    )
    with pytest.raises(IndexError):
        rests_on(cells, [5])


def test_settings_of_torch_are_kept():
    cells = [
        "import torch",
        "torch.set_grad_enabled(False)",
        "x = 1",
        "torch.set_grad_enabled(True)",
    ]
    cells += ["w = torch.ones(2, requires_grad=True)", "print((w * 2).requires_grad)"]
    assert agrees(cells) == [0, 1, 3, 4, 5]  # 3 reads what 1 sets, as every cell does


def test_a_network_that_an_optimizer_changes():
    cells = [
        "import torch",
        "torch.manual_seed(0)",
        "net = torch.nn.Linear(2, 3)",
        "other = torch.nn.Linear(2, 2)",
    ]
    cells += [
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)",
        "ids = torch.ones(4, 2)\nout = net(ids)",
    ]
    cells += ["out.sum().backward()", "ids.mean()", "optimizer.step()", "print(net.weight)"]
    assert agrees(cells) == [0, 1, 2, 4, 5, 6, 8, 9]


# --- any program ------------------------------------------------------------------------------------------------------

STATEMENTS = [
    *(
        "a = [1]",
        "b = [2, 3]",
        "c = [a, b]",
        "b = a",
        "c = {'x': a}",
        "a = b[:]",
        "b = c",
        "a, b = b, a",
    ),
    *(
        "a.append(4)",
        "b += [5]",
        "b[0] = 6",
        "c[0].append(7)",
        "a.insert(0, b)",
        "b.extend(a)",
        "a.clear()",
    ),
    *(
        "def f(x):\n    x.append(8)",
        "def f(x):\n    return x",
        "def f(x):\n    a.append(9)",
        "f(a)",
        "f(b)",
        "b = f(a)",
    ),
    *(
        "g = lambda: b.append(10)",
        "g = lambda: a",
        "g()",
        "c = g()",
        "a = [g() for _ in range(2)]",
        "h = f",
        "h(b)",
    ),
    *(
        "for a in ([1], [2]): pass",
        "for x in c: x.append(11)",
        "if len(b) > 1:\n    a = b",
        "del a",
        "x = len(a)",
    ),
    *(
        "def f(x):\n    global a\n    a = x",
        "def f(x):\n    y = [x]\n    y[0].append(12)",
        "a = list(b)",
        "a = sorted([[1], b], key=len)",
    ),
    *(
        "c = [x for x in (a, b)]",
        "while len(a) < 3:\n    a.append(13)",
        "try:\n    a = c['x']\nexcept TypeError:\n    b = c",
    ),
    *(
        "class A:\n    held = a",
        "A.held.append(14)",
        "b = A.held",
        "def k(x=a):\n    x.append(15)",
        "k()",
        "a.reverse()",
    ),
]
START = "a, b, c = [0], [0], [0]\ndef f(x): return x\ng = lambda: 0\nh = f\nk = g\nx = 0\nclass A:\n    held = [0]"


@pytest.mark.parametrize(
    "function",
    [
        "def k(x=a):\n    x.append(15)",
        "def k(*, x=a):\n    x.append(15)",
        "k = lambda x=a: x.append(15)",
    ],
)
def test_a_default_stays_what_it_was_when_its_name_is_bound_anew(function):
    agrees(["a = [0]", "c = [a]", function, "a = [1]", "k()", "print(c)"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=9))
def test_the_slice_of_any_program_shows_what_the_program_shows(statements):
    good = [START]
    for statement in statements:  # what raises is no notebook
        try:
            shown([*good, statement, "print(repr((a, b, c))[:2000])"], range(len(good) + 2))
        except (
            TypeError,
            NameError,
            IndexError,
            KeyError,
            AttributeError,
            RecursionError,
            ValueError,
        ):
            continue
        good.append(statement)
    agrees([*good, "print(repr(a)[:2000])"])
    agrees([*good, "print(repr((b, c))[:2000])"])


# --- the course's notebooks ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebooks():
    """The code cells of every notebook, by folder and slug: learner's and solved."""
    made = built(ROOT, [LEARNER, SOLVED])
    read = {
        path: nbformat.reads(data.decode("utf-8"), as_version=4).cells
        for path, data in made.items()
    }
    return {
        path: [cell for cell in cells if cell.cell_type == "code"] for path, cells in read.items()
    }


def test_the_builds_differ_in_the_cells_of_exercises_only(notebooks):
    slugs = [path.stem for path in sorted((ROOT / CHAPTERS).glob("[0-9][0-9]_*.md"))]
    for slug in slugs:
        learner, solved = notebooks[LEARNER / f"{slug}.ipynb"], notebooks[SOLVED / f"{slug}.ipynb"]
        differ = [
            mine.source != reference.source for mine, reference in zip(learner, solved, strict=True)
        ]
        assert differ == [EXERCISE in cell.metadata.get("tags", []) for cell in learner] and any(
            differ
        )


def test_exercises_rest_on_few_cells_and_explorers_on_fewer_than_all(notebooks):
    """Not that it is right, which kernels show, but that it is worth it."""
    of_exercises = of_browser = everything = 0
    for cells in notebooks.values():
        sources = [cell.source for cell in cells]
        everything += len(cells)
        exercises = [
            number for number, cell in enumerate(cells) if EXERCISE in cell.metadata.get("tags", [])
        ]
        of_exercises += len(rests_on(sources, exercises)) - len(exercises)
        of_browser += len(for_the_browser(sources))
    assert of_exercises < everything / 4 and of_browser < everything * 0.6


def test_everything_that_can_be_used_is_known():
    """What lessons import from a module that makes widgets or frames is in INTERACTIVE, or one of
    its helpers.
    """
    helpers = {"ranks", "show_html", "practice_picture", "drawn", "after_passage"}
    parts = ("import ipywidgets", "from ipywidgets", "show_widget", "<iframe")
    for path in sorted((ROOT / CHAPTERS).glob("*.md")):
        code = path.read_text(encoding="utf-8").replace("```{code-cell}", "```").split("```")[1::2]
        for node in (node for block in code for node in imports(block)):
            file = ROOT / f"{node.module.replace('.', '/')}.py"
            if file.is_file() and any(part in file.read_text(encoding="utf-8") for part in parts):
                functions = {alias.name for alias in node.names if alias.name.islower()}
                assert functions <= INTERACTIVE | helpers, path.name


def imports(block):
    """The lines of a block that import from this course."""
    lines = [line for line in block.splitlines() if line.startswith(("from utils", "from course"))]
    return [ast.parse(line).body[0] for line in lines if not line.endswith("(")]


def test_cells_that_call_and_cheapest():
    cells = [
        "def show(x):\n    print(x)",
        "a = 1",
        "b = a",
        "show(b)",
        "show(2)",
        "if a:\n    show(a)",
        "shower = show",
    ]
    assert that_call(cells, {"show"}) == [3, 4, 5]
    assert cheapest(cells, [3, 4, 5], [], 2) == [4, 5] and cheapest(
        cells, [3, 4, 5], [0, 1, 2], 2
    ) == [3, 4]
    assert PICTURES == 1 and for_the_browser(cells) == [0, 4]
    cells += ["explorer(b)", "show(b)\nexplorer(b)"]
    assert for_the_browser(cells[:-1]) == [0, 1, 2, 3, 7] and for_the_browser(cells) == [
        0,
        1,
        2,
        7,
        8,
    ]
