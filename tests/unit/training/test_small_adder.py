"""A small GPT that learns to add: its two marks, and when they are taken."""

import pytest
import torch

from utils.data.digit_sums import SYMBOLS, digit_sums, spelled
from utils.training.small_adder import marks, new_adder, watch_adder


class Adder(torch.nn.Module):
    """Writes the right digits, but wrong ones for some sums: those whose first number has a 7."""

    def forward(self, ids):
        logits = torch.zeros(*ids.shape, len(SYMBOLS))
        for row, one in enumerate(ids):
            a, b = spelled(one).split("=")[0].split("+")
            answer = str(int(a) + int(b)).zfill(len(a) + 1)[::-1]
            begin = 2 * len(a) + 1
            for place, digit in enumerate(answer):
                wrong = "7" in a and place == 1
                logits[row, begin + place, (int(digit) + wrong) % 10] = 9.0
        return logits


def test_marks_of_digits_and_of_whole_answers():
    sums = digit_sums(80, 3, torch.Generator().manual_seed(5))
    with_seven = sum("7" in spelled(row)[:3] for row in sums) / 80
    found = marks(Adder(), sums, step=4)
    assert 0 < with_seven < 1 and found.step == 4
    assert found.by_digit.tolist() == pytest.approx([1, 1 - with_seven, 1, 1])
    assert found.sums == pytest.approx(1 - with_seven)
    assert found.digits == pytest.approx(1 - with_seven / 4)
    likely = torch.tensor([9.0, *([0.0] * 11)]).log_softmax(dim=0)
    expected = -likely[0] + (with_seven / 4) * 9.0
    assert found.loss == pytest.approx(float(expected), rel=1e-4)


def test_an_adder_is_marked_from_first_to_last_step():
    torch.manual_seed(3)
    expected_next = torch.rand(2)
    torch.manual_seed(3)
    found = watch_adder(new_adder(2, d_model=8, seed=1), steps=5, every=2, seed=1)
    assert torch.equal(torch.rand(2), expected_next)
    assert [one.step for one in found] == [0, 2, 4, 5]
    assert all(one.by_digit.shape == (3,) for one in found)
    again = watch_adder(new_adder(2, d_model=8, seed=1), steps=5, every=2, seed=1)
    assert [one.loss for one in again] == [one.loss for one in found]
    assert found[-1].loss < found[0].loss
    other = watch_adder(new_adder(2, d_model=8, seed=2), steps=5, every=2, seed=1)
    assert other[0].loss != found[0].loss
