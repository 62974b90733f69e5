"""MinHash against brute force, a closed form and sets made by hand."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from utils.crawl.minhash import (
    agreement,
    candidate_pairs,
    caught,
    caught_by_bands,
    exact_copies,
    first_of_each_cluster,
    jaccard,
    shingles,
    signature,
)


def test_shingles_overlap_and_are_small_without_signs():
    assert shingles("The cat, sat. On the mat!", 3) == {
        "the cat sat",
        "cat sat on",
        "sat on the",
        "on the mat",
    }
    assert shingles("one two", 5) == {"one two"} and shingles("", 5) == set()


@pytest.mark.parametrize(
    ("one", "other", "similarity"),
    [
        ("abcd", "cdef", 2 / 6),
        ("ab", "ab", 1),
        ("ab", "cd", 0),
        ("a", "abcdefgh", 1 / 8),
        ("", "", 0),
    ],
)
def test_jaccard_by_hand(one, other, similarity):
    assert jaccard({*one}, {*other}) == pytest.approx(similarity)


@pytest.mark.parametrize(("common", "own"), [(10, 40), (50, 20), (90, 3)])
def test_agreement_estimates_the_similarity_for_most_shuffles(common, own):
    one = {f"c{n}" for n in range(common)} | {f"a{n}" for n in range(own)}
    other = {f"c{n}" for n in range(common)} | {f"b{n}" for n in range(own)}
    true = common / (common + 2 * own)
    found = [
        agreement(signature(one, 200, seed), signature(other, 200, seed)) for seed in range(20)
    ]
    error = (true * (1 - true) / 200 / 20) ** 0.5
    assert abs(np.mean(found) - true) < 4 * error + 0.005
    assert np.std(found) == pytest.approx((true * (1 - true) / 200) ** 0.5, rel=0.6)


def test_a_signature_is_the_smallest_of_each_shuffle():
    """Of a union it is the smaller one of the two parts', place by place."""
    one, other = {f"x{n}" for n in range(7)}, {f"y{n}" for n in range(11)}
    whole = signature(one | other, 64)
    assert (whole == np.minimum(signature(one, 64), signature(other, 64))).all()


def test_a_signature_is_the_same_in_every_process():
    code = "from utils.crawl.minhash import signature; print(signature({'a b', 'c d'}, 5).tolist())"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    here = str(signature({"a b", "c d"}, 5).tolist())
    assert [run.stdout.strip() for run in runs] == [here, here]


def test_an_empty_set_has_no_signature():
    with pytest.raises(ValueError, match="empty set"):
        signature(set())


@pytest.mark.parametrize(("bands", "rows"), [(5, 2), (2, 6), (12, 1), (1, 12)])
def test_candidate_pairs_are_those_that_agree_in_a_band(bands, rows):
    signatures = np.random.default_rng(3).integers(0, 3, (15, 13)).astype(np.uint64)
    wanted = {
        (n, m)
        for n, m in combinations(range(15), 2)
        if any(
            (signatures[n] == signatures[m])[band * rows : (band + 1) * rows].all()
            for band in range(bands)
        )
    }
    assert candidate_pairs(signatures, bands, rows) == wanted
    pairs = list(combinations(range(15), 2))
    equal = np.stack([signatures[n] == signatures[m] for n, m in pairs])
    some = caught(equal, bands, rows)
    assert {pair for pair, one in zip(pairs, some, strict=True) if one} == wanted
    assert bands > 5 or wanted != set(pairs)


def test_too_few_hashes_are_refused():
    with pytest.raises(ValueError, match="3 bands of 5 rows need 15 hashes, and there are 14"):
        candidate_pairs(np.zeros((2, 14), np.uint64), 3, 5)
    with pytest.raises(ValueError, match="take fewer"):
        caught(np.ones((2, 14), bool), 3, 5)


@pytest.mark.parametrize(("similarity", "bands", "rows"), [(0.75, 14, 8), (0.4, 3, 2), (0.9, 5, 7)])
def test_the_curve_is_what_random_rows_give(similarity, bands, rows):
    equal = np.random.default_rng(8).random((20_000, bands * rows)) < similarity
    assert caught(equal, bands, rows).mean() == pytest.approx(
        caught_by_bands(similarity, bands, rows), abs=0.015
    )


def test_of_all_that_hang_together_the_first_stays():
    assert first_of_each_cluster(8, [(6, 2), (2, 5), (7, 3)]) == [0, 1, 2, 3, 4]
    assert first_of_each_cluster(4, [(2, 3), (0, 1), (1, 2)]) == [0]
    assert first_of_each_cluster(3, []) == [0, 1, 2]


def test_exact_copies_are_the_later_ones():
    assert exact_copies(["a", "b", "a", "A", "b", "a"]) == [2, 4, 5]
