"""A recurrent network that reads a string and writes it again from memory, with or without
attention to what it has read: the bottleneck of the years before 2014, and the way out (RNNsearch,
Bahdanau et al., arXiv:1409.0473).
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from utils.seeding import seeded

SYMBOLS = 10
BLANK = SYMBOLS  # one more symbol: nothing to be copied


class Copier(nn.Module):
    """A GRU reads a string into one vector, and another GRU writes the string from that vector.

    looks_back: whether the writer may also look at the reader's vector of every position, by
        attention.
    """

    def __init__(self, looks_back: bool, size: int = 48):
        super().__init__()
        self.looks_back = looks_back
        self.embed = nn.Embedding(SYMBOLS + 1, size)
        self.reader = nn.GRU(size, size, batch_first=True)
        self.writer = nn.GRU(size, size, batch_first=True)
        self.unembed = nn.Linear(2 * size, SYMBOLS)

    def forward(
        self, ids: Int64[Tensor, "batch pos"], blanks: int = 0
    ) -> Float[Tensor, "batch pos symbol"]:
        """The logits of each symbol of the copy, given those before it.

        blanks: how many blanks are read after the string, before the writing begins.
        """
        read, summary = self.reader(self.embed(pad(ids, (0, blanks), value=BLANK)))
        before = pad(ids[:, :-1], (1, 0), value=BLANK)  # what has been written so far
        written, _ = self.writer(self.embed(before), summary)
        looked_up = torch.zeros_like(written)
        if self.looks_back:
            pattern = (written @ read.mT).softmax(dim=-1)  # (batch, query, key)
            looked_up = pattern @ read
        logits: Tensor = self.unembed(torch.cat([written, looked_up], dim=-1))
        return logits


def share_copied(
    length: int, *, looks_back: bool = False, blanks: int = 0, steps: int = 300
) -> float:
    """Train a copier on random strings, and give the share of symbols that it copies rightly in new
    ones.
    """
    return shares_copied(length, (steps,), looks_back=looks_back, blanks=blanks)[0]


@torch.enable_grad()
def shares_copied(
    length: int,
    stops: Sequence[int],
    *,
    looks_back: bool = False,
    blanks: int = 0,
    size: int = 48,
    seed: int = 0,
) -> list[float]:
    """The shares that one copier copies rightly after so many steps of its training, for each of
    the `stops`, the fewest steps first. Its vectors have `size` numbers. Its weights and its strings
    depend on `seed`, the new strings do not.
    """
    with seeded(seed):
        copier = Copier(looks_back, size)
    rng = torch.Generator().manual_seed(1 + 1000 * seed)
    adam = torch.optim.Adam(copier.parameters(), lr=0.006)
    shares, done = [], 0
    for stop in stops:
        for _ in range(stop - done):
            ids = torch.randint(SYMBOLS, (64, length), generator=rng)
            loss = cross_entropy(copier(ids, blanks).transpose(1, 2), ids)
            adam.zero_grad()
            loss.backward()
            adam.step()
        done = stop
        shares.append(_share_of_new_ones(copier, length, blanks))
    return shares


@torch.no_grad()
def _share_of_new_ones(copier: Copier, length: int, blanks: int) -> float:
    ids = torch.randint(SYMBOLS, (500, length), generator=torch.Generator().manual_seed(2))
    right = copier(ids, blanks).argmax(dim=-1) == ids
    return float(right.float().mean())
