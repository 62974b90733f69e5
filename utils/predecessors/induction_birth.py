"""Small nets of attention alone learn to continue what they have read before; what their heads look
at is read off every few steps of the training.

A text is a random segment of tokens, over and over. Nothing in the first copy can be predicted. In
the second everything can, by a net that looks for the earlier copy of the last token, and then at
the token behind it: an induction head (Elhage et al. 2021; Olsson et al., arXiv:2209.11895).
"""

import copy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.interpretability.attention_patterns import (
    induction_score,
    previous_token_score,
    repeated_random_ids,
)
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.model.taps import trace
from utils.predecessors.half_blocks import HalfGPT
from utils.seeding import seeded
from utils.training.batches import Batch
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.losses import token_losses

VOCAB, LENGTH = 64, 48  # tokens to choose from, and tokens of a text
SHORTEST, LONGEST = 12, 24  # of a segment


@dataclass(frozen=True)
class RepeatedSegments:
    """Endless numbered batches of texts, each a random segment of its own length, over and over."""

    batch_size: int = 48
    seed: int = 0

    def __getitem__(self, number: int) -> Batch:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        periods = torch.randint(SHORTEST, LONGEST + 1, (self.batch_size, 1), generator=rng)
        segments = torch.randint(VOCAB, (self.batch_size, LONGEST), generator=rng)
        return {"ids": segments.gather(1, torch.arange(LENGTH) % periods)}


def texts_to_test(texts: int = 32, period: int = LONGEST) -> Int64[Tensor, "text pos"]:
    """Segments of `period` different tokens, twice each: always the same, and none is trained on."""
    seeds = range(10_000, 10_000 + texts)
    return torch.stack([repeated_random_ids(VOCAB, period, seed) for seed in seeds])


def far_texts(texts: int = 32, distance: int = 36, segment: int = 12) -> Int64[Tensor, "text pos"]:
    """A segment, other tokens, and the segment once more, `distance` tokens after its first copy:
    further than any repetition of the training if that is above LONGEST.
    """
    seeds = range(20_000, 20_000 + texts)
    ids = torch.stack([repeated_random_ids(VOCAB, distance, seed)[:distance] for seed in seeds])
    return torch.cat([ids, ids[:, :segment]], dim=1)


class Reading(NamedTuple):
    """What a net does after so many steps, on `texts_to_test`.

    first, second: the mean loss, in nats, of the tokens of the first copy and of the second. Left
    out are the first tokens of both, as nothing says when the second copy begins. right: the share
    of the second copy that is the likeliest token. previous, induction: the scores of all heads.
    """

    step: int
    first: float
    second: float
    right: float
    previous: Float[Tensor, "layer head"]
    induction: Float[Tensor, "layer head"]


@torch.no_grad()
def read(model: GPT, ids: Int64[Tensor, "text pos"], step: int = 0) -> Reading:
    """The losses on texts of two copies, and the scores of the heads."""
    period = ids.shape[1] // 2
    with trace(model) as t:
        logits = model(ids[:, :-1])
    losses = token_losses(logits, ids[:, 1:])  # column i: the loss of token i + 1
    right = logits.argmax(dim=-1) == ids[:, 1:]
    heads = [t[f"blocks.{layer}.attn.pattern"] for layer in range(model.config.n_layer)]
    return Reading(
        step,
        first=float(losses[:, : period - 1].mean()),
        second=float(losses[:, period:].mean()),
        right=float(right[:, period:].float().mean()),
        previous=torch.stack([previous_token_score(one).mean(dim=0) for one in heads]),
        induction=torch.stack([induction_score(one, period).mean(dim=0) for one in heads]),
    )


@torch.no_grad()
def share_right(model: GPT, ids: Int64[Tensor, "text pos"], last: int) -> float:
    """The share of the `last` tokens of each text that are the likeliest ones."""
    right = model(ids[:, :-1]).argmax(dim=-1) == ids[:, 1:]
    return float(right[:, -last:].float().mean())


def without_look(model: GPT, layer: int, distance: int) -> trace:
    """A `with` block in which no head of the layer can see the token `distance` before its own.

    What goes there is lost, the other weights of the pattern stay as they are.
    """

    def blind(pattern: Tensor) -> Tensor:
        rows, columns = pattern.shape[-2:]
        looks_there = torch.ones(rows, columns, dtype=torch.bool).tril(-distance).triu(-distance)
        return pattern.masked_fill(looks_there, 0.0)

    return trace(model, replace={f"blocks.{layer}.attn.pattern": blind})


def new_attention_net(layers: int, seed: int) -> HalfGPT:
    """An untrained net with `layers` attention layers of four heads, and no feed-forward layers.

    Its matrices start four times as large as GPT-2's, which are made for wider models. The caller's
    random numbers stay as they were.
    """
    config = GPTConfig(
        vocab_size=VOCAB,
        context_length=LENGTH,
        n_layer=layers,
        n_head=4,
        d_model=64,
        attn_bias=False,
        tie_embedding=False,
    )
    with seeded(seed):
        net = HalfGPT(config, "attn")
    start_larger(net)
    return net


@dataclass(frozen=True)
class Birth:
    """A training, looked at every few steps: the readings, and the nets as they were then."""

    readings: list[Reading]
    nets: list[GPT]


@torch.enable_grad()
def watch_training(
    net: GPT, steps: int, *, every: int = 8, seed: int = 0, rate: float | int = 0.003
) -> Birth:
    """Train a net on repeated segments, and look at it before the first step, after every `every`
    steps, and after the last. The texts of the training depend on `seed`.
    """
    ids, birth = texts_to_test(), Birth([], [])

    def look(model: torch.nn.Module) -> float:
        assert isinstance(model, GPT)
        birth.nets.append(copy.deepcopy(model))
        step = every * len(birth.readings)
        birth.readings.append(read(model, ids, min(step, steps)))
        return birth.readings[-1].second

    config = TrainConfig(
        steps=steps,
        learning_rate=rate,
        warmup_steps=min(30, steps - 1),
        floor=1.0,
        weight_decay=0.01,
        betas=(0.9, 0.98),
        seed=seed,
        evaluate_every=every,
    )
    train(net, RepeatedSegments(seed=seed), config, evaluate=look, progress=False)
    return birth
