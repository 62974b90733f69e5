"""What excites a neuron of a feed-forward layer, and what it writes when it is excited.

Neuron i of a layer is a key and a value: it is excited by what its row of the first matrix looks
for (its activation is blocks.N.mlp.act), and then adds its column of the last matrix to the
residual stream (Geva et al. 2021, arXiv:2012.14913). In a SwiGLU layer an activation may be far
below zero too, and then the neuron writes the opposite.

The first token of a text is left out everywhere: many heads rest there, and its activations say
little about the text.
"""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice

import torch
from jaxtyping import Float
from torch import Tensor, nn

from utils.model.config import check_layer
from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer

_MOST_TOKENS = 256  # longer texts are read in pieces
_BATCH = 8


@dataclass(frozen=True)
class Place:
    """A place where a neuron was excited: the token, the text around it, and how much."""

    activation: float
    before: str
    piece: str
    after: str


@dataclass(frozen=True)
class Selective:
    """A neuron that tells two kinds of texts apart: see `selective_neurons`."""

    neuron: int
    correlation: float
    positive: float  # the mean of the texts' largest activations, in the one kind
    negative: float  # and in the other


def top_contexts(
    model: GPT,
    tok: Tokenizer,
    texts: Iterable[str],
    layer: int,
    neurons: Sequence[int],
    k: int = 5,
    around: int = 8,
) -> dict[int, list[Place]]:
    """For each neuron the `k` tokens of the texts that excite it most, with `around` tokens before
    and after.

    The texts are read in batches, and nothing but the best places is kept. Raises ValueError for a
    neuron or a layer that does not exist.
    """
    _check(model, layer, neurons)
    best: dict[int, list[Place]] = {neuron: [] for neuron in neurons}
    for ids, activations in neuron_activations(model, tok, texts, layer):
        for neuron, found in best.items():
            here = activations[:, neuron].topk(min(k, len(activations)))
            new = [
                _place(tok, ids, 1 + place, value, around)
                for place, value in zip(here.indices.tolist(), here.values.tolist(), strict=True)
            ]
            best[neuron] = nlargest(k, found + new, key=lambda one: one.activation)
    return best


def _place(tok: Tokenizer, ids: list[int], position: int, activation: float, around: int) -> Place:
    before, after = (
        ids[max(0, position - around) : position],
        ids[position + 1 : position + 1 + around],
    )
    return Place(activation, tok.decode(before), tok.decode([ids[position]]), tok.decode(after))


def selective_neurons(
    model: GPT,
    tok: Tokenizer,
    positive_texts: Sequence[str],
    negative_texts: Sequence[str],
    layer: int,
    k: int = 5,
) -> list[Selective]:
    """The `k` neurons of a layer that prefer the positive texts most.

    The measure: a text's excitement is its largest activation over its tokens; a neuron's score is
    the correlation (Pearson's) of excitement with the kind of the text, 1 or 0. A score of 1
    separates the kinds perfectly, 0 says nothing. With few texts some of the many neurons do well
    by chance: try the best on texts of their own.
    """
    _check(model, layer, ())
    positive, negative = (
        _excitement(model, tok, texts, layer) for texts in (positive_texts, negative_texts)
    )
    both = torch.cat([positive, negative])  # (text, d_mlp)
    kind = torch.cat([torch.ones(len(positive)), torch.zeros(len(negative))]).to(both)
    spread = both.std(dim=0, correction=0) * kind.std(correction=0)
    covariance = ((both - both.mean(dim=0)) * (kind - kind.mean())[:, None]).mean(dim=0)
    # a neuron that never changes prefers nothing
    correlation = torch.where(spread > 0, covariance / spread, 0)
    best = correlation.topk(min(k, len(correlation))).indices.tolist()
    means = positive.mean(dim=0), negative.mean(dim=0)
    return [
        Selective(i, float(correlation[i]), float(means[0][i]), float(means[1][i])) for i in best
    ]


def _excitement(
    model: GPT, tok: Tokenizer, texts: Sequence[str], layer: int
) -> Float[Tensor, "text d_mlp"]:
    if not texts:
        raise ValueError("one kind of texts is empty: give at least one text of each kind.")
    # In any order: whoever asks compares one kind with the other.
    largest = [
        activations.max(dim=0).values
        for _, activations in neuron_activations(model, tok, texts, layer)
    ]
    if len(largest) != len(texts):
        raise ValueError(
            f"a text must have from 2 to {_MOST_TOKENS} tokens: shorten the long ones, drop the "
            "empty ones."
        )
    return torch.stack(largest)


def promoted_tokens(
    model: GPT, tok: Tokenizer, layer: int, neuron: int, k: int = 10
) -> list[tuple[str, float]]:
    """The tokens whose scores an excited neuron raises most, with how much.

    The neuron's value vector, scaled as the final norm scales each direction, times the unembedding
    (Geva et al. 2022, arXiv:2203.14680). What later layers make of it is left out, so this says
    most in late layers.
    """
    _check(model, layer, (neuron,))
    with torch.no_grad():
        value = model.block(layer).mlp.down.weight[:, neuron]
        if model.config.norm == "layernorm":
            value = value - value.mean()
        top = model.unembed(value * model.final_norm.weight).float().topk(k)
    return [
        (tok.decode([token]), score)
        for token, score in zip(top.indices.tolist(), top.values.tolist(), strict=True)
    ]


def neuron_activations(
    model: GPT, tok: Tokenizer, texts: Iterable[str], layer: int
) -> Iterator[tuple[list[int], Float[Tensor, "pos d_mlp"]]]:
    """The ids of each text, and the activations of a layer's neurons at all its tokens but the
    first; in any order.

    Texts of more than 256 tokens come in pieces of this length; those of less than 2 tokens are
    left out.
    """
    part = _first_blocks(model, layer + 1)
    for rows in _batches(_pieces(model, tok, texts)):
        ids, _ = pad(rows, "right")
        with torch.no_grad(), trace(part.block(layer).mlp) as t:
            part.hidden(ids.to(model.device))
        for row, activations in zip(rows, t["act"], strict=True):
            yield row, activations[1 : len(row)]


def _pieces(model: GPT, tok: Tokenizer, texts: Iterable[str]) -> Iterator[list[int]]:
    length = min(_MOST_TOKENS, model.config.context_length)
    for text in texts:
        ids = tok.encode(text)
        yield from (
            ids[at : at + length] for at in range(0, len(ids) - 1, length) if len(ids) - at > 1
        )


def _batches(rows: Iterable[list[int]]) -> Iterator[list[list[int]]]:
    """Rows of about one length together, among those that come near each other: padding costs time."""
    rows = iter(rows)
    while near := sorted(islice(rows, 16 * _BATCH), key=len):
        yield from (near[at : at + _BATCH] for at in range(0, len(near), _BATCH))


def _first_blocks(model: GPT, n_blocks: int) -> GPT:
    """The same model without its later blocks, and with the same weights: what comes after a layer
    need not run.
    """
    part = copy.copy(model)
    part._modules = dict(model._modules)
    part.blocks = nn.ModuleList(model.blocks[:n_blocks])
    return part


def _check(model: GPT, layer: int, neurons: Sequence[int]) -> None:
    check_layer(layer, model.config.n_layer)
    for neuron in neurons:
        if not 0 <= neuron < model.config.d_mlp:
            raise ValueError(
                f"there is no neuron {neuron}: give one from 0 to {model.config.d_mlp - 1}."
            )
