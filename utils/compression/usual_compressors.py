"""The compressors that everybody has, at their best setting: how many bytes they make of some data.

A file format may put a name, a date and a checksum before the data. That would count much for a
short text, so the barest form of each is taken.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable

import zstandard

_LZMA: list[dict[str, int]] = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


def _zlib(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)  # minus: without header and checksum
    return packer.compress(data) + packer.flush()


def _lzma(data: bytes) -> bytes:
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=_LZMA)


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=22, write_content_size=False).compress(data)


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": _zlib,
    "bz2": lambda data: bz2.compress(data, 9),
    "lzma": _lzma,
    "zstd": _zstd,
}


def sizes(data: bytes) -> dict[str, int]:
    """The bytes that each compressor makes of `data`."""
    return {name: len(compress(data)) for name, compress in COMPRESSORS.items()}


def sizes_after(known: bytes, data: bytes) -> dict[str, int]:
    """The bytes that `data` adds to a file that has `known` already: what a compressor makes of a
    text if it may look things up in another one.

    That helps those that can look back so far: zlib looks back 32 kB, bz2 sorts blocks of 900 kB.
    """
    both, before = sizes(known + data), sizes(known)
    return {name: both[name] - before[name] for name in both}
