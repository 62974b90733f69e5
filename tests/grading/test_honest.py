"""Honest submissions get all that they deserve, whatever else stands in the notebook.

In the real sandbox.
"""

import pytest
from chapter_imports import by_number, import_lines
from honest import ALL, CASES

from course.exercises import exercises
from course.grading.marks.examine import Examination, Trial
from course.grading.marks.marks import Item, mark
from course.grading.sandbox import code_folder
from course.grading.sandbox import launch as sandbox
from course.judging.judge import State
from notebooks import IMPORTS, right, wrong
from utils.assets.cache import cached

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def launch(tmp_path_factory):
    return sandbox.closed(code_folder.build(tmp_path_factory.mktemp("sandbox") / "home"))


def marks(launch, cells, ids, seed=91):
    """The marks for these cells, and the notes."""
    items = [Item(Trial(id, exercises()[id], seed), "", exercises()[id].minutes) for id in ids]
    examination = Examination(cells, [item.trial for item in items], launch)
    results = examination.run()
    return {
        item.trial.name: mark(item, results[item.trial.name]) for item in items
    }, examination.notes


@pytest.mark.parametrize("name", CASES)
def test_full_marks(launch, name):
    found, notes = marks(launch, CASES[name], ALL)
    assert all(one.state == State.RIGHT and one.points == one.most for one in found.values()), (
        found,
        notes,
    )


def test_every_reference_answer_of_the_course_passes_through_the_sandbox(launch):
    ids = list(exercises())
    imports = [line for chapter in by_number().values() for line in import_lines(chapter)]
    found, notes = marks(launch, [*imports, *map(right, ids)], ids)
    assert {id: one.state for id, one in found.items()} == dict.fromkeys(ids, State.RIGHT), (
        found,
        notes,
    )


def test_known_mistakes_are_named_as_check_names_them(launch):
    ids = ["02.1", "02.2", "02.3"]
    found, _ = marks(launch, [IMPORTS, *map(wrong, ids)], ids)
    for id in ids:
        hint = exercises()[id].wrongs[0].hint
        assert (
            found[id].state == State.NOT_YET
            and found[id].mistake == hint
            and found[id].lines == (hint,)
        ), found[id]


def test_untouched_and_missing_answers_are_not_started(launch):
    found, notes = marks(
        launch, [IMPORTS, "def cross_entropy(logits, targets):\n    '''Task.'''\n    ..."], ALL
    )
    assert {one.state for one in found.values()} == {State.NOT_STARTED} and not notes
    assert "defines perplexity_of_parts" in found["02.2"].lines[0]


def test_an_answer_whose_cell_fails_hears_why(launch):
    cells = [IMPORTS, "def cross_entropy(logits: Logits, targets):\n    return 0.0"]
    found, notes = marks(launch, cells, ["02.1"])
    assert found["02.1"].state == State.NOT_YET and "is not defined" in found["02.1"].lines[0]
    assert "Cell 2" in notes[0] and "Logits" in notes[0]


@pytest.mark.skipif(
    not cached("smollm2"), reason="SmolLM2 is not in the cache; python -m course fetch"
)
def test_an_answer_may_use_the_real_model(launch):
    load = "from utils import load\nmodel, tok = load('smollm2')"
    answer = "def cross_entropy(logits, targets):\n    assert tok.decode(tok.encode('Paris')) == 'Paris'\n"
    used = "    assert model.config.n_layer == 30\n    return F.cross_entropy(logits, targets)"
    found, notes = marks(launch, [IMPORTS, load, answer + used], ["02.1"])
    assert found["02.1"].state == State.RIGHT, notes
