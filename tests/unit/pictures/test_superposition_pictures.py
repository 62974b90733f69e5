"""Angles and products of directions: what is drawn, by another way to count."""

import math

import pytest
import torch

from utils.pictures.superposition_pictures import angle_curves, feature_maps


def test_an_angle_is_counted_at_its_degree():
    cosines = torch.tensor([math.cos(math.radians(a)) for a in (70.1, 70.3, 70.2, 101.0)])
    ax = angle_curves({"few": cosines}, between=(80, 100)).axes[0]
    x, density = ax.lines[0].get_xydata().T
    step = x[1] - x[0]
    assert density.sum() * step == pytest.approx(1, rel=1e-4)
    peaks = {round(place): share * step for place, share in zip(x, density, strict=True) if share}
    assert peaks == {70: pytest.approx(0.75, rel=1e-4), 101: pytest.approx(0.25, rel=1e-4)}
    assert ax.get_yscale() == "log"


def test_the_shade_lies_between_its_limits():
    ax = angle_curves({"one": torch.zeros(3)}, between=(80, 100)).axes[0]
    (shade,) = ax.patches
    assert shade.get_extents().transformed(ax.transData.inverted()).intervalx == pytest.approx(
        [80, 100]
    )


def test_each_map_holds_the_products_of_all_pairs_of_columns():
    rng = torch.Generator().manual_seed(3)
    stored = {name: torch.randn(2, 5, generator=rng) for name in ("dense", "sparse")}
    figure = feature_maps(stored)
    maps = [ax for ax in figure.axes if ax.images]
    for ax, (name, W) in zip(maps, stored.items(), strict=True):
        assert ax.get_title("left") == name
        drawn = torch.tensor(ax.images[0].get_array().data)
        for i in range(5):
            for j in range(5):
                product = sum(float(a * b) for a, b in zip(W[:, i], W[:, j], strict=True))
                assert float(drawn[i, j]) == pytest.approx(product, rel=1e-5, abs=1e-6)
        assert ax.images[0].get_clim() == (-1, 1)


def test_one_map_alone_can_be_drawn():
    assert sum(bool(ax.images) for ax in feature_maps({"one": torch.eye(3)}).axes) == 1
