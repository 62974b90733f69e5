"""A probe finds letters in vectors that hold them, and none where there are none."""

import random

import pytest
import torch

from utils.interpretability.spelling import letter_probe, long_words, split_by_start


def made_up(n=3000):
    rng = random.Random(1)
    return {3 * i: "".join(rng.choices("abcdefgh", k=rng.randint(5, 9))) for i in range(n)}


def test_long_words_are_a_space_and_letters_only():
    tokens = [b" hello", b"hello", b" abcd", b" Hello", b" h3llo", " naïve".encode(), b"  hello"]
    assert long_words(tokens) == {0: "hello", 3: "hello"}


def test_no_start_is_in_both_parts_and_no_word_is_lost():
    words = made_up()
    fit, test = split_by_start(words)
    assert sorted(fit + test) == sorted(words)
    assert not {words[id][:4] for id in fit} & {words[id][:4] for id in test}
    assert 0.1 < len(test) / len(words) < 0.3
    assert split_by_start(words, seed=1) != (fit, test)


@pytest.mark.parametrize("place", [0, 2, -1])
def test_letters_that_a_vector_holds_are_found_and_no_others(place):
    words = made_up()
    vectors = torch.zeros(max(words) + 1, 30)
    noise = torch.Generator().manual_seed(0)
    for id, word in words.items():
        vectors[id, ord(word[place]) - ord("a")] = 3.0
    vectors += 0.3 * torch.randn(vectors.shape, generator=noise)
    assert letter_probe(vectors, words, place) > 0.95
    assert letter_probe(vectors, words, place, shuffled=True) < 0.3
    assert letter_probe(vectors, words, 1) < 0.3
