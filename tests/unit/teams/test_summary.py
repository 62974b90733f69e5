"""What a way to train comes to, in numbers."""

import pytest

from utils.teams.processes import Outcome
from utils.teams.summary import summarize

HELD = [
    {"weights": 4_000_000, "gradients": 2_000_000, "optimizer": 8_500_000},
    {"weights": 1_000_000, "gradients": 3_000_000, "optimizer": 250_000},
]


def outcomes(first, second, sent=(600, 200)):
    return [
        Outcome([losses, held], {"send": {"calls": 3, "bytes": count}}, 0.1)
        for losses, held, count in zip((first, second), HELD, sent, strict=True)
    ]


def test_the_mean_of_the_processes_counts():
    summary = summarize(outcomes([3.0, 1.0], [1.0, 2.0]), alone=[2.0, 1.25])
    assert summary.loss_gap == pytest.approx(0.25)
    assert summary.held == HELD
    assert summary.sent == {"send": 200}  # 800 bytes, over 2 steps and 2 processes
    assert summary.sent_in_all == 200


def test_a_process_that_sees_no_loss_does_not_count():
    summary = summarize(outcomes([None, None], [2.0, 1.5]), alone=[2.0, 1.25])
    assert summary.loss_gap == pytest.approx(0.25)


def test_its_line_is_in_megabytes():
    line = str(summarize(outcomes([1.0], [1.0], sent=(5e6, 3e6)), alone=[1.0]))
    assert line == ("weights 4.0 / 1.0, gradients 2.0 / 3.0, optimizer 8.5 / 0.2, sent 4.00 a step")


def test_losses_of_another_number_of_steps_are_refused():
    with pytest.raises(ValueError, match="a process gave 1 losses and the single one 2"):
        summarize(outcomes([1.0], [1.0]), alone=[1.0, 2.0])
