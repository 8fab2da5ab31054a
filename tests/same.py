"""Whether two tables, or two records of them, are the same to the last field."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray


def assert_same(ref: Any, fast: Any, where: str = "") -> None:
    """Assert that two records of arrays are equal in every field, and say where they are not."""
    for part in fields(ref):
        ref_table, fast_table = getattr(ref, part.name), getattr(fast, part.name)
        if isinstance(ref_table, dict):
            assert ref_table == fast_table, f"{where} {part.name}"
            continue
        assert_same_table(ref_table, fast_table, f"{where} {part.name}".strip())


def assert_same_table(ref: NDArray[Any], fast: NDArray[Any], where: str = "") -> None:
    """Assert that two arrays are equal in shape, type and every field."""
    assert (ref.shape, ref.dtype) == (fast.shape, fast.dtype), where
    # Where bytes differ, values may be the same still: padding is nobody's.
    for name in () if ref.tobytes() == fast.tobytes() else ref.dtype.names or (None,):
        ref_values, fast_values = (ref, fast) if name is None else (ref[name], fast[name])
        np.testing.assert_array_equal(ref_values, fast_values, err_msg=f"{where} {name or ''}".strip())
