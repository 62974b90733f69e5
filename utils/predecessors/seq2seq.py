"""Two recurrent networks that translate: one reads, one writes (Cho et al., arXiv:1406.1078;
Sutskever et al., arXiv:1409.3215), and the look back at what was read (Bahdanau et al.,
arXiv:1409.0473).

The writer is given a context at every step. Through one vector, it is always the same: what the
reader ended with. With attention it is looked up anew each time, in the reader's states of all
places. Nothing else differs.
"""

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class AdditiveAttention(nn.Module):
    """score(s, h) = v · tanh(W s + U h): how well a state of the writer fits one of the reader."""

    def __init__(self, writer_size: int, reader_size: int):
        super().__init__()
        self.of_writer = nn.Linear(writer_size, writer_size)
        self.of_reader = nn.Linear(reader_size, writer_size, bias=False)
        self.score = nn.Linear(writer_size, 1, bias=False)

    def forward(
        self,
        state: Float[Tensor, "batch writer"],
        read: Float[Tensor, "batch source reader"],
        real: Bool[Tensor, "batch source"],
    ) -> Float[Tensor, "batch source"]:
        """The weight of each place that was read; padding gets none, and a row sums to 1."""
        fits = torch.tanh(self.of_writer(state)[:, None] + self.of_reader(read))
        scores = self.score(fits)[..., 0].masked_fill(~real, float("-inf"))
        weights: Tensor = scores.softmax(dim=-1)
        return weights


class Seq2Seq(nn.Module):
    """A GRU reads in both directions, another GRU writes, one symbol after the other.

    looks_back: whether the writer's context is looked up by attention; else it is one vector.
    """

    def __init__(self, vocab_size: int, looks_back: bool, size: int = 64):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, size)
        self.reader = nn.GRU(size, size, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * size, size)
        self.writer = nn.GRUCell(3 * size, size)
        self.attention = AdditiveAttention(size, 2 * size) if looks_back else None
        self.unembed = nn.Linear(3 * size, vocab_size)

    def forward(
        self,
        source: Int64[Tensor, "batch source"],
        real: Bool[Tensor, "batch source"],
        target: Int64[Tensor, "batch pos"],
    ) -> Float[Tensor, "batch pos vocab"]:
        """The logits of the symbol after each of `target`; padding stands on the right of
        `source`.
        """
        return self.write(source, real, target)[0]

    def write(
        self,
        source: Int64[Tensor, "batch source"],
        real: Bool[Tensor, "batch source"],
        target: Int64[Tensor, "batch pos"],
    ) -> tuple[Float[Tensor, "batch pos vocab"], Float[Tensor, "batch pos source"] | None]:
        """The same, and the pattern: where the writer looked for each symbol. None without
        attention.
        """
        read, summary = self.read(source, real)
        state = torch.tanh(self.bridge(summary))
        outputs, patterns = [], []
        for written in self.embed(target).unbind(dim=1):
            context = summary
            if self.attention is not None:
                pattern = self.attention(state, read, real)  # (batch, source)
                patterns.append(pattern)
                context = (pattern[:, None] @ read)[:, 0]  # (batch, 2 * size)
            state = self.writer(torch.cat([written, context], dim=-1), state)
            outputs.append(torch.cat([state, context], dim=-1))
        logits = self.unembed(torch.stack(outputs, dim=1))
        return logits, torch.stack(patterns, dim=1) if patterns else None

    def read(
        self, source: Int64[Tensor, "batch source"], real: Bool[Tensor, "batch source"]
    ) -> tuple[Float[Tensor, "batch source reader"], Float[Tensor, "batch reader"]]:
        """The reader's states at every place, and the two that it ended with, one of each
        direction.
        """
        lengths = real.sum(dim=1).cpu()
        packed = pack_padded_sequence(
            self.embed(source), lengths, batch_first=True, enforce_sorted=False
        )
        states, last = self.reader(packed)
        read, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return read, last.transpose(0, 1).flatten(1)
