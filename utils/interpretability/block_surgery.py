"""Take the blocks of a model apart and put them together in another order: leave some out, exchange
two, run some twice or backwards. The weights stay as they are, and so does the model that they came
from.

    shorter = rearranged(model, skipped(30, 12, 14))     # without the blocks 12, 13 and 14
    generate(shorter, tok, "The capital of France is")

A block reads and writes the residual stream, and all streams have the same width: so any order runs.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import TypeVar

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.model.config import check_layer, check_layers
from utils.model.gpt import GPT, Block
from utils.model.padding import pad
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer

Order = list[int]
Module = TypeVar("Module", bound=nn.Module)


def skipped(n_layer: int, first: int, last: int) -> Order:
    """All blocks but those from `first` to `last`."""
    check_range(n_layer, first, last)
    if last - first + 1 == n_layer:
        raise ValueError(
            f"blocks {first} to {last} are all that the model has, so none would be left: skip "
            "fewer of them."
        )
    return [*range(first), *range(last + 1, n_layer)]


def swapped(n_layer: int, first: int, last: int) -> Order:
    """All blocks, with these two in each other's place."""
    check_range(n_layer, first, last)
    order = list(range(n_layer))
    order[first], order[last] = last, first
    return order


def repeated(n_layer: int, first: int, last: int) -> Order:
    """All blocks, and those from `first` to `last` once more behind themselves."""
    check_range(n_layer, first, last)
    return [*range(last + 1), *range(first, n_layer)]


def backwards(n_layer: int, first: int, last: int) -> Order:
    """All blocks, those from `first` to `last` in the opposite order."""
    check_range(n_layer, first, last)
    return [*range(first), *range(last, first - 1, -1), *range(last + 1, n_layer)]


OPERATIONS: dict[str, Callable[[int, int, int], Order]] = {
    "skip": skipped,
    "swap": swapped,
    "repeat": repeated,
    "reverse": backwards,
}


def check_range(n_layer: int, first: int, last: int) -> None:
    """Raise ValueError unless these are two of a model's blocks, in this order or the same."""
    check_layer(first, n_layer)
    check_layer(last, n_layer)
    if first > last:
        raise ValueError(
            f"the blocks from {first} to {last} were asked for; give the lower number first."
        )


def rearranged(model: GPT, order: Sequence[int]) -> GPT:
    """A model that runs these blocks of `model` in this order, each as often as it is named.

    It shares the weights, and `model` stays as it is. Each block gets its own place in a cache.
    Raises ValueError if `order` is empty or names a block that is not there.
    """
    check_layers(order, model.config.n_layer)
    other = _shallow(model)
    other.config = replace(model.config, n_layer=len(order))
    other.blocks = nn.ModuleList(
        _at_place(model.block(layer), place) for place, layer in enumerate(order)
    )
    return other


def _at_place(block: Block, place: int) -> Block:
    """The same block, for another place in the cache. What can be traced is there twice, then."""
    moved = _shallow(block)
    moved.attn, moved.mlp = _shallow(block.attn), _shallow(block.mlp)
    moved.attn.layer = place
    return moved


def _shallow(module: Module) -> Module:
    """Another module of the same parts: one of them can be exchanged in it alone."""
    other = copy(module)
    other._modules = dict(module._modules)
    return other


def read_texts(
    tok: Tokenizer, texts: Sequence[str]
) -> tuple[Int64[Tensor, "text pos"], Bool[Tensor, "text pos"]]:
    """The ids of several texts as one batch, and which of them are real and no padding."""
    return pad([tok.encode(text) for text in texts], "right")


def text_losses(
    logits: Float[Tensor, "text pos vocab"],
    ids: Int64[Tensor, "text pos"],
    real: Bool[Tensor, "text pos"],
) -> Float[Tensor, " text"]:
    """The mean loss of each text, in nats per token; the first token has nothing before it."""
    predicted = logits[:, :-1].transpose(1, 2)  # (text, vocab, pos - 1)
    losses = F.cross_entropy(predicted, ids[:, 1:], reduction="none")
    learned = real[:, 1:]
    return losses.masked_fill(~learned, 0.0).sum(dim=1) / learned.sum(dim=1)


@torch.no_grad()
def logits_with_noise(
    model: GPT,
    ids: Int64[Tensor, "text pos"],
    layer: int,
    seed: int,
    places: slice = slice(None),
) -> Float[Tensor, "text pos vocab"]:
    """The logits when one block adds, to each token, a random vector in place of its own, of the
    same length: a control for what is lost with the block, and what by any other vector there.
    `places`: only to the tokens at these positions; the others get what the block gives.

    Raises ValueError for a layer that is not there.
    """
    check_layer(layer, model.config.n_layer)
    with trace(model) as whole:
        model.hidden(ids)
    before, after = whole[f"blocks.{layer}.resid.pre"], whole[f"blocks.{layer}.resid.post"]
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randn(before.shape, generator=rng).to(before)
    length = (after - before).norm(dim=-1, keepdim=True)
    changed = after.clone()
    changed[:, places] = (before + noise * length / noise.norm(dim=-1, keepdim=True))[:, places]
    positions = torch.arange(ids.shape[1], device=ids.device).expand(len(ids), -1)
    stream = model.run_blocks(changed, positions, first=layer + 1)
    return model.unembed(model.final_norm(stream)).float()
