"""Pairs of decimals such as 9.11 and 9.9: the longer one has the larger number behind the point, and
is the smaller one.
"""

import random
from typing import NamedTuple


class DecimalPair(NamedTuple):
    """Two decimals as they are written; `larger` is the larger number."""

    larger: str
    smaller: str


def decimal_pairs(count: int = 20, seed: int = 0) -> list[DecimalPair]:
    """9.9 and 9.11, and `count` - 1 other pairs of this kind, all different."""
    rng = random.Random(seed)
    pairs = [DecimalPair("9.9", "9.11")]
    while len(pairs) < count:
        whole, tenths = rng.randint(1, 19), rng.randint(2, 9)
        behind = rng.randint(10, 10 * tenths - 1)
        pair = DecimalPair(f"{whole}.{tenths}", f"{whole}.{behind}")
        if behind % 10 and pair not in pairs:
            pairs.append(pair)
    return pairs
