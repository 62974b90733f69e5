"""Torch's own ways to share give what one process gives, and send what they should."""

from collections.abc import Sequence

import pytest
import torch

from course.exercises.ch06.bucket_plan import bucket_plan
from utils.teams import torchs_own
from utils.teams.held_bytes import held_bytes
from utils.teams.membership import Member
from utils.teams.processes import ProcessTeam
from utils.teams.small_task import INPUTS, ROWS, WIDTH, adam, examples, five_steps, network
from utils.teams.summary import summarize

CAP = 2**20


def alone() -> tuple[Sequence[float], dict[str, int]]:
    net = network(Member())
    optimizer = adam(net.parameters())
    return five_steps(net, optimizer, *examples()), held_bytes(net.parameters(), optimizer)


@pytest.fixture(scope="module")
def team():
    with ProcessTeam(2) as team:
        yield team


def test_the_task_leaves_the_random_numbers_of_the_caller_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = network(Member()), network(Member())
    one, other = examples(), examples()
    assert torch.equal(torch.rand(3), expected)
    pairs = [
        *zip(first.parameters(), second.parameters(), strict=True),
        *zip(one, other, strict=True),
    ]
    assert all(torch.equal(a, b) for a, b in pairs)


def test_each_step_makes_the_loss_smaller_and_the_exchange_comes_before_the_update():
    net, seen = network(Member()), []
    optimizer = adam(net.parameters())
    first = next(net.parameters())

    def exchange():
        seen.append(first.detach().clone())
        for weight in net.parameters():
            weight.grad.zero_()

    held_back = five_steps(net, optimizer, *examples(), exchange)
    # without a gradient only the decay is left, 1e-5 of each weight and step
    assert torch.allclose(seen[0] * (1 - 1e-5) ** 4, seen[-1], rtol=1e-6, atol=0)
    assert held_back[0] - held_back[-1] < 1e-3
    losses, _ = alone()
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.3 * losses[0]


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_gradients_of_another_scale_do_not_go_unnoticed(scale):
    """With torch's own eps Adam would hide them, and a sum would pass for a mean."""
    net = network(Member())
    optimizer = adam(net.parameters())

    def exchange():
        for weight in net.parameters():
            weight.grad *= scale

    losses = five_steps(net, optimizer, *examples(), exchange)
    gaps = [abs(one - other) for one, other in zip(losses, alone()[0], strict=True)]
    assert gaps[0] == 0 and max(gaps) > 0.02


def test_data_parallel_sends_the_buckets_of_the_exercise(team):
    outcomes = team.run(torchs_own.data_parallel, CAP)
    losses, held = alone()
    assert summarize(outcomes, losses).loss_gap < 1e-5
    sizes = [4 * p.numel() for p in network(Member()).parameters()]
    plan = [sum(sizes[place] for place in bucket) for bucket in bucket_plan.reference(sizes, CAP)]
    assert len(plan) > 1
    for outcome in outcomes:
        assert outcome.value[1] == held  # all of it, in each
        # in the first step torch does not know yet in which order gradients come
        assert outcome.value[2] == [sum(sizes)] + 4 * plan


def test_tensor_parallel_holds_half_of_two_matrices_and_sends_activations(team):
    outcomes = team.run(torchs_own.tensor_parallel)
    losses, held = alone()
    assert summarize(outcomes, losses).loss_gap < 1e-5
    halved = 4 * (INPUTS * WIDTH + WIDTH + WIDTH * WIDTH) // 2
    for outcome in outcomes:
        assert outcome.value[1]["weights"] == held["weights"] - halved
        assert outcome.sent["all_reduce"]["bytes"] == 5 * 4 * ROWS * WIDTH
