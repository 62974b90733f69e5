"""A probe finds letters in vectors that hold them, and none where there are none."""

import random

import pytest
import torch
from scripted import Bigram, Pieces, random_gpt

from utils.interpretability.spelling import (
    digit_said,
    letter_probe,
    letters_read,
    long_words,
    split_by_start,
)


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


def test_three_places_and_the_control_are_told_apart():
    words = made_up(1500)
    vectors = torch.randn(max(words) + 1, 20, generator=torch.Generator().manual_seed(2))
    for id, word in words.items():
        vectors[id, ord(word[0]) - ord("a")] += 9.0  # all of the first letter
        vectors[id, 10 + ord(word[-1]) - ord("a")] += 1.0  # something of the last
    read = letters_read(vectors, words)
    assert read.first > 0.95 > read.last > 1.5 * read.third and read.shuffled < 0.3
    assert read.third == letter_probe(vectors, words, 2)


@pytest.mark.parametrize(("prompt", "start"), [("two: ", ()), ("two: ", (3, 60)), ("9 or 1? ", ())])
def test_the_digit_is_the_likeliest_of_nine(prompt, start):
    tok = Pieces([chr(code).encode() for code in range(32, 127)])
    model = random_gpt("gpt2", tok.vocab_size)
    with torch.no_grad():
        scores = model(torch.tensor([[*start, *tok.encode(prompt)]]))[0, -1]
    best_first = [tok.decode([id]) for id in scores.argsort(descending=True).tolist()]
    expected = next(sign for sign in best_first if sign in "123456789")
    assert digit_said(model, tok, prompt, start) == int(expected)


@pytest.mark.parametrize("digit", range(1, 10))
def test_each_of_the_nine_digits_can_be_said_and_nothing_else(digit):
    signs = [chr(code) for code in range(32, 127)]
    tok = Pieces([sign.encode() for sign in signs])
    table = torch.zeros(len(signs), len(signs))
    table[0, signs.index(str(digit))] = 1.0  # after a space
    table[0, [signs.index("0"), signs.index("x")]] = 2.0
    assert digit_said(Bigram(table), tok, "how often: ") == digit
