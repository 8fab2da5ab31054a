"""The cache of compiled functions, kept honest: numba looks at the file of a function and at no other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = (*HERE.glob("*.py"), *(HERE.parent / f"{name}.py" for name in ("events", "layout", "streams")))
"""Files whose constants and inlined functions are compiled into the tick."""


def discard_stale(folder: Path = HERE / "__pycache__", sources: Iterable[Path] = SOURCES) -> int:
    """Return how many cached functions were removed because a source is newer than they are."""
    changed = max(path.stat().st_mtime_ns for path in sources)
    stale = [path for path in folder.glob("*.nbi") if path.stat().st_mtime_ns < changed]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)
