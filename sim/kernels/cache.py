"""The cache of compiled functions, named by the sources that are compiled into them.

Numba looks at the file of a function and at no other, so that an edited constant or inlined function would
leave the machine code of before running.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import numba
from numba.misc import appdirs

_LINEAR_ALGEBRA = "scipy.linalg.cython_blas"
if "scipy.linalg" not in sys.modules:
    # Numba asks whether that is there as it is set up, for a tenth of a second, and again where it is used.
    sys.modules[_LINEAR_ALGEBRA] = ModuleType(_LINEAR_ALGEBRA)
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules[_LINEAR_ALGEBRA]

HERE = Path(__file__).parent
BESIDE = (
    *(HERE.parent / f"{name}.py" for name in ("events", "layout", "memory", "streams")),
    *sorted((HERE.parents[1] / "entities" / "enums").glob("*.py")),
    *(HERE.parents[1] / "entities" / f"{name}.py" for name in ("errors", "messages")),
)
"""Files outside a folder of compiled functions whose constants are compiled into them, with their imports."""
_settings: Any = numba.config  # ships no types
_of_user: Any = appdirs.AppDirs
_one_at_a_time = RLock()


@contextmanager
def caching(package: Path = HERE) -> Iterator[Path]:
    """Cache what is decorated in this block, functions of *package*, in a folder named by its sources.

    The folder is in NUMBA_CACHE_DIR, or else beside the sources, or else the user's, as numba has it; folders
    of earlier sources are removed from there. Where nothing can be written it lasts as long as the process.
    """
    with _one_at_a_time:  # Numba's setting is one for all threads
        before, folder = _settings.CACHE_DIR, _folder(package)
        _settings.CACHE_DIR = str(folder)
        try:
            yield folder
        finally:
            _settings.CACHE_DIR = before


def is_compiled(function: Any) -> bool:
    """Return whether the machine code of a compiled *function* is in the cache."""
    index = function._cache._cache_file._load_index()  # noqa: SLF001 - numba answers this nowhere else
    return bool(index)


def _folder(package: Path) -> Path:
    sha = hashlib.sha256()
    for source in (*sorted(package.glob("*.py")), *BESIDE):
        sha.update(f"{source.name} ".encode() + hashlib.sha256(source.read_bytes()).digest())
    install = hashlib.sha256(str(package.resolve()).encode()).hexdigest()[:16]
    for home in _homes(package):
        folder = home / f"paceline-{install}" / sha.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        for other in folder.parent.iterdir():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        return folder
    passing = tempfile.mkdtemp(prefix="paceline-")
    atexit.register(shutil.rmtree, passing, ignore_errors=True)
    return Path(passing)


def _homes(package: Path) -> Iterator[Path]:
    if _settings.CACHE_DIR:
        yield Path(_settings.CACHE_DIR)
    yield package / "__pycache__"
    yield Path(_of_user(appname="numba", appauthor=False).user_cache_dir)
