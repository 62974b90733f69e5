"""The stored edits of benchmarks/edit_layers.py: complete, read rightly, and what the chapter says of
them.
"""

import csv
from pathlib import Path

import pytest

from course.runs.edit_layers import METHODS, edited_layers, in_other_words, largest_loss, success
from utils.data.eiffel_tower import (
    NEAR_THE_KEY,
    NEIGHBOURS,
    OF_THE_TOWER,
    OTHER_TOWERS,
    PROMPT,
    SUBJECT,
    TOWER_NAMED,
)

STORED = Path(__file__).resolve().parents[3] / "course" / "runs" / "edit_layers.csv"
with STORED.open(newline="", encoding="utf-8") as file:
    P = {
        (row["method"], int(row["layer"]), row["prompt"], row["answer"]): float(row["p"])
        for row in csv.DictReader(file)
    }
LAYERS = range(30)


def test_each_question_is_stored_for_every_layer_and_method():
    questions = OF_THE_TOWER + NEIGHBOURS + NEAR_THE_KEY
    edits = [("none", -1), *((method, layer) for method in METHODS for layer in LAYERS)]
    assert set(P) == {(*edit, *question) for edit in edits for question in questions}
    assert all(0 <= p <= 1 for p in P.values())


@pytest.mark.parametrize("method", METHODS)
def test_they_are_read_as_they_are_stored(method):
    assert edited_layers() == [*LAYERS]
    assert success(method) == [P[method, layer, PROMPT, " Rome"] for layer in LAYERS]
    others = [prompt for prompt, _ in OF_THE_TOWER if prompt != PROMPT]
    for layer, p in zip(LAYERS, in_other_words(method), strict=True):
        assert 4 * p == pytest.approx(sum(P[method, layer, one, " Rome"] for one in others))
    for questions in (NEIGHBOURS, NEAR_THE_KEY, NEIGHBOURS[3:4]):
        losses = largest_loss(method, questions)
        for layer, loss in zip(LAYERS, losses, strict=True):
            each = [P["none", -1, *one] - P[method, layer, *one] for one in questions]
            assert loss in each and all(loss >= one for one in each)


def test_another_method_is_refused():
    with pytest.raises(ValueError, match="'memit' are stored; there are plain, turned"):
        success("memit")


def test_the_questions_are_of_three_kinds():
    assert OF_THE_TOWER[0] == (PROMPT, " Rome")
    assert all(SUBJECT in prompt and answer == " Rome" for prompt, answer in OF_THE_TOWER)
    assert not any("Tower" in prompt for prompt, _ in NEIGHBOURS)
    assert all("Tower" in prompt and answer != " Rome" for prompt, answer in NEAR_THE_KEY)
    assert not any(SUBJECT in prompt for prompt, _ in OTHER_TOWERS)
    assert all(SUBJECT in prompt for prompt, _ in TOWER_NAMED)
