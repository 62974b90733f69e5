"""llama.cpp's Q4_K: 256 weights are a super-block of eight blocks, whose scales have few bits, too.

Like Q4_1 each block of 32 has a scale and a minimum, value = scale * code + minimum. But these two
are whole numbers of 6 bits here, and a float16 for all eight scales and one for all eight minima
say what they stand for. A super-block takes 144 bytes: 4.5 bits a weight, as many as Q4_0, which has
no minimum. The bytes are those of ggml's block_q4_K.
"""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

SUPER_BLOCK, BLOCK = 256, 32
_MOST_CODE, _MOST_SCALE = 15, 63  # of 4 and of 6 bits


def pack_q4_k(weights: Float[Tensor, "*shape"]) -> UInt8[Tensor, "super_block 144"]:
    """Round weights to Q4_K, 256 successive ones to a super-block.

    Each block's scale and minimum are set by its lowest and highest weight. (llama.cpp tries some
    scales near that for each block, and takes the one with the least error.) Raises ValueError for
    a number of weights that makes no whole super-blocks, and for weights that are infinite or NaN.
    """
    if weights.numel() % SUPER_BLOCK or not weights.numel():
        raise ValueError(
            f"{weights.numel()} weights make no whole super-blocks: give a multiple of "
            f"{SUPER_BLOCK}."
        )
    if not weights.isfinite().all():
        raise ValueError("some weights are infinite or NaN, and those cannot be rounded.")
    blocks = weights.detach().float().reshape(-1, SUPER_BLOCK // BLOCK, BLOCK)
    low = blocks.amin(dim=-1).clamp(max=0)  # what is taken off is never negative
    step = (blocks.amax(dim=-1).clamp(min=0) - low) / _MOST_CODE
    scale_unit, scales = _six_bits(step)
    minimum_unit, minima = _six_bits(-low)
    scale, minimum = (scale_unit * scales)[..., None], (minimum_unit * minima)[..., None]
    # where the scale has become 0, any code will do
    steps = (blocks + minimum) / torch.where(scale == 0, 1, scale)
    codes = steps.round().clamp(0, _MOST_CODE).to(torch.uint8)
    units = torch.cat([scale_unit, minimum_unit], dim=1).half().view(torch.uint8)
    return torch.cat([units, _pack_scales(scales, minima), _pack_codes(codes)], dim=1)


def _six_bits(
    values: Float[Tensor, "super_block block"],
) -> tuple[Float[Tensor, "super_block 1"], Float[Tensor, "super_block block"]]:
    """What one step is worth, rounded to float16, and how many steps each value is: 0 to 63."""
    unit = (values.amax(dim=-1, keepdim=True) / _MOST_SCALE).half().float()
    steps = (values / torch.where(unit == 0, 1, unit)).round().clamp(0, _MOST_SCALE)
    return unit, steps


def _pack_scales(
    scales: Float[Tensor, "super_block block"], minima: Float[Tensor, "super_block block"]
) -> UInt8[Tensor, "super_block 12"]:
    """Sixteen numbers of 6 bits in twelve bytes: the upper two bits of the last four scales and
    minima are put where the first four leave room.
    """
    s, m = scales.to(torch.uint8), minima.to(torch.uint8)
    first = [each[:, :4] | (each[:, 4:] >> 4 << 6) for each in (s, m)]
    return torch.cat([*first, (s[:, 4:] & 15) | (m[:, 4:] & 15) << 4], dim=1)


def _pack_codes(
    codes: UInt8[Tensor, "super_block block 32"],
) -> UInt8[Tensor, "super_block 128"]:
    """Two blocks share 32 bytes: the first has the low halves, the second the high ones."""
    low, high = codes.unflatten(1, (-1, 2)).unbind(dim=2)
    packed: Tensor = low | high << 4
    return packed.flatten(1)
