"""Which parts of a model speak for one next token, and which for another: direct logit attribution.

The last residual stream is a sum: the embedding, what each head of each layer wrote, and what each
feed-forward layer wrote. The final norm divides the whole stream by one number and multiplies by a
gain; the unembedding takes dot products. With that one number held fixed all of this is linear, so
the difference of two logits is the sum of what each part adds to it, exactly. It says what a part
adds *directly*, at the last position, and nothing about what later parts make of it.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.rms_norm import RMSNorm
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class LogitDifference:
    """What each part adds to the logit of one token over that of another."""

    total: float  # as the model has it
    embedding: float
    heads: Float[Tensor, "layer head"]
    feed_forward: Float[Tensor, " layer"]

    def summed(self) -> float:
        """The sum of all parts."""
        return self.embedding + float(self.heads.sum()) + float(self.feed_forward.sum())


def head_writes(model: GPT, t: trace, layer: int) -> Float[Tensor, "batch head pos d_model"]:
    """What each head of a layer adds to the residual stream, in a run that `t` recorded.

    A bias of the output layer belongs to no head and is left out.
    """
    mixed = t[f"blocks.{layer}.attn.mixed"]  # (batch, head, pos, d_head)
    W_O = model.block(layer).attn.output.weight  # (d_model, head * d_head)
    of_head = W_O.unflatten(1, (mixed.shape[1], -1))  # (d_model, head, d_head)
    return torch.einsum("bhpd,mhd->bhpm", mixed, of_head)


@torch.no_grad()
def logit_difference(
    model: GPT, ids: Int64[Tensor, " pos"], token: int, other: int
) -> LogitDifference:
    """The logit of `token` minus that of `other` after a text, part by part.

    Raises ValueError for a model with LayerNorm or with biases in attention: there the parts above
    are not all.
    """
    config = model.config
    _check_kind(model)
    with trace(model) as t:
        logits = model.next_logits(ids[None])[0]
    stream = t[f"blocks.{config.n_layer - 1}.resid.post"][0, -1]
    direction = model.unembed.weight[token] - model.unembed.weight[other]
    direction = direction * _final_scale(model, stream)
    layers = range(config.n_layer)
    heads = [head_writes(model, t, layer)[0, :, -1] @ direction for layer in layers]
    feed_forward = [t[f"blocks.{layer}.mlp.out"][0, -1] @ direction for layer in layers]
    return LogitDifference(
        float(logits[token] - logits[other]),
        float(t["embed"][0, -1] @ direction),
        torch.stack(heads),
        torch.stack(feed_forward),
    )


def _check_kind(model: GPT) -> None:
    if not isinstance(model.final_norm, RMSNorm) or model.config.attn_bias:
        raise ValueError(
            "the logits are the sum of what heads and feed-forward layers add only in models with "
            "RMSNorm and without biases in attention, such as Llama's; this model is another."
        )


def _final_scale(model: GPT, stream: Float[Tensor, " d_model"]) -> Float[Tensor, " d_model"]:
    """What the final norm multiplies each number of this last stream by."""
    mean_square = stream.square().mean() + model.config.norm_eps
    scale: Tensor = model.final_norm.weight * torch.rsqrt(mean_square)
    return scale


@torch.no_grad()
def head_logits(model: GPT, t: trace, layer: int, head: int) -> Float[Tensor, " vocab"]:
    """What a head adds to each logit at the last position of a run that `t` recorded, beside what
    it adds to the mean token's. Raises ValueError as `logit_difference` does.
    """
    _check_kind(model)
    stream = t[f"blocks.{model.config.n_layer - 1}.resid.post"][0, -1]
    wrote = head_writes(model, t, layer)[0, head, -1] * _final_scale(model, stream)
    logits: Tensor = model.unembed(wrote).float()
    return logits - logits.mean()


def promoted_by_head(
    model: GPT, tok: Tokenizer, t: trace, layer: int, head: int, k: int = 5
) -> list[tuple[str, float]]:
    """The `k` tokens whose logits a head raises most at the last position of a run that `t`
    recorded, the most raised first, and by how much more than that of the mean token. Raises
    ValueError as `logit_difference` does.
    """
    return _strongest(tok, head_logits(model, t, layer, head), k, lowered=False)


def demoted_by_head(
    model: GPT, tok: Tokenizer, t: trace, layer: int, head: int, k: int = 5
) -> list[tuple[str, float]]:
    """As `promoted_by_head`, the `k` tokens whose logits the head lowers most, the most lowered
    first; the numbers are below zero.
    """
    return _strongest(tok, head_logits(model, t, layer, head), k, lowered=True)


def _strongest(
    tok: Tokenizer, logits: Float[Tensor, " vocab"], k: int, *, lowered: bool
) -> list[tuple[str, float]]:
    """The tokens with the `k` highest logits, or the lowest, as text."""
    most = logits.topk(k, largest=not lowered)
    return [
        (tok.decode([token]), value)
        for token, value in zip(most.indices.tolist(), most.values.tolist(), strict=True)
    ]
