"""A model with the text that it read last: a text that begins like it is read from where the two
part.

The keys and values of a beginning depend on nothing that comes after it. So twenty questions behind
the same examples need the examples read once, and a text into which something was inserted is read
on from there. Servers of language models call this prefix caching (Zheng et al. 2023, SGLang,
arXiv:2312.07104).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from utils.compiled.when import token_pass
from utils.model.gpt import GPT

if TYPE_CHECKING:
    from utils.compiled.token_pass import TokenPass


class Reader:
    """Reads texts, one after the other, and keeps the last one.

    `tokens_read` counts the tokens that went through the model. If the model's weights are changed,
    make a new Reader: what this one keeps is of the old ones.
    """

    def __init__(self, model: GPT, max_pos: int = 2048):
        """`max_pos`: how many tokens a text may have, at most the model's context length."""
        self.model, self.tokens_read = model, 0
        self.max_pos = min(max_pos, model.config.context_length)
        self._cache = model.new_cache(1, self.max_pos)
        self._kept: list[int] = []
        self._quick: TokenPass | None = None

    def next_logits(self, ids: Sequence[int]) -> Float[Tensor, " vocab"]:
        """The logits after a text of at least one token, on the CPU.

        Raises ValueError if it is empty, or longer than `max_pos`.
        """
        if not 1 <= len(ids) <= self.max_pos:
            raise ValueError(
                f"a text of {len(ids)} tokens was given; this reader takes 1 to {self.max_pos}."
            )
        same = takewhile(lambda pair: pair[0] == pair[1], zip(self._kept, ids, strict=False))
        # the last token is read anew even if it was read before, as its logits are not kept
        common = min(sum(1 for _ in same), len(ids) - 1)
        self._cache.forget(common)
        self._kept = list(ids[:common])
        logits = self._read(list(ids[common:]))
        self._kept = list(ids)
        return logits

    def _read(self, new: list[int]) -> Float[Tensor, " vocab"]:
        self.tokens_read += len(new)
        ids = torch.tensor([new])
        with torch.inference_mode():
            if self._quick is not None and len(new) == 1 and self._quick.fits(self._cache):
                return self._quick.next_logits(ids)[0]
            return self.model.next_logits(ids.to(self.model.device), cache=self._cache)[0].cpu()

    @contextmanager
    def writing(self, tokens: int) -> Iterator[None]:
        """Within it, single tokens take the compiled pass, where there is one and `tokens` of them
        are worth it (see utils.compiled.when).
        """
        with token_pass(self.model, self._cache, tokens) as quick:
            self._quick = quick
            try:
                yield
            finally:
                self._quick = None
