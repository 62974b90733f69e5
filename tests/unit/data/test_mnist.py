"""MNIST against what is published about it."""

import numpy as np
import pytest
import torch

from utils.data.mnist import digits

# Digits of each class, 0 to 9, as LeCun's MNIST has them.
COUNTS = {
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}
FIRST = {"train": [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], "test": [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]}
STEPS = torch.from_numpy((np.arange(256) / 255).astype(np.float32))


@pytest.fixture(scope="module")
def splits():
    return {split: digits(split) for split in COUNTS}


@pytest.mark.parametrize("split", COUNTS)
def test_counts_and_order_as_published(split, splits):
    images, labels = splits[split]
    assert labels.bincount(minlength=10).tolist() == COUNTS[split]
    assert labels[:10].tolist() == FIRST[split]
    assert images.shape == (sum(COUNTS[split]), 784) and len(labels) == len(images)
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)


@pytest.mark.parametrize("split", COUNTS)
def test_pixels_are_whole_steps_from_black_to_white(split, splits):
    images = splits[split].images
    for part in images.split(10_000):
        assert torch.equal(part, STEPS[(part * 255).round().long()])
    assert images.min() == 0 and images.max() == 1


def test_mean_and_spread_as_published(splits):
    images = splits["train"].images
    assert float(images.double().mean()) == pytest.approx(0.1307, abs=5e-5)
    assert float(images.double().std()) == pytest.approx(0.3081, abs=5e-5)


def of(splits, digit):
    images, labels = splits["test"]
    return images[labels == digit].reshape(-1, 28, 28)


def test_pictures_show_what_their_label_says(splits):
    zeros, ones, sevens = (of(splits, digit) for digit in (0, 1, 7))
    middle = (slice(None), slice(12, 16), slice(12, 16))
    # a hole in the 0, the stroke of the 1
    assert zeros[middle].mean() < 0.1 < 0.5 < ones[middle].mean()
    bar, foot = (sevens[:, row].count_nonzero(-1).float().mean() for row in (9, 22))
    assert bar > 1.5 * foot


def test_pictures_stand_upright_and_are_not_mirrored(splits):
    sixes, threes, nines = (of(splits, digit).mean(0) for digit in (6, 3, 9))
    assert sixes[16:24].sum() > sixes[4:12].sum() and nines[16:24].sum() < nines[4:12].sum()
    assert threes[10:13, 14:20].sum() > 2 * threes[10:13, 6:12].sum()  # a 3 is open to the left


def test_both_are_writable_and_their_own(splits):
    first = digits("test")
    first.images.zero_()
    assert splits["test"].images.max() == 1


@pytest.mark.parametrize("split", ["valid", "", "Train", "x" * 99])
def test_another_split_is_refused_in_one_sentence(split):
    with pytest.raises(
        ValueError,
        match=r'^there is no split .{1,45}: take digits\("train"\) or digits\("test"\)\.$',
    ):
        digits(split)
