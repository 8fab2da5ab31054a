"""The code that decides what a run comes to, named by its content: a version number may stay the same."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

DECIDES = (
    "sim/**/*.py",
    "entities/enums/*.py",
    "entities/schemas/*.py",
    "entities/models/results.py",
    "scenarios/models.py",
    *(f"analysis/rows/{name}.py" for name in ("columns", "digest", "performance", "reasons")),
)
"""The files whose change may change a byte of a run."""
_BESIDE = {"__main__.py", "api", "cli", "laws", "new", "reference"}
"""What lies in `sim` and decides nothing: it asks, prints, checks or explains."""


@cache
def code() -> str:
    """Return what names the code as it is installed: SHA-256 of the files that decide, with their paths."""
    return code_of(Path(__file__).parents[2])


def code_of(root: Path) -> str:
    """Return what names the code below *root*."""
    sha = hashlib.sha256()
    for path in deciding(root):
        # Lines end as they do in every checkout.
        text = path.read_bytes().replace(b"\r\n", b"\n")
        sha.update(f"{path.relative_to(root).as_posix()} {len(text)}\n".encode() + text)
    return sha.hexdigest()


def deciding(root: Path) -> list[Path]:
    """Return the files below *root* that decide what a run comes to, in one order everywhere."""
    found = (path.relative_to(root) for pattern in DECIDES for path in root.glob(pattern))
    return sorted(root / path for path in found if path.parts[0] != "sim" or path.parts[1] not in _BESIDE)
