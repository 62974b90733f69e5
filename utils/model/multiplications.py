"""How much work a computation is, counted in what does not depend on the machine: multiplications.

torch's FlopCounterMode counts the operations of matrix products, whoever asks for them: a lesson's
own lines, a layer, a backward pass. It does not know three operations of the CPU that our models use,
so those are told to it here.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode


def count_multiplications(run: Callable[[], object]) -> int:
    """The multiplications in all matrix products of `run()`; what is done number by number is not
    counted.
    """
    with FlopCounterMode(display=False, custom_mapping=_OF_THE_CPU) as counter:
        run()
    # each multiplication has its addition, and both are counted
    operations: int = counter.get_total_flops()
    return operations // 2


def _linear(x: Sequence[int], weight: Sequence[int], *_: Any, **__: Any) -> int:
    """x: (..., d_in), weight: (d_out, d_in)."""
    return 2 * torch.Size(x).numel() * weight[0]


def _attention(q: Sequence[int], k: Sequence[int], v: Sequence[int], *_: Any, **__: Any) -> int:
    """q: (batch, head, query, d_head); k and v: (batch, kv_head, key, d_head).

    The hidden half is computed too.
    """
    return 2 * torch.Size(q).numel() * (k[2] + v[2])


def _attention_backward(
    _grad: Sequence[int], q: Sequence[int], k: Sequence[int], v: Sequence[int], *_: Any, **__: Any
) -> int:
    """Two products for each of the forward pass, as when attention is written step by step.

    (The kernel makes the scores once more, to save memory. That is its own way, and not counted.)
    """
    return 2 * _attention(q, k, v)


_OF_THE_CPU: dict[Any, Callable[..., int]] = {
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: _attention_backward,
}
if hasattr(torch.ops.mkldnn, "_linear_pointwise"):
    _OF_THE_CPU[torch.ops.mkldnn._linear_pointwise] = _linear
