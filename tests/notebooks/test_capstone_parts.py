"""The capstone really runs on its parts: with a wrong one in the place of a right one, something
else comes out.

Its own cells run, made small: few pages, few steps, few weights.
"""

import io
from contextlib import redirect_stdout

import pytest
import torch

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapter
from course.exercises import exercises, of_chapter
from course.harness.lesson_run import computing_cells, run_with_parts

CAPSTONE = read_chapter(ROOT / CHAPTERS / "25_capstone.md")
GLUE = tuple(one.id for one in of_chapter("25"))
SMALLER = {
    "held_out=100": "held_out=3",
    "count=800": "count=60",
    "[:500]": "[:3]",
    "(False, 250, SEED)": "(False, 2, SEED)",
    "(True, 250, SEED)": "(True, 2, SEED)",
    "64, 128, 4, 2, 1e-5": "16, 32, 4, 2, 1e-5",
}
# What a stage hands to the next one.
HANDED_ON = [
    "pages",
    "copies",
    "merges",
    "corpus",
    "untrained",
    "losses",
    "direct_losses",
    "caller_losses",
    "begun",
    "difference",
    "said",
    "rounded_sums",
    "gain",
    "doubt",
]


def run(wrong_id=None, which=0):
    """What the stages hand on, or the exception that a wrong part leads to."""
    own = {id: exercises()[id].reference for id in (*CAPSTONE.parts, *GLUE)}
    if wrong_id:
        own[wrong_id] = exercises()[wrong_id].wrongs[which].answer
    try:
        with redirect_stdout(io.StringIO()):
            names = run_with_parts(CODE, own)
            names["said"] = [
                names["ask"](names["caller"], one.question(0)) for one in names["held_out"]
            ]
            # a call that works, whatever the small model writes
            script = [names["CALL"], *names["to_ids"]("12 + 30"), names["RESULT"], names["END"]]
            names["said"] += _scripted(names, script)
            # all marks of so small a model are 0
            both = [0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0]
            names["gain"], names["doubt"] = names["my_paired_difference"](*both)
            names["rounded_sums"] = [
                float(one.sum()) for one in names["rounded"](names["caller"], 4).values()
            ]
    except Exception as error:
        return {"stopped": type(error).__name__}
    return {name: _plain(names[name]) for name in HANDED_ON}


def _scripted(names, script):
    def next_id(ids):
        return script[min(len(ids), len(script) - 1)] if len(ids) < 5 else script[-1]

    marks = (names[one] for one in ("CALL", "RESULT", "END"))
    return names["my_reply_with_tool"](next_id, [], names["calculator"], *marks, 20)


def _plain(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


CODE = computing_cells(CAPSTONE, SMALLER)


@pytest.fixture(scope="module")
def whole():
    return run()


def test_the_small_run_is_whole_and_the_same_each_time(whole):
    assert "stopped" not in whole and whole == run()
    assert len(CAPSTONE.parts) == 20


@pytest.mark.parametrize("id", (*CAPSTONE.parts, *GLUE))
def test_a_wrong_part_changes_what_comes_out(id, whole):
    """Some mistake of each part: not each of them shows in these texts."""
    assert any(run(id, which) != whole for which in range(len(exercises()[id].wrongs)))
