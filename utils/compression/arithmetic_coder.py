"""Arithmetic coding in whole numbers: a row of symbols becomes bits, about -log2 P of each, and the
bits become the same symbols again.

All symbols so far have narrowed an interval. The next one takes of it a part as large as its
probability, and any number within the last interval, written in bits, tells the whole row. As the
interval gets narrow its two ends begin with the same bits; these are written, and what is left is
doubled. So 32 bits are enough for a row of any length (Witten, Neal and Cleary, "Arithmetic coding
for data compression", 1987).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64

BITS = 32  # of the interval's ends
MOST = 1 << 28  # that the counts may add up to: much less than a quarter of the interval
_HALF, _QUARTER = 1 << (BITS - 1), 1 << (BITS - 2)
Counts = Int64[np.ndarray, " symbol"]


def _shares(counts: Counts) -> Int64[np.ndarray, " symbol_plus_1"]:
    """Where the share of each symbol begins, and after the last one where it ends: [2, 1, 1] gives
    [0, 2, 3, 4]. Raises ValueError for counts that cannot be coded with.
    """
    begins: Int64[np.ndarray, " symbol_plus_1"] = np.concatenate([[0], np.cumsum(counts)])
    if counts.min() < 0 or not 1 <= begins[-1] <= MOST:
        raise ValueError(
            f"the counts go from {counts.min()} and add up to {begins[-1]}; give counts from 0 up "
            f"that add up to at most {MOST:,}."
        )
    return begins


class _Interval:
    """From `low` to `high`, both included."""

    def __init__(self) -> None:
        self.low, self.high = 0, (1 << BITS) - 1

    def narrow(self, begin: int, end: int, total: int) -> None:
        """Keep the part from `begin` to `end` of `total`."""
        width = self.high - self.low + 1
        self.high = self.low + width * end // total - 1
        self.low = self.low + width * begin // total

    def widen(self) -> int | None:
        """Double the interval if both ends agree on where it lies, and give what has to be taken off
        first: 0 for the lower half, _HALF for the upper one, _QUARTER for the middle; else None.
        """
        if self.high < _HALF:
            off = 0
        elif self.low >= _HALF:
            off = _HALF
        elif self.low >= _QUARTER and self.high < 3 * _QUARTER:
            off = _QUARTER
        else:
            return None
        self.low, self.high = 2 * (self.low - off), 2 * (self.high - off) + 1
        return off


class Encoder:
    """Symbols become bits: `put` each with the counts that stand for its probabilities, then
    `finish`.
    """

    def __init__(self) -> None:
        self._interval, self._bits, self._waiting = _Interval(), list[int](), 0

    def put(self, symbol: int, counts: Counts) -> None:
        """Raises ValueError for a symbol that has no share: it could not be read again."""
        begins = _shares(counts)
        if not 0 <= symbol < len(counts) or counts[symbol] == 0:
            raise ValueError(f"symbol {symbol} has no share in these {len(counts)} counts.")
        self._interval.narrow(int(begins[symbol]), int(begins[symbol + 1]), int(begins[-1]))
        while (off := self._interval.widen()) is not None:
            if off == _QUARTER:  # around the middle: the next bit will tell which it was
                self._waiting += 1
            else:
                self._write(int(off == _HALF))

    def _write(self, bit: int) -> None:
        self._bits += [bit, *[1 - bit] * self._waiting]
        self._waiting = 0

    def finish(self) -> bytes:
        """All bits, filled up to whole bytes with zeros."""
        self._waiting += 1
        self._write(int(self._interval.low >= _QUARTER))
        return np.packbits(np.array(self._bits, dtype=np.uint8)).tobytes()


class Decoder:
    """Bits become symbols: `get` them in the same order, with the same counts."""

    def __init__(self, data: bytes):
        self._interval, self._at = _Interval(), 0
        self._bits: Sequence[int] = np.unpackbits(np.frombuffer(data, dtype=np.uint8)).tolist()
        self._value = 0  # the BITS bits that are looked at
        for _ in range(BITS):
            self._value = 2 * self._value + self._next_bit()

    def _next_bit(self) -> int:
        bit = self._bits[self._at] if self._at < len(self._bits) else 0
        self._at += 1
        return bit

    def get(self, counts: Counts) -> int:
        """The next symbol. After the last one there are always more: who wrote must say when to stop."""
        begins = _shares(counts)
        interval, total = self._interval, int(begins[-1])
        place = ((self._value - interval.low + 1) * total - 1) // (interval.high - interval.low + 1)
        symbol = int(np.searchsorted(begins, place, side="right")) - 1
        interval.narrow(int(begins[symbol]), int(begins[symbol + 1]), total)
        while (off := interval.widen()) is not None:
            self._value = 2 * (self._value - off) + self._next_bit()
        return symbol
