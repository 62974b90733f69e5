"""own("10.2") takes the learner's function where it does, ours where it does not, and says which."""

import ast
import json
import os
import re
from types import SimpleNamespace

import pytest
import torch

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapter
from course.building.exercise_cells import solved_cell
from course.exercises import UnknownExercise, exercises
from course.grading.inside.plan import plan
from course.judging.exercise_source import reference, stub
from course.parts import gathering, own_part
from course.parts.fitness import calls_too_many, without_gradient
from course.parts.gathering import gather
from course.parts.own_part import own

TRAINED = ("02.1", "05.5", "09.5", "10.2", "12.2", "13.1", "25.2")
IMPORTS = "import torch\nfrom torch import Tensor\nfrom course import check\n"
RMS_NORM = exercises()["05.5"]
ATTENTION = exercises()["10.2"]


@pytest.fixture
def here(monkeypatch, tmp_path):
    """The names of a notebook that runs in an empty folder."""
    names, cells = {}, []
    shell = SimpleNamespace(user_ns=names, set_next_input=cells.append, cells=cells)
    for module in (own_part, gathering):
        monkeypatch.setattr(module, "get_ipython", lambda: shell)
    monkeypatch.setattr(own_part, "asked", {})
    monkeypatch.setattr(gathering, "asked", own_part.asked)
    monkeypatch.chdir(tmp_path)
    return shell


def write(name, *cells, age=0):
    """A notebook in this folder, saved `age` seconds ago."""
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": one}
        for one in cells
    ]
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    with open(name, "w", encoding="utf-8") as file:
        json.dump(content, file)
    saved = os.stat(name).st_mtime - age
    os.utime(name, (saved, saved))


def taken(capsys, id, **options):
    """The function, and the one line that is said."""
    function = own(id, **options)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.split()[1] == id
    return function, said


def right(exercise):
    return reference(exercise)


NOT_SCALED = """def attention(q, k, v):
    future = torch.ones(q.shape[1], q.shape[1], dtype=torch.bool).triu(1)
    return (q @ k.mT).masked_fill(future, float("-inf")).softmax(dim=-1) @ v"""


def test_without_an_answer_it_is_ours(here, capsys):
    function, said = taken(capsys, "05.5")
    assert function is RMS_NORM.reference and "ours; no answer of yours was found" in said
    write("05_deep_stacks.ipynb", IMPORTS, stub(RMS_NORM) + "\n\n" + RMS_NORM.call)
    assert taken(capsys, "05.5")[0] is RMS_NORM.reference


def test_a_right_answer_comes_with_its_helpers_and_nothing_else(here, capsys):
    helper = "ran = []\ndef root(x):\n    return x.sqrt()"
    answer = (
        "def rms_norm(x, gain, eps):\n"
        "    return gain * x / root(x.square().mean(dim=-1, keepdim=True) + eps)"
    )
    write(
        "05_deep_stacks.ipynb",
        IMPORTS,
        "raise ValueError('a lesson cell that must not run')",
        helper,
        f"{answer}\ncheck('05.5', rms_norm)",
    )
    function, said = taken(capsys, "05.5", trained=True)
    assert function.__name__ == "rms_norm" and function is not RMS_NORM.reference
    assert "yours, from 05_deep_stacks.ipynb" in said
    x = torch.randn(3, 4)
    assert torch.allclose(
        function(x, torch.ones(4), 0.1), RMS_NORM.reference(x, torch.ones(4), 0.1)
    )
    assert "rms_norm" not in here.user_ns


def test_a_wrong_answer_is_named_with_its_mistake_and_taken_only_if_asked_for(here, capsys):
    write("10_attention.ipynb", IMPORTS, NOT_SCALED)
    function, said = taken(capsys, "10.2", trained=True)
    assert function is ATTENTION.reference
    assert "ours, because yours in 10_attention.ipynb is not yet" in said
    assert any(one.hint in said for one in ATTENTION.wrongs) and "square root of d_head" in said
    function, said = taken(capsys, "10.2", wrong_too=True)
    assert function is not ATTENTION.reference and "wrong as it is" in said


