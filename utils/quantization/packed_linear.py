"""Linear layers whose weights are 8-bit or 4-bit codes, on torch's kernels that read the codes
themselves.

To choose one token, a model reads every weight once. So fewer bytes per weight is less time, if the
weights stay codes until they are in the processor. Activations are rounded to bfloat16 on the way
in and out, as these kernels want it.

Int8Linear: weight = scale * code, code from -127 to 127, one scale for each row.
Int4Linear: weight = scale * code + minimum, code from 0 to 15, for each group of 32 weights in a
    row: GGUF's Q4_1.

Scales and minima are kept in bfloat16. Many rows at once (a prompt) are a matter of arithmetic, not
of bytes: then the weights are unpacked, and multiplied by the kernel for whole matrices. That is in
bfloat16 where the processor has instructions for it, else in float32.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import BFloat16, Float, Float32, UInt8
from torch import Tensor, nn

from utils.model.cpu_instructions import has_vector_kernels, multiplies, reads_int8_quickly
from utils.model.linear import linear
from utils.quantization.gguf_blocks import BLOCK, Q41Blocks
from utils.quantization.rounding import quantize

_FEW_ON_CUDA = 32
# the kernels work on so many rows of W at a time; int8's reads past the end where there are fewer
_TILE = 16
# Older versions of torch have int8's kernel for the CPU only.
_HAS_INT8 = {
    kind: torch._C._dispatch_has_kernel_for_dispatch_key("aten::_weight_int8pack_mm", kind.upper())
    for kind in ("cpu", "cuda")
}


class PackedLinear(nn.Module):
    """x W^T + b for a W of codes.

    `weights` are matrices (d_out, d_in); several are stacked along d_out, so that one call computes
    them side by side.
    """

    bits: ClassVar[int]
    bias: Tensor | None

    def __init__(self, weights: Sequence[Tensor | Q41Blocks], bias: Tensor | None = None):
        super().__init__()
        self.out_features, self.in_features = (
            sum(_shape(one)[0] for one in weights),
            _shape(weights[0])[1],
        )
        self._fill_rows = -self.out_features % _TILE
        self._fill_columns = -self.in_features % BLOCK
        self.register_buffer("bias", None if bias is None else bias.bfloat16(), persistent=False)
        self.pack(weights)

    def pack(self, weights: Sequence[Tensor | Q41Blocks]) -> None:
        """Store the codes."""
        raise NotImplementedError

    def multiply(self, rows: BFloat16[Tensor, "row d_in"]) -> BFloat16[Tensor, "row d_out"]:
        """x W^T by the kernel that reads codes."""
        raise NotImplementedError

    def unpack(self, dtype: torch.dtype) -> Float[Tensor, "d_out d_in"]:
        """W in that type, as the codes say."""
        raise NotImplementedError

    @staticmethod
    def few() -> int:
        """Up to so many rows of x, reading codes is the quicker way on this CPU
        (benchmarks/RESULTS.md).
        """
        raise NotImplementedError

    def dequantize(self) -> BFloat16[Tensor, "d_out d_in"]:
        """W, as the codes say."""
        return self.unpack(torch.bfloat16)

    def multiply_unpacked(
        self, rows: BFloat16[Tensor, "row d_in"]
    ) -> BFloat16[Tensor, "row d_out"]:
        """x W^T by the kernel for whole matrices."""
        if not rows.is_cpu or multiplies(torch.bfloat16):
            return F.linear(rows, self.dequantize())
        return self.multiply_in_float32(rows.float()).bfloat16()

    def multiply_in_float32(self, x: Float32[Tensor, "row d_in"]) -> Float32[Tensor, "row d_out"]:
        """x W^T with W in float32."""
        return linear(x, self.unpack(torch.float32))

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> BFloat16[Tensor, "*batch d_out"]:
        """Multiply. Raises RuntimeError where a gradient would be needed."""
        if x.requires_grad and torch.is_grad_enabled():
            raise RuntimeError(
                f"an int{self.bits} model computes no gradients, as its weights are whole numbers: "
                f"load it with precision='float32' to train it, to edit it, or to differentiate."
            )
        rows = x.reshape(-1, self.in_features).bfloat16()
        if rows.shape[0] > (self.few() if rows.is_cpu else _FEW_ON_CUDA):
            out = self.multiply_unpacked(rows)
        else:
            out = self.multiply(
                F.pad(rows, (0, self._fill_columns)) if self._fill_columns else rows
            )
            out = out[:, : self.out_features] if self._fill_rows else out
        if self.bias is not None:
            out = out + self.bias
        return out.view(*x.shape[:-1], self.out_features)

    @property
    def weight(self) -> Tensor:
        """There is none: RuntimeError says what to do instead."""
        raise RuntimeError(
            f"this layer holds int{self.bits} codes and no weight to read or change: "
            "see what they stand for with dequantize(), or load the model with "
            "precision='float32'."
        )

    @property
    def n_bytes(self) -> int:
        """Bytes that the layer keeps."""
        return sum(buffer.numel() * buffer.element_size() for buffer in self.buffers())

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        """Behind .to(), .half(), .cuda(): the order of the codes is made for one kernel on one kind
        of device.
        """
        for buffer in self.buffers():
            moved = fn(buffer[:0])
            if (moved.dtype, moved.device) != (buffer.dtype, buffer.device):
                raise RuntimeError(
                    f"an int{self.bits} model stays in the precision and on the device that it "
                    "was packed for: "
                    f"load it again with the ones that you want."
                )
        super()._apply(fn, recurse)
        return self

    def extra_repr(self) -> str:
        """What print(model) shows."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bits={self.bits}"


