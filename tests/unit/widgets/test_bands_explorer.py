"""The explorer of bands and rows counts what its controls say."""

import re

import numpy as np
import pytest

from utils.crawl.minhash import caught
from utils.widgets.bands_explorer import bands_explorer


@pytest.fixture
def pairs():
    rng = np.random.default_rng(6)
    similarities = rng.random(300)
    return similarities, rng.random((300, 112)) < similarities[:, None]


def shown(picture):
    return [
        int(n)
        for n in re.search(r"Caught: (\d+) pairs, (\d+)% .* (\d+)% are", picture.value).groups()
    ]


@pytest.mark.parametrize(("bands", "rows"), [(14, 8), (56, 2), (3, 5), (10, 11)])
def test_the_numbers_are_those_of_the_pairs(pairs, bands, rows):
    similarities, equal = pairs
    controls, picture = bands_explorer(similarities, equal, alike=0.6).children
    controls.children[0].value, controls.children[1].value = 1, rows
    controls.children[0].value = bands
    found, there = caught(equal, bands, rows), similarities >= 0.6
    precision = round(100 * (found & there).sum() / found.sum())
    recall = round(100 * (found & there).sum() / there.sum())
    assert shown(picture) == [found.sum(), precision, recall]
    assert f"{bands} bands of {rows} rows" in picture.value


def test_where_hashes_run_out_there_are_as_many_bands_as_fit(pairs):
    similarities, equal = pairs
    controls, picture = bands_explorer(similarities, equal).children
    controls.children[0].value = 20
    assert "112 hashes (for 20 bands there are too few hashes)" in picture.value
    assert shown(picture)[0] == caught(equal, 14, 8).sum()
    controls.children[0].value = 2
    assert "16 hashes. Caught" in picture.value


@pytest.mark.parametrize(("bands", "rows"), [(56, 16), (1, 1), (56, 1), (1, 16)])
def test_all_four_corners_can_be_drawn(pairs, bands, rows):
    controls, picture = bands_explorer(*pairs).children
    controls.children[0].value, controls.children[1].value = bands, rows
    assert f"of {rows} rows" in picture.value and "Caught" in picture.value