def test_what_stands_in_this_notebook_comes_first(here, capsys):
    write("10_attention.ipynb", IMPORTS, NOT_SCALED)
    exec(IMPORTS + right(ATTENTION), here.user_ns)
    function, said = taken(capsys, "10.2")
    assert function is here.user_ns["attention"] and "yours, from this notebook" in said
    exec(stub(ATTENTION), here.user_ns)  # a stub is no answer
    assert "10_attention.ipynb" in taken(capsys, "10.2")[1]


def test_the_notebook_that_was_saved_last_counts(here, capsys):
    write("10_attention.ipynb", IMPORTS, NOT_SCALED, age=50)
    write("10_attention-Copy1.ipynb", IMPORTS, right(ATTENTION), age=10)
    write("10_empty.ipynb", IMPORTS, stub(ATTENTION))
    (open("10_broken.ipynb", "w", encoding="utf-8")).close()
    assert "yours, from 10_attention-Copy1.ipynb" in taken(capsys, "10.2")[1]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("import no_such_module\n", "ModuleNotFoundError"),
        ("scale = 1 / 0\n", "ZeroDivisionError"),
        ("scale = not_there\n", "NameError"),
    ],
)
def test_a_cell_that_stops_is_told(here, capsys, cell, words):
    uses = "no_such_module.x" if "import" in cell else "scale"
    body = f"def attention(q, k, v):\n    return {uses}"
    write("10_attention.ipynb", cell, body if "not_there" not in cell else f"{cell}{body}")
    function, said = taken(capsys, "10.2")
    assert function is ATTENTION.reference and words in said


def test_an_answer_that_is_built_on_itself_comes_to_an_end(here, capsys):
    """As one that uses to_ids of the capstone, which is made with own("25.1")."""
    cell = "my_norm = own('05.5')\ndef rms_norm(x, gain, eps):\n    return my_norm(x, gain, eps)"
    write("05_deep_stacks.ipynb", "from course import own", cell)
    function = own("05.5")
    assert "✓ 05.5 rms_norm: yours, from 05_deep_stacks.ipynb" in capsys.readouterr().out
    x = torch.randn(2, 3)
    wanted = RMS_NORM.reference(x, torch.ones(3), 0.1)
    assert function is not RMS_NORM.reference
    assert torch.allclose(function(x, torch.ones(3), 0.1), wanted)


def test_an_answer_that_leaves_torch_is_right_and_cannot_be_trained(here, capsys):
    cell = (
        "def rms_norm(x, gain, eps):\n"
        "    rows = []\n"
        "    for row in x.tolist():\n"
        "        size = (sum(a * a for a in row) / len(row) + eps) ** 0.5\n"
        "        rows.append([g * a / size for g, a in zip(gain.tolist(), row)])\n"
        "    return torch.tensor(rows)"
    )
    write("05_deep_stacks.ipynb", IMPORTS, cell)
    function, said = taken(capsys, "05.5", trained=True)
    assert function is RMS_NORM.reference and "is right, but no gradient flows" in said
    assert taken(capsys, "05.5")[0] is not RMS_NORM.reference


def test_an_answer_that_goes_row_by_row_is_taken_only_if_asked_for(here, capsys):
    cell = (
        "def rms_norm(x, gain, eps):\n"
        "    return torch.stack([gain * r / (r.square().mean() + eps).sqrt() for r in x])"
    )
    write("05_deep_stacks.ipynb", IMPORTS, cell)
    function, said = taken(capsys, "05.5", trained=True)
    assert function is RMS_NORM.reference and "piece by piece" in said and "slow_too" in said
    assert "yours" in taken(capsys, "05.5", trained=True, slow_too=True)[1]


@pytest.mark.parametrize("id", TRAINED)
def test_our_answers_can_be_trained_through(id):
    one = exercises()[id]
    assert without_gradient(one, one.reference) == ""
    assert calls_too_many(one, one.reference) is None


def test_an_answer_in_double_precision_fits_to_the_next_part(here, capsys):
    cell = (
        "def decode_step(q, k, v, past_keys, past_values):\n"
        "    q, keys, values = q.double(), torch.cat([past_keys, k[:, None]], 1), "
        "torch.cat([past_values, v[:, None]], 1)\n"
        "    scores = q[:, None] @ keys.double().mT / q.shape[-1] ** 0.5\n"
        "    return ((scores.softmax(-1) @ values.double())[:, 0], keys, values)"
    )
    write("22_decoding.ipynb", IMPORTS, cell)
    function, said = taken(capsys, "22.4")
    assert "yours, from 22_decoding.ipynb" in said
    args = exercises()["22.4"].cases()[3]
    given, ours = function(*args), exercises()["22.4"].reference(*args)
    assert [one.dtype for one in given] == [one.dtype for one in ours] == [torch.float32] * 3
    assert torch.allclose(given[0], ours[0], atol=1e-5)


