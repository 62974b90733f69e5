"""Q4_K as the gguf library reads it: the right bytes, and no weight further off than its scale says."""

import gguf
import pytest
import torch
from gguf import GGMLQuantizationType as Kind

from utils.quantization.k_quants import pack_q4_k


def read_by_gguf(packed):
    return torch.from_numpy(gguf.quants.dequantize(packed.numpy(), Kind.Q4_K).copy())


@pytest.mark.parametrize("spread", [1e-3, 1.0, 300.0])
def test_each_weight_comes_back_within_half_a_step_and_what_the_scales_lose(spread):
    rng = torch.Generator().manual_seed(3)
    weights = spread * torch.randn(5, 512, generator=rng) * torch.rand(5, 512, generator=rng)
    packed = pack_q4_k(weights)
    assert packed.shape == (10, 144) and packed.dtype == torch.uint8
    back = read_by_gguf(packed).reshape(10, 8, 32)
    blocks = weights.reshape(10, 8, 32)
    low, high = blocks.amin(-1, keepdim=True), blocks.amax(-1, keepdim=True)
    # half a step, 15 codes each off by half a unit of the scale, and half a unit of the minimum
    unit = ((high - low) / 15).amax(1, keepdim=True) / 63
    least = low.abs().amax(1, keepdim=True) / 63
    allowed = (high - low) / 30 + 15 * unit / 2 + least / 2 + 2e-3 * (high - low)
    assert ((back - blocks).abs() <= allowed).all()
    error, size = (back - blocks).square().mean(), blocks.square().mean()
    assert 0.01 < (error / size).sqrt() < 0.15


def test_blocks_keep_their_own_scale_and_minimum():
    """Weights that are just a scale and a minimum of 6 bits and codes of 4 come back exactly."""
    rng = torch.Generator().manual_seed(4)
    scales = torch.randint(1, 64, (3, 8, 1), generator=rng).float()
    minima = torch.randint(1, 64, (3, 8, 1), generator=rng).float()
    scales[:, 5], minima[:, 2] = 63, 63  # so that a step of each is 1
    codes = torch.randint(0, 16, (3, 8, 32), generator=rng).float()
    codes[..., 0], codes[..., 31] = 0, 15
    minima = torch.minimum(minima, 15 * scales)  # the highest weight is not below 0
    minima[:, 2], scales[:, 2] = 63, 40
    weights = scales * codes - minima
    assert torch.equal(read_by_gguf(pack_q4_k(weights)).reshape(3, 8, 32), weights)


def test_zeros_stay_zeros():
    assert torch.equal(read_by_gguf(pack_q4_k(torch.zeros(256))), torch.zeros(1, 256))


@pytest.mark.parametrize("n", [0, 255, 576])
def test_a_broken_super_block_is_refused(n):
    with pytest.raises(ValueError, match=f"{n} weights make no whole super-blocks"):
        pack_q4_k(torch.ones(n))


def test_what_is_infinite_is_refused():
    with pytest.raises(ValueError, match="infinite"):
        pack_q4_k(torch.full((256,), torch.inf))
