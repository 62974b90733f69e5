"""FLOPs of a training step, and of one more token, as torch counts them, operation by operation."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from utils.model.gpt import GPT
from utils.model.taps import trace


def counted_flops(loss: Callable[[], Tensor]) -> tuple[int, int]:
    """The FLOPs of `loss()`, and of it and its backward pass together.

    Only operations that torch has a formula for count: the fused attention of a CPU is not among
    them, so it counts as nothing. Under utils.model.taps.trace attention is computed step by step,
    and all its products count.
    """
    with FlopCounterMode(display=False) as counter:
        result = loss()
        forward = counter.get_total_flops()
        result.backward()
    return forward, counter.get_total_flops()


def counted_token_flops(model: GPT, context: int) -> int:
    """The FLOPs of the last token of a text of `context` tokens, when keys and values of all tokens
    before it are kept: the logits after it come with them.
    """
    cache = model.new_cache(1, context)
    cache.advance(context - 1)  # what stands there does not change the count
    token = torch.zeros(1, 1, dtype=torch.int64, device=model.device)
    # without gradients the layers multiply by ways of ours, which torch does not count
    with torch.enable_grad(), trace(model), FlopCounterMode(display=False) as counter:
        model.next_logits(token, None, cache)
    return int(counter.get_total_flops())
