"""Unpacking GGUF's blocks: 32 weights share a scale, and each weight is a small whole number.

Q8_0: value = scale * q, with q from -128 to 127.            34 bytes for 32 weights: 8.5 bits each.
Q4_1: value = scale * q + minimum, with q from 0 to 15.      20 bytes for 32 weights: 5 bits each.
Scale and minimum are float16 (ggml's block_q8_0 and block_q4_1). Other kinds go through the `gguf`
library.
"""

from dataclasses import dataclass

import gguf
import torch
from gguf import GGMLQuantizationType as Kind
from jaxtyping import Float, Float32, UInt8
from torch import Tensor

BLOCK = 32


@dataclass(frozen=True)
class Q41Blocks:
    """A Q4_1 matrix as it is stored, nothing rounded: weight = scale * code + minimum, in groups of
    32 along a row.
    """

    codes: UInt8[Tensor, "d_out d_in"]  # 0 to 15
    scale: Float[Tensor, "d_out group"]
    minimum: Float[Tensor, "d_out group"]

    def dequantize(self) -> Float32[Tensor, "d_out d_in"]:
        """The weights that the codes stand for."""
        weights: Tensor = self.codes.float()
        groups: Tensor = weights.unflatten(-1, (-1, BLOCK))  # (d_out, group, 32), the same memory
        groups.mul_(self.scale[..., None].float()).add_(self.minimum[..., None].float())
        return weights

    def to(self, device: torch.device) -> "Q41Blocks":
        """The same on another device."""
        return Q41Blocks(self.codes.to(device), self.scale.to(device), self.minimum.to(device))


def split_q4_1(raw: UInt8[Tensor, " byte"], shape: tuple[int, ...]) -> Q41Blocks:
    """Bytes of a block: scale (2), minimum (2), then 16 bytes that hold two weights each.

    The low halves of the 16 bytes are weights 0 to 15, the high halves are weights 16 to 31.
    """
    blocks = raw.view(-1, 4 + BLOCK // 2)
    scale, minimum = blocks[:, :4].view(torch.float16).reshape(*shape[:-1], -1, 2).unbind(-1)
    packed = blocks[:, 4:]
    return Q41Blocks(torch.cat((packed & 15, packed >> 4), dim=1).view(shape), scale, minimum)


def unpack_q4_1(raw: UInt8[Tensor, " byte"]) -> Float32[Tensor, " weight"]:
    """The weights of Q4_1 blocks, one after the other."""
    return split_q4_1(raw, (1, len(raw) // (4 + BLOCK // 2) * BLOCK)).dequantize()[0]


def unpack_q8_0(raw: UInt8[Tensor, " byte"]) -> Float32[Tensor, " weight"]:
    """Bytes of a block: scale (2), then 32 signed bytes."""
    blocks = raw.view(-1, 2 + BLOCK)
    scale = blocks[:, :2].view(torch.float16).float()  # (block, 1)
    return (blocks[:, 2:].view(torch.int8) * scale).flatten()


def unpack(raw: UInt8[Tensor, " byte"], kind: Kind) -> Float32[Tensor, " weight"]:
    """One tensor's bytes as float32 values; raises ValueError for a kind that neither we nor `gguf`
    can unpack.
    """
    ours = {Kind.Q8_0: unpack_q8_0, Kind.Q4_1: unpack_q4_1}
    if kind in ours:
        return ours[kind](raw)
    try:
        return torch.from_numpy(gguf.quants.dequantize(raw.numpy(), kind).copy())
    except NotImplementedError:
        raise ValueError(
            f"weights of kind {kind.name} cannot be unpacked; use a Q4_1, Q8_0, F16 or F32 file."
        ) from None
