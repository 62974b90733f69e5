"""What goes between grader and worker: plain data comes back as it was, and nothing else gets
through.
"""

import io
import json
import pickle
import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.answers.read_answer import Odd
from course.grading.inside import wire
from course.grading.inside.wire import BadFrame, Decoder, Encoder


def sent(value):
    """The value after a journey."""
    encoder = Encoder()
    message = {"value": encoder.encode(value)}
    stream = io.BytesIO()
    wire.write(stream, message, bytes(encoder.blob))
    stream.seek(0)
    got, blob = wire.receive(stream)
    return Decoder(blob).decode(got["value"])


def same(one, other) -> bool:
    if isinstance(one, torch.Tensor):
        equal = (one == other) | ((one != one) & (other != other))
        return (
            type(other) is torch.Tensor
            and one.dtype == other.dtype
            and one.shape == other.shape
            and bool(equal.all())
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or one != one)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple),
    max_leaves=12,
)


@given(plain)
def test_plain_values_arrive_as_they_were(value):
    def depth(one):
        return 1 + max(map(depth, one), default=0) if isinstance(one, list | tuple) else 0

    assert depth(value) > 8 or same(value, sent(value))


@pytest.mark.parametrize("dtype", wire.DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (3, 2, 5), (0,), (4, 0, 2)], ids=str)
def test_tensors_arrive_bit_by_bit(dtype, shape):
    torch.manual_seed(3)
    value = (torch.randn(shape) * 50).to(dtype)
    assert same(value, sent(value))
    assert same([value, (value, 1)], sent([value, (value, 1)]))


def test_special_numbers_and_views_arrive():
    value = torch.tensor([float("nan"), float("inf"), -0.0, 1e-45])
    assert sent(value).numpy().tobytes() == value.numpy().tobytes()
    view = torch.arange(12.0).reshape(3, 4).T[1:]
    assert same(view.contiguous(), sent(view))
    assert same(torch.ones(2), sent(torch.ones(2, requires_grad=True)))


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        {1, 2},
        object(),
        print,
        Exception("x"),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2).to_sparse(),
        torch.zeros(2, device="meta"),
        torch.zeros(2).as_subclass(type("Own", (torch.Tensor,), {})),
        10**10_000,
        type("Number", (float,), {})(1.0),
        type("Text", (str,), {})("x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_arrives_as_words(value):
    assert type(sent(value)) is Odd
    assert type(sent([value])[0]) is Odd


def test_numpy_numbers_count_as_numbers():
    assert (
        same(sent(np.float64(0.5)), 0.5)
        and same(sent(np.int64(3)), 3)
        and same(sent(np.array(2.0)), 2.0)
    )


def test_deep_and_endless_lists_end_in_words():
    endless = []
    endless.append(endless)
    found, depth = sent(endless), 0
    while type(found) is list:
        found, depth = found[0], depth + 1
    assert type(found) is Odd and depth == 8


def frame(message, blob=b"") -> io.BytesIO:
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    return io.BytesIO(struct.pack(">QQ", len(text), len(blob)) + text + blob)


@pytest.mark.parametrize(
    "stream",
    [
        frame(b"nothing"),
        frame(b"[1]"),
        frame(b"[" * 100_000),
        frame(b'{"n": ' + b"9" * 5_000 + b"}"),
        frame(pickle.dumps({"n": 1})),
        io.BytesIO(struct.pack(">QQ", 10, 2**62)),
        io.BytesIO(struct.pack(">QQ", wire.LARGEST_TEXT + 1, 0)),
        io.BytesIO(b"\xff" * 64),
    ],
)
def test_frames_that_are_none_are_refused(stream):
    with pytest.raises(BadFrame):
        wire.receive(stream)


@pytest.mark.parametrize("cut", [0, 3, 16, 20, 27])
def test_a_frame_that_breaks_off_is_an_end(cut):
    whole = frame({"n": 1}, b"1234").getvalue()
    with pytest.raises(EOFError):
        wire.receive(io.BytesIO(whole[:cut]))


def tensor(**changed):
    return {"tensor": "float32", "shape": [2], "start": 0} | changed


def nested(depth: int):
    value = 1
    for _ in range(depth):
        value = {"list": [value]}
    return value


@pytest.mark.parametrize(
    "data",
    [
        "text",
        [1],
        {},
        {"text": 1},
        {"list": 1},
        {"list": {"a": 1}},
        {"odd": None},
        {"pickle": "gASVAA=="},
        {"function": 0, "words": ""},
        tensor(tensor="complex64"),
        tensor(tensor=["float32"]),
        tensor(shape=[3]),
        tensor(shape=[-2]),
        tensor(shape=[2.0]),
        tensor(shape=[True]),
        tensor(shape="22"),
        tensor(shape=[2**40, 0]),
        tensor(shape=[2] * 17),
        tensor(shape=[0] + [2**31 - 1] * 3),
        tensor(shape=[2**31 - 1] * 3 + [0]),
        tensor(start=-4),
        tensor(start=1),
        tensor(start=None),
        nested(9),
    ],
    ids=str,
)
def test_values_that_are_none_are_refused(data):
    with pytest.raises(BadFrame):
        Decoder(bytes(8)).decode(data)


def test_too_many_values_are_refused():
    with pytest.raises(BadFrame):
        Decoder(b"").decode({"list": [{"list": [1] * 1000}] * 1001})


def test_a_blob_is_given_out_once():
    one = tensor(shape=[1])
    assert Decoder(bytes(8)).decode({"list": [one, tensor(shape=[1], start=4)]})
    with pytest.raises(BadFrame, match="share their bytes"):
        Decoder(bytes(8)).decode({"list": [one, one, one]})
    with pytest.raises(BadFrame, match="too many"):
        Decoder(b"").decode({"list": [tensor(shape=[0])] * 60_000})


def test_a_bool_is_true_or_false_whatever_its_byte_is():
    got = Decoder(bytes([0, 1, 2, 255])).decode({"tensor": "bool", "shape": [4], "start": 0})
    assert got.view(torch.uint8).tolist() == [0, 1, 1, 1]


def test_a_reply_too_large_is_not_sent():
    with pytest.raises(ValueError, match="too large"):
        wire.write(io.BytesIO(), {}, bytes(wire.LARGEST + 1))
    with pytest.raises(ValueError, match="too large"):
        wire.write(io.BytesIO(), {"text": "x" * wire.LARGEST_TEXT})
