"""The same small transformer trained in two ways on the same text: as a GPT, which guesses the next
character, and as a BERT, which guesses hidden ones from both sides.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.model.encoder import Encoder
from utils.model.gpt import GPT
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.masked_windows import MaskedWindows, masked_loss
from utils.training.small_reader import (
    BATCH,
    CONTEXT,
    Reading,
    new_reader,
    reading,
    reading_of,
    train_reader,
)

MASK = "█"
Kind = Literal["gpt", "bert"]


def reading_with_mask() -> Reading:
    """Shakespeare's plays, with one more character that hides others."""
    plain = reading()
    train_text, held_out = (
        "".join(plain.characters[id] for id in part) for part in (plain.train, plain.held_out)
    )
    return reading_of(train_text, held_out, extra=MASK)


def mask_id(text: Reading) -> int:
    """The id of the character that hides others."""
    return text.characters.index(MASK)


def new_model(kind: Kind, text: Reading, seed: int) -> GPT:
    """A small GPT, or an encoder that begins with the very same weights."""
    gpt = new_reader(text, seed)
    if kind == "gpt":
        return gpt
    encoder = Encoder(gpt.config)
    encoder.load_state_dict(gpt.state_dict())
    return encoder


def train_reader_of(
    kind: Kind, model: GPT, text: Reading, config: TrainConfig, seed: int
) -> list[float]:
    """Train in place on windows of 64 characters, each in its own task; gives the losses."""
    if kind == "gpt":
        return train_reader(model, text, config, seed).losses
    batches = MaskedWindows(text.train, CONTEXT, BATCH, mask_id(text), seed=seed)
    return train(model, batches, config, loss=masked_loss, progress=False).losses


@dataclass(frozen=True)
class Guesses:
    """What a model says of one character in each of many windows.

    losses: -log P(the right one), in nats. right: whether it is the likeliest.
    """

    losses: Float[Tensor, " window"]
    right: Float[Tensor, " window"]

    @property
    def loss(self) -> float:
        """The mean."""
        return float(self.losses.mean())

    @property
    def share_right(self) -> float:
        """Of all windows."""
        return float(self.right.mean())


def unread_windows(text: Reading, count: int, seed: int = 0) -> Int64[Tensor, "window pos"]:
    """Random windows of 64 characters of the last tenth, which no run reads."""
    rng = torch.Generator().manual_seed(seed)
    held_out = torch.from_numpy(text.held_out).long()
    starts = torch.randint(len(held_out) - CONTEXT, (count, 1), generator=rng)
    return held_out[starts + torch.arange(CONTEXT)]


@torch.no_grad()
def guess_from_the_left(model: GPT, ids: Int64[Tensor, "window pos"], place: int) -> Guesses:
    """The character at `place`, by a model that sees those before it."""
    return _judged(model(ids[:, :place])[:, -1], ids[:, place])


@torch.no_grad()
def guess_hidden(model: GPT, ids: Int64[Tensor, "window pos"], place: int, mask: int) -> Guesses:
    """The character at `place`, by a model that sees all others, and `mask` in its place."""
    hidden = ids.clone()
    hidden[:, place] = mask
    return _judged(model(hidden)[:, place], ids[:, place])


@torch.no_grad()
def guess_by_scoring(model: GPT, ids: Int64[Tensor, "window pos"], place: int) -> Guesses:
    """The character at `place`, by a GPT that tries each one of its vocabulary there, and asks itself
    how likely the whole window then is. By Bayes' rule that is the chance given both sides.
    """
    scores = []
    for candidate in range(model.config.vocab_size):
        tried = ids.clone()
        tried[:, place] = candidate
        log_probs = model(tried[:, :-1]).log_softmax(dim=-1)
        each = log_probs.gather(2, tried[:, 1:, None])[..., 0]  # (window, pos - 1)
        scores.append(each[:, place - 1 :].sum(dim=1))  # what stands before is the same for all
    return _judged(torch.stack(scores, dim=1), ids[:, place])


def _judged(logits: Float[Tensor, "window vocab"], right: Int64[Tensor, " window"]) -> Guesses:
    losses = torch.nn.functional.cross_entropy(logits, right, reduction="none")
    return Guesses(losses, (logits.argmax(dim=-1) == right).float())
