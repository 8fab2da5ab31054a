"""Copies of the project for tests that change its sources, with machine code that is as good there as here."""

from __future__ import annotations

import shutil
from pathlib import Path

from numba.core import caching

from sim.kernels import cache

ROOT = Path(__file__).parents[1]
SOURCES = ("sim", "entities", "scenarios", "analysis", "tests")


def copy_project(folder: Path) -> None:
    """Copy the sources and the settings of the project into *folder*."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, folder)
    # Machine code is good for as long as its sources are the same, but numba names its folder by where these are.
    compiled, copied = (_compiled(root / "sim" / "kernels") for root in (ROOT, folder))
    if compiled.is_dir():
        shutil.copytree(compiled, copied)


def _compiled(package: Path) -> Path:
    with cache.caching(package) as folder:
        return folder / caching.UserProvidedCacheLocator.get_suitable_cache_subpath(str(package / "any.py"))
