"""The explorer of surfaces: it walks as the lesson's own function says."""

import pytest
import torch

from utils.pictures.surfaces import SURFACES
from utils.widgets.surface_explorer import surface_explorer


def down(gradient, start, rate, steps):
    way = [torch.tensor(start)]
    for _ in range(steps):
        way.append(way[-1] - rate * gradient(way[-1]))
    return torch.stack(way)


def test_the_start_decides_the_valley():
    controls, picture = surface_explorer(down).children
    surface, start, rate, turn = controls.children
    assert list(surface.options) == list(SURFACES)
    for x, side in ((-1.4, -1), (0.6, 1)):
        start.value = x
        end = down(SURFACES["two valleys"].gradient, [x, 1.2], 0.2, 25)[-1]
        assert end[0] * side > 0.5
        assert f"it ends at ({end[0]:.2f}, {end[1]:.2f})" in picture.value
    surface.value, rate.value = "bowl", 1.05
    assert "surface bowl from (0.6, 1.2) with rate 1.05: it runs out" in picture.value
    turn.value = 60.0
    assert "runs out" in picture.value


def test_a_walk_that_stands_still_is_drawn_too():
    def stay(gradient, start, rate, steps):
        return torch.tensor([start] * (steps + 1))

    picture = surface_explorer(stay, "saddle").children[1]
    assert "surface saddle from (0.6, 1.2) with rate 0.2: it ends at (0.60, 1.20)" in picture.value


@pytest.mark.parametrize("broken", [lambda *_: 1 / 0])
def test_a_broken_walk_becomes_a_sentence(broken):
    assert "ZeroDivisionError" in surface_explorer(broken).children[1].value
