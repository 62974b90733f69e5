"""The same blocks with other masks: an encoder, and a language model with a prefix.

encoder = Encoder(config)        # every position sees the whole text, as in BERT
model = PrefixGPT(config, 5)     # the first 5 see each other, the others what is before them
"""

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.kv_cache import KVCache
from utils.model.masks import full_mask, prefix_mask


class Encoder(GPT):
    """A GPT without the causal mask, as BERT is (Devlin et al., arXiv:1810.04805): every position
    may look at every real token.

    Padding may stand on either side; positions count real tokens only.
    """

    def layout(
        self,
        ids: Int64[Tensor, "batch pos"],
        real: Bool[Tensor, "batch pos"] | None,
        cache: KVCache | None,
    ) -> tuple[Int64[Tensor, "batch pos"], Bool[Tensor, "batch 1 pos key"] | None]:
        """The position number of each token, and the keys that it may look at.

        ValueError with a cache: what was read before would have to see what comes now.
        """
        _refuse_cache(cache, "an encoder")
        batch, pos = ids.shape
        everything = full_mask(pos, ids.device).expand(batch, -1, -1, -1)
        if real is None:
            return torch.arange(pos, device=ids.device).expand(batch, pos), everything
        positions = (real.cumsum(dim=1) - 1).clamp(min=0)
        # a padding token may look at itself only: a row of -inf alone would turn into NaN
        itself = torch.eye(pos, dtype=torch.bool, device=ids.device)
        return positions, (everything & real[:, None, None, :]) | itself


class PrefixGPT(GPT):
    """A GPT that sees all of the first `prefix` tokens at once, and the others one after the other
    (Raffel et al., arXiv:1910.10683, figure 4).
    """

    def __init__(self, config: GPTConfig, prefix: int):
        super().__init__(config)
        self.prefix = prefix

    def layout(
        self,
        ids: Int64[Tensor, "batch pos"],
        real: Bool[Tensor, "batch pos"] | None,
        cache: KVCache | None,
    ) -> tuple[Int64[Tensor, "batch pos"], Bool[Tensor, "batch 1 pos key"] | None]:
        """The same with the prefix open. ValueError with a cache, and with padding."""
        _refuse_cache(cache, "a model with a prefix")
        if real is not None:
            raise ValueError(
                "a model with a prefix was given `real`: padding would be part of the prefix, so "
                "give texts of one length, without `real`."
            )
        batch, pos = ids.shape
        mask = prefix_mask(self.prefix, pos, ids.device)
        return torch.arange(pos, device=ids.device).expand(batch, pos), mask.expand(
            batch, -1, -1, -1
        )


def _refuse_cache(cache: KVCache | None, what: str) -> None:
    if cache is not None:
        raise ValueError(
            f"{what} was given a cache, but every token changes what those before it see: give the "
            "whole text at once, without a cache."
        )
