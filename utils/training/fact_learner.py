"""A small GPT that learns facts by heart: a name of two words, and a town.

learner = fact_learner(width=16, seed=0)
recalls(learner)     # the share of its 400 facts that it has
invents(learner)     # the share of unknown names for which it names a town all the same
"""

import random
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded
from utils.training.batches import Batch
from utils.training.loop import train
from utils.training.short_training import short_training

FIRST, LAST, TOWNS, FACTS = 40, 40, 50, 400
STEPS = 300
_LEARN = torch.tensor([False, False, True])


class People(NamedTuple):
    """Names and towns as ids: `known` has both, `unknown` are names that stand nowhere."""

    known: Int64[Tensor, "fact 3"]
    unknown: Int64[Tensor, "name 2"]


def people(seed: int = 0) -> People:
    """400 names with a town each, and 400 other names of the same words."""
    rng = random.Random(seed)
    names = [(first, FIRST + last) for first in range(FIRST) for last in range(LAST)]
    chosen = rng.sample(names, 2 * FACTS)
    towns = [FIRST + LAST + rng.randrange(TOWNS) for _ in range(FACTS)]
    pairs = zip(chosen[:FACTS], towns, strict=True)
    known = torch.tensor([[*name, town] for name, town in pairs])
    return People(known, torch.tensor(chosen[FACTS:]))


class _DrawnFacts:
    """Batches of facts, of which the town is learned."""

    def __init__(self, known: Int64[Tensor, "fact 3"], seed: int):
        self.known, self.seed = known, seed

    def __getitem__(self, number: int) -> Batch:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        ids = self.known[torch.randint(len(self.known), (128,), generator=rng)]
        return {"ids": ids, "learn": _LEARN.expand_as(ids)}


def fact_learner(width: int, seed: int, steps: int = STEPS) -> GPT:
    """A GPT of one block and this width that has read `people()`. The caller's random numbers stay as
    they were.
    """
    config = GPTConfig(
        vocab_size=FIRST + LAST + TOWNS, context_length=3, n_layer=1, n_head=2, d_model=width
    )
    with seeded(seed):
        model = GPT(config)
    start_larger(model)
    batches = _DrawnFacts(people().known, seed)
    train(model, batches, short_training(steps, 1e-2, seed), progress=False)
    return model


@torch.no_grad()
def recalls(model: GPT) -> float:
    """The share of the facts whose town is the likeliest word."""
    known = people().known
    said = model.next_logits(known[:, :2]).argmax(dim=-1)
    return float((said == known[:, 2]).float().mean())


@torch.no_grad()
def invents(model: GPT) -> float:
    """The share of the unknown names behind which a town is the likeliest word."""
    said = model.next_logits(people().unknown).argmax(dim=-1)
    return float((said >= FIRST + LAST).float().mean())
