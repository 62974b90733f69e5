"""A small GPT that reads Shakespeare character by character: small enough that one run takes
seconds, so that recipes can be compared over many.

    text = reading()
    model = new_reader(text, seed=1)
    history = train_reader(model, text, TrainConfig(steps=200, learning_rate=0.01), seed=1)
    held_out_loss(model, text)
"""

from dataclasses import dataclass

import numpy as np

from utils.data.shakespeare import play
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.seeding import seeded
from utils.training.batch_loss import mean_loss
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.history import History
from utils.training.loop import train

PLAYS = ("hamlet", "macbeth", "othello", "king_lear")
CONTEXT, BATCH, HELD_OUT_WINDOWS = 64, 16, 128


@dataclass(frozen=True)
class Reading:
    """A text as numbers: a character's id is its place in `characters`."""

    characters: tuple[str, ...]
    train: np.ndarray  # the first nine tenths
    held_out: np.ndarray  # the last tenth, which no run reads

    def encode(self, text: str) -> list[int]:
        """The ids of a text. ValueError for a character that is not one of `characters`."""
        if unknown := sorted({*text} - {*self.characters}):
            raise ValueError(
                f"{unknown[0]!r} is none of the {len(self.characters)} characters of this reading; "
                "take others, or make a reading that has it."
            )
        return [self.characters.index(character) for character in text]


def reading(plays: tuple[str, ...] = PLAYS) -> Reading:
    """Shakespeare's plays, one after the other. AssetError if they cannot be fetched."""
    text = "".join(play(name) for name in plays)
    cut = len(text) * 9 // 10
    return reading_of(text[:cut], text[cut:])


def reading_of(train: str, held_out: str, extra: str = "") -> Reading:
    """Any text as numbers. `extra`: characters that get an id, whether they come in it or not."""
    characters = tuple(sorted({*train, *held_out, *extra}))
    id_of = {character: id for id, character in enumerate(characters)}
    parts = (np.array([id_of[character] for character in part]) for part in (train, held_out))
    return Reading(characters, *parts)


def new_reader(text: Reading, seed: int, d_model: int = 64, n_head: int = 4) -> GPT:
    """A GPT of 86,000 weights or so, two blocks of Llama's kind, its first weights drawn with
    `seed`. The caller's random numbers stay as they were.

    d_model: another width gives another size, by its square. n_head: a head has d_model / n_head
    numbers, an even count.
    """
    config = GPTConfig.llama(
        vocab_size=len(text.characters),
        context_length=CONTEXT,
        n_layer=2,
        n_head=n_head,
        d_model=d_model,
        d_mlp=2 * d_model,
    )
    with seeded(seed):
        return GPT(config)


def windows(model: GPT, text: Reading, seed: int, batch_size: int = BATCH) -> RandomWindows:
    """Random pieces of what may be read, in an order that `seed` says."""
    return RandomWindows.for_model(model, text.train, batch_size, seed=seed)


def train_reader(model: GPT, text: Reading, config: TrainConfig, seed: int) -> History:
    """Train `model` in place on batches of 16 windows, quietly."""
    return train(model, windows(model, text, seed), config, progress=False)


def held_out_loss(model: GPT, text: Reading) -> float:
    """In nats per character, on 128 windows of the last tenth, the same for every model."""
    unread = RandomWindows.for_model(model, text.held_out, HELD_OUT_WINDOWS, seed=0)
    return mean_loss(model, [unread[0]])
