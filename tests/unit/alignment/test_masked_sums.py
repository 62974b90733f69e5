import math

import numpy as np
import pytest
import torch

from utils.alignment.masked_sums import masked_normalize, mean_over_constant


@pytest.mark.parametrize("dim", [None, 0, 1, 2, -1])
@pytest.mark.parametrize("constant", [1, 7.5, 2048])
def test_equals_numpy_s_masked_sum(dim, constant):
    rng = np.random.default_rng(1)
    values, mask = rng.normal(size=(2, 5, 3)) * 1e3, rng.random((2, 5, 3)) < 0.6
    expected = (
        np.ma.array(values, mask=~mask).sum(axis=dim).filled(0.0)
        if dim is not None
        else (values[mask].sum())
    )
    found = masked_normalize(torch.tensor(values), torch.tensor(mask), constant, dim)
    np.testing.assert_allclose(found.numpy(), expected / constant, rtol=1e-9, atol=1e-9)


def test_what_is_masked_does_not_matter_and_has_no_gradient():
    values = torch.tensor([[1.0, math.nan], [2.0, math.inf]], requires_grad=True)
    mask = torch.tensor([[True, False], [True, False]])
    total = masked_normalize(values, mask, 4)
    total.backward()
    assert float(total) == 0.75
    assert values.grad.tolist() == [[0.25, 0.0], [0.25, 0.0]]


@pytest.mark.parametrize("constant", [0, -2, math.inf, math.nan])
def test_a_constant_that_is_none_is_refused(constant):
    with pytest.raises(ValueError, match="give a number above 0"):
        masked_normalize(torch.ones(2), torch.ones(2, dtype=torch.bool), constant)


def test_a_mean_over_replies_of_one_length_by_hand():
    values = torch.tensor([[1.0, 2.0, 4.0], [math.nan, 5.0, 7.0]], requires_grad=True)
    written = torch.tensor([[True, True, False], [False, False, True]])
    found = mean_over_constant(values, written, 5)
    assert float(found.detach()) == pytest.approx(((1 + 2) / 5 + 7 / 5) / 2)
    found.backward()
    # each token weighs the same, in whatever reply it stands
    assert values.grad.tolist() == [
        [pytest.approx(0.1)] * 2 + [0.0],
        [0.0, 0.0, pytest.approx(0.1)],
    ]
