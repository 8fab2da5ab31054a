"""The encodings of Parquet, compiled; `tests/equivalence/test_parquet_encodings.py` has them for reading."""

from pathlib import Path

from sim.kernels.cache import caching

with caching(Path(__file__).parent):
    from analysis.parquet.kernels.pack import delta, pack, room_for

__all__ = ["delta", "pack", "room_for"]
