"""Pickles of arrays are read as pickle and numpy read them; everything else is refused before it
can run.
"""

import builtins
import copyreg
import functools
import gzip
import io
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.data.numpy_pickle import read_arrays


def dumped(value, protocol=3):
    """As Python writes it, with numpy 1's name of the module whatever numpy is installed."""
    return pickle.dumps(value, protocol).replace(
        b"numpy._core.multiarray", b"numpy.core.multiarray"
    )


def as_python2(array):
    """As Python 2 wrote an array: protocol 2, and its bytes as a string (opcode T)."""
    raw, kind = array.tobytes(), array.dtype.str[1:].encode()
    shape = b"(" + b"".join(b"J" + struct.pack("<i", n) for n in array.shape) + b"t"
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    order = array.dtype.str[0].encode()
    dtype = (
        b"cnumpy\ndtype\nU\x02"
        + kind
        + b"K\x00K\x01\x87R(K\x03U\x01"
        + order
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    return (
        b"\x80\x02"
        + empty
        + b"(K\x01"
        + shape
        + dtype
        + b"\x89T"
        + struct.pack("<i", len(raw))
        + raw
        + b"tb."
    )


KINDS = ["i1", "<i2", "<i4", "<i8", "u1", "<u2", ">u4", "<u8", "<f2", "<f4", ">f4", ">f8", "<f8"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("write", [dumped, as_python2])
def test_arrays_are_read_as_they_were(kind, write):
    array = (np.arange(24).reshape(2, 3, 4) * 7 % 101).astype(kind)
    read = read_arrays(write(array))
    assert type(read) is np.ndarray and read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_the_python2_form_is_what_pickle_itself_reads():
    array = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(read_arrays(as_python2(array)), array)
    raw = as_python2(array).replace(
        b"numpy.core", np.zeros(0).__reduce__()[0].__module__.rpartition(".")[0].encode()
    )
    np.testing.assert_array_equal(pickle.loads(raw, encoding="latin1"), array)


@pytest.mark.parametrize(
    "array",
    [np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.zeros((0, 5), np.float32), np.array(2.5)],
)
def test_other_layouts(array):
    read = read_arrays(dumped(array))
    np.testing.assert_array_equal(read, array)
    assert read.shape == array.shape


def test_tuples_and_lists_keep_their_form_and_the_file_may_be_open():
    a, b = np.arange(3), np.ones((2, 2), np.float32)
    with io.BytesIO(dumped(((a, b), [b, []], ()))) as file:
        (x, y), [z, empty], nothing = read = read_arrays(file)
    assert type(read) is tuple and type(read[1]) is list and (empty, nothing) == ([], ())
    for got, expected in ((x, a), (y, b), (z, b)):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.filterwarnings("error")
def test_no_warning_about_moved_names():
    read_arrays(as_python2(np.arange(3)))


class Trap:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


SPRUNG = []


def spring(*_):
    SPRUNG.append(True)
    return np.zeros(1)


def text_call(module, name, argument):
    """A call of module.name(argument) by opcodes: STACK_GLOBAL lets the name have dots."""
    texts = (b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return (
        b"\x80\x04"
        + b"".join(texts)
        + b"\x93X"
        + struct.pack("<i", len(argument))
        + argument.encode()
        + b"\x85R."
    )


def traps(path):
    write = f"open({str(path)!r}, 'w', encoding='utf-8').close()"
    return {
        "system": pickle.dumps(Trap(os.system, f'echo > "{path}"')),
        "eval": dumped((np.arange(2), Trap(builtins.eval, write))),
        "exec": pickle.dumps([Trap(builtins.exec, write)]),
        "partial": pickle.dumps(Trap(functools.partial, os.mkdir, str(path))),
        "_reconstructor": pickle.dumps(Trap(copyreg._reconstructor, list, object, None)),
        "getattr": pickle.dumps(Trap(getattr, np.ndarray, "__init_subclass__"), 0),
        "spring": pickle.dumps(Trap(spring, 1)),
        "numpy.f2py.os.system": text_call("numpy", "f2py.os.system", f'echo > "{path}"'),
        "ndarray.__class__": text_call("numpy", "ndarray.__class__", "x"),
        "_reconstruct.__self__": text_call("numpy.core.multiarray", "_reconstruct.__self__", "x"),
        "__globals__": text_call("numpy.core.multiarray", "_reconstruct.__init__.__globals__", "x"),
        "_core.multiarray.scalar": text_call("numpy._core.multiarray", "scalar", "x"),
        "load": text_call("numpy", "load", str(path)),
    }


@pytest.mark.parametrize("name", traps(""))
def test_traps_are_named_and_do_not_spring(name, tmp_path):
    SPRUNG.clear()
    path = tmp_path / "sprung"
    with pytest.raises(
        ValueError, match=f"^this pickle asks for .*{name}'?, but only arrays"
    ) as error:
        read_arrays(traps(path)[name])
    assert not path.exists() and not SPRUNG
    assert "\n" not in str(error.value) and str(error.value).endswith("such as JSON.")


@pytest.mark.parametrize("name", ["system", "eval", "exec", "partial", "numpy.f2py.os.system"])
def test_the_traps_are_real(name, tmp_path):
    path = tmp_path / "sprung"
    made = pickle.loads(traps(path)[name])
    if name == "partial":
        made()
    assert path.exists()


class Pointing(pickle.Pickler):
    def persistent_id(self, obj):
        return "outside" if obj == "x" else None


def pointing():
    file = io.BytesIO()
    Pointing(file, 2).dump("x")
    return file.getvalue()


REFUSED = {
    "dtype 'O8'": dumped(np.array([1, "a"], dtype=object)),
    "dtype 'V8'": dumped(np.zeros(2, [("a", "<f8")])),
    "dtype 'U3'": dumped(np.array(["abc"])),
    "dtype 'M8'": dumped(np.zeros(2, "M8[s]")),
    "type int": dumped(3),
    "type dict": dumped({"a": np.arange(2)}),
    "type str": dumped((np.arange(2), "words")),
    "type nonetype": dumped([None]),
    "type dtype": dumped(np.dtype("f4")),
    "type array": b"\x80\x02cnumpy\nndarray\nNNN\x87R.",
    "type type": b"\x80\x02cnumpy\nndarray\n.",
    "outside of itself": pointing(),
    "not made of a dtype and bytes": b"\x80\x02cnumpy\nndarray\nNNN\x87R(K\x01K\x02\x85U\x02f4\x89U\x08aaaabbbbtb.",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_array_of_numbers_is_refused(words):
    with pytest.raises(ValueError, match=f"^this pickle .*{words}.*, but only arrays"):
        read_arrays(REFUSED[words])


@pytest.mark.parametrize(
    "state",
    [
        (3, "<", None, ("a",), {"a": (np.dtype("f8"), 0)}, 8, 8, 0),
        (3, "<", (np.dtype("f8"), (1,)), None, None, -1, -1, 0),
        (3, "O", None, None, None, -1, -1, 63),
    ],
)
def test_a_dtype_cannot_be_changed_into_another(state):
    dtype = b"\x80\x02cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R"
    with pytest.raises(ValueError, match="describes its numbers as"):
        read_arrays(dtype + dumped(state, 2)[2:-1] + b"b.")
    read_arrays(as_python2(np.zeros(1)))  # and nothing stays changed


DAMAGED = r"^this is not a whole pickle|^this pickle"
WHOLE = dumped((np.arange(5, dtype=np.float32), [np.arange(3)]))


@pytest.mark.parametrize("form", [WHOLE, as_python2(np.arange(4))])
def test_cut_short_anywhere(form):
    for length in range(len(form)):
        with pytest.raises(ValueError, match=DAMAGED) as error:
            read_arrays(form[:length])
        assert "\n" not in str(error.value)


@given(st.binary(max_size=60))
def test_garbage(data):
    with pytest.raises(ValueError, match=DAMAGED):
        read_arrays(b"\x80\x02" + data + b"\xff")


def leaves(value):
    return (
        [leaf for item in value for leaf in leaves(item)]
        if type(value) in (tuple, list)
        else [value]
    )


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_one_wrong_byte_gives_arrays_or_a_sentence(at, byte):
    try:
        read = read_arrays(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    except ValueError:
        return
    assert all(type(leaf) is np.ndarray and leaf.dtype.kind in "iuf" for leaf in leaves(read))


def test_shapes_that_lie_are_refused():
    with pytest.raises(ValueError, match="cannot reshape"):
        read_arrays(as_python2(np.arange(6, dtype=np.int32)).replace(b"(J\x06", b"(J\x07"))


def test_a_list_that_holds_itself_ends():
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match="RecursionError"):
        read_arrays(pickle.dumps(loop))


def test_a_damaged_gzip_file_is_a_sentence():
    packed = gzip.compress(WHOLE)
    for data in (packed[:-12], b"plain"):
        with (
            pytest.raises(ValueError, match="get the file again"),
            gzip.open(io.BytesIO(data)) as file,
        ):
            read_arrays(file)
    with gzip.open(io.BytesIO(packed)) as file:
        assert len(read_arrays(file)) == 2
