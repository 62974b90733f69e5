"""When a text goes the compiled way: where it can, and where it is long enough to be worth it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from utils.model.gpt import GPT
from utils.model.kv_cache import KVCache

if TYPE_CHECKING:
    from utils.compiled.token_pass import TokenPass

# Weights that a text must read: less is done before numba is loaded.
WORTH = 1_000_000_000


def token_pass(
    model: GPT, kv_cache: KVCache, tokens: int
) -> AbstractContextManager[TokenPass | None]:
    """The compiled pass for the next `tokens` of a text; None where torch's way is the only one, or
    the quicker one.
    """
    weights = sum(parameter.numel() for parameter in model.parameters())
    weights += sum(buffer.numel() for buffer in model.buffers())
    if kv_cache.batch != 1 or weights * tokens < WORTH:
        return nullcontext()
    compiled = _module()
    if compiled is None:
        return nullcontext()
    try:
        passes: TokenPass = compiled.TokenPass(model, kv_cache)
    except (compiled.Uncovered, OSError):  # OSError: no room to keep what was compiled
        return nullcontext()
    return passes


@cache
def _module() -> ModuleType | None:
    """utils.compiled.token_pass; None where numba is missing or does not fit numpy or the system."""
    try:
        from utils.compiled import token_pass as module
    except (ImportError, OSError):
        return None
    return module
