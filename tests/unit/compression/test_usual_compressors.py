"""The usual compressors: each can be undone, and none is handicapped by a header."""

import bz2
import lzma
import random
import zlib

import zstandard

from utils.compression.usual_compressors import _LZMA, COMPRESSORS, sizes, sizes_after

TEXT = " ".join(f"the {n % 7} cats sat on mat {n % 11}" for n in range(200)).encode()
UNDO = {
    "zlib": lambda data: zlib.decompress(data, -15),
    "bz2": bz2.decompress,
    "lzma": lambda data: lzma.decompress(data, format=lzma.FORMAT_RAW, filters=_LZMA),
    "zstd": lambda data: zstandard.ZstdDecompressor().decompress(data, max_output_size=10**6),
}


def test_each_gives_its_text_back():
    assert list(UNDO) == list(COMPRESSORS)
    for name, compress in COMPRESSORS.items():
        assert UNDO[name](compress(TEXT)) == TEXT
        assert sizes(TEXT)[name] == len(compress(TEXT)) < len(TEXT) / 8


def test_what_looks_like_noise_is_not_made_shorter():
    noise = random.Random(3).randbytes(2000)
    assert all(2000 <= size < 2700 for size in sizes(noise).values())


def test_a_text_that_is_known_adds_next_to_nothing():
    rng = random.Random(4)
    known = " ".join(f"{rng.randrange(10**6)}" for _ in range(400)).encode()
    again = sizes_after(known, known[:1500])
    alone = sizes(known[:1500])
    for name in ("zlib", "lzma", "zstd"):  # those that look back for strings
        assert again[name] < alone[name] / 10
