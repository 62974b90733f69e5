"""One run of a scaling experiment: a small GPT of some width reads so many characters of all of
Shakespeare's plays, each once unless it is told to repeat.

    text = all_plays()
    model = train_width(text, width=32, characters=100_000, rate=0.01, seed=1)
    held_out_loss(model, text)
"""

import numpy as np
import torch
from torch import nn

from utils.data.shakespeare import plays
from utils.model.gpt import GPT
from utils.training.config import TrainConfig
from utils.training.flops import training_flops_per_token
from utils.training.loop import train
from utils.training.single_pass import ShuffledWindows
from utils.training.small_reader import CONTEXT, Reading, new_reader, reading

WINDOWS = 4  # in a batch: few, so that even the widest model makes some hundred steps
HEADS = 2
_GPT2_START, _EMBEDDING_START = 0.02, 0.1  # standard deviations of the first weights
CHARACTERS_PER_STEP = WINDOWS * CONTEXT


def all_plays() -> Reading:
    """All 37 plays, of which the last tenth is held out: 4.4 million characters may be read.

    AssetError if they cannot be fetched.
    """
    return reading(tuple(plays()))


def training_flops_per_character(text: Reading, width: int) -> int:
    """FLOPs that a model of this width takes to learn one character, attention's included."""
    return training_flops_per_token(new_reader(text, 0, width, HEADS).config, CONTEXT)


def characters_for(text: Reading, width: int, budget: float | int) -> int:
    """How many characters a budget of FLOPs pays for, in whole steps; at least one step."""
    affordable = budget / training_flops_per_character(text, width)
    return max(1, round(affordable / CHARACTERS_PER_STEP)) * CHARACTERS_PER_STEP


def train_width(
    text: Reading,
    width: int,
    characters: int,
    rate: float,
    seed: int,
    unique: int | None = None,
) -> GPT:
    """A model of that width after reading so many characters.

    rate: the highest learning rate. unique: only the first so many characters of the text are
    read, as often as it takes.
    """
    model = new_reader(text, seed, width, HEADS)
    start_by_width(model)
    may_be_read = text.train if unique is None else text.train[: unique + 1]
    batches = ShuffledWindows(may_be_read, CONTEXT, WINDOWS, seed)
    steps = characters // CHARACTERS_PER_STEP
    config = TrainConfig(
        steps=steps,
        learning_rate=rate,
        warmup_steps=min(50, steps // 10),
        weight_decay=0.0,
        seed=seed,
    )
    train(model, batches, config, progress=False)
    return model


def start_by_width(model: GPT) -> None:
    """Make the first weights of an untrained model larger: with a standard deviation of
    1 / sqrt(inputs) a layer passes on numbers as large as it got.

    GPT-2's 0.02 is that of some 2,000 inputs. With 16 of them the layers would be nearly silent for
    the first hundred steps, and all that a short run had learned is to speak up.
    """
    with torch.no_grad():
        for module in model.blocks.modules():
            if isinstance(module, nn.Linear):
                module.weight.mul_(module.in_features**-0.5 / _GPT2_START)
        model.embed.weight.mul_(_EMBEDDING_START / _GPT2_START)  # the unembedding, too: it is tied


def write_text(model: GPT, text: Reading, length: int, seed: int, start: str = "\n") -> str:
    """So many characters that the model writes after `start`, each drawn from its probabilities."""
    chance = np.random.default_rng(seed)
    ids = text.encode(start)
    with torch.no_grad():
        for _ in range(length):
            logits = model(torch.tensor([ids[-CONTEXT:]]))[0, -1].double()
            below = logits.softmax(dim=0).cumsum(dim=0).numpy()
            # the sum of all may end a little below 1
            ids.append(min(int(np.searchsorted(below, chance.random())), len(below) - 1))
    return "".join(text.characters[id] for id in ids[len(text.encode(start)) :])
