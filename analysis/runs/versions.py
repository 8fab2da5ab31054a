"""What runs a market here and now: the versions that can change a byte, or how it is stored."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

import sim

PACKAGES = ("numba", "numpy", "polars", "pydantic", "simpy", "sqlalchemy", "tzdata")
"""Those whose version can change a run's bytes, or how they are stored."""
_ROWS = ("columns", "contention", "counting", "digest", "facts", "performance", "reasons")
DECIDES = (
    "sim/**/*.py",
    "entities/enums/*.py",
    "entities/schemas/*.py",
    "entities/models/results.py",
    "scenarios/models.py",
    *(f"analysis/rows/{name}.py" for name in _ROWS),
)
"""The files whose change may change a byte of a run."""
_BESIDE = {"__main__.py", "api", "cli", "laws", "new", "reference"}
"""What lies in `sim` and decides nothing: it asks, prints, checks or explains."""


def now() -> datetime:
    """Return when a run is started or finished."""
    return datetime.now(UTC)


@cache
def version(name: str) -> str:
    """Return the version of `paceline`, `python`, the `platform`, the `code`, or else of a package.

    The code is named by its content: a version number may stay the same.
    """
    if name == "code":
        return code_of(Path(__file__).parents[2])
    system = f"{platform.system()} {platform.machine()}"
    known = {"paceline": sim.__version__, "python": platform.python_version(), "platform": system}
    if name in known:
        return known[name]
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return "none"


def versions() -> dict[str, str]:
    """Return all versions by name, as a run keeps them."""
    return {name: version(name) for name in ("paceline", "python", *PACKAGES, "platform")}


def code_of(root: Path) -> str:
    """Return what names the code below *root*: SHA-256 of the files that decide, with their paths."""
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
