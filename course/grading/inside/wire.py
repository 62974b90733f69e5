"""How the grader and a worker talk: JSON, and beside it the raw bytes of tensors. Never pickle,
never an object.

A frame is two lengths, a JSON text and a blob. `encode` makes plain JSON of a value and puts
tensors into the blob; `decode` trusts nothing: only the types below come out of it, and a reply
that is too large, too deep or does not fit together raises BadFrame. A function goes from the
grader to the worker as a number to call back, never the other way.
"""

import json
import math
import struct
from collections.abc import Callable
from enum import StrEnum
from typing import IO, Any

import torch

from course.answers.read_answer import Odd, read

MIB = 2**20
# of a frame; of its JSON, which takes many times as much once it is read
LARGEST, LARGEST_TEXT = 16 * MIB, 4 * MIB
_LENGTHS = struct.Struct(">QQ")
_DEEPEST, _LONGEST, _MOST_NODES, _MOST_DIGITS = 8, 100_000, 1_000_000, 4_000
_NODES_OF_A_TENSOR = 20  # it takes as much memory as so many numbers, even an empty one
_NAMES = (
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "bool",
)
DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in _NAMES}


class Refusal(StrEnum):
    """Why a worker did not call an answer, as it stands in its reply."""

    NOT_DEFINED = "not defined"
    NOT_A_FUNCTION = "not a function"
    UNTOUCHED = "untouched"


class BadFrame(ValueError):
    """What came in is not a frame as described above."""


def write(stream: IO[bytes], message: dict[str, Any], blob: bytes = b"") -> None:
    """Write one frame. ValueError if it is larger than the other side accepts."""
    text = json.dumps(message).encode("ascii")
    if len(text) > LARGEST_TEXT or len(text) + len(blob) > LARGEST:
        raise ValueError(f"a result of {(len(text) + len(blob)) / MIB:.0f} MiB is too large")
    stream.write(_LENGTHS.pack(len(text), len(blob)) + text + blob)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one frame.

    EOFError if the other side has gone, BadFrame if it is too large or holds no JSON object.
    """
    text_length, blob_length = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if text_length > LARGEST_TEXT or text_length + blob_length > LARGEST:
        raise BadFrame(f"a frame of {text_length + blob_length} bytes")
    text, blob = _exactly(stream, text_length), _exactly(stream, blob_length)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"no JSON: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise BadFrame("no JSON object")
    return message, blob


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if data is None or len(data) < count:
        raise EOFError
    return data


class Encoder:
    """Turns values into JSON and collects the bytes of their tensors in `blob`, their functions in
    `functions`.
    """

    def __init__(self) -> None:
        self.blob = bytearray()
        self.functions: list[Callable[..., Any]] = []

    def encode(self, value: Any, depth: int = 0) -> Any:
        """JSON for plain data; for anything else, what course/answers/read_answer.py makes of it,
        in the end words.
        """
        kind = type(value)
        if value is None or kind in (bool, float):
            return value
        if kind is str:
            return {"text": value} if len(value) <= LARGEST // 8 else {"odd": "a huge text"}
        if kind is int:
            return (
                value if value.bit_length() < 3 * _MOST_DIGITS else {"odd": "a huge whole number"}
            )
        if kind in (list, tuple) and depth < _DEEPEST and len(value) <= _LONGEST:
            return {kind.__name__: [self.encode(item, depth + 1) for item in value]}
        if kind is torch.Tensor and (found := self._tensor(value)):
            return found
        if kind is Odd:
            return {"odd": value.words[:200]}
        plain = read(value, depth)
        return (
            {"odd": "a tensor of a kind that cannot be sent"}
            if type(plain) is kind
            else self.encode(plain, depth)
        )

    def function(self, value: Callable[..., Any]) -> Any:
        """A function of the grader's, which the worker may call back."""
        self.functions.append(value)
        return {"function": len(self.functions) - 1, "words": value.__doc__ or "a function"}

    def _tensor(self, value: torch.Tensor) -> dict[str, Any] | None:
        name = str(value.dtype).removeprefix("torch.")
        if name not in DTYPES or value.layout is not torch.strided or value.device.type != "cpu":
            return None
        data = value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        start = len(self.blob)
        self.blob += data
        return {"tensor": name, "shape": list(value.shape), "start": start}


class Decoder:
    """Turns JSON and a blob back into plain data.

    `call` makes a function of a number; without it there are none.
    """

    def __init__(self, blob: bytes, call: Callable[..., Any] | None = None):
        self._blob, self._call, self._nodes = blob, call, 0
        self._left = len(blob)  # bytes that no tensor has taken yet: each byte is of one

    def decode(self, data: Any, depth: int = 0) -> Any:
        """None, bool, int, float, str, list, tuple, tensor or Odd. BadFrame for everything else."""
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            raise BadFrame("too deep or too many values")
        if data is None or type(data) in (bool, int, float):
            return data
        if type(data) is not dict or not data:
            raise BadFrame("no known value")
        kind, content = next(iter(data.items()))
        if kind == "text" and type(content) is str:
            return content
        if kind in ("list", "tuple") and type(content) is list:
            items = [self.decode(item, depth + 1) for item in content]
            return items if kind == "list" else tuple(items)
        if kind == "tensor":
            return self._tensor(content, data.get("shape"), data.get("start"))
        if kind == "odd" and type(content) is str:
            return Odd(content[:200])
        if kind == "function" and self._call:
            return self._call(content, data["words"])
        raise BadFrame("no known value")

    def _tensor(self, name: Any, shape: Any, start: Any) -> torch.Tensor:
        whole = type(shape) is list and all(
            type(size) is int and 0 <= size < 2**31 for size in [*shape, start]
        )
        if type(name) is not str or name not in DTYPES or not whole or len(shape) > 16:
            raise BadFrame("no known tensor")
        # an empty one may have no absurd shape either
        if math.prod(max(1, size) for size in shape) > LARGEST:
            raise BadFrame("no known tensor")
        dtype = DTYPES[name]
        count = math.prod(shape)
        length = count * dtype.itemsize
        if start + length > len(self._blob):
            raise BadFrame("a tensor that ends behind the blob")
        self._left -= length
        self._nodes += _NODES_OF_A_TENSOR
        if self._left < 0:
            raise BadFrame("tensors that share their bytes")
        if not count:
            return torch.empty(shape, dtype=dtype)
        data = torch.frombuffer(bytearray(self._blob[start : start + length]), dtype=torch.uint8)
        if dtype is torch.bool:
            # a byte of a bool is 0 or 1, and this one may be anything
            return (data != 0).reshape(shape)
        return data.view(dtype).reshape(shape)
