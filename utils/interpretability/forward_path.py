"""One text's whole way through a model, with every number on it: from its ids to the next token."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer

_LIKELIEST = 8


@dataclass(frozen=True)
class ForwardPath:
    """What one pass over one text has computed. Nothing here has a batch axis."""

    config: GPTConfig
    ids: tuple[int, ...]
    pieces: tuple[str, ...]  # the text of each token
    values: Mapping[str, Tensor]  # by the names of utils.model.taps.trace
    # the likeliest next token and its probability, if the model ended after this block
    lens: tuple[tuple[str, float], ...]
    logits: Float[Tensor, " vocab"]  # after the last token
    likeliest: tuple[tuple[str, float], ...]  # next tokens, with their probabilities

    def at(self, layer: int, name: str) -> Tensor:
        """An activation of one block: `at(7, "attn.pattern")` is (head, query, key)."""
        return self.values[f"blocks.{layer}.{name}"]

    def stream(self, layer: int, place: str = "resid.post") -> Float[Tensor, " d_model"]:
        """The last token's residual stream in one block."""
        return self.at(layer, place)[-1]


@torch.no_grad()
def forward_path(model: GPT, tok: Tokenizer, text: str) -> ForwardPath:
    """Run the model on one text, and keep everything. Raises ValueError if the text is empty, or too
    long for the model.
    """
    ids = tok.encode(text)
    if not ids:
        raise ValueError("the text is empty; type at least one character.")
    with trace(model) as t:
        logits = model.next_logits(torch.tensor([ids], device=model.device))[0].cpu()
    n_layer = model.config.n_layer
    streams = torch.stack([t[f"blocks.{layer}.resid.post"][0, -1] for layer in range(n_layer)])
    early = model.unembed(model.final_norm(streams)).float().softmax(dim=-1)
    return ForwardPath(
        config=model.config,
        ids=tuple(ids),
        pieces=tuple(tok.decode([id]) for id in ids),
        values={name: t[name][0].cpu() for name in t.names()},
        lens=_named(tok, *early.max(dim=-1)[::-1]),
        logits=logits,
        likeliest=_named(tok, *logits.softmax(dim=-1).topk(_LIKELIEST)[::-1]),
    )


def _named(tok: Tokenizer, ids: Tensor, probabilities: Tensor) -> tuple[tuple[str, float], ...]:
    words = [tok.decode([id]) for id in ids.tolist()]
    return tuple(zip(words, probabilities.tolist(), strict=True))
