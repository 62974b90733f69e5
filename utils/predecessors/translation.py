"""Training and asking a translator of dates: any model that takes a source, which of it is real, and
what was written so far.

    model = new_date_transformer(seed=0)
    train(model, DatePairs(), config, loss=translation_loss)
    translate(model, ["7 March 1987"])     # ["1987-03-07"]
"""

import random
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.data.dates import CHARACTERS, ISO_LENGTH, LONGEST, WrittenDate, draw_date
from utils.model.config import GPTConfig
from utils.model.padding import pad
from utils.predecessors.encoder_decoder import EncoderDecoder
from utils.predecessors.seq2seq import Seq2Seq
from utils.seeding import seeded
from utils.training.batches import Batch
from utils.training.config import TrainConfig
from utils.training.losses import token_losses

BEGIN = 0  # what stands before the first character; also what padding is filled with
SYMBOLS = 1 + len(CHARACTERS)
_ID_OF = {character: id for id, character in enumerate(CHARACTERS, start=1)}

Source = tuple[Int64[Tensor, "batch source"], Bool[Tensor, "batch source"]]


def encode_sources(texts: Sequence[str]) -> Source:
    """The texts as ids, the short ones filled up on the right, and which places are real.

    ValueError for a character that no date has.
    """
    return pad([_ids(text) for text in texts], side="right")


def encode_targets(texts: Sequence[str]) -> Int64[Tensor, "batch pos"]:
    """ISO dates as ids, each after BEGIN."""
    return torch.tensor([[BEGIN, *_ids(text)] for text in texts])


def _ids(text: str) -> list[int]:
    for character in text:
        if character not in _ID_OF:
            raise ValueError(
                f"{character!r} is in no date that the translator has learned; write the date with "
                f"these characters: {''.join(CHARACTERS)}"
            )
    return [_ID_OF[character] for character in text]


class DatePairs:
    """Endless numbered batches of random dates, in random formats: source, real and target."""

    def __init__(self, batch_size: int = 48, seed: int = 0):
        self.batch_size, self.seed = batch_size, seed

    def __getitem__(self, number: int) -> Batch:
        rng = random.Random(self.seed * 1_000_003 + number)
        dates = [draw_date(rng) for _ in range(self.batch_size)]
        source, real = encode_sources([written.text for written in dates])
        return {
            "source": source,
            "real": real,
            "target": encode_targets([written.iso for written in dates]),
        }


def new_dates(count: int = 300, seed: int = 1) -> list[WrittenDate]:
    """Dates that no batch has, in any format."""
    rng = random.Random(seed)
    return [draw_date(rng, held_out=True) for _ in range(count)]


def date_training(steps: int, rate: float = 0.005, evaluate_every: int = 100) -> TrainConfig:
    """How to train any of the translators; `rate` is the highest learning rate."""
    return TrainConfig(
        steps=steps,
        learning_rate=rate,
        warmup_steps=min(50, steps - 1),
        weight_decay=0.01,
        evaluate_every=evaluate_every,
    )


def translation_loss(model: nn.Module, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P over all characters of the translations, in nats, and how many there are."""
    target = batch["target"]
    logits = model(batch["source"], batch["real"], target[:, :-1])
    losses = token_losses(logits, target[:, 1:])
    return losses.sum(), losses.numel()


def translate(model: nn.Module, texts: Sequence[str]) -> list[str]:
    """The likeliest character, ten times in a row, for each text."""
    with torch.no_grad():
        source, real = encode_sources(texts)
        target = torch.full((len(texts), 1), BEGIN)
        for _ in range(ISO_LENGTH):
            likeliest = model(source, real, target)[:, -1, 1:].argmax(dim=-1) + 1
            target = torch.cat([target, likeliest[:, None]], dim=1)
    return ["".join(CHARACTERS[id - 1] for id in row) for row in target[:, 1:].tolist()]


def translate_switched(model: nn.Module, first: str, second: str, at: int) -> str:
    """The likeliest characters, the first `at` of them while `first` is read, and the others while
    `second` is: what was written stays, and what is looked up changes.
    """
    with torch.no_grad():
        target = torch.full((1, 1), BEGIN)
        for place in range(ISO_LENGTH):
            source, real = encode_sources([first if place < at else second])
            likeliest = model(source, real, target)[:, -1, 1:].argmax(dim=-1) + 1
            target = torch.cat([target, likeliest[:, None]], dim=1)
    return "".join(CHARACTERS[id - 1] for id in target[0, 1:].tolist())


def share_right(model: nn.Module, dates: Sequence[WrittenDate]) -> float:
    """The share of dates whose translation is right, to the last character."""
    translated = translate(model, [written.text for written in dates])
    right = [text == written.iso for text, written in zip(translated, dates, strict=True)]
    return sum(right) / len(right)


def new_date_transformer(seed: int, d_model: int = 48, n_layer: int = 1) -> EncoderDecoder:
    """An encoder-decoder for dates, its weights drawn with `seed`; the caller's random numbers stay
    as they were.
    """
    config = GPTConfig(
        vocab_size=SYMBOLS,
        context_length=LONGEST,
        n_layer=n_layer,
        n_head=4,
        d_model=d_model,
        d_mlp=2 * d_model,
        position="sinusoid",
        activation="relu",
    )
    with seeded(seed):
        return EncoderDecoder(config)


def new_date_seq2seq(seed: int, looks_back: bool, size: int = 40) -> Seq2Seq:
    """Recurrent networks for dates, with attention or through one vector."""
    with seeded(seed):
        return Seq2Seq(SYMBOLS, looks_back, size)
