"""Words on their way from bytes to tokens, merge by merge: to look at, not to encode with."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from utils.text.vocabulary import Pair


class Stage(NamedTuple):
    """The tokens of a word after a merge, and the rank of that merge; None before the first."""

    tokens: list[bytes]
    rank: int | None


def merge_stages(word: bytes, merges: Sequence[Pair]) -> list[Stage]:
    """All stages of a word: the mergeable pair of lowest rank is merged at all its places, until
    there is none.

    The last stage holds the tokens that BPETokenizer gives for a vocabulary with a token for each
    byte.
    """
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    stages = [Stage([bytes([byte]) for byte in word], None)]
    while True:
        tokens = stages[-1].tokens
        found = [ranks[pair] for pair in pairwise(tokens) if pair in ranks]
        if not found:
            return stages
        rank = min(found)
        stages.append(Stage(merged(tokens, merges[rank]), rank))


def merged(tokens: Sequence[bytes], pair: Pair) -> list[bytes]:
    """The tokens of a word with `pair` joined wherever it stands, from left to right."""
    joined: list[bytes] = []
    waiting = list(reversed(tokens))
    while waiting:
        token = waiting.pop()
        if waiting and (token, waiting[-1]) == pair:
            token += waiting.pop()
        joined.append(token)
    return joined
