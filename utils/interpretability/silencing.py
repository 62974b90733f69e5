"""Take one part of a model away at a time, and see what its last layers make of the rest.

A part is what the attention or the feed-forward layer of one block, or a single attention head,
adds to the residual stream.
Silenced, it adds 0 (zero ablation), or what it adds on average (mean ablation).
The layers behind it then read something that they never met in training, so
what breaks shows what the trained model leans on, and not what another model could do without.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from utils.model.config import check_layers
from utils.model.gpt import GPT
from utils.model.taps import trace

Part = Literal["attn", "mlp"]
Head = tuple[int, int]  # (layer, head)


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
    everywhere instead, as heads do that have nothing to do.
    """
    heads = torch.arange(model.config.n_head, device=ids.device)

    def looks_away(
        pattern: Float[Tensor, "batch head query key"],
    ) -> Float[Tensor, "batch head query key"]:
        pattern = pattern.clone()
        pattern[heads, heads] = 0  # row i of the batch does without head i
        pattern[heads, heads, :, 0] = float(rest)
        return pattern

    layers = range(model.config.n_layer)
    replaced = {layer: {"attn.pattern": looks_away} for layer in layers}
    streams = _streams_without_heads(model, ids, replaced)
    return torch.stack([model.unembed(stream[:, -1]).float() for stream in streams])


@torch.no_grad()
def losses_without_heads(
    model: GPT,
    ids: Int64[Tensor, " pos"],
    *,
    instead: Float[Tensor, "layer head d_head"] | None = None,
    layers: Iterable[int] | None = None,
    first: int = 1,
) -> Float[Tensor, "asked head"]:
    """The loss on a text, in nats per token, without one attention head at a time: a row for each of
    `layers`, or for every block.

    In place of what the head gathered stands 0, or its vector of `instead`, at all positions.
    `first`: the first token whose prediction counts. Raises ValueError for a layer that is not
    there, and for a text with no such token.
    """
    layers = tuple(range(model.config.n_layer) if layers is None else layers)
    check_layers(layers, model.config.n_layer)
    if not 1 <= first < len(ids):
        raise ValueError(
            f"first is {first}, and the text has {len(ids)} tokens; give a token from 1 to the "
            "last, that some token before it can predict."
        )
    heads = torch.arange(model.config.n_head, device=ids.device)
    config = model.config
    if instead is None:
        instead = torch.zeros(config.n_layer, config.n_head, config.d_head, device=ids.device)

    def gathers(layer: int, mixed: Tensor) -> Tensor:
        mixed = mixed.clone()  # (batch, head, pos, d_head): row i of the batch does without head i
        mixed[heads, heads] = instead[layer][:, None].to(mixed)
        return mixed

    replaced = {layer: {"attn.mixed": partial(gathers, layer)} for layer in layers}
    rows = []
    for stream in _streams_without_heads(model, ids, replaced):
        logits = model.unembed(stream[:, first - 1 : -1]).float()  # (head, pos, vocab)
        targets = ids[first:].expand(len(logits), -1)
        losses = cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        rows.append(losses.mean(dim=1))
    return torch.stack(rows)


def _streams_without_heads(
    model: GPT,
    ids: Int64[Tensor, " pos"],
    replaced: Mapping[int, Mapping[str, Callable[[Tensor], Tensor]]],
) -> Iterator[Float[Tensor, "head pos d_model"]]:
    """For each layer of `replaced` the stream after the final norm, a row for each head that is
    missing there, where the block's activations are replaced as the mapping says.

    What stands before the layer is computed once; its heads go through the layers behind it as one
    batch.
    """
    with trace(model) as whole:
        model.hidden(ids[None])
    n_head = model.config.n_head
    positions = torch.arange(len(ids), device=ids.device).expand(n_head, -1)
    for layer, replace in replaced.items():
        before = whole[f"blocks.{layer}.resid.pre"].expand(n_head, -1, -1)
        with trace(model.blocks[layer], replace=replace):
            stream = model.run_blocks(before, positions, first=layer)
        yield model.final_norm(stream)


def without_heads(
    model: GPT,
    heads: Iterable[Head],
    instead: Float[Tensor, "layer head d_head"] | None = None,
) -> trace:
    """A `with` block in which the model does without all of these heads, (layer, head) each.

    In place of what a head gathered stands 0, or its vector of `instead`. Raises ValueError for a
    head that is not there.
    """
    config = model.config
    of_layer: dict[int, list[int]] = {}
    for layer, head in heads:
        if not (0 <= layer < config.n_layer and 0 <= head < config.n_head):
            raise ValueError(
                f"there is no head {head} in layer {layer}: layers go from 0 to "
                f"{config.n_layer - 1}, heads from 0 to {config.n_head - 1}."
            )
        of_layer.setdefault(layer, []).append(head)

    def gathers(layer: int, mixed: Tensor) -> Tensor:
        mixed = mixed.clone()  # (batch, head, pos, d_head)
        for head in of_layer[layer]:
            mixed[:, head] = 0 if instead is None else instead[layer, head].to(mixed)
        return mixed

    replace = {f"blocks.{layer}.attn.mixed": partial(gathers, layer) for layer in of_layer}
    return trace(model, replace=replace)


@torch.no_grad()
def mean_gathered(
    model: GPT, texts: Iterable[Int64[Tensor, " _"]]
) -> Float[Tensor, "layer head d_head"]:
    """What each head gathers on average, over all tokens of some texts: the `instead` of mean
    ablation. Raises ValueError for no text.
    """
    config = model.config
    total, count = torch.zeros(config.n_layer, config.n_head, config.d_head), 0
    for ids in texts:
        with trace(model) as t:
            model.hidden(ids[None])
        for layer in range(config.n_layer):
            total[layer] += t[f"blocks.{layer}.attn.mixed"][0].sum(dim=1).cpu()
        count += len(ids)
    if not count:
        raise ValueError("no text was given: a mean needs one token at least.")
    return total / count
