"""The estimate of what a head does to the loss, against what a small change of it really does."""

import pytest
import torch
from small_gpt import small_gpt
from torch.nn.functional import cross_entropy
from torch.testing import assert_close

from utils.interpretability.attribution import loss_changes_estimated
from utils.model.taps import trace

STEP = 0.02  # logits come in float32: a smaller one drowns in rounding


def loss_with(model, ids, layer, head, factor):
    """The loss if what one head gathers is multiplied by `factor`."""

    def scaled(mixed):
        mixed = mixed.clone()
        mixed[:, head] *= factor
        return mixed

    with trace(model, replace={f"blocks.{layer}.attn.mixed": scaled}), torch.no_grad():
        return cross_entropy(model(ids[None])[0, :-1], ids[1:]).item()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_the_slope_towards_silence(seed):
    model = small_gpt(seed).double().eval()
    ids = torch.randint(7, (5 + seed,), generator=torch.Generator().manual_seed(seed))
    expected = [
        [
            (loss_with(model, ids, n, h, 1 - STEP) - loss_with(model, ids, n, h, 1 + STEP))
            / (2 * STEP)
            for h in range(2)
        ]
        for n in range(2)
    ]
    found = loss_changes_estimated(model, ids)
    assert found.shape == (2, 2) and not found.requires_grad
    assert found.abs().min() > 1e-4
    assert_close(found, torch.tensor(expected, dtype=found.dtype), rtol=0.01, atol=1e-4)


def test_nothing_is_left_on_the_weights():
    model = small_gpt(4)
    with torch.no_grad():
        loss_changes_estimated(model, torch.tensor([1, 2, 3]))
    assert all(weight.grad is None for weight in model.parameters())


def test_one_token_predicts_nothing():
    with pytest.raises(ValueError, match="1 tokens; give two or more"):
        loss_changes_estimated(small_gpt(), torch.tensor([1]))
