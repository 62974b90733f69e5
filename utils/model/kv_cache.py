"""The KV cache: keys and values of the positions that a model has already read, so that it need not
read them again.

Keys and values of a position never change afterwards, because no position looks at a later one. So
they are computed once and kept. The memory is taken once, at the start, for all positions that may
come: 2 (keys and values) x layer x batch x kv_head x max_pos x d_head numbers.
"""

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

# Keys or values of one layer: at the new positions, and at all so far.
New = Float[Tensor, "batch kv_head pos d_head"]
SoFar = Float[Tensor, "batch kv_head key d_head"]


def bytes_per_token(layers: int, kv_heads: int, d_head: int, bytes_per_number: int = 2) -> int:
    """What one token adds to the cache of a model of these sizes, in bytes."""
    return 2 * layers * kv_heads * d_head * bytes_per_number  # 2: keys and values


class KVCache:
    """Preallocated keys and values of every layer, and which positions hold real tokens (not
    padding).
    """

    def __init__(
        self,
        keys: Float[Tensor, "layer batch kv_head max_pos d_head"],
        values: Float[Tensor, "layer batch kv_head max_pos d_head"],
    ):
        """`keys`, `values`: still empty."""
        self.keys, self.values = keys, values
        _, self.batch, _, self.max_pos, _ = keys.shape
        self.real = torch.ones(self.batch, self.max_pos, dtype=torch.bool, device=keys.device)
        self.length, self.padded = 0, False  # padded: whether `real` was ever given

    def reserve(
        self, batch: int, pos: int, real: Bool[Tensor, "batch pos"] | None = None
    ) -> Bool[Tensor, "batch key"] | None:
        """Make room for `pos` more tokens; gives back which of all positions so far are real, None
        if all must be. `real`: which of the new ones are.
        """
        if batch != self.batch:
            raise ValueError(
                f"the cache was made for a batch of {self.batch}, but {batch} sequences were given."
            )
        if self.length + pos > self.max_pos:
            raise ValueError(
                f"the cache holds {self.max_pos} positions, {self.length} are filled, and {pos} "
                "more were given: "
                f"make a larger cache, or start again with the last part of the text."
            )
        if real is not None:
            self.padded = True
            self.real[:, self.length : self.length + pos] = real
        return self.real[:, : self.length + pos] if self.padded else None

    def store(self, layer: int, k: New, v: New) -> tuple[SoFar, SoFar]:
        """Write one layer's new keys and values; gives back that layer's keys and values of all
        positions so far.
        """
        new, end = k.shape[2], self.length + k.shape[2]
        keys, values = self.keys.select(0, layer), self.values.select(0, layer)
        keys.narrow(2, self.length, new).copy_(k)
        values.narrow(2, self.length, new).copy_(v)
        return keys.narrow(2, 0, end), values.narrow(2, 0, end)

    def advance(self, pos: int) -> None:
        """Count `pos` positions as filled, once every layer has stored its part."""
        self.length += pos

    def forget(self, length: int) -> None:
        """Keep the first `length` positions: what comes next is written over the others."""
        if not 0 <= length <= self.length:
            raise ValueError(
                f"the cache holds {self.length} positions, and {length} were to be kept: give a "
                f"number from 0 to {self.length}."
            )
        self.length = length

    def select(self, rows: Int64[Tensor, " beam"]) -> None:
        """Keep the batch rows named by `rows`, in that order; a row may be named twice (beam search
        needs that).
        """
        self.keys, self.values = self.keys[:, rows], self.values[:, rows]
        self.real = self.real[rows]
        self.batch = len(rows)

    @property
    def n_bytes(self) -> int:
        """Bytes taken by keys and values, filled or not."""
        return sum(t.numel() * t.element_size() for t in (self.keys, self.values))


class ReadOnceCache(KVCache):
    """A cache that keeps the positions it was given, and forgets those that are fed in after them.

    So the beginning of a text is read once and its end as often as wanted. Nothing is written in
    place: gradients go through the keys and values of the end.
    """

    def __init__(self, beginning: KVCache):
        """`beginning`: the positions to keep; with room for the end behind them.

        It is not changed.
        """
        super().__init__(beginning.keys, beginning.values)
        self.real, self.length, self.padded = (
            beginning.real.clone(),
            beginning.length,
            beginning.padded,
        )

    def store(self, layer: int, k: New, v: New) -> tuple[SoFar, SoFar]:
        """One layer's keys and values of all positions: those that are kept, and the new ones
        behind them.
        """
        keys, values = (
            self.keys[layer, :, :, : self.length],
            self.values[layer, :, :, : self.length],
        )
        return torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2)

    def advance(self, pos: int) -> None:
        """The new positions are not kept, so there is nothing to count."""
