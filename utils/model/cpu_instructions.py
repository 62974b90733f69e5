"""What this processor multiplies by instructions of its own, as far as torch and oneDNN make use of
them.

A product of bfloat16 matrices takes half the bytes, and on a processor with AVX512_BF16 or AMX
fewer instructions. On others torch has no kernel for it that is worth the name: it takes up to 80
times as long as in float32. So layers ask here which way to go. Numbers stay as they are in memory;
what changes is how they are multiplied.

torch and oneDNN can be told to leave instructions alone (ATEN_CPU_CAPABILITY, ONEDNN_MAX_CPU_ISA).
Both are asked, so that the answer is about what they will do. Each answer holds for the life of the
process, as they read these once.
"""

import os
import platform
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

HALF_TYPES = (torch.bfloat16, torch.float16)
_IS_ARM = platform.machine().lower() in ("arm64", "aarch64")
# With these limits oneDNN still takes bfloat16, and imitates the instructions that it may not use.
_LIMITS_WITHOUT_BFLOAT16 = ("AVX512_CORE", "AVX512_CORE_VNNI")


@cache
def multiplies(dtype: torch.dtype) -> bool:
    """Whether the CPU has instructions for products of matrices of this type, and oneDNN will use
    them.
    """
    if dtype not in HALF_TYPES:
        return True
    if not torch.backends.mkldnn.is_available():
        return False
    if dtype == torch.float16:
        with_float16: bool = torch.ops.mkldnn._is_mkldnn_fp16_supported()
        return with_float16
    return torch.ops.mkldnn._is_mkldnn_bf16_supported() and (_IS_ARM or _has_avx512_bf16())


@cache
def has_vector_kernels() -> bool:
    """Whether torch runs the kernels that it has for AVX2 or later, not those for any processor of
    the kind.
    """
    return torch.backends.cpu.get_cpu_capability() != "DEFAULT"


@cache
def reads_int8_quickly() -> bool:
    """Whether torch's kernel for 8-bit codes is written out for this processor; it has one for ARM
    as well.
    """
    return has_vector_kernels() or _IS_ARM


def is_widened(x: Tensor) -> bool:
    """Whether products with x are quicker in float32 than in the type that x has."""
    return x.is_cpu and not multiplies(x.dtype)


def matmul(
    a: Float[Tensor, "*batch row inner"], b: Float[Tensor, "*batch inner column"]
) -> Float[Tensor, "*batch row column"]:
    """a @ b in the type that both have, computed in float32 where that is quicker."""
    if is_widened(a):
        return (a.float() @ b.float()).to(a.dtype)
    return a @ b


def _has_avx512_bf16() -> bool:
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper()
    return torch.cpu._is_avx512_bf16_supported() and limit not in _LIMITS_WITHOUT_BFLOAT16
