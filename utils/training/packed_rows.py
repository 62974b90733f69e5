"""Texts of different lengths in rows of one length, without padding between them: packing.

Two ways. `chunks` lays all texts end to end and cuts: simple, and what a row's later text may read
is somebody else's conversation. `pack_rows` keeps texts whole, and says to whom each token belongs,
so that `packed_logits` can keep them from reading each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.masks import causal_mask
from utils.training.batches import Batch
from utils.training.fine_tuning_batches import Example
from utils.training.losses import token_losses

EMPTY = -1  # the owner of padding


@dataclass(frozen=True)
class PackedRows:
    """ids; learn: whether a token is to be learned; owner: the number of the example, EMPTY for
    padding; place: the token's position in its own example.
    """

    ids: Int64[Tensor, "row pos"]
    learn: Bool[Tensor, "row pos"]
    owner: Int64[Tensor, "row pos"]
    place: Int64[Tensor, "row pos"]

    @property
    def filled(self) -> float:
        """The share of places that are no padding."""
        return float((self.owner != EMPTY).double().mean())

    def batch(self) -> Batch:
        """What `packed_loss` needs, for `utils.training.loop.train`."""
        return {"ids": self.ids, "learn": self.learn, "owner": self.owner, "place": self.place}


def pack_rows(examples: Sequence[Example], length: int) -> PackedRows:
    """Every example whole, in rows of `length` tokens: the longest first, each into the first row
    that has room. The first token of each is never learned, for it has nothing before it.

    Raises ValueError if there are none, and for one that is longer than a row.
    """
    if not examples or max(len(ids) for ids, _ in examples) > length:
        longest = max((len(ids) for ids, _ in examples), default=0)
        raise ValueError(
            f"{len(examples)} examples, the longest of {longest} tokens, for rows of {length}: "
            "give at least one, and rows that are as long as the longest."
        )
    rows: list[list[int]] = []
    room: list[int] = []
    for number in sorted(range(len(examples)), key=lambda one: -len(examples[one][0])):
        size = len(examples[number][0])
        fitting = next((row for row, left in enumerate(room) if left >= size), None)
        if fitting is None:
            rows.append([])
            room.append(length)
            fitting = len(rows) - 1
        rows[fitting].append(number)
        room[fitting] -= size
    return _filled(examples, rows, length)


def _filled(examples: Sequence[Example], rows: list[list[int]], length: int) -> PackedRows:
    shape = (len(rows), length)
    ids = torch.zeros(shape, dtype=torch.int64)
    learn = torch.zeros(shape, dtype=torch.bool)
    owner = torch.full(shape, EMPTY)
    place = torch.zeros(shape, dtype=torch.int64)
    for row, numbers in enumerate(rows):
        at = 0
        for number in numbers:
            tokens, wanted = examples[number]
            there = slice(at, at + len(tokens))
            ids[row, there] = torch.tensor(tokens)
            learn[row, there] = torch.tensor(wanted)
            learn[row, at] = False
            owner[row, there] = number
            place[row, there] = torch.arange(len(tokens))
            at += len(tokens)
    return PackedRows(ids, learn, owner, place)


def own_mask(owner: Int64[Tensor, "row pos"]) -> Bool[Tensor, "row 1 pos pos"]:
    """Who may look at whom: a token at itself and at what is before it in its own example."""
    same = owner[:, None, :, None] == owner[:, None, None, :]
    return same & causal_mask(owner.shape[1], owner.shape[1], owner.device)


def packed_logits(
    model: GPT,
    ids: Int64[Tensor, "row pos"],
    owner: Int64[Tensor, "row pos"],
    place: Int64[Tensor, "row pos"],
) -> Float[Tensor, "row pos vocab"]:
    """The logits of each example as if it stood alone: with its own positions, and blind for the
    others in its row.
    """
    x = model.run_blocks(model.embed_at(ids, place), place, own_mask(owner))
    return model.unembed(model.final_norm(x)).float()


def packed_loss(model: GPT, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P(token) over the tokens to learn, in nats, and how many there are: a loss for
    `utils.training.loop.train`.
    """
    ids, learn = batch["ids"], batch["learn"][:, 1:]
    logits = packed_logits(model, ids, batch["owner"], batch["place"])
    losses = token_losses(logits[:, :-1], ids[:, 1:])
    return losses.masked_fill(~learn, 0.0).sum(), int(learn.sum())


def chunks(
    texts: Sequence[Sequence[int]], end_id: int, length: int
) -> tuple[Int64[Tensor, "chunk pos"], Int64[Tensor, "chunk pos"]]:
    """All texts end to end, each with `end_id` behind it, cut into inputs of `length` tokens, and for
    each of them its targets: the same, one token later. What is left over at the end is dropped.

    Raises ValueError if not one chunk is full.
    """
    stream = [id for text in texts for id in (*text, end_id)]
    count = (len(stream) - 1) // length
    if count < 1:
        raise ValueError(
            f"{len(stream)} tokens, end marks included, do not fill one chunk of {length} and the "
            "target after it: give more text, or shorter chunks."
        )
    whole = torch.tensor(stream[: count * length + 1])
    return whole[:-1].view(count, length), whole[1:].view(count, length)
