"""Sign descent and Muon against their formulas on paper, and two optimizers that work as one."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from utils.training.newton_schulz import newton_schulz
from utils.training.update_rules import Muon, SignDescent, Together


def gradients(count, *shape, seed=0):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


def run(optimizer, parameter, rows):
    for row in rows:
        parameter.grad = row.clone()
        optimizer.step()
    return parameter.detach()


def test_sign_descent_by_hand():
    weight = nn.Parameter(torch.tensor([1.0, 1.0, 1.0]))
    optimizer = SignDescent([weight], lr=0.1, momentum=0.8)
    # means: 0.2, -0.4, 0; then 0.16 - 0.4, -0.32 + 0.2, 0
    run(optimizer, weight, [torch.tensor([1.0, -2.0, 0.0]), torch.tensor([-2.0, 1.0, 0.0])])
    assert_close(weight.detach(), torch.tensor([1 - 0.1 + 0.1, 1 + 0.1 + 0.1, 1.0]))


def test_the_size_of_gradients_does_not_matter_to_sign_descent():
    rows = gradients(6, 7)
    ends = []
    for size in (1e-5, 1e4):
        weight = nn.Parameter(torch.zeros(7))
        ends.append(run(SignDescent([weight], lr=0.03), weight, size * rows))
    assert torch.equal(*ends) and ends[0].any()


def test_decay_of_both_is_beside_the_step():
    for make in (SignDescent, Muon):
        weight = nn.Parameter(torch.full((2, 3), 4.0))
        run(make([weight], lr=0.1, weight_decay=0.5), weight, [torch.zeros(2, 3)])
        assert_close(weight.detach(), torch.full((2, 3), 4 * (1 - 0.05)))


def test_muon_by_its_formula():
    rows, start = gradients(4, 5, 9, seed=1), gradients(1, 5, 9, seed=2)[0]
    weight = nn.Parameter(start.clone())
    found = run(Muon([weight], lr=0.02, momentum=0.7), weight, rows)
    wanted, total = start.clone(), torch.zeros(5, 9)
    for row in rows:
        total = 0.7 * total + row
        wanted -= 0.02 * 0.2 * 9**0.5 * newton_schulz(row + 0.7 * total)
    assert_close(found, wanted)


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch has Muon since 2.9")
@pytest.mark.parametrize("shape", [(6, 10), (10, 6)])
def test_muon_is_torchs_up_to_its_coarser_products(shape):
    """torch makes the rounds in bfloat16."""
    start, rows = gradients(1, *shape, seed=3)[0], gradients(3, *shape, seed=4)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    settings = dict(lr=0.05, momentum=0.9, weight_decay=0.1)
    run(Muon([ours], **settings), ours, rows)
    library = torch.optim.Muon([theirs], **settings, adjust_lr_fn="match_rms_adamw")
    run(library, theirs, rows)
    moved = (theirs - start).norm()
    # torch takes the mean of gradients where we take their sum; the rounds do not mind the size
    assert (ours - theirs).norm() < 0.02 * moved


def test_muon_refuses_what_is_no_matrix():
    with pytest.raises(ValueError, match=r"a parameter of shape \(3,\).* give the others to AdamW"):
        Muon([nn.Parameter(torch.zeros(3))], lr=0.1)


def test_two_optimizers_together_do_what_each_does_alone():
    rows = gradients(3, 4, seed=5)
    alone = [nn.Parameter(torch.ones(4)) for _ in range(2)]
    both = [nn.Parameter(torch.ones(4)) for _ in range(2)]

    def makers(weights):
        return torch.optim.AdamW([weights[0]], lr=0.1), SignDescent([weights[1]], lr=0.02)

    for optimizer, weight in zip(makers(alone), alone, strict=True):
        run(optimizer, weight, rows)
    together = Together(*makers(both))
    for row in rows:
        for weight in both:
            weight.grad = row.clone()
        together.step()
    assert all(map(torch.equal, alone, both))
    assert set(together.state) == set(both)
    together.zero_grad()
    assert all(weight.grad is None for weight in both)
    for group in together.param_groups:
        group["lr"] = 0.0
    before = [weight.detach().clone() for weight in both]
    for weight in both:
        weight.grad = torch.ones(4)
    together.step()
    assert all(map(torch.equal, before, both))
