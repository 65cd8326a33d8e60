"""Intrinsics missing in Numba: prefetch, atomics, calls through addresses, clock, yielding the processor, sleeping."""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

CLOCK_MONOTONIC = 1

sched_yield = types.ExternalFunction("sched_yield", types.int32())
clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))
syscall = types.ExternalFunction("syscall", types.int64(*[types.int64] * 7))

FUTEX = {"x86_64": 202, "aarch64": 98}.get(platform.machine(), 0)
"""Number of the system call with which threads sleep until a 32-bit word changes; 0 if unknown."""
FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE = 128, 129
PAUSE = {"x86_64": ("llvm.x86.sse2.pause", ()), "aarch64": ("llvm.aarch64.hint", (1,))}.get(platform.machine())
"""LLVM's name and arguments of the instruction that marks a polling loop."""


def _element(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index])


@intrinsic
def prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Prefetch the cache line of ``array[index]``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer_type = ir.IntType(8).as_pointer()
        int32 = ir.IntType(32)
        function_type = ir.FunctionType(ir.VoidType(), [pointer_type, int32, int32, int32])
        function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.prefetch.p0")
        pointer = builder.bitcast(_element(context, builder, signature.args[0], *arguments), pointer_type)
        read, keep, data = int32(0), int32(3), int32(1)
        builder.call(function, [pointer, read, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.uintp), generate


@intrinsic
def atomic_add(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Add to ``array[index]`` atomically; return the previous value."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _element(context, builder, signature.args[0], *arguments[:2])
        return builder.atomic_rmw("add", pointer, arguments[2], "acq_rel")

    return array.dtype(array, types.intp, array.dtype), generate


@intrinsic
def atomic_load(typing_context: Any, array: Any, index: Any) -> Any:
    """Read ``array[index]`` (8 bytes) with acquire ordering."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_element(context, builder, signature.args[0], *arguments), "acquire", 8)

    return array.dtype(array, types.intp), generate


@intrinsic
def pause(typing_context: Any) -> Any:
    """Leave the core to its other hardware thread for 10 to 50 ns; called in each iteration of a polling loop."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if PAUSE is not None:
            name, values = PAUSE
            int32 = ir.IntType(32)
            function_type = ir.FunctionType(ir.VoidType(), [int32] * len(values))
            builder.call(cgutils.get_or_insert_function(builder.module, function_type, name), [*map(int32, values)])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def load_from(typing_context: Any, address: Any, like: Any) -> Any:
    """Read the number at `address`, of the dtype of the array `like`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer_type = context.get_value_type(signature.return_type).as_pointer()
        return builder.load(builder.inttoptr(arguments[0], pointer_type))

    return like.dtype(types.int64, like), generate


def _call_with_integers(n: int) -> Any:
    """Return signature and code of a call through an address with `n` integers or addresses."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        int64 = ir.IntType(64)
        function_type = ir.FunctionType(int64, [int64] * n)
        function = builder.inttoptr(arguments[0], function_type.as_pointer())
        return builder.call(function, arguments[1:])

    return types.int64(*[types.int64] * (n + 1)), generate


@intrinsic
def call_kernel(
    typing_context: Any, address: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any, i: Any
) -> Any:
    """Call an `AddressedKernel` with nine integers or addresses; return its int64."""
    return _call_with_integers(9)


@intrinsic
def call_update(
    typing_context: Any, address: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any, i: Any, j: Any
) -> Any:
    """Call a neuron model's update, which takes ten (`simcore.jit.compilation.update_kernel`); return its int64."""
    return _call_with_integers(10)


@intrinsic
def popcount(typing_context: Any, bits: Any) -> Any:
    """Return the number of ones of a uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        int64 = ir.IntType(64)
        function_type = ir.FunctionType(int64, [int64])
        function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.ctpop.i64")
        return builder.call(function, arguments)

    return types.uint64(types.uint64), generate


COMPARED = 16
"""Count of numbers that `count_greater` compares at once."""


@intrinsic
def count_greater(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Count the numbers greater than a value among the `COMPARED` int32 from ``array[index]`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, scalar = ir.VectorType(ir.IntType(32), COMPARED), ir.IntType(32)
        place = _element(context, builder, signature.args[0], *arguments[:2])
        numbers = builder.load(builder.bitcast(place, vector.as_pointer()), align=4)
        single = builder.insert_element(ir.Constant(vector, ir.Undefined), arguments[2], scalar(0))
        zeros = ir.Constant(ir.VectorType(scalar, COMPARED), [0] * COMPARED)
        values = builder.shuffle_vector(single, ir.Constant(vector, ir.Undefined), zeros)
        bits = builder.bitcast(builder.icmp_signed(">", numbers, values), ir.IntType(COMPARED))
        function_type = ir.FunctionType(ir.IntType(COMPARED), [ir.IntType(COMPARED)])
        function = cgutils.get_or_insert_function(builder.module, function_type, f"llvm.ctpop.i{COMPARED}")
        return builder.zext(builder.call(function, [bits]), ir.IntType(64))

    return types.int64(array, types.uintp, types.int32), generate


@intrinsic
def float_bits(typing_context: Any, x: Any) -> Any:
    """Return the bits of a float64 as a uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), generate


@intrinsic
def call_c(typing_context: Any, address: Any, arguments: Any) -> Any:
    """Call the C function at `address` with a tuple of integers or addresses; return its int."""
    n = len(arguments)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        int64 = ir.IntType(64)
        function = builder.inttoptr(values[0], ir.FunctionType(ir.IntType(32), [int64] * n).as_pointer())
        return builder.call(function, [builder.extract_value(values[1], k) for k in range(n)])

    return types.int32(types.int64, arguments), generate


@intrinsic
def elements_at(typing_context: Any, address: Any, like: Any) -> Any:
    """Convert an address to a pointer to numbers of the dtype of the array `like`, for `carray`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(like.dtype)(types.int64, like), generate


def _pointer_to(element: Any) -> Any:
    @intrinsic
    def pointer(typing_context: Any, address: Any) -> Any:
        """Convert an address to a pointer, for `carray`."""

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(element)(types.int64), generate

    return pointer


int32_at = _pointer_to(types.int32)
int64_at = _pointer_to(types.int64)
uint32_at = _pointer_to(types.uint32)
