"""A language model with a memory of fixed size: an RNN (Elman 1990) or an LSTM (Hochreiter &
Schmidhuber 1997) reads symbol by symbol, and guesses the next one from its state.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

_KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM}


class RecurrentModel(nn.Module):
    """Ids to logits, as a GPT: embedding, recurrent layers, unembedding."""

    def __init__(
        self, kind: Literal["rnn", "lstm"], vocab_size: int, size: int = 64, layers: int = 1
    ):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, size)
        self.recurrent = _KINDS[kind](size, size, layers, batch_first=True)
        self.unembed = nn.Linear(size, vocab_size)

    def forward(self, ids: Int64[Tensor, "batch pos"]) -> Float[Tensor, "batch pos vocab"]:
        """The logits of the next symbol, at every position."""
        states, _ = self.recurrent(self.embed(ids))  # (batch, pos, size)
        logits: Tensor = self.unembed(states)
        return logits


@torch.no_grad()
def start_as_usual(model: RecurrentModel) -> None:
    """Begin as is usual for such networks, and not as torch does, whose state fades at once.

    In an RNN the recurrent matrix is a random rotation or reflection (Saxe et al., arXiv:1312.6120),
    in an LSTM the forget gates begin with a bias of 1 (Gers et al. 2000; Jozefowicz et al. 2015).
    """
    recurrent = model.recurrent
    for layer in range(recurrent.num_layers):
        if isinstance(recurrent, nn.LSTM):
            forget = slice(
                recurrent.hidden_size, 2 * recurrent.hidden_size
            )  # torch's order: i f g o
            recurrent.get_parameter(f"bias_ih_l{layer}")[forget] = 1.0
            recurrent.get_parameter(f"bias_hh_l{layer}")[forget] = 0.0
        else:
            nn.init.orthogonal_(recurrent.get_parameter(f"weight_hh_l{layer}"))
