"""Vectors by counting: worked numbers, and the same by slower ways."""

import math
import random

import pytest
import torch

from utils.predecessors.count_vectors import (
    neighbour_counts,
    ppmi,
    squeezed,
    vocabulary,
    words_of,
)

TEXTS = [
    ["the", "cat", "drinks", "milk"],
    ["the", "dog", "drinks", "water"],
    ["the", "cat", "eats"],
]


def test_words_are_small_letters_and_numbers():
    assert words_of("King's Café, 12.5 km (of_it)!") == [
        "king",
        "s",
        "café",
        "12",
        "5",
        "km",
        "of",
        "it",
    ]


def test_the_most_frequent_words_first_and_ties_as_they_are_read():
    assert vocabulary(TEXTS, 5) == ("the", "cat", "drinks", "milk", "dog")


@pytest.mark.parametrize("reach", [1, 2, 5])
def test_counts_by_looking_at_every_pair(reach):
    rng = random.Random(reach)
    texts = [rng.choices("abcdefg", k=rng.randint(1, 12)) for _ in range(30)]
    words = ("c", "a", "f", "b")
    expected = torch.zeros(4, 4)
    for text in texts:
        for i, one in enumerate(text):
            for j, other in enumerate(text):
                if i != j and abs(i - j) <= reach and one in words and other in words:
                    expected[words.index(one), words.index(other)] += 1
    assert torch.equal(neighbour_counts(texts, words, reach), expected)


def test_ppmi_of_the_lesson():
    """Cat met 10 times, milk 20 times, of 100 meetings: 2 by chance."""
    counts = torch.tensor([[6.0, 4.0], [14.0, 76.0]])
    table = ppmi(counts)
    assert table[0, 0] == pytest.approx(math.log(3))
    assert table[0, 1] == 0  # 4 met, 8 by chance


def test_ppmi_where_nothing_met():
    table = ppmi(torch.tensor([[0.0, 0.0, 0.0], [0.0, 3.0, 1.0], [0.0, 1.0, 5.0]]))
    assert torch.isfinite(table).all() and table[0].count_nonzero() == 0
    assert table[1, 1] == pytest.approx(math.log(3 * 10 / 4 / 4))


def test_squeezed_keeps_the_angles_of_a_table_of_low_rank():
    """Rows U S^(1/2) of a symmetric positive table U S U' have the table for their products."""
    torch.manual_seed(3)
    factor = torch.randn(40, 5)
    table = factor @ factor.T
    before = torch.random.get_rng_state()
    rows = squeezed(table, d_model=5)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert rows.shape == (40, 5)
    torch.testing.assert_close(rows @ rows.T, table, rtol=1e-3, atol=1e-3)
    assert torch.equal(rows, squeezed(table, d_model=5))
