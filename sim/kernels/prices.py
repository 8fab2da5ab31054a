"""Prices, compiled: what the winner of a slot pays, with the signature that the loops call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from numba import cfunc, int64, typeof

from sim.kernels.cache import caching

_compiled = cfunc(int64(int64, int64, int64, int64, int64), cache=True)


def as_price(rule: Callable[..., Any], package: Path) -> Callable[[int, int, int, int, int], int]:
    """Return *rule*, a function of *package*, as C code that loops and Python may call; it is cached."""
    with caching(package):
        compiled: Any = _compiled(rule)
    # Otherwise every call of a kernel would make the type of its price anew.
    compiled._numba_type_ = typeof(compiled)  # type: ignore[no-untyped-call]  # this part of Numba has no types
    return cast("Callable[[int, int, int, int, int], int]", compiled)
