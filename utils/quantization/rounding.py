"""Rounding weights to a few bits: whole numbers, and a scale that says what they stand for.

absmax:      weight = scale * code, code from -(2^(bits-1) - 1) to 2^(bits-1) - 1; the largest
    weight sets the scale.
zero_point:  weight = scale * (code - zero), code from 0 to 2^bits - 1; smallest and largest weight
    set the scale.

Both know 0 exactly. A scale can serve the whole tensor, one row, or a group of neighbours in a row:
the smaller its group, the less one large weight costs the others, and the more bytes the scales
take. See Dettmers et al. 2022, LLM.int8() (arXiv:2208.07339), section 2, and
utils/quantization/packed_linear.py for layers that compute with codes.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Integer
from torch import Tensor

Group = int | Literal["row"] | None
BITS = (8, 6, 4, 3, 2)


@dataclass(frozen=True)
class Quantized:
    """Codes of a tensor in its own shape, with `scale` and `zero` for each group of neighbours
    along the last axis.
    """

    codes: Integer[Tensor, "*shape"]
    # the last axis counts groups; a single number if there is one for all
    scale: Float[Tensor, "*groups"]
    zero: Integer[Tensor, "*groups"] | None  # the code that stands for 0; None where code 0 does
    bits: int

    def dequantize(self) -> Float[Tensor, "*shape"]:
        """The weights that the codes stand for, in float32."""
        grouped = _grouped(self.codes, self.scale)
        steps = grouped if self.zero is None else grouped.int() - self.zero[..., None].int()
        return steps.float().mul_(self.scale[..., None]).reshape(self.codes.shape)

    @property
    def n_bytes(self) -> float:
        """Bytes in a file: `bits` for each code and each zero point, and the scales in their type."""
        zeros = 0 if self.zero is None else self.zero.numel()
        return (
            self.codes.numel() + zeros
        ) * self.bits / 8 + self.scale.numel() * self.scale.element_size()


def quantize(
    weights: Float[Tensor, "*shape"],
    bits: int,
    group: Group = None,
    scheme: Literal["absmax", "zero_point"] = "absmax",
    scale_dtype: torch.dtype = torch.float32,
) -> Quantized:
    """Round weights to codes of `bits` bits: 8, 6, 4, 3 or 2.

    `group`: how many neighbours along the last axis share a scale; "row" for the whole last axis,
    None for one scale in all. `scale_dtype`: the type of the scales; the codes are those that fit
    the scales as they are after rounding. No weight is off by more than half a scale (and by what
    rounding the scale to its type costs the largest ones). Raises ValueError for bits, groups or
    weights that make no sense.
    """
    _check(weights, bits, group, scheme)
    width = weights.shape[-1] if group == "row" else group or weights.numel()
    grouped = (
        weights.detach().float().reshape(-1 if group is None else (*weights.shape[:-1], -1, width))
    )
    lowest, highest = grouped.aminmax(dim=-1)
    if not (lowest.isfinite().all() and highest.isfinite().all()):
        raise _unfit(weights)
    low, high = lowest.clamp(max=0), highest.clamp(min=0)
    top = 2**bits - 1 if scheme == "zero_point" else 2 ** (bits - 1) - 1
    span = high - low if scheme == "zero_point" else torch.maximum(high, -low)
    scale = (span / top).to(scale_dtype)
    scale = torch.where(scale == 0, 1, scale)  # nothing but zeros: any scale will do
    steps = (grouped / scale[..., None].float()).round_()
    if scheme == "absmax":
        return Quantized(
            steps.clamp_(-top, top).to(torch.int8).reshape(weights.shape), scale, None, bits
        )
    zero = (-low / scale.float()).round().clamp(0, top)
    codes = (steps + zero[..., None]).clamp(0, top).to(torch.uint8)
    return Quantized(codes.reshape(weights.shape), scale, zero.to(torch.uint8), bits)


def _grouped(codes: Tensor, scale: Tensor) -> Tensor:
    """The codes with an axis for the members of a group at the end."""
    return codes.flatten() if scale.ndim == 0 else codes.reshape(*scale.shape, -1)


def _check(weights: Tensor, bits: int, group: Group, scheme: str) -> None:
    if bits not in BITS:
        raise ValueError(f"bits is {bits!r}; choose one of {', '.join(map(str, BITS))}.")
    if scheme not in ("absmax", "zero_point"):
        raise ValueError(f"scheme is {scheme!r}; choose 'absmax' or 'zero_point'.")
    if weights.ndim == 0 or weights.numel() == 0:
        raise _unfit(weights)
    if group not in (None, "row") and (
        not isinstance(group, int) or group < 1 or weights.shape[-1] % group
    ):
        raise ValueError(
            f"group is {group!r}, but a row has {weights.shape[-1]} weights: "
            f"give a number that divides it, 'row' for a whole row, or None for the whole tensor."
        )


def _unfit(weights: Tensor) -> ValueError:
    return ValueError(
        f"weights of shape {tuple(weights.shape)} cannot be quantized: give at least one, "
        f"along at least one axis, and none that is infinite or NaN."
    )
