"""Pictures of words and positions: what they say, and that what they draw is what was given."""

import math

import pytest
import torch

from utils.model.sinusoids import sinusoids
from utils.pictures.embedding_pictures import cosine_dots, flattened, word_map
from utils.pictures.figures import img
from utils.pictures.position_pictures import Hand, losses_by_place, sinusoid_map, turning_pairs


def test_flattened_keeps_the_distances_of_flat_points():
    torch.manual_seed(0)
    flat = torch.randn(6, 2)
    turned = flat @ torch.linalg.qr(torch.randn(5, 5))[0][:2] + 3
    found = flattened(turned)
    torch.testing.assert_close(
        torch.cdist(found, found), torch.cdist(flat, flat), rtol=1e-4, atol=1e-4
    )
    assert found[:, 0].var() >= found[:, 1].var()
    torch.testing.assert_close(found, flattened(-turned + 2) * -1 * _signs(found))


def _signs(points):
    """Flattening chooses its signs by the largest number, also of the mirrored cloud."""
    mirrored = flattened(-points)
    return torch.where((mirrored * points).sum(dim=0) < 0, 1.0, -1.0)


def test_a_map_has_every_word_and_its_place():
    figure, alt = word_map(["a", "b$"], torch.tensor([[0.0, 1.0], [2.0, 3.0]]), [("a", "b$")])
    assert alt == "Words on a map: a (0.00, 1.00), b$ (2.00, 3.00). Arrows from a to b$."
    assert {"a", "b$"} <= {text.get_text() for text in figure.axes[0].texts}
    assert img(figure, alt)


def test_labels_of_neighbours_stand_apart():
    points = torch.tensor([[0.0, 0.0], [0.1, 0.1], [1.0, 1.0]])
    figure, _ = word_map(["low", "high", "far"], points)
    low, high, _ = figure.axes[0].texts
    assert (low.get_ha(), low.get_va()) == ("right", "top")
    assert (high.get_ha(), high.get_va()) == ("left", "bottom")


def test_dots_and_their_means():
    figure, alt = cosine_dots({"one": [0.25, 0.75], "two": [0.0, 0.2]})
    assert alt.endswith("one 0.50, two 0.10.")
    assert list(figure.axes[0].lines[0].get_xdata()) == [0.25, 0.75]


def test_the_map_of_sinusoids_shows_the_sines():
    rows = sinusoids(torch.arange(20)[None], 16)[0]
    figure, alt = sinusoid_map(rows)
    assert "8 pairs at 20 positions" in alt
    assert (figure.axes[0].images[0].get_array() == rows[:, ::2].numpy()).all()
    second = figure.axes[1].lines[1]
    assert second.get_label() == "pair 1"
    assert second.get_ydata()[3] == pytest.approx(math.sin(3 * 10_000 ** (-2 / 16)), rel=1e-5)


def test_hands_stand_at_their_angles():
    query = [Hand(0.0, math.pi / 2), Hand(0.0, 0.5)]
    figure, alt = turning_pairs(query, [Hand(0.0, 0.0), Hand(0.5, 0.25)], ["fast", "slow"])
    assert "fast: query 1.571, key 0, apart 1.571, cosine 0.000" in alt
    assert alt.endswith("slow: query 0.5, key 0.5 + 0.25, apart -0.25, cosine 0.969.")
    hand, other = figure.axes[0].lines[1], figure.axes[1].lines[2]
    assert [hand.get_xdata()[1], hand.get_ydata()[1]] == pytest.approx([0, 1], abs=1e-9)
    assert other.get_ydata()[1] == pytest.approx(math.sin(0.75))


def test_losses_with_twice_their_standard_error():
    figure, alt = losses_by_place({"rope": {(1, 8): [2.0, 4.0], (9, 20): [1.0, 1.0]}}, trained=8)
    assert "rope from 3.00 to 1.00" in alt and "ended at 8" in alt
    bars = figure.axes[0].collections[0].get_segments()
    assert [end[1] for end in bars[0]] == pytest.approx([1, 5])
