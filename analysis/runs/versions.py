"""What runs a market here and now: the versions that can change a byte, or how it is stored."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata

import sim
from analysis.runs.code import code

PACKAGES = ("numba", "numpy", "polars", "pydantic", "simpy", "sqlalchemy", "tzdata")
"""Those whose version can change a run's bytes, or how they are stored."""
NONE = "none"
"""The version of a package that is not installed."""


def now() -> datetime:
    """Return when a run is started or finished."""
    return datetime.now(UTC)


@cache
def version(name: str) -> str:
    """Return the version of `paceline`, `python`, the `platform`, the `code`, or else of a package."""
    if name == "code":
        return code()
    if name == "paceline":
        return sim.__version__
    if name == "python":
        return platform.python_version()
    if name == "platform":
        return f"{platform.system()} {platform.machine()}"
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return NONE


def versions() -> dict[str, str]:
    """Return all versions by name, as a run keeps them."""
    return {name: version(name) for name in ("paceline", "python", *PACKAGES, "platform")}
