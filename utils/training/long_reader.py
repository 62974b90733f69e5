"""A small GPT that is trained on windows of 64 characters, and then asked about longer ones: what it
knows of positions decides whether it can read on.

    text = reading()
    model = new_long_reader(text, "rope", seed=1)
    train_long_reader(model, text, seed=1)
    loss_by_position(model, text)       # 256 numbers; the model was trained on the first 64
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.seeding import seeded
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.history import History
from utils.training.loop import train
from utils.training.losses import next_token_losses
from utils.training.small_reader import Reading

LONGEST = 256  # the most characters that a model is asked to read
TRAINED, BATCH = 64, 16  # the characters of a training window, and windows in a batch
HELD_OUT_WINDOWS = 128


def new_long_reader(text: Reading, position: str, seed: int) -> GPT:
    """A GPT of 90,000 weights or so, two blocks of Llama's kind but for what it knows of
    positions (see GPTConfig), its first weights drawn with `seed`. The caller's random numbers stay
    as they were.
    """
    config = GPTConfig.llama(
        vocab_size=len(text.characters),
        context_length=LONGEST,
        n_layer=2,
        n_head=4,
        d_model=64,
        d_mlp=128,
        position=position,
    )
    with seeded(seed):
        return GPT(config)


def train_long_reader(
    model: GPT,
    text: Reading,
    seed: int,
    steps: int = 800,
    rate: float = 0.005,
    length: int = TRAINED,
) -> History:
    """Train `model` in place on windows of `length` characters, quietly. A batch has 1,024
    characters, however long its windows are.
    """
    config = TrainConfig(
        steps=steps, learning_rate=rate, warmup_steps=20, weight_decay=0.0, seed=seed
    )
    windows = RandomWindows(text.train, length, BATCH * TRAINED // length, seed=seed)
    return train(model, windows, config, progress=False)


def loss_by_position(model: GPT, text: Reading) -> Float[Tensor, " pos"]:
    """The mean loss in nats at each of 255 places: at place i (from 0) the model has read i + 1
    characters. Over 128 windows of text that no run reads, the same for every model.
    """
    ids = _held_out_ids(text)
    with torch.no_grad():
        return next_token_losses(model(ids), ids).mean(dim=0)


def loss_of_last(model: GPT, text: Reading, count: int) -> Float[Tensor, " pos"]:
    """What `loss_by_position` gives if the model may read the last `count` characters only: at every
    place it begins anew, at position 0, with the text cut down to these.
    """
    if count < 1:
        raise ValueError(f"count is {count}: give at least 1 character to read.")
    ids = _held_out_ids(text)
    losses = []
    with torch.no_grad():
        for place in range(1, LONGEST):
            read = ids[:, max(0, place - count) : place]  # (window, pos)
            losses.append(F.cross_entropy(model(read)[:, -1], ids[:, place]))
    return torch.stack(losses)


def _held_out_ids(text: Reading) -> Int64[Tensor, "window pos"]:
    ids: Tensor = RandomWindows(text.held_out, LONGEST - 1, HELD_OUT_WINDOWS, seed=0)[0]["ids"]
    return ids


def stretched(model: GPT, times: float | int) -> GPT:
    """A copy of a model with rotary positions that divides each position by `times` before it turns
    anything (position interpolation): a text `times` as long has angles that it knows.
    """
    copy = GPT(replace(model.config, rope_stretch=float(times)))
    copy.load_state_dict(model.state_dict())
    return copy
