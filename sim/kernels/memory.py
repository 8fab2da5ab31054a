"""What compiled loops do about memory: borrow arrays instead of counting references, and fetch ahead."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Numba's types know neither the arguments of these nor what comes back.
_compiled: Any = intrinsic
_code: Any = cgutils
_tuples: Any = types.BaseTuple


@_compiled
def borrowed(_context: Any, arrays: Any) -> Any:
    """Return *arrays*, one or a tuple of them, as such that no use counts a reference to.

    Numba counts references where a function is called, with a lock of the memory bus that two threads wait
    for. The caller of a compiled function keeps its arguments alive, so that only they may be borrowed: an
    array that was made inside the function would be freed.
    """

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _without_owner(context, builder, signature.args[0], values[0])

    return arrays(arrays), code


@_compiled
def fetch(_context: Any, array: Any, row: Any) -> Any:
    """Have the beginning of a *row* of *array*, which must have it, in the cache by the time it is used."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.args[0]
        of_array = context.make_array(kind)(context, builder, value=values[0])
        place = context.cast(builder, values[1], signature.args[1], types.intp)
        first = [place] + [context.get_constant(types.intp, 0)] * (kind.ndim - 1)
        pointer = _code.get_item_pointer(context, builder, kind, of_array, first)
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        hint = _code.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
            "llvm.prefetch.p0i8",
        )
        builder.call(hint, [builder.bitcast(pointer, byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, row), code


@_compiled
def lowest(_context: Any, word: Any) -> Any:
    """Return the place of the lowest bit of a *word*, which has one."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = builder.cttz(values[0], ir.IntType(1)(1))
        return context.cast(builder, place, signature.args[0], types.int64)

    return types.int64(word), code


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, _tuples):
        for place, part in enumerate(kind.types):
            within = builder.extract_value(value, place)
            value = builder.insert_value(value, _without_owner(context, builder, part, within), place)
        return value
    if not isinstance(kind, types.Array):
        return value
    array = context.make_array(kind)(context, builder, value=value)
    for owner in ("meminfo", "parent"):
        setattr(array, owner, _code.get_null_value(getattr(array, owner).type))
    return array._getvalue()  # noqa: SLF001 - numba's own name for it
