"""The explorer of a training: each step shows the net as it was then."""

import re

import pytest

from utils.predecessors.induction_birth import new_attention_net, watch_training
from utils.widgets.birth_explorer import birth_explorer


@pytest.fixture(scope="module")
def births():
    return {
        "two layers": watch_training(new_attention_net(2, seed=1), 9, every=3, seed=1),
        "one layer": watch_training(new_attention_net(1, seed=1), 6, every=3, seed=1),
    }


def test_each_step_of_each_net_has_its_loss_and_scores(births):
    controls, picture = birth_explorer(births).children
    net, at = controls.children
    assert [words for words, _ in at.options] == ["0", "3", "6", "9"]
    shown = set()
    for name, birth in births.items():
        net.value = name
        for place, reading in enumerate(birth.readings):
            at.value = place
            assert f"{name}. After {reading.step} steps" in picture.value
            loss = float(re.search(r"second copy (\d\.\d+);", picture.value)[1])
            assert loss == pytest.approx(reading.second, abs=0.006)
            best = float(reading.previous[0].max())
            assert f"previous token, layer 0 {best:.2f}" in picture.value
            assert f"{reading.right:.0%} of the second copy right" in picture.value
            shown.add(picture.value)
    assert len(shown) == 7


def test_a_shorter_training_stays_at_its_last_step(births):
    controls, picture = birth_explorer(births).children
    net, at = controls.children
    at.value = 3
    net.value = "one layer"
    assert "After 6 steps" in picture.value and "<img alt=" in picture.value


def test_without_a_training_there_is_nothing_to_show():
    with pytest.raises(ValueError, match="no training was given"):
        birth_explorer({})
