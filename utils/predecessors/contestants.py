"""The three small networks that race in the chapter on architectures: an RNN, an LSTM, and a GPT of
two blocks, with one budget of weights, each with a start that is usual for it.
"""

from typing import Literal

from torch import nn

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.predecessors.recurrent_model import RecurrentModel, start_as_usual
from utils.seeding import seeded

Kind = Literal["rnn", "lstm", "attention"]


def new_contestant(kind: Kind, vocab_size: int, context_length: int, seed: int) -> nn.Module:
    """A model of some 80,000 to 100,000 weights for a vocabulary of some 300, drawn with `seed`; the
    caller's random numbers stay as they were.

    The matrices of the GPT start four times as large as GPT-2's, which are made for wider ones.
    """
    with seeded(seed):
        if kind != "attention":
            recurrent = RecurrentModel(kind, vocab_size, {"rnn": 120, "lstm": 80}[kind])
            start_as_usual(recurrent)
            return recurrent
        config = GPTConfig(
            vocab_size=vocab_size,
            context_length=context_length,
            n_layer=2,
            n_head=1,
            d_model=64,
            d_mlp=128,
        )
        model = GPT(config)
    start_larger(model)
    return model
