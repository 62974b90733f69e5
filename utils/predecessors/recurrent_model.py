"""A language model with a memory of fixed size: an RNN (Elman 1990) or an LSTM (Hochreiter &
Schmidhuber 1997) reads symbol by symbol, and guesses the next one from its state.
"""

from typing import Literal

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
