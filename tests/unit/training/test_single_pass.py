"""A text that is read once: each token is a target once in a pass."""

import numpy as np
import pytest

from utils.training.single_pass import ShuffledWindows

TOKENS = np.arange(1000, 1000 + 7 * 12 + 1)  # 12 windows of 7


def test_each_token_but_the_first_is_learned_once_in_a_pass():
    batches = ShuffledWindows(TOKENS, length=7, batch_size=3, seed=4)
    assert batches.batches_in_a_pass == 4
    for which_pass in (0, 1, 5):
        rows = [batches[4 * which_pass + place]["ids"] for place in range(4)]
        assert all(ids.shape == (3, 8) for ids in rows)
        targets = sorted(int(token) for ids in rows for token in ids[:, 1:].flatten())
        assert targets == TOKENS[1:].tolist()
        inputs = sorted(int(token) for ids in rows for token in ids[:, :-1].flatten())
        assert inputs == TOKENS[:-1].tolist()


def test_windows_are_pieces_of_the_text_in_an_order_that_pass_and_seed_decide():
    batches = ShuffledWindows(TOKENS, 7, 3, seed=4)
    for row in batches[2]["ids"].tolist():
        assert row == list(range(row[0], row[0] + 8)) and (row[0] - 1000) % 7 == 0

    def order(seed, which_pass):
        again = ShuffledWindows(TOKENS, 7, 3, seed)
        return [again[4 * which_pass + place]["ids"][:, 0].tolist() for place in range(4)]

    assert order(4, 0) == order(4, 0)
    assert order(4, 0) != order(4, 1) and order(4, 0) != order(5, 0)
    assert batches.fingerprint() != ShuffledWindows(TOKENS, 7, 3, seed=5).fingerprint()


def test_what_does_not_fill_a_batch_is_left_out():
    batches = ShuffledWindows(TOKENS[:-1], 7, 4, seed=0)  # 11 windows: two batches of four
    assert batches.batches_in_a_pass == 2
    starts = {int(first) for place in (0, 1) for first in batches[place]["ids"][:, 0]}
    assert len(starts) == 8


def test_a_text_that_fills_no_batch_is_refused():
    with pytest.raises(ValueError, match=r"has 20 tokens, but a batch of 3 windows of 7 takes 22"):
        ShuffledWindows(TOKENS[:20], 7, 3)
