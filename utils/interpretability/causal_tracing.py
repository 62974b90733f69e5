"""Causal tracing: where in the model is a fact? (Meng et al. 2022, section 2, arXiv:2202.05262)

1. Run the prompt, and keep every hidden state: the model knows the answer.
2. Run it again with noise on the subject's embeddings: the model does not know it any more.
3. Run it with the noise once more, but put one hidden state of the first run back, at one layer and
   one token. If the answer comes back, that state carries the fact.

Step 3 is done for every layer and token; all tokens of one layer run as one batch.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from utils.interpretability.facts import Fact, read_fact
from utils.model.config import check_layers
from utils.model.gpt import GPT
from utils.model.taps import trace
from utils.text.tokenizer import Tokenizer

Kind = Literal["resid.post", "mlp.out", "attn.out"]


@dataclass(frozen=True)
class FactTrace:
    """What causal tracing measured.

    Probabilities are those of the answer's first token, after the whole prompt.
    """

    pieces: tuple[str, ...]  # of the prompt
    subject: range  # the positions of the subject's tokens
    answer: str  # the text of the answer's first token
    layers: tuple[int, ...]  # of the rows of `restored`
    kind: Kind
    window: int
    clean: float
    corrupted: float  # with noise on the subject, as a mean over the samples of noise
    restored: Float[Tensor, "layer pos"]  # and with one state put back

    def strongest(self) -> tuple[int, int]:
        """The layer and the position where putting a state back restores most.

        Of resid.post that is the last token in the last layer, or near it: what stands there is the
        answer itself.
        """
        row, position = divmod(int(self.restored.argmax()), self.restored.shape[1])
        return self.layers[row], position


@torch.no_grad()
def trace_fact(
    model: GPT,
    tok: Tokenizer,
    prompt: str,
    subject: str,
    answer: str,
    kind: Kind = "resid.post",
    *,
    window: int = 1,
    layers: Iterable[int] | None = None,
    samples: int = 6,
    noise: float | int = 3.0,
    seed: int = 0,
) -> FactTrace:
    """Trace a fact; an `answer` of several tokens is judged by its first. See
    `utils.interpretability.facts.read_fact` for the words.

    `kind`: which states are put back: the whole residual stream after a block, or what its
    feed-forward or attention part adds. `window`: in how many layers at once, with the named layer
    in the middle (Meng et al. take 1 for resid.post, and 10 for the other two, in a model of 48
    layers: one of them alone seldom shows).
    `layers`: the rows of the result, all if not given. `noise`: its standard deviation, counted in
    standard deviations of the model's embeddings. `samples` draws of it, from `seed`, the same for
    every state.
    """
    fact = read_fact(tok, prompt, subject, answer)
    layers = tuple(range(model.config.n_layer) if layers is None else layers)
    _check(model, kind, window, layers, samples, noise)
    clean = _Run(model, fact, torch.zeros(1, len(fact.subject), model.config.d_model))
    corrupted = _Run(model, fact, _draw_noise(model, fact, samples, noise, seed))
    restored = [
        _restore(model, fact, clean, corrupted, kind, _window(layer, window, model))
        for layer in layers
    ]
    before = (fact.pieces, fact.subject, tok.decode(fact.answer[:1]), layers, kind, window)
    return FactTrace(
        *before,
        float(clean.probability),
        float(corrupted.probability.mean()),
        torch.stack(restored).cpu(),
    )


def _check(
    model: GPT, kind: str, window: int, layers: tuple[int, ...], samples: int, noise: float | int
) -> None:
    if kind not in ("resid.post", "mlp.out", "attn.out"):
        raise ValueError(f"kind is {kind!r}; choose 'resid.post', 'mlp.out' or 'attn.out'.")
    if not 1 <= window <= model.config.n_layer:
        raise ValueError(
            f"window is {window}; give a number of layers from 1 to {model.config.n_layer}."
        )
    check_layers(layers, model.config.n_layer)
    if samples < 1 or noise <= 0:
        raise ValueError(
            f"{samples} samples of noise {noise} were asked for; give at least 1, and noise above "
            "0."
        )


def _draw_noise(
    model: GPT, fact: Fact, samples: int, noise: float | int, seed: int
) -> Float[Tensor, "batch subject d_model"]:
    # Drawn on the CPU, so that all devices see the same noise.
    drawn = torch.randn(
        samples,
        len(fact.subject),
        model.config.d_model,
        generator=torch.Generator().manual_seed(seed),
    )
    return drawn * noise * float(model.embed.weight.std())


class _Run:
    """One run of the prompt with something added to the subject's embeddings, and what it left
    behind.
    """

    def __init__(self, model: GPT, fact: Fact, added: Float[Tensor, "batch subject d_model"]):
        ids = torch.tensor([fact.ids] * len(added), device=model.device)
        with trace(model, replace={"embed": partial(_add, fact.subject, added)}) as self.states:
            logits = model.next_logits(ids)
        self.probability = logits.softmax(dim=-1)[:, fact.answer[0]]


def _add(subject: range, added: Tensor, embed: Tensor) -> Tensor:
    noisy = embed.clone()
    noisy[:, subject.start : subject.stop] += added.to(embed)
    return noisy


def _window(layer: int, width: int, model: GPT) -> range:
    """`width` layers with `layer` in the middle, as far as the model has them."""
    first = layer - (width - 1) // 2
    return range(max(0, first), min(model.config.n_layer, first + width))


def _restore(
    model: GPT, fact: Fact, clean: _Run, corrupted: _Run, kind: Kind, window: range
) -> Float[Tensor, " pos"]:
    """P(answer) when the states of `window` are put back at one position, for every position.

    A token before the subject has seen no noise, so there is nothing to put back. The others are
    one batch: each sample of noise once for each position, from the first layer of the window on.
    """
    positions = torch.arange(fact.subject.start, len(fact.ids))
    noisy = corrupted.states[f"blocks.{window[0]}.resid.pre"]  # (sample, pos, d_model)
    samples = len(noisy)
    with ExitStack() as stack:
        for layer in window:
            true = clean.states[f"blocks.{layer}.{kind}"][0]
            put_back = partial(_put_back, true, positions.repeat_interleave(samples))
            stack.enter_context(trace(model.blocks[layer], replace={kind: put_back}))
        last = _run_on(model, noisy.repeat(len(positions), 1, 1), window[0])
    p = model.unembed(last).float().softmax(dim=-1)[:, fact.answer[0]]
    found: Tensor = corrupted.probability.mean().repeat(len(fact.ids))
    found[positions] = p.view(len(positions), samples).mean(dim=1)
    return found


def _put_back(true: Float[Tensor, "pos d_model"], positions: Tensor, state: Tensor) -> Tensor:
    mixed, rows = state.clone(), torch.arange(len(state))
    mixed[rows, positions] = true[positions]
    return mixed


def _run_on(
    model: GPT, x: Float[Tensor, "batch pos d_model"], layer: int
) -> Float[Tensor, "batch d_model"]:
    """The last position's final state, given the residual stream before block `layer`."""
    positions = torch.arange(x.shape[1], device=x.device).expand(len(x), -1)
    last: Tensor = model.final_norm(model.run_blocks(x, positions, first=layer)[:, -1])
    return last
