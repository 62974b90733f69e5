"""Patches: torch's own unfolding as oracle, the way back, and sizes that do not fit."""

import pytest
import torch
from torch.nn.functional import unfold

from utils.data.patches import from_patches, to_patches

SHAPES = [(3, 28, 28, 7), (2, 4, 10, 2), (1, 6, 9, 3), (4, 5, 5, 1), (2, 8, 8, 8)]


@pytest.mark.parametrize(("count", "rows", "columns", "size"), SHAPES)
def test_patches_are_those_of_torch(count, rows, columns, size):
    images = torch.randn(count, rows, columns)
    theirs = unfold(images[:, None], kernel_size=size, stride=size).transpose(1, 2)
    assert torch.equal(to_patches(images, size), theirs)


@pytest.mark.parametrize(("count", "rows", "columns", "size"), SHAPES)
def test_the_way_back(count, rows, columns, size):
    images = torch.randn(count, rows, columns)
    assert torch.equal(from_patches(to_patches(images, size), columns), images)


@pytest.mark.parametrize("size", [0, 3, 8, 29])
def test_a_size_that_does_not_fit_is_refused(size):
    with pytest.raises(ValueError, match="choose a size that divides both sides"):
        to_patches(torch.zeros(1, 28, 20), size)


@pytest.mark.parametrize(("number", "pixels", "columns"), [(4, 5, 4), (4, 4, 5), (3, 4, 4)])
def test_patches_that_fill_no_picture_are_refused(number, pixels, columns):
    with pytest.raises(ValueError, match="do not fill a picture"):
        from_patches(torch.zeros(1, number, pixels), columns)
