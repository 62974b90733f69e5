import torch
from torch import nn

from utils.model.narrow_start import start_larger


def test_matrices_are_four_times_as_large_and_vectors_as_they_were():
    model = nn.Sequential(nn.Linear(3, 5), nn.LayerNorm(5), nn.Linear(5, 2))
    before = {name: one.clone() for name, one in model.named_parameters()}
    start_larger(model)
    for name, one in model.named_parameters():
        assert torch.equal(one, before[name] * (4 if one.ndim == 2 else 1)), name
