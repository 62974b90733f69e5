"""What a way to train comes to, in numbers."""

import pytest

from utils.teams.processes import Outcome, ProcessTeam
from utils.teams.summary import Comparison, summarize

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


class TeamOfTwo(ProcessTeam):
    """Gives what it is told instead of starting processes."""

    def run(self, work, *arguments):
        return work(*arguments)


def test_ways_are_compared_in_megabytes(capsys):
    compared = Comparison(TeamOfTwo(), alone=[1.0])
    values = compared.run("one", lambda sent: outcomes([1.5], [1.0], sent=sent), (5e6, 3e6))
    assert values == [[[1.5], HELD[0]], [[1.0], HELD[1]]]
    head, row, gap = capsys.readouterr().out.splitlines()
    assert row.split() == ["one", "4.0/1.0", "2.0/3.0", "8.5/0.2", "4.00"]
    assert head.split()[-4:] == ["weights", "gradients", "optimizer", "sent"]
    assert gap == "losses differ from one process by at most 2.5e-01"
    compared.run("another way", outcomes, [1.0], [1.0])
    assert [line[:12].strip() for line in compared.table().splitlines()[1:]] == [
        "one",
        "another way",
    ]
    # numbers stand under their heads
    lines = compared.table().splitlines()
    assert len({len(line) for line in lines}) == 1
    assert compared.ways["another way"].loss_gap == 0


def test_losses_of_another_number_of_steps_are_refused():
    with pytest.raises(ValueError, match="a process gave 1 losses and the single one 2"):
        summarize(outcomes([1.0], [1.0]), alone=[1.0, 2.0])
