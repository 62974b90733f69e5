"""How much a picture looks like an edge: pictures of which it is known."""

import math

import numpy as np
import pytest
import torch

from utils.interpretability.gabor_match import best_match, edge_match, gabors


def stripes(side, turn, period):
    line = torch.arange(side) - side / 2
    return torch.sin(
        2 * math.pi * (line[None, :] * math.cos(turn) + line[:, None] * math.sin(turn)) / period
    )


@pytest.mark.parametrize("side", [5, 7, 28])
def test_every_gabor_matches_itself_with_either_sign_and_any_contrast(side):
    some = gabors(side)[::97].view(-1, side, side)
    for change in (1.0, -3.0, 1e-3):
        assert torch.allclose(
            edge_match(some * change + 5 * change), torch.ones(len(some)), atol=1e-3
        )


@pytest.mark.parametrize("side", [7, 12, 28])
@pytest.mark.parametrize("turn", [0.0, 0.5, 1.2, math.pi / 2, 2.5])
def test_an_edge_through_the_middle_matches_in_every_direction(side, turn):
    place = torch.arange(side) + 0.5 - side / 2
    edge = (place[None, :] * math.cos(turn) + place[:, None] * math.sin(turn)).sign()
    assert 0.5 < edge_match(edge[None]).item() < 1


def test_noise_of_the_same_size_matches_less_and_least_where_it_is_large():
    rng = torch.Generator().manual_seed(0)
    small, large = (
        edge_match(torch.randn(40, side, side, generator=rng)).mean() for side in (7, 28)
    )
    assert large < 0.03 < small < 0.3


def test_a_blank_picture_and_a_chessboard_match_nothing():
    chess = (torch.arange(28)[:, None] + torch.arange(28)) % 2 * 1.0
    assert edge_match(torch.stack([torch.full((28, 28), 3.0), chess])).max() < 0.01


def test_fine_stripes_match_less_than_one_bar():
    bar = torch.zeros(28, 28)
    bar[12:16, 6:22] = 1
    assert edge_match(bar[None]) > 0.5 > 2 * edge_match(stripes(28, 0.3, 4.0)[None])


def test_gabors_of_all_directions_are_alike_in_number():
    for side in (5, 7, 28):
        count = min(side, 7) ** 2 * 3 * 8 * 2
        assert gabors(side).shape == (count, side**2)
        assert gabors(side).mean(dim=1).abs().max() < 1e-6


def test_a_picture_too_small_for_an_edge_is_refused():
    with pytest.raises(ValueError, match="2 x 2 pixels hold no edge; give at least 3 x 3"):
        edge_match(torch.zeros(1, 2, 2))


def by_least_squares(picture, templates, count):
    """The same choice one by one, each share by numpy's least squares."""
    x = picture.double().numpy()
    x = x - x.mean()
    rows = templates.double().numpy()
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    left, taken = x, []
    for _ in range(count):
        taken.append(int(np.abs(rows @ left).argmax()))
        weights = np.linalg.lstsq(rows[taken].T, x, rcond=None)[0]
        left = x - weights @ rows[taken]
    return 1 - (left**2).sum() / (x**2).sum()


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_best_few_explain_what_least_squares_says(count):
    rng = torch.Generator().manual_seed(count)
    pictures = torch.randn(5, 30, generator=rng) * 7 + 2
    templates = torch.randn(11, 30, generator=rng) - 1
    expected = [by_least_squares(picture, templates, count) for picture in pictures]
    assert best_match(pictures, templates, count).tolist() == pytest.approx(expected, abs=1e-5)


def test_two_edges_together_explain_their_sum():
    first, second = gabors(12)[50], gabors(12)[1500]
    both = (2 * first - first @ second * second + 1.5 * second).view(1, 12, 12)
    assert edge_match(both, edges=1).item() < 0.9
    assert edge_match(both, edges=2).item() > 0.97


def test_templates_that_are_used_up_add_nothing():
    picture = torch.tensor([[1.0, 2.0, -1.0, 0.5]])
    only = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    assert best_match(picture, only, 3).item() == pytest.approx(best_match(picture, only).item())


def test_a_match_with_no_template_is_refused():
    with pytest.raises(ValueError, match="0 templates was asked for; take 1 or more"):
        edge_match(torch.zeros(1, 5, 5), edges=0)
