"""Word vectors: small tables worked by hand, and SmolLM2's own."""

import pytest
import torch

from utils.data.analogies import ANALOGIES, analogies
from utils.interpretability.word_vectors import (
    WordVectors,
    analogy_score,
    shared_neighbours,
    word_vectors,
)
from utils.loading.pretrained import load

ROWS = torch.tensor(
    [[2.0, 0.0, 1.0], [2.0, 2.0, 1.0], [6.0, 0.0, 3.0], [5.0, 2.5, 2.5], [-1.0, 0, 0]]
)
WORDS = ("man", "woman", "king", "queen", "pebble")


@pytest.fixture
def small():
    return WordVectors(WORDS, ROWS)


def test_a_row_by_its_word(small):
    assert torch.equal(small["king"], ROWS[2])
    assert "king" in small and "kings" not in small
    with pytest.raises(KeyError, match=r"no vector for 'kin': did you mean king\?"):
        small["kin"]


def test_cosine_by_hand(small):
    assert small.cosine("man", "king") == pytest.approx(1)
    assert small.cosine("man", "woman") == pytest.approx(5 / (5**0.5 * 3))
    assert small.cosine("pebble", "man") == pytest.approx(-2 / 5**0.5)


def test_nearest_in_order_and_without_those_left_out(small):
    assert small.nearest(ROWS[0], 2, leave_out=("man",)) == ["king", "queen"]
    assert small.nearest(ROWS[0], 9)[-1] == "pebble"


def test_an_analogy_with_and_without_its_inputs(small):
    assert small.analogy("man", "woman", "king")[0] == "queen"
    # a short arrow: the last word itself is the nearest
    assert small.analogy("king", "man", "pebble", leave_out_inputs=False)[0] == "pebble"
    assert "pebble" not in small.analogy("king", "man", "pebble")


def test_as_many_words_as_rows():
    with pytest.raises(ValueError, match="2 words were given for 5 rows"):
        WordVectors(("a", "b"), ROWS)


def test_words_of_smollm2_are_its_tokens():
    model, tok = load("smollm2")
    vectors = word_vectors(model, tok)
    for word in ("king", "Paris", "mole"):
        (id,) = tok.encode(f" {word}")
        assert torch.equal(vectors[word], model.embed.weight[id])
    assert all(word.isalpha() for word in vectors.words)
    assert {word for one in analogies() for word in one} <= set(vectors.words)


def test_thirty_one_analogies_no_two_alike():
    assert len(analogies()) == len(set(analogies())) == 31
    assert sum(map(len, ANALOGIES.values())) == 31


def test_a_score_by_hand(small):
    questions = [
        ("man", "woman", "king", "queen"),  # right in any case
        ("king", "man", "woman", "queen"),  # woman itself is the nearest
        ("man", "king", "pebble", "queen"),  # wrong in any case
    ]
    one_by_one = [analogy_score(small, [one]) for one in questions]
    assert analogy_score(small, questions) == tuple(map(sum, zip(*one_by_one, strict=True)))
    assert one_by_one[0][:2] == (1, 1)
    for (start, end, other, answer), (any_word, without, neighbour) in zip(
        questions, one_by_one, strict=True
    ):
        assert any_word == (small.analogy(start, end, other, 1, False) == [answer])
        assert without == (small.analogy(start, end, other, 1) == [answer])
        assert neighbour == (small.nearest(small[other], 1, (start, end, other)) == [answer])


def test_shared_neighbours_by_slow_counting():
    torch.manual_seed(0)
    words = [f"w{n}" for n in range(12)]
    one, other = WordVectors(words, torch.randn(12, 3)), WordVectors(words, torch.randn(12, 4))
    chosen = words[2:10]
    expected = 0
    for word in chosen:
        lists = []
        for table in (one, other):
            ranked = sorted(chosen, key=lambda w, t=table, word=word: -t.cosine(word, w))
            lists.append({w for w in ranked if w != word and ranked.index(w) <= 3})
        expected += len(lists[0] & lists[1])
    assert shared_neighbours(one, other, chosen, count=3) == pytest.approx(expected / len(chosen))
    assert shared_neighbours(one, one, chosen, count=3) == 3
