"""The arithmetic coder: what it writes is read again, and is as long as theory says."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.compression.arithmetic_coder import MOST, Decoder, Encoder


def coded(symbols, tables):
    encoder = Encoder()
    for symbol, counts in zip(symbols, tables, strict=True):
        encoder.put(symbol, np.array(counts))
    return encoder.finish()


def read(data, tables):
    decoder = Decoder(data)
    return [decoder.get(np.array(counts)) for counts in tables]


def surprise(symbols, tables):
    """In bits, in exact numbers until the logarithm."""
    p = math.prod(
        (Fraction(t[s], sum(t)) for s, t in zip(symbols, tables, strict=True)), start=Fraction(1)
    )
    return math.log2(p.denominator) - math.log2(p.numerator)


@st.composite
def rows(draw):
    """Symbols, each with counts of its own: of other sizes, with zeros, some as good as certain."""
    tables, symbols = [], []
    for _ in range(draw(st.integers(1, 60))):
        size = draw(st.integers(1, 7))
        counts = draw(
            st.lists(st.sampled_from([0, 1, 2, 9, 1000, 10**7]), min_size=size, max_size=size)
        )
        at = draw(st.integers(0, size - 1))
        counts[at] = max(counts[at], 1)
        tables.append(counts)
        symbols.append(at)
    return symbols, tables


@settings(deadline=None, max_examples=80)
@given(rows())
def test_every_row_is_read_again_and_takes_what_it_must(row):
    symbols, tables = row
    data = coded(symbols, tables)
    assert read(data, tables) == symbols
    needed = surprise(symbols, tables)
    # two bits end the file, the last byte is filled up; rounding the cuts costs next to nothing
    assert needed - 1e-6 <= 8 * len(data) <= needed + 2 + 7 + 0.01 * len(symbols)


def test_a_long_row_takes_its_entropy():
    rng = np.random.default_rng(5)
    counts = np.array([70, 20, 9, 1])
    p = counts / counts.sum()
    symbols = rng.choice(4, size=6000, p=p).tolist()
    data = coded(symbols, [counts] * len(symbols))
    assert read(data, [counts] * len(symbols)) == symbols
    entropy = -(p * np.log2(p)).sum() * len(symbols) / 8
    assert len(data) == pytest.approx(entropy, rel=0.03)


def test_an_interval_around_the_middle_is_widened_too():
    """Equal thirds again and again: the middle one never agrees on a first bit."""
    symbols, tables = [1] * 200, [[1, 1, 1]] * 200
    data = coded(symbols, tables)
    assert read(data, tables) == symbols
    assert len(data) == pytest.approx(200 * math.log2(3) / 8, abs=2)


def test_another_table_reads_other_symbols():
    symbols = [0, 2, 1, 0, 2, 2, 1, 0] * 4
    data = coded(symbols, [[5, 3, 2]] * len(symbols))
    assert read(data, [[5, 2, 3]] * len(symbols)) != symbols


@pytest.mark.parametrize(
    ("symbol", "counts", "sentence"),
    [
        (1, [3, 0, 2], "symbol 1 has no share"),
        (3, [1, 1, 1], "symbol 3 has no share"),
        (0, [0, 0], "add up to 0"),
        (0, [4, -1], "from -1"),
        (0, [MOST, 1], "at most"),
    ],
)
def test_what_cannot_be_coded_is_told_in_a_sentence(symbol, counts, sentence):
    with pytest.raises(ValueError, match=sentence):
        coded([symbol], [counts])
