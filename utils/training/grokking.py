"""A small net reads a part of a table with two entries to a row, and is asked for the rest: it knows
the table by heart long before it finds the rule behind it (grokking: Power et al.,
arXiv:2201.02177; taken apart by Nanda et al., arXiv:2301.05217).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from utils.seeding import seeded

NUMBERS = 47  # a prime


class PairNet(nn.Module):
    """Two numbers, a vector for each, one hidden layer, a score for each number."""

    def __init__(self, numbers: int = NUMBERS, d_model: int = 64):
        super().__init__()
        self.embed = nn.Embedding(numbers, d_model)
        self.hidden = nn.Linear(2 * d_model, 2 * d_model)
        self.unembed = nn.Linear(2 * d_model, numbers, bias=False)

    def forward(self, pairs: Int64[Tensor, "pair 2"]) -> Float[Tensor, "pair number"]:
        """The scores of each number."""
        x = self.embed(pairs).flatten(1)
        logits: Tensor = self.unembed(torch.relu(self.hidden(x)))
        return logits


@dataclass(frozen=True)
class Table:
    """All pairs of numbers with their results, and which of them are read."""

    pairs: Int64[Tensor, "pair 2"]
    results: Int64[Tensor, " pair"]
    read: Int64[Tensor, " read"]
    left_out: Int64[Tensor, " rest"]

    @property
    def turned(self) -> Int64[Tensor, " turned"]:
        """Those left out whose mirror, (b, a) for (a, b), was read."""
        return self._by_mirror(was_read=True)

    @property
    def unturned(self) -> Int64[Tensor, " unturned"]:
        """Those left out of which neither order was read, and the doubles (a, a)."""
        return self._by_mirror(was_read=False)

    def _by_mirror(self, was_read: bool) -> Int64[Tensor, " some"]:
        numbers = int(self.pairs.max()) + 1
        places = self.pairs[self.left_out].flip(1) @ torch.tensor([numbers, 1])
        return self.left_out[torch.isin(places, self.read) == was_read]


def sum_table(share: float, seed: int, *, rule: bool = True, numbers: int = NUMBERS) -> Table:
    """(a + b) mod `numbers` for all pairs, of which a random share is read.

    rule: False deals the same results out to the pairs at random: there is nothing to find.
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of {share} was asked for; give one between 0 and 1.")
    rng = torch.Generator().manual_seed(seed)
    each = torch.arange(numbers)
    pairs = torch.cartesian_prod(each, each)
    results = pairs.sum(dim=1) % numbers
    order = torch.randperm(len(pairs), generator=rng)
    if not rule:
        results = results[torch.randperm(len(pairs), generator=rng)]
    cut = round(share * len(pairs))
    return Table(pairs, results, order[:cut], order[cut:])


class Look(NamedTuple):
    """What the net knows after so many steps.

    read, left_out, turned, unturned: shares right of these parts of the table. loss_read,
    loss_left_out: in nats. weights: the length of all weights as one vector. peaks: the share of
    the embedding's power in its five strongest frequencies.
    """

    step: int
    read: float
    left_out: float
    turned: float
    unturned: float
    loss_read: float
    loss_left_out: float
    weights: float
    peaks: float


@torch.no_grad()
def look(net: PairNet, table: Table, step: int = 0) -> Look:
    """What the net knows of the table."""
    logits = net(table.pairs)
    losses = cross_entropy(logits, table.results, reduction="none")
    right = (logits.argmax(dim=-1) == table.results).float()
    squares = [parameter.pow(2).sum() for parameter in net.parameters()]
    return Look(
        step,
        read=float(right[table.read].mean()),
        left_out=float(right[table.left_out].mean()),
        turned=float(right[table.turned].mean()),
        unturned=float(right[table.unturned].mean()),
        loss_read=float(losses[table.read].mean()),
        loss_left_out=float(losses[table.left_out].mean()),
        weights=float(torch.stack(squares).sum().sqrt()),
        peaks=power_in_peaks(net.embed.weight),
    )


def power_in_peaks(vectors: Float[Tensor, "number d_model"], peaks: int = 5) -> float:
    """The share of the power that lies in the strongest frequencies, where each coordinate is a
    function of the number, and the constant is left out.

    1 if every coordinate is made of `peaks` waves over the numbers, as it would be if the numbers
    stood evenly on circles.
    """
    power = torch.fft.rfft(vectors.detach(), dim=0).abs().pow(2).sum(dim=1)[1:]
    return float(power.topk(min(peaks, len(power))).values.sum() / power.sum())


@torch.enable_grad()
def watch_table(
    table: Table, steps: int, *, decay: float | int, every: int = 50, seed: int = 0
) -> list[Look]:
    """Train a net on the pairs that are read, all of them at each step, and look at it before the
    first step, after every `every` steps, and after the last.

    decay: the weight decay of AdamW. It pulls at all weights, the embedding's too: that is what
    makes the rule worth finding here, so `utils.training.loop` is not used.
    """
    with seeded(seed):
        net = PairNet(int(table.pairs.max()) + 1)
    optimizer = torch.optim.AdamW(net.parameters(), 0.003, betas=(0.9, 0.98), weight_decay=decay)
    pairs, results = table.pairs[table.read], table.results[table.read]
    looks = [look(net, table)]
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        cross_entropy(net(pairs), results).backward()
        optimizer.step()
        if step % every == 0 or step == steps:
            looks.append(look(net, table, step))
    return looks
