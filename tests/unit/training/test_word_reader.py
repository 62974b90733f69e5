"""The reader of words: it learns what it is told, is asked rightly, and is marked rightly."""

import pytest
import torch

from utils.data.made_up_facts import Question, World, share_of_sums, sum_text
from utils.training.word_reader import (
    WordReader,
    new_sum_reader,
    new_word_reader,
    read_sums,
    score,
    sums_right,
)

WORDS = ("a", "b", "c", "cat", "dog", "is")


class Fixed(WordReader):
    """A reader that says what it was given, whatever stands before."""

    def next_words(self, prompts):
        return TABLE[: len(list(prompts))]


TABLE = torch.tensor(
    [
        [0.0, 0.1, 0.0, 0.6, 0.3, 0.0],  # cat
        [0.0, 0.1, 0.1, 0.2, 0.6, 0.0],  # dog
        [0.0, 0.9, 0.0, 0.05, 0.05, 0.0],  # b, which is no animal
        [0.1, 0.1, 0.1, 0.5, 0.1, 0.1],  # cat
    ]
)


def test_answers_are_marked_by_kind_and_by_truth():
    answers = ("cat", "cat", "dog", "dog")
    world = World(
        (), tuple(Question("a is", one, "x") for one in answers), {"animal": ("cat", "dog")}
    )
    found = score(Fixed(new_word_reader(WORDS, 0).model, WORDS), world, "x")
    assert found.right == 1 / 4 and found.kind == 3 / 4 and found.asked == 4
    assert found.sure == pytest.approx((0.6 + 0.6 + 0.9 + 0.5) / 4)
    assert found.of_right == pytest.approx((0.6 + 0.2 + 0.05 + 0.1) / 4)


def test_what_is_told_is_learned_and_asked_for():
    reader = new_word_reader(WORDS, seed=1, d_model=16)
    sentences = ["a is cat", "b is dog", "c is dog"]
    before = reader.model.embed.weight.clone()
    reader.read(sentences, passes=60, batch_size=3, rate=0.01, seed=1)
    assert not torch.equal(before, reader.model.embed.weight)
    assert reader.answers(["a is", "b is", "c is"]) == ["cat", "dog", "dog"]
    assert reader.written(["a", "c"], count=2) == ["is cat", "is dog"]


def test_only_what_stands_behind_the_word_is_learned():
    reader = new_word_reader(WORDS, seed=1, d_model=16)
    ids, learn = reader._example("a is b is cat", "is")
    assert ids == [0, 5, 1, 5, 3] and learn == [False, False, True, True, True]
    assert reader._example("a is", "")[1] == [True, True]


def test_the_seed_says_the_first_weights_and_no_other_random_number_moves():
    torch.manual_seed(9)
    expected = torch.rand(1)
    torch.manual_seed(9)
    one, same, other = (new_word_reader(WORDS, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(one.model.embed.weight, same.model.embed.weight)
    assert not torch.equal(one.model.embed.weight, other.model.embed.weight)


def test_an_unknown_word_is_named():
    with pytest.raises(ValueError, match="'zebra' is none of the 6 words"):
        new_word_reader(WORDS, 0).encode("a is zebra")


def test_sums_are_right_only_if_all_digits_are():
    class Known(WordReader):
        def written(self, prompts, count):
            return ["0 0 8 2", "0 0 9 2", "0 1 8 2"]

    reader = Known(new_sum_reader(0).model, new_sum_reader(0).words)
    sums = [sum_text(37, 45), sum_text(37, 45), sum_text(90, 92)]
    assert sums_right(reader, sums) == 2 / 3
    assert sums_right(reader, sums, last_digits=1) == 1


def test_a_few_sums_are_learned_by_heart():
    shown, _ = share_of_sums(0.002, seed=1)
    reader = new_sum_reader(seed=1)
    read_sums(reader, shown, steps=80, seed=1)
    assert sums_right(reader, shown) > 0.8
