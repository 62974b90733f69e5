"""Reading a GGUF file: a header of named fields, a table of tensors, then the tensors' bytes.

The format is described in the file docs/gguf.md of the ggml project. The `gguf` library reads it
too, but opens each of SmolLM2's 150,000 vocabulary entries as an array of its own, which takes
seconds; here they are read in one sweep.
"""

import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from utils.quantization.gguf_blocks import Q41Blocks, split_q4_1, unpack

# Value types of the header, by number: the struct letter of the fixed-size ones; 8 is a string and
#     9 an array.
_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")  # of a string, in bytes


@dataclass(frozen=True)
class TensorEntry:
    """Where one tensor lies: `shape` in torch's order (rows first), and its bytes in the file."""

    shape: tuple[int, ...]
    kind: gguf.GGMLQuantizationType
    start: int
    n_bytes: int


class GGUFFile:
    """`fields` holds the header, `tensors` the table; `read(name)` unpacks one tensor to float32.

    Raises ValueError, in one sentence, where the file is no GGUF file, of an unknown version, or
    cut short.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if self.path.stat().st_size == 0:
            raise ValueError(f"{self.path} is empty: fetch the file again.")
        with (
            self.path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer,
        ):
            header = _Header(buffer, self.path)
            self.fields: dict[str, Any] = header.fields
            self.tensors: dict[str, TensorEntry] = header.tensors

    def read(self, name: str) -> Float32[Tensor, "..."]:
        """The tensor `name`, unpacked to float32, in torch's order of axes."""
        entry = self.tensors[name]
        return unpack(self._bytes(entry), entry.kind).reshape(entry.shape)

    def read_codes(self, name: str) -> Float32[Tensor, "..."] | Q41Blocks:
        """The tensor `name` as the 4-bit codes that the file has, if it has such, and else unpacked
        to float32.
        """
        entry = self.tensors[name]
        if entry.kind != gguf.GGMLQuantizationType.Q4_1:
            return self.read(name)
        return split_q4_1(self._bytes(entry), entry.shape)

    def _bytes(self, entry: TensorEntry) -> Tensor:
        return torch.from_numpy(
            np.fromfile(self.path, dtype=np.uint8, count=entry.n_bytes, offset=entry.start)
        )


class _Header:
    """One sweep over the header; `at` is the byte that is read next."""

    def __init__(self, buffer: mmap.mmap, path: Path):
        self.buffer, self.path, self.at = buffer, path, 0
        try:
            self._check_version()
            n_tensors, n_fields = self._scalar("Q"), self._scalar("Q")
            self.fields = {self._string(): self._value(self._scalar("I")) for _ in range(n_fields)}
            table = [self._tensor_row() for _ in range(n_tensors)]
        except struct.error:
            raise self._cut_short() from None
        alignment = self._alignment()
        data_start = -(-self.at // alignment) * alignment
        self.tensors = {
            name: self._entry(name, shape, kind, data_start + offset)
            for name, shape, kind, offset in table
        }

    def _check_version(self) -> None:
        if self.buffer[:4] != b"GGUF":
            raise ValueError(
                f"{self.path} is not a GGUF file: it starts with {self.buffer[:4]!r} instead of "
                "b'GGUF'."
            )
        self.at = 4
        version = self._scalar("I")
        if version in (2 << 24, 3 << 24):
            raise ValueError(
                f"{self.path} has its numbers in big-endian order, which cannot be read: convert "
                "it for a little-endian machine."
            )
        if version not in (2, 3):
            raise ValueError(
                f"{self.path} is GGUF version {version}; versions 2 and 3 can be read: convert it "
                "anew."
            )

    def _alignment(self) -> int:
        """The multiple of bytes at which tensors begin."""
        alignment = self.fields.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment < 1:
            raise ValueError(
                f"{self.path} says general.alignment is {alignment!r}, which must be a whole "
                "number of bytes from 1 up: the file is damaged; fetch it again."
            )
        return alignment

    def _scalar(self, letter: str) -> Any:
        return self._scalars(letter, 1)[0]

    def _scalars(self, letter: str, count: int) -> list[Any]:
        values = struct.unpack_from(f"<{count}{letter}", self.buffer, self.at)
        self.at += struct.calcsize(f"<{count}{letter}")
        return list(values)

    def _string(self) -> str:
        return self._strings(1)[0]

    def _strings(self, count: int) -> list[str]:
        """So many strings, each after its length; a vocabulary has a hundred thousand, so there is
        no call for each.
        """
        buffer, end, at = self.buffer, len(self.buffer), self.at
        found = []
        for _ in range(count):
            (length,) = _LENGTH.unpack_from(buffer, at)
            start, at = at + _LENGTH.size, at + _LENGTH.size + length
            if at > end:
                raise self._cut_short()
            found.append(buffer[start:at].decode("utf-8", errors="surrogateescape"))
        self.at = at
        return found

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            of, count = self._scalar("I"), self._scalar("Q")
            if of == _STRING:
                return self._strings(count)
            if of in _SCALARS:
                return self._scalars(_SCALARS[of], count)
            return [self._value(of) for _ in range(count)]
        if kind not in _SCALARS:
            raise ValueError(
                f"{self.path} holds a header field of unknown type {kind}: the file is damaged."
            )
        return self._scalar(_SCALARS[kind])

    def _tensor_row(self) -> tuple[str, tuple[int, ...], int, int]:
        name, n_dims = self._string(), self._scalar("I")
        # GGUF names the fastest axis first
        shape = tuple(reversed([self._scalar("Q") for _ in range(n_dims)]))
        return name, shape, self._scalar("I"), self._scalar("Q")

    def _entry(
        self, name: str, shape: tuple[int, ...], kind_number: int, start: int
    ) -> TensorEntry:
        kinds = {int(kind): kind for kind in gguf.GGMLQuantizationType}
        if kind_number not in kinds:
            raise ValueError(
                f"{self.path} stores the tensor {name!r} in format {kind_number}, which is unknown "
                "here: convert the model to one such as F16, Q8_0 or Q4_1."
            )
        kind = kinds[kind_number]
        per_block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        n_bytes = math.prod(shape) // per_block * block_bytes
        if start + n_bytes > len(self.buffer):
            raise self._cut_short()
        return TensorEntry(shape, kind, start, n_bytes)

    def _cut_short(self) -> ValueError:
        return ValueError(
            f"{self.path} is cut short: it ends after {len(self.buffer):,} bytes, in the middle "
            "of its contents; "
            f"fetch the file again."
        )
