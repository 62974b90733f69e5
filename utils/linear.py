"""A linear layer with two ways to the same numbers: torch's own, and oneDNN's kernel where nobody asks for gradients.

On the CPU in float32, torch hands a matrix product to MKL. MKL multiplies a single row with one thread, and many rows
slowly on processors that are not Intel's; oneDNN, which torch carries too, does neither (benchmarks/RESULTS.md). Its
operator reads the weight where it lies, so that a change of the weight counts at once, but has no backward pass.

Small matrices leave it waiting for memory. So the layers that read the same vector (query, key and value; gate and up)
may lie side by side in memory: then they are one product, and each is still a layer with a weight of its own.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

_HAS_ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


class Linear(nn.Linear):
    """nn.Linear; x W^T + b for the last axis of x."""

    def forward(self, x: Float[Tensor, "... d_in"]) -> Float[Tensor, "... d_out"]:
        """Multiply, by whichever kernel is the quicker one here."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b, as F.linear gives it up to rounding; x: (..., d_in), weight: (d_out, d_in)."""
    if _is_for_onednn(x, weight):
        return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return F.linear(x, weight, bias)


def _is_for_onednn(x: Tensor, weight: Tensor) -> bool:
    floats = x.dtype == weight.dtype == torch.float32
    return _HAS_ONEDNN and floats and x.is_cpu and not torch.is_grad_enabled()


def lay_side_by_side(layers: Sequence[Linear]) -> Tensor:
    """Move the layers' weights into one tensor (d_out of all, d_in), which is given back; they become parts of it."""
    whole = torch.cat([layer.weight.detach() for layer in layers])
    for layer, part in zip(layers, whole.split([layer.out_features for layer in layers]), strict=True):
        layer.weight.data = part
    return whole


def apply_side_by_side(x: Tensor, layers: Sequence[nn.Module], whole: Tensor | None) -> tuple[Tensor, ...]:
    """What each layer makes of x; in one product if `whole` is what `lay_side_by_side` gave, and still holds them."""
    if whole is None or not _is_for_onednn(x, whole) or not _are_parts(layers, whole):
        return tuple(layer(x) for layer in layers)
    biases = [layer.bias for layer in layers if layer.bias is not None]
    together = linear(x, whole, torch.cat(biases) if biases else None)
    return together.split([layer.out_features for layer in layers], dim=-1)


def _are_parts(layers: Sequence[nn.Module], whole: Tensor) -> bool:
    """Whether the weights still lie in `whole`, one after the other, and nothing watches or replaces a layer."""
    address = whole.data_ptr()
    for layer in layers:
        plain = type(layer) is Linear and not layer._forward_hooks and not layer._forward_pre_hooks
        if not plain or layer.weight.data_ptr() != address:
            return False
        address += layer.weight.numel() * layer.weight.element_size()
    return True
