"""A linear layer with several ways to the same numbers: torch's own, and quicker ones.

On the CPU in float32, where no gradient is asked for, torch hands a matrix product to MKL. MKL
multiplies a single row with one thread, and many rows slowly on processors that are not Intel's
(benchmarks/RESULTS.md). So

- a single row is multiplied as a batch: one small product for each slice of the weight, and threads
  share a batch;
- many rows, and a single row with a very large weight, go to oneDNN, which torch carries too.

Both read the weight where it lies, so that a change of the weight counts at once.

In bfloat16 and float16, a processor without instructions for them multiplies in float32, and the
result is rounded (utils/model/cpu_instructions.py). A single row goes to torch's kernel all the
same: that reads half the bytes, and wants nothing but vectors.
"""

from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32
from torch import Tensor, nn

from utils.model.cpu_instructions import has_vector_kernels, is_widened

_HAS_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(
    torch.ops.mkldnn, "_linear_pointwise"
)
_HAS_MKL = torch.backends.mkl.is_available()
_SLICES = 8
_WIDENED = 2**22  # numbers of a weight that are in float32 at a time
_LARGE = 2**24  # numbers in a weight; from here on oneDNN is quicker even for a single row


@runtime_checkable
class LinearLayer(Protocol):
    """What a model's linear layers can do: those below, and packed ones."""

    @property
    def weight(self) -> Tensor:
        """W, (d_out, d_in). RuntimeError where there are codes instead."""
        ...

    @property
    def bias(self) -> Tensor | None:
        """b, (d_out,)."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """x W^T + b: (..., d_in) -> (..., d_out)."""
        ...


class Linear(nn.Linear):
    """nn.Linear; x W^T + b for the last axis of x."""

    def forward(self, x: Float[Tensor, "... d_in"]) -> Float[Tensor, "... d_out"]:
        """Multiply, by whichever way is the quickest one here."""
        return linear(x, self.weight, self.bias)


def linear(
    x: Float[Tensor, "... d_in"],
    weight: Float[Tensor, "d_out d_in"],
    bias: Float[Tensor, " d_out"] | None = None,
) -> Float[Tensor, "... d_out"]:
    """x W^T + b, as F.linear gives it up to rounding."""
    if is_widened(x) and not _is_quick_row(x, weight):
        return linear_in_float32(x, weight, bias).to(x.dtype)
    plain = (
        x.dtype != torch.float32
        or weight.dtype != torch.float32
        or not x.is_cpu
        or torch.is_grad_enabled()
        or torch.compiler.is_compiling()  # torch.compile chooses for itself
    )
    if plain or not _HAS_ONEDNN:
        return F.linear(x, weight, bias)
    d_out, d_in = weight.shape
    if _HAS_MKL and x.numel() == d_in and d_out % _SLICES == 0 and d_out * d_in < _LARGE:
        return _in_slices(x, weight, bias)
    product: Tensor
    product = torch.ops.mkldnn._linear_pointwise.default(x, weight, bias, "none", [], "")
    return product


def linear_in_float32(
    x: Float[Tensor, "... d_in"],
    weight: Float[Tensor, "d_out d_in"],
    bias: Float[Tensor, " d_out"] | None = None,
) -> Float32[Tensor, "... d_out"]:
    """The same in float32, from a weight in a shorter type, of which only a part is widened at a
    time.
    """
    wide, rows = x.float(), max(1, _WIDENED // weight.shape[1])
    parts = [linear(wide, part.float()) for part in weight.split(rows)]
    out = parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)
    return out if bias is None else out + bias.float()


def _is_quick_row(x: Tensor, weight: Tensor) -> bool:
    return x.numel() == weight.shape[1] and has_vector_kernels()


def _in_slices(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    slices = weight.view(_SLICES, -1, x.shape[-1]).mT  # (slice, d_in, d_out / slice)
    out = torch.bmm(x.reshape(1, 1, -1).expand(_SLICES, -1, -1), slices).view(
        *x.shape[:-1], weight.shape[0]
    )
    return out if bias is None else out + bias
