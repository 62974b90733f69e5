"""Sums in digits: right ones, in their form, and only the answers are learned."""

import pytest
import torch

from utils.data.digit_sums import DigitSums, digit_sums, spelled


@pytest.mark.parametrize("digits", [1, 3, 6])
def test_sums_are_right_with_the_answer_turned_round(digits):
    seen = set()
    for row in digit_sums(60, digits, torch.Generator().manual_seed(digits)):
        a, b, answer = spelled(row).replace("=", "+").split("+")
        assert len(a) == len(b) == digits and len(answer) == digits + 1
        assert int(a) + int(b) == int(answer[::-1])
        seen.add((a, b))
    assert len(seen) > 40
    with pytest.raises(ValueError, match="numbers of 10 digits"):
        digit_sums(1, 10, torch.Generator())


def test_batches_are_numbered_and_learn_the_answer():
    batches = DigitSums(2, batch_size=5, seed=1)
    ids, learn = batches[3]["ids"], batches[3]["learn"]
    assert ids.shape == learn.shape == (5, 9)
    equals = [spelled(row).index("=") for row in ids]
    for row, place in zip(learn.tolist(), equals, strict=True):
        assert row == [at > place for at in range(9)]
    assert torch.equal(batches[3]["ids"], ids) and not torch.equal(batches[4]["ids"], ids)
    assert not torch.equal(DigitSums(2, batch_size=5, seed=2)[3]["ids"], ids)
