"""The pictures of decoding draw what was measured, and say it in words."""

import pytest
import torch

from utils.pictures.decoding_pictures import (
    cache_memory,
    cut_tail,
    more_samples,
    readable_bytes,
    temperature_curves,
    what_is_computed,
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
        "A model: the cache takes 1.5 GB; with as many key/value heads as heads 12 GB. It can read "
        "only 4 tokens."
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


def test_cut_tail_draws_the_likeliest_before_and_after_and_all_by_rank():
    whole = torch.tensor([0.1, 0.5, 0.15, 0.25])
    sampled = torch.tensor([0.0, 2 / 3, 0.0, 1 / 3])
    figure, alt = cut_tail([" b", " d", " c"], whole, sampled)
    bars, curves = figure.axes
    widths = [round(bar.get_width(), 4) for bar in bars.patches]
    assert widths == [0.6667, 0.3333, 0, 0.5, 0.25, 0.15]  # after the cut, then before it
    assert [label.get_text() for label in bars.get_yticklabels()] == ["␣b", "␣d", "␣c"]
    before, after = (line.get_xydata().round(4).tolist() for line in curves.lines)
    assert before == [[1, 0.5], [2, 0.25], [3, 0.15], [4, 0.1]]
    assert after == [[1, 0.6667], [2, 0.3333]]
    assert figure.get_suptitle() == "2 of 4 tokens left; they had 75.0%"
    assert "2 of 4 tokens are left; they had 75.0% of the probability" in alt


def test_what_is_computed_is_a_triangle_without_a_cache_and_its_diagonal_with_one():
    figure, alt = what_is_computed(5)
    computed = [
        {tuple(square.get_xy()) for square in ax.patches if square.get_hatch() is None}
        for ax in figure.axes
    ]
    assert computed[0] == {(place, step) for step in range(5) for place in range(step + 1)}
    assert computed[1] == {(step, step) for step in range(5)}
    assert len(figure.axes[1].patches) == 15
    assert "15 positions" in alt and "with a cache 5" in alt
