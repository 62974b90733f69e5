"""Take one part of a model away at a time, and see what its last layers make of the rest.

A part is what the attention or the feed-forward layer of one block, or a single attention head,
adds to the residual stream.
Silenced, it adds 0. The layers behind it then read something that they never met in training, so
what breaks shows what the trained model leans on, and not what another model could do without.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.model.config import check_layers
from utils.model.gpt import GPT
from utils.model.taps import trace

Part = Literal["attn", "mlp"]


@torch.no_grad()
def silenced_logits(
    model: GPT, ids: Int64[Tensor, "batch pos"], part: Part, layers: Iterable[int] | None = None
) -> Iterator[Float[Tensor, "batch pos vocab"]]:
    """The logits without the attention ("attn") or the feed-forward ("mlp") part of one block, for
    each of `layers` in turn, or for every block.

    What stands before the silenced block is computed once. Raises ValueError for a layer that is
    not there.
    """
    layers = tuple(range(model.config.n_layer) if layers is None else layers)
    check_layers(layers, model.config.n_layer)
    with trace(model) as whole:
        model.hidden(ids)
    positions = torch.arange(ids.shape[1], device=ids.device).expand(len(ids), -1)
    for layer in layers:
        with trace(model.blocks[layer], replace={f"{part}.out": torch.zeros_like}):
            stream = model.run_blocks(whole[f"blocks.{layer}.resid.pre"], positions, first=layer)
        yield model.unembed(model.final_norm(stream)).float()


@torch.no_grad()
def next_logits_without_heads(
    model: GPT, ids: Int64[Tensor, " pos"], *, rest: bool = False
) -> Float[Tensor, "layer head vocab"]:
    """The logits after the last token of a text, without one attention head at a time.

    A silenced head looks at nothing and adds 0. With `rest` it looks at the text's first token from
    everywhere instead, as heads do that have nothing to do. All heads of a layer go through the
    layers behind them as one batch.
    """
    heads = torch.arange(model.config.n_head, device=ids.device)

    def looks_away(
        pattern: Float[Tensor, "batch head query key"],
    ) -> Float[Tensor, "batch head query key"]:
        pattern = pattern.clone()
        pattern[heads, heads] = 0  # row i of the batch does without head i
        pattern[heads, heads, :, 0] = float(rest)
        return pattern

    with trace(model) as whole:
        model.hidden(ids[None])
    positions = torch.arange(len(ids), device=ids.device).expand(len(heads), -1)
    found = []
    for layer, block in enumerate(model.blocks):
        before = whole[f"blocks.{layer}.resid.pre"].expand(len(heads), -1, -1)
        with trace(block, replace={"attn.pattern": looks_away}):
            stream = model.run_blocks(before, positions, first=layer)
        found.append(model.unembed(model.final_norm(stream[:, -1])).float())
    return torch.stack(found)