class Int8Linear(PackedLinear):
    """8-bit codes and one scale for each row (absmax)."""

    bits = 8
    codes: Tensor
    scale: Tensor

    def pack(self, weights: Sequence[Tensor | Q41Blocks]) -> None:
        """Round each row to codes from -127 to 127, the largest weight to an end of them."""
        weight = torch.cat(
            [one.dequantize() if isinstance(one, Q41Blocks) else one.float() for one in weights]
        )
        filled = F.pad(weight, (0, self._fill_columns, 0, self._fill_rows))
        packed = quantize(filled, 8, group="row", scale_dtype=torch.bfloat16)
        self.register_buffer("codes", packed.codes, persistent=False)
        self.register_buffer("scale", packed.scale[:, 0], persistent=False)

    def multiply(self, rows: BFloat16[Tensor, "row d_in"]) -> BFloat16[Tensor, "row d_out"]:
        """x W^T by torch's kernel for 8-bit codes; where it lacks one, from codes in bfloat16."""
        if _HAS_INT8[rows.device.type]:
            return torch._weight_int8pack_mm(rows, self.codes, self.scale)
        return F.linear(rows, self.codes.bfloat16()) * self.scale

    def unpack(self, dtype: torch.dtype) -> Float[Tensor, "d_out d_in"]:
        """Scale times code."""
        codes, scale = self.codes[: self.out_features], self.scale[: self.out_features, None]
        return (codes.to(dtype) * scale.to(dtype))[:, : self.in_features]

    def multiply_in_float32(self, x: Float32[Tensor, "row d_in"]) -> Float32[Tensor, "row d_out"]:
        """The results are scaled, as there are fewer of them than of weights."""
        codes = self.codes[: self.out_features, : self.in_features]
        return linear(x, codes.float()).mul_(self.scale[: self.out_features].float())

    @staticmethod
    def few() -> int:
        """Fewer where bfloat16 has no instructions, none where the kernel is not made for this CPU."""
        if multiplies(torch.bfloat16):
            return 32
        return 16 if reads_int8_quickly() else 0


