"""What the compiled code is made of: how functions are compiled, five machine instructions, and an exponential.

Every kernel takes plain arrays and numbers. All run without Python's lock, so that threads can share their work (team.py).
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])
Record = Any  # one element of a structured array; compiled code reads and writes its fields as attributes
f32: Any = np.float32  # the machine's numbers: written out wherever the compiler would otherwise take wider ones, or two sorts
f64: Any = np.float64
i32: Any = np.int32
i64: Any = np.int64
u32: Any = np.uint32
u64: Any = np.uint64
instruction: Any = intrinsic  # whose type hints are those of what it makes, not of how that is called

# The check for division by zero would keep loops from being vectorised; nothing here is ever called from C.
# A function that says nothing of fastmath takes that of whichever function has it compiled first, and keeps it on disk for all.
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "fastmath": False}
_njit: Any = njit  # its type hints know fewer options than it has
_LOG = logging.getLogger(__name__)
_BYTE_POINTER = ir.IntType(8).as_pointer()
_YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"


def _kept(kernel: Any) -> Any:
    """Return the kernel, whose files on disk no other process will write.

    Numba counts them: two processes that compile a function at once for different arguments would give both files one name, and
    from then on code for the one would run on the other (IndexDataCacheFile.save, as of numba 0.68).
    """
    if hasattr(kernel, "_cache"):  # not where NUMBA_DISABLE_JIT leaves a plain function
        file = kernel._cache._cache_file
        file._data_name_pattern = file._data_name_pattern.replace("{number", f"{os.getpid()}-{{number")
    return kernel


def compiled(function: Function) -> Function:
    """Compile at the first call with given types; the machine code is kept on disk."""
    return cast(Function, _kept(_njit(**_OPTIONS)(function)))


def compiled_inline(function: Function) -> Function:
    """The same for a function that only compiled functions call: it gets no wrapper for Python of its own."""
    return cast(Function, _kept(_njit(**_OPTIONS, no_cpython_wrapper=True)(function)))


def compiled_bare(function: Function) -> Function:
    """The same as `compiled` for a function that makes no arrays: without the counting of references it is compiled sooner."""
    return cast(Function, _kept(_njit(**_OPTIONS, _nrt=False)(function)))


def compiled_bare_inline(function: Function) -> Function:
    """The same as `compiled_inline` for a function that makes no arrays."""
    return cast(Function, _kept(_njit(**_OPTIONS, no_cpython_wrapper=True, _nrt=False)(function)))


def compiled_in_place(function: Function) -> Function:
    """The same for a function that is called in one place: its lines are compiled there, and only there, which is sooner done."""
    return cast(Function, _kept(_njit(**_OPTIONS, no_cpython_wrapper=True, _nrt=False, inline="always")(function)))


def compiled_reordered(function: Function) -> Function:
    """The same as `compiled_bare_inline` for sums of float32 whose order may change, so that they become vector code.

    The result depends on the machine's vectors in its last digits; infinities and NaN keep their meaning.
    """
    flags = {"reassoc", "contract", "nsz"}
    return cast(Function, _kept(_njit(**{**_OPTIONS, "fastmath": flags}, no_cpython_wrapper=True, _nrt=False)(function)))


def tell_if_cold(kernel: Any) -> None:
    """Log that kernels are about to be compiled, once per machine and version, unless this one is found on disk already."""
    name = f"{kernel.py_func.__module__.split('.')[-1]}.{kernel.py_func.__qualname__}"
    if not kernel.signatures and not any(Path(kernel.stats.cache_path).glob(f"{name}-*.nbi")):
        _LOG.warning("compiling the kernels, once; they are kept in %s for the next time", kernel.stats.cache_path)


def _address(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


@instruction
def prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Start to load array[index] into the cache; any index is allowed."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [_BYTE_POINTER, flag, flag, flag])
        function = builder.module.declare_intrinsic("llvm.prefetch.p0", fnty=kind)
        address = builder.bitcast(_address(context, builder, signature.args[0], *args), _BYTE_POINTER)
        builder.call(function, [address, flag(0), flag(3), flag(1)])  # to read, into all levels, data
        return context.get_dummy_value()

    return types.void(array, index), generate


@instruction
def atomic_add(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Add to array[index], int64, undivided by other threads; return what was there before."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", address, args[2], "seq_cst")

    return types.int64(array, types.int64, types.int64), generate


@instruction
def atomic_load(typing_context: Any, array: Any, index: Any) -> Any:
    """Return array[index], int64, as other threads have left it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(_address(context, builder, signature.args[0], *args), "seq_cst", 8)

    return types.int64(array, types.int64), generate


@instruction
def yield_processor(typing_context: Any) -> Any:
    """Let another thread of the machine run, if one waits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(
            ir.Function(builder.module, kind, _YIELD) if _YIELD not in builder.module.globals else builder.module.globals[_YIELD],
            [],
        )
        return context.get_dummy_value()

    return types.void(), generate


@instruction
def float_from_bits(typing_context: Any, bits: Any) -> Any:
    """Return the float32 whose bits are those of an int32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.int32), generate


@instruction
def trailing_zeros(typing_context: Any, bits: Any) -> Any:
    """Return the number of zeros below the lowest 1 of an unsigned integer."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.IntType(1)(0))

    return bits(bits), generate


@compiled_bare_inline
def fast_exp(x: Any) -> Any:
    """Return e^x, float32, for a float32 in [-87, 87], off by at most 2e-7 of it; the compiler turns it into vector code.

    e^x = 2^k · e^r with k = round(x / ln 2): 2^k is written into the exponent's bits, e^r is a polynomial (Cephes, expf).
    """
    x = f32(x)
    x = x if x > f32(-87.0) else f32(-87.0)
    x = x if x < f32(87.0) else f32(87.0)
    k = f32(np.floor(x * f32(1.44269504) + f32(0.5)))
    r = x - k * f32(0.693359375) + k * f32(2.12194440e-4)
    p = f32(1.9875691500e-4)
    p = p * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    p = p * r * r + r + f32(1.0)
    return p * float_from_bits((i32(k) + i32(127)) << i32(23))
