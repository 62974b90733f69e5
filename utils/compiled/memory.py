"""What numba has no word for: memory at an address, and numbers of 16 bits.

Weights are not copied: a table of addresses says where torch keeps them. So a weight that is
changed in place counts at once, whatever the number of layers one call gets the same few
arguments, and no memory is taken.
"""

import platform
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def pointer(_context: Any, address: Any) -> Any:
    """The address, an int, as a pointer for numba.carray."""

    def emit(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], ir.PointerType(ir.IntType(8)))

    return types.voidptr(types.int64), emit


def has_half_instruction() -> bool:
    """Whether the processor turns float16 into float32 itself: ARM does, and x86 with F16C. Without
    it LLVM would call a function that is not there, and end the process.
    """
    if platform.machine().lower() in ("arm64", "aarch64"):
        return True
    if config.CPU_FEATURES is not None:  # someone chose a processor to compile for
        return "+f16c" in config.CPU_FEATURES.split(",")
    return bool(llvm.get_host_cpu_features().get("f16c", False))


@intrinsic  # type: ignore[untyped-decorator]
def from_half(_context: Any, bits: Any) -> Any:
    """The float32 that the 16 bits of a float16 stand for."""
    return types.float32(types.uint16), _convert if has_half_instruction() else _by_parts


def _convert(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
    """One instruction for eight of them."""
    return builder.fpext(builder.bitcast(values[0], ir.HalfType()), ir.FloatType())


def _by_parts(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
    """The fraction is moved to its place in a float32, and its exponent is brought from a bias of 15
    to one of 127 by a product with 2 to the power of 112. So subnormal numbers come out right; the
    highest exponent, of infinity and NaN, is set.
    """
    word, number = ir.IntType(32), ir.FloatType()
    bits = builder.zext(values[0], word)
    size = builder.shl(builder.and_(bits, word(0x7FFF)), word(13))
    scaled = builder.fmul(builder.bitcast(size, number), number(2.0**112))
    highest = builder.or_(size, word(0x7F800000))
    is_finite = builder.icmp_unsigned("<", size, word(0x7C00 << 13))
    found = builder.select(is_finite, builder.bitcast(scaled, word), highest)
    sign = builder.shl(builder.and_(bits, word(0x8000)), word(16))
    return builder.bitcast(builder.or_(found, sign), number)


@intrinsic  # type: ignore[untyped-decorator]
def from_bfloat(_context: Any, bits: Any) -> Any:
    """The float32 that the 16 bits of a bfloat16 stand for: they are its upper half."""

    def emit(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        word = builder.zext(values[0], ir.IntType(32))
        return builder.bitcast(builder.shl(word, ir.IntType(32)(16)), ir.FloatType())

    return types.float32(types.uint16), emit


@intrinsic  # type: ignore[untyped-decorator]
def from_bits(_context: Any, bits: Any) -> Any:
    """The float32 that 32 bits, an int32, stand for."""

    def emit(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], ir.FloatType())

    return types.float32(types.int32), emit


@intrinsic  # type: ignore[untyped-decorator]
def add_at(_context: Any, address: Any, amount: Any) -> Any:
    """Add to the int64 at an address, as one step for all threads; gives back what was there."""

    def emit(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        place = builder.inttoptr(values[0], ir.PointerType(ir.IntType(64)))
        return builder.atomic_rmw("add", place, values[1], "seq_cst")

    return types.int64(types.int64, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def look_at(_context: Any, address: Any) -> Any:
    """The int64 at an address as it is now, whoever wrote it."""

    def emit(_context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        place = builder.inttoptr(values[0], ir.PointerType(ir.IntType(64)))
        return builder.load_atomic(place, "seq_cst", 8)

    return types.int64(types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_context: Any, address: Any) -> Any:
    """Let the processor begin to read the line of memory at an address; any address will do.

    Into its second cache: a request for the nearest one made float16 rows slower than none.
    """

    def emit(context: Any, builder: ir.IRBuilder, _signature: Any, values: Any) -> Any:
        byte, word = ir.PointerType(ir.IntType(8)), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        to_read, soon, data = word(0), word(2), word(1)
        builder.call(ask, [builder.inttoptr(values[0], byte), to_read, soon, data])
        return context.get_dummy_value()

    return types.void(types.int64), emit
