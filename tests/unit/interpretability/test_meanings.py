"""Words followed through the layers: against single runs, and on made-up vectors."""

import pytest
import torch

from utils.data.word_senses import SENSES
from utils.interpretability.meanings import cosines_within_and_across, gaps, last_vectors
from utils.loading.pretrained import load
from utils.model.taps import trace


@pytest.fixture(scope="module")
def smol():
    return load("smollm2")


@pytest.mark.parametrize("back", [1, 2])
def test_a_batch_gives_what_each_sentence_gives_alone(smol, back):
    model, tok = smol
    sentences = ["a mole", "In our garden we caught a small blind mole", "half a mole"]
    found = last_vectors(model, tok, sentences, back)
    assert found.shape == (31, 3, 576)
    for place, sentence in enumerate(sentences):
        with torch.no_grad(), trace(model) as t:
            model(torch.tensor([tok.encode(sentence)]))
        assert torch.equal(found[0, place], t["embed"][0, -back])
        for layer in (0, 14, 29):
            alone = t[f"blocks.{layer}.resid.post"][0, -back]
            torch.testing.assert_close(found[layer + 1, place], alone, rtol=1e-3, atol=1e-2)


def test_a_sentence_that_is_too_short_is_refused(smol):
    with pytest.raises(ValueError, match="back is 3, and the shortest sentence has 2 tokens"):
        last_vectors(*smol, ["a mole"], back=3)


def test_two_meanings_that_are_opposite():
    vectors = torch.tensor([[5.0, 1.0], [5.0, 1.0], [5.0, -1.0], [5.0, -1.0]])
    assert cosines_within_and_across(vectors, ["a", "a", "b", "b"]) == pytest.approx((1, -1))


def test_three_meanings_cannot_be_farther_apart_than_a_triangle():
    corners = torch.tensor([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    vectors = 10 + corners.repeat_interleave(2, dim=0)
    found = cosines_within_and_across(vectors, list("aabbcc"))
    assert found == pytest.approx((1, -0.5), abs=1e-4)


def test_equal_vectors_know_nothing():
    vectors = torch.randn(1, 576).repeat(4, 1)
    assert cosines_within_and_across(vectors, ["a", "a", "b", "b"]) == (0, 0)


def test_every_meaning_counts_alike():
    """One more sentence of a meaning, the same as another, moves no centre."""
    vectors = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    _, across = cosines_within_and_across(vectors[[0, 0, 2, 2]], ["a", "a", "b", "b"])
    _, more = cosines_within_and_across(vectors[[0, 0, 0, 2, 2]], ["a", "a", "a", "b", "b"])
    assert across == pytest.approx(more) == pytest.approx(-1)


@pytest.mark.parametrize("meanings", [["a", "b", "b", "b"], ["a"] * 4, ["a", "a", "b"]])
def test_meanings_that_cannot_be_compared_are_refused(meanings):
    with pytest.raises(ValueError, match="two sentences or more"):
        cosines_within_and_across(torch.ones(4, 2), meanings)


def test_every_sentence_ends_in_its_word(smol):
    _, tok = smol
    for word, senses in SENSES.items():
        (id,) = tok.encode(f" {word}")
        for sentences in senses.values():
            assert len(set(sentences)) == 8
            assert all(tok.encode(sentence)[-1] == id for sentence in sentences)


def test_nothing_is_known_before_the_first_block(smol):
    senses = {name: own[:2] for name, own in SENSES["bank"].items()}
    found = gaps(*smol, senses)
    assert len(found) == 31 and found[0] == 0 and max(found) > 0.3
