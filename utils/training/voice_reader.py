"""A small GPT that reads orders of utils.data.two_voices: an owner's command, and a text.

reader = voice_reader(("bare",), seed=0)
write(reader, ("shout", "red", "sun", "="))      # RED SUN .
"""

import random
from collections.abc import Sequence

import torch
from jaxtyping import Int64
from torch import Tensor

from utils.data.two_voices import END, SYMBOLS, Draw, orders
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded
from utils.training.batches import Batch
from utils.training.loop import train
from utils.training.short_training import short_training

CONTEXT, STEPS, BATCH = 24, 500, 64
_ID = {symbol: id for id, symbol in enumerate(SYMBOLS)}


class _DrawnOrders:
    """Endless numbered batches of orders, of which only the reply is learned."""

    def __init__(self, draw: Draw, seed: int):
        self.draw, self.seed = draw, seed

    def __getitem__(self, number: int) -> Batch:
        rng = random.Random(self.seed * 1_000_003 + number)
        rows = [self.draw(rng) for _ in range(BATCH)]
        longest = max(len(row.prompt) + len(row.reply) for row in rows)
        ids: list[list[int]] = []
        learn: list[list[bool]] = []
        for row in rows:
            fill = longest - len(row.prompt) - len(row.reply)
            ids.append([_ID[word] for word in row.prompt + row.reply] + [_ID[END]] * fill)
            learn.append([False] * len(row.prompt) + [True] * len(row.reply) + [False] * fill)
        return {"ids": torch.tensor(ids), "learn": torch.tensor(learn)}


def voice_reader(ways: tuple[str, ...], seed: int, steps: int = STEPS) -> GPT:
    """A GPT of two blocks that has learned orders of these ways in equal parts. The caller's random
    numbers stay as they were.
    """
    config = GPTConfig(
        vocab_size=len(SYMBOLS), context_length=CONTEXT, n_layer=2, n_head=4, d_model=64
    )
    with seeded(seed):
        model = GPT(config)
    start_larger(model)
    batches = _DrawnOrders(orders(ways), seed)
    train(model, batches, short_training(steps, 4e-3, seed), progress=False)
    return model


@torch.no_grad()
def write(model: GPT, prompt: Sequence[str]) -> tuple[str, ...]:
    """What the model writes behind a row, the likeliest symbol one after the other, up to the end."""
    ids: Int64[Tensor, "1 pos"] = torch.tensor([[_ID[word] for word in prompt]])
    written: list[str] = []
    while ids.shape[1] < CONTEXT and written[-1:] != [END]:
        new = model.next_logits(ids).argmax(dim=-1, keepdim=True)
        ids = torch.cat([ids, new], dim=1)
        written.append(SYMBOLS[int(new)])
    return tuple(written)
