"""The same token by many calls of torch and by one compiled call."""

from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from utils.compiled.token_pass import TokenPass
from utils.compiled.weight_table import Uncovered
from utils.model.gpt import GPT
from utils.model.stopwatch import fastest


class SideBySide(NamedTuple):
    """Tokens a second on this machine now, and how far the logits are apart, as a share of the
    largest one.
    """

    many_calls: float
    one_call: float
    apart: float


def side_by_side(model: GPT, ids: Int64[Tensor, "1 pos"], times: int = 10) -> SideBySide | None:
    """Write the token after `ids` in both ways; None where the compiled way is not open, as on a
    GPU.
    """
    before = ids.shape[1] - 1
    cache, token = model.new_cache(1, before + 2 + 2 * times), ids[:, -1:]
    with torch.inference_mode():
        model.next_logits(ids[:, :-1], cache=cache)
        by_calls = model.next_logits(token, cache=cache)
        cache.forget(before)
        try:
            passes = TokenPass(model, cache)
        except Uncovered:
            return None
        with passes as quick:
            apart = (quick.next_logits(token) - by_calls).abs().max() / by_calls.abs().max()
            one_call = fastest(lambda: quick.next_logits(token), times)
        many_calls = fastest(lambda: model.next_logits(token, cache=cache), times)
    return SideBySide(1 / many_calls, 1 / one_call, float(apart))
