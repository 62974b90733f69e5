"""A small transformer sees what its mask lets it see."""

import pytest
import torch

from utils.predecessors.small_transformer import SmallTransformer


@torch.no_grad()
@pytest.mark.parametrize("n_layer", [1, 2])
@pytest.mark.parametrize("causal", [True, False])
def test_only_without_a_mask_an_earlier_position_sees_a_later_letter(causal, n_layer):
    torch.manual_seed(1)
    model = SmallTransformer(11, causal, n_layer, d_model=8, context=9).eval()
    ids = torch.randint(11, (3, 7))
    other = ids.clone()
    other[:, 4] = (ids[:, 4] + 1) % 11
    changed = (model(ids) - model(other)).abs().amax(dim=(0, 2)) > 1e-6  # (pos,)
    assert changed.tolist() == [not causal] * 4 + [True] * 3


@torch.no_grad()
def test_the_mask_has_no_weights_and_can_be_taken_away():
    torch.manual_seed(1)
    with_mask = SmallTransformer(11, True, d_model=8)
    torch.manual_seed(1)
    without = SmallTransformer(11, False, d_model=8)
    ids = torch.randint(11, (2, 6))
    with_mask.causal = False
    torch.testing.assert_close(with_mask.eval()(ids), without.eval()(ids))
