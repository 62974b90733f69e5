"""Near-duplicates among many texts without comparing each with each: MinHash, and bands of it
(Broder 1997; Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", chapter 3).

    signatures = np.stack([signature(shingles(text)) for text in texts])
    pairs = candidate_pairs(signatures, bands=14, rows=8)
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Bool, UInt64

WORDS = 5  # of a shingle, as FineWeb has it
_PRIME = np.uint64((1 << 31) - 1)  # so that a product of two numbers below fits 64 bits


def shingles(text: str, size: int = WORDS) -> set[str]:
    """All groups of `size` words in a row, small, without signs. A shorter text is one group."""
    words = re.findall(r"\w+", text.lower())
    last = max(1, len(words) - size + 1)
    return {" ".join(words[at : at + size]) for at in range(last)} if words else set()


def jaccard(one: set[str], other: set[str]) -> float:
    """What both have as a share of what either has; 0 for two empty sets."""
    return len(one & other) / max(1, len(one | other))


def _numbers(some: Iterable[str]) -> UInt64[np.ndarray, " shingle"]:
    """A number below 2^31 - 1 for each shingle, the same in every run: `hash` differs from run to
    run.
    """
    digests = (hashlib.blake2b(one.encode(), digest_size=8).digest() for one in some)
    whole = np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)
    return np.asarray(whole % _PRIME)


def signature(some: set[str], hashes: int = 112, seed: int = 1) -> UInt64[np.ndarray, " hash"]:
    """For each of `hashes` ways to shuffle all shingles, the first that the set has.

    A shuffle is (a x + b) mod p, with a and b drawn from `seed`. ValueError for an empty set.
    """
    if not some:
        raise ValueError("an empty set has no first shingle; leave out texts without a word.")
    rng = np.random.default_rng(seed)
    a = rng.integers(1, _PRIME, hashes, dtype=np.uint64)
    b = rng.integers(0, _PRIME, hashes, dtype=np.uint64)
    shuffled = (_numbers(sorted(some))[:, None] * a + b) % _PRIME  # (shingle, hash)
    return np.asarray(shuffled.min(axis=0))


def agreement(one: UInt64[np.ndarray, " hash"], other: UInt64[np.ndarray, " hash"]) -> float:
    """The share of equal places of two signatures: an estimate of the Jaccard similarity."""
    return float((one == other).mean())


def _enough(hashes: int, bands: int, rows: int) -> None:
    if bands * rows > hashes:
        raise ValueError(
            f"{bands} bands of {rows} rows need {bands * rows} hashes, and there are {hashes}: take "
            "fewer bands or fewer rows."
        )


def candidate_pairs(
    signatures: UInt64[np.ndarray, "text hash"], bands: int, rows: int
) -> set[tuple[int, int]]:
    """The pairs (smaller place first) of texts that agree in all rows of at least one band.

    ValueError if there are too few hashes for so many bands and rows.
    """
    _enough(signatures.shape[1], bands, rows)
    pairs: set[tuple[int, int]] = set()
    for band in range(bands):
        same: dict[bytes, list[int]] = defaultdict(list)
        for place, row in enumerate(signatures[:, band * rows : (band + 1) * rows]):
            same[row.tobytes()].append(place)
        for places in same.values():
            pairs.update(combinations(places, 2))
    return pairs


def caught_by_bands(similarity: float, bands: int, rows: int) -> float:
    """The probability that two texts of this Jaccard similarity agree in a band."""
    return float(1 - (1 - similarity**rows) ** bands)


def first_of_each_cluster(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Of texts 0 to count - 1, those that stay: of all that hang together by pairs, the first."""
    parent = list(range(count))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return [place for place in range(count) if root(place) == place]


def exact_copies(texts: Sequence[str]) -> list[int]:
    """The places of texts that came before, letter by letter."""
    seen: set[str] = set()
    again = []
    for place, text in enumerate(texts):
        if text in seen:
            again.append(place)
        seen.add(text)
    return again


def caught(
    equal: Bool[np.ndarray, "pair hash"], bands: int, rows: int
) -> Bool[np.ndarray, " pair"]:
    """Which pairs of signatures, given where the two are equal, agree in a whole band.

    ValueError if there are too few hashes for so many bands and rows.
    """
    _enough(equal.shape[1], bands, rows)
    in_bands = equal[:, : bands * rows].reshape(len(equal), bands, rows)
    whole = np.asarray(in_bands.all(axis=2))  # (pair, band)
    return np.asarray(whole.any(axis=1))


def similar_pairs(sets: Sequence[set[str]]) -> dict[tuple[int, int], float]:
    """The Jaccard similarity of all pairs that have something in common, by comparing each with each."""
    return {
        (first, second): similarity
        for (first, one), (second, other) in combinations(enumerate(sets), 2)
        if (similarity := jaccard(one, other))
    }