def test_an_answer_by_the_library_can_be_trained_through():
    def attention(q, k, v):
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    assert without_gradient(ATTENTION, attention) == ""
    assert calls_too_many(ATTENTION, attention) is None


def test_another_gradient_is_found_where_the_values_are_right():
    def detached(x, gain, eps):
        size = (x.square().mean(dim=-1, keepdim=True) + eps).sqrt().detach()
        return gain * x / size

    assert "another one" in without_gradient(RMS_NORM, detached)


def test_what_is_no_part_is_refused(here):
    with pytest.raises(ValueError, match="only a function can be a part"):
        own("02.4")
    with pytest.raises(UnknownExercise, match="did you mean"):
        own("10.22")


def test_gathered_answers_stand_in_one_cell_that_is_graded_right(here, capsys):
    """Two notebooks have a helper of the same name, and each answer keeps its own."""
    helped = "def root(x):\n    # of a number\n    return x.sqrt()"
    norm = (
        "def rms_norm(x, gain, eps):\n"
        "    return gain * x / root(x.square().mean(dim=-1, keepdim=True) + eps)"
    )
    other = "def root(x):\n    return x ** 0.5"
    steps = (
        "def clipped(gradients, limit):\n"
        "    length = root(sum(float((g**2).sum()) for g in gradients))\n"
        "    return [min(1.0, limit / length) * g for g in gradients]"
    )
    write("05_deep_stacks.ipynb", IMPORTS, helped, norm)
    write("07_optimisers.ipynb", IMPORTS, other, steps)
    write("10_attention.ipynb", IMPORTS, NOT_SCALED)
    for id in ("05.5", "07.4", "10.2", "12.2"):
        own(id)
    gather()
    (cell,) = here.cells
    said = capsys.readouterr().out
    assert "2 answers stand in a new cell below: 05.5, 07.4" in said
    assert "# of a number" in cell and "# 05.5, from 05_deep_stacks.ipynb" in cell
    found = plan(["from course import check", cell], ["rms_norm", "clipped", "attention"])
    assert found.found == {"rms_norm", "clipped"}
    for name, wanted in (("rms_norm", "x.sqrt()"), ("clipped", "x ** 0.5")):
        names, places = {}, found.needs[name]
        for place in places:
            exec(compile(_module(found.statements[place]), "cell", "exec"), names)
        assert name in names and wanted in "".join(
            map(_text, (found.statements[p] for p in places))
        )
    exec("import torch\nfrom course import check\n" + cell, here.user_ns)
    capsys.readouterr()
    assert "yours, from this notebook" in taken(capsys, "05.5")[1]
    capsys.readouterr()
    gather()
    assert len(here.cells) == 1 and "Nothing to gather" in capsys.readouterr().out


def test_every_part_of_the_capstone_is_found_in_solved_notebooks(here, capsys):
    """Each in the notebook of its chapter, whole, with what it rests on there."""
    capstone = read_chapter(ROOT / CHAPTERS / "25_capstone.md")
    numbers = {id[:2] for id in capstone.parts}
    for path in sorted((ROOT / CHAPTERS).glob("*.md")):
        if path.stem[:2] in numbers:
            cells = [solved_cell(one) for one in read_chapter(path).cells if one.kind == "code"]
            write(f"{path.stem}.ipynb", *cells)
    for id in capstone.parts:
        function, said = taken(capsys, id, trained=id in TRAINED)
        assert "✓" in said and f"yours, from {id[:2]}_" in said, said
        assert function is not exercises()[id].reference


def test_what_the_capstone_trains_through_is_asked_for_as_such():
    code = "\n".join(read_chapter(ROOT / CHAPTERS / "25_capstone.md").code)
    asked = set(re.findall(r'own\("([\d.]+)", trained=True\)', code))
    assert asked == set(TRAINED)


def _module(statement):
    return ast.Module([statement.tree], [])


def _text(statement):
    return ast.unparse(statement.tree)
