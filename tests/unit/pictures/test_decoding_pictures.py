"""The pictures of decoding draw what was measured, and say it in words."""

import pytest

from utils.pictures.decoding_pictures import (
    cache_memory,
    more_samples,
    readable_bytes,
    temperature_curves,
    work_per_token,
)


def test_temperature_curves_draw_entropy_and_size_against_the_temperature():
    figure, alt = temperature_curves({0.5: 1.25, 1.5: 7.5}, {0.5: 3, 1.5: 4_150})
    entropy, size = (ax.lines[0].get_xydata().tolist() for ax in figure.axes)
    assert entropy == [[0.5, 1.25], [1.5, 7.5]]
    assert size == [[0.5, 3], [1.5, 4150]]
    labels = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert labels == ["1", "10", "100", "1,000", "10,000"]
    assert "from 1.2 to 7.5 bits" in alt
    assert "from 3 to 4,150" in alt


def test_more_samples_draws_the_share_against_the_tries():
    figure, alt = more_samples([1, 4, 16], [0.125, 0.5, 0.875])
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[1, 0.125], [4, 0.5], [16, 0.875]]
    assert "1 sample 12%" in alt
    assert "16 samples 88%" in alt


def test_work_per_token_draws_both_ways_in_billions():
    figure, alt = work_per_token(
        {10: 2_000_000_000, 30: 6_000_000_000}, {10: 10**8, 30: 12 * 10**7}
    )
    without, with_cache = figure.axes[0].lines
    assert without.get_xydata().tolist() == [[10, 2], [30, 6]]
    assert with_cache.get_xydata().tolist() == [[10, 0.1], [30, 0.12]]
    assert without.get_label().startswith("without cache")
    assert "a factor of 3.0 without a cache, and of 1.20 with one" in alt


def test_cache_memory_draws_both_sizes_with_their_words():
    figure, alt = cache_memory("A model", 1.5e9, 12e9, "It can read only 4 tokens.")
    (ax,) = figure.axes
    lengths = {
        label.get_text(): bar.get_width()
        for label, bar in zip(ax.get_yticklabels(), ax.patches, strict=True)
    }
    assert lengths == {
        "without sharing": 12,
        "with sharing": 1.5,
    }
    assert [text.get_text() for text in ax.texts] == ["12 GB", "1.5 GB"]
    assert ax.get_xlabel() == "GB of cache. It can read only 4 tokens."
    assert ax.get_title(loc="left") == "A model"
    assert alt == (
        "A model: the cache takes 1.5 GB; with as many key/value heads as heads 12 GB. "
        "It can read only 4 tokens."
    )


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (23_040, "23 kB"),
        (512, "0.512 kB"),
        (999_400, "999 kB"),
        (999_600, "1 MB"),
        (2.684e9, "2.68 GB"),
        (343.6e9, "344 GB"),
        (39.6e12, "39.6 TB"),
        (4.5e16, "45,000 TB"),
    ],
)
def test_bytes_are_written_with_three_digits_and_no_exponent(size, words):
    assert readable_bytes(size) == words
