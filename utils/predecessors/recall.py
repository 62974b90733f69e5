"""One task for every architecture: recall the value of a key that was seen some time ago.

A text of pairs, then as many questions. Each pair and each question is one symbol:

    a7 d2 c9 b4 d? a? d? c?

At a question the model has to say the value that stood with its key: 2, 7, 2, 9 (associative
recall: Ba et al., arXiv:1610.06258; Arora et al., arXiv:2312.04927).
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.predecessors.recurrent_model import RecurrentModel
from utils.training.batches import Batch
from utils.training.losses import token_losses

LETTERS, VALUES = "abcdefghijklmnopqrstuvwxyz", "0123456789"
SYMBOLS = (
    *VALUES,
    *(letter + value for letter in LETTERS for value in VALUES),
    *(f"{letter}?" for letter in LETTERS),
)
_FIRST_PAIR, _FIRST_QUESTION = len(VALUES), len(VALUES) * (1 + len(LETTERS))

Kind = Literal["rnn", "lstm", "attention"]
Texts = tuple[Int64[Tensor, "text pos"], Int64[Tensor, "text question"]]


def recall_texts(texts: int, pairs: int, rng: torch.Generator) -> Texts:
    """Random texts of `pairs` different keys, each with a value, and as many questions; and for
    each question which of the pairs it asks for.
    """
    keys = torch.rand(texts, len(LETTERS), generator=rng).argsort(dim=1)[:, :pairs]
    values = torch.randint(len(VALUES), (texts, pairs), generator=rng)
    which = torch.randint(pairs, (texts, pairs), generator=rng)
    shown = _FIRST_PAIR + len(VALUES) * keys + values
    asked = _FIRST_QUESTION + keys.gather(1, which)
    return torch.cat([shown, asked], dim=1), which


def answers(texts: Texts) -> Int64[Tensor, "text question"]:
    """The right value for each question; a value's id is the value."""
    ids, which = texts
    return (ids.gather(1, which) - _FIRST_PAIR) % len(VALUES)


def distances(texts: Texts) -> Int64[Tensor, "text question"]:
    """How many symbols before each question its pair stands."""
    _, which = texts
    pairs = which.shape[1]
    return pairs + torch.arange(pairs) - which


def spelled(ids: Int64[Tensor, " pos"]) -> str:
    """A text as people read it."""
    return " ".join(SYMBOLS[id] for id in ids.tolist())


class RecallTexts:
    """Endless numbered batches of such texts, with their answers."""

    def __init__(self, pairs: int, batch_size: int = 64, seed: int = 0):
        self.pairs, self.batch_size, self.seed = pairs, batch_size, seed

    def __getitem__(self, number: int) -> Batch:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        texts = recall_texts(self.batch_size, self.pairs, rng)
        return {"ids": texts[0], "answers": answers(texts)}


def recall_loss(model: nn.Module, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P(value) over all questions, in nats, and how many there are."""
    questions = batch["answers"].shape[1]
    losses = token_losses(model(batch["ids"])[:, -questions:], batch["answers"])
    return losses.sum(), losses.numel()


@torch.no_grad()
def recalled(model: nn.Module, texts: Texts) -> Bool[Tensor, "text question"]:
    """Whether the model's likeliest symbol is the right value, for each question."""
    questions = texts[1].shape[1]
    guesses = model(texts[0])[:, -questions:].argmax(dim=-1)
    right: Tensor = guesses == answers(texts)
    return right


def by_distance(
    right: Bool[Tensor, "text question"], distance: Int64[Tensor, "text question"]
) -> dict[int, float]:
    """The share of right answers at each distance, the nearest first."""
    return {
        steps: float(right[distance == steps].float().mean())
        for steps in distance.unique().tolist()
    }


def new_recaller(kind: Kind, pairs: int, seed: int) -> nn.Module:
    """A model of some 80,000 weights, drawn with `seed`: an RNN, an LSTM, or a GPT of two blocks.

    The matrices of the GPT start four times as large as GPT-2's, which are made for wider ones.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if kind != "attention":
            return RecurrentModel(kind, len(SYMBOLS), {"rnn": 120, "lstm": 80}[kind])
        config = GPTConfig(
            vocab_size=len(SYMBOLS),
            context_length=2 * pairs,
            n_layer=2,
            n_head=1,
            d_model=64,
            d_mlp=128,
        )
        model = GPT(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.mul_(4)
    return model