class Int4Linear(PackedLinear):
    """4-bit codes; a scale and a minimum for each group of 32 weights in a row."""

    bits = 4
    scale_zero: Tensor  # these two in the order of torch's kernel
    packed: Tensor
    row_scales: Tensor  # these two once more, row by row
    nibbles: Tensor

    def pack(self, weights: Sequence[Tensor | Q41Blocks]) -> None:
        """Take the codes over where there are some already, else round to the nearest."""
        blocks = [one if isinstance(one, Q41Blocks) else _round_to_blocks(one) for one in weights]
        codes, scale, minimum = (
            F.pad(torch.cat([getattr(one, part) for one in blocks]), (0, 0, 0, self._fill_rows))
            for part in ("codes", "scale", "minimum")
        )
        scale, minimum = scale.float(), minimum.float()
        # The kernels compute scale * (code - 8) + zero, and want both side by side: (group, d_out,
        # 2).
        scale_zero = torch.stack((scale, minimum + 8 * scale), dim=-1).transpose(0, 1)
        self.register_buffer("scale_zero", scale_zero.contiguous().bfloat16(), persistent=False)
        self.register_buffer("packed", _pack_for_kernel(codes), persistent=False)
        # The same again, in an order that is ours: what a row needs lies side by side, and 32 bytes
        # hold two groups, the first in their low halves and the second in their high halves.
        filled_groups = (0, 0, 0, self.scale_zero.shape[0] % 2)
        row_scales = F.pad(self.scale_zero.transpose(0, 1), filled_groups)  # (d_out, group, 2)
        self.register_buffer("row_scales", row_scales.contiguous(), persistent=False)
        filled = F.pad(codes, (0, -codes.shape[1] % (2 * BLOCK)))
        first, second = filled.unflatten(1, (-1, 2 * BLOCK)).chunk(2, dim=-1)
        self.register_buffer("nibbles", (second << 4 | first).flatten(1), persistent=False)

    def multiply(self, rows: BFloat16[Tensor, "row d_in"]) -> BFloat16[Tensor, "row d_out"]:
        """x W^T by torch's kernel for 4-bit codes, of the CPU or of CUDA."""
        kernel = torch._weight_int4pack_mm_for_cpu if rows.is_cpu else torch._weight_int4pack_mm
        return kernel(rows, self.packed, BLOCK, self.scale_zero)

    def unpack(self, dtype: torch.dtype) -> Float[Tensor, "d_out d_in"]:
        """Scale times code plus minimum."""
        rows = slice(self.out_features)
        nibbles = self.nibbles[rows].unflatten(1, (-1, BLOCK))  # (row, two groups, 32)
        groups = self.row_scales.shape[1]
        weights = torch.empty(self.out_features, groups, BLOCK, device=nibbles.device)
        weights[:, 0::2] = nibbles & 15
        weights[:, 1::2] = nibbles >> 4
        # (row, group, 1) each
        scale, zero = self.row_scales[rows, :, :, None].float().unbind(2)
        weights.mul_(scale).add_(zero - 8 * scale)
        return weights.flatten(1)[:, : self.in_features].to(dtype)

    @staticmethod
    def few() -> int:
        """More where bfloat16 has no instructions, but a single row where torch has no vectors."""
        if multiplies(torch.bfloat16):
            return 32
        return 48 if has_vector_kernels() else 1


def _shape(weight: Tensor | Q41Blocks) -> torch.Size:
    return weight.shape if isinstance(weight, Tensor) else weight.codes.shape


def _round_to_blocks(weight: Float[Tensor, "d_out d_in"]) -> Q41Blocks:
    """Q4_1 as ggml rounds to it: a group's smallest weight is code 0, its largest code 15."""
    filled = F.pad(weight.float(), (0, -weight.shape[1] % BLOCK))
    groups = filled.unflatten(1, (-1, BLOCK))
    low, high = groups.amin(dim=-1), groups.amax(dim=-1)
    scale = (high - low) / 15
    codes = (groups - low[..., None]) / torch.where(scale == 0, 1, scale)[..., None]
    return Q41Blocks(codes.round().to(torch.uint8).flatten(1), scale, low)


def _pack_for_kernel(codes: UInt8[Tensor, "d_out d_in"]) -> Tensor:
    if codes.is_cpu:
        return torch._convert_weight_to_int4pack_for_cpu(codes.int(), 1)
    tiles = next(tiles for tiles in (8, 4, 2) if codes.shape[1] % (16 * tiles) == 0)
    return torch._convert_weight_to_int4pack(codes[:, 0::2] << 4 | codes[:, 1::2], tiles)
