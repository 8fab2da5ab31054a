"""The cache of compiled functions, named by the sources that are compiled into them.

Numba looks at the file of a function and at no other, so that an edited constant or inlined function would
leave the machine code of before running. It also opens pickles as they are, and a pickle may run anything:
these lie in folders of the user alone, and are held to their SHA-256 first.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import os
import pickle
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import numba
from numba.core import caching as numbas
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
_DIGEST = hashlib.sha256().digest_size
_settings: Any = numba.config  # ships no types
_numbas: Any = numbas
_of_user: Any = appdirs.AppDirs
_one_at_a_time = RLock()


@contextmanager
def caching(package: Path = HERE) -> Iterator[Path]:
    """Cache what is decorated in this block, functions of *package*, in a folder named by its sources.

    The folder is in NUMBA_CACHE_DIR, or else beside the sources, or else the user's, as numba has it, or else
    among temporary files; folders of earlier sources are removed from there. One that somebody else owns, or
    may write into, is passed over. Where nothing can be written it lasts as long as the process. What is
    damaged is compiled anew.
    """
    with _one_at_a_time:  # Numba's settings are one for all threads
        before, folder = (_settings.CACHE_DIR, _numbas.IndexDataCacheFile), _folder(package)
        _settings.CACHE_DIR, _numbas.IndexDataCacheFile = str(folder), _Checked
        try:
            yield folder
        finally:
            _settings.CACHE_DIR, _numbas.IndexDataCacheFile = before


class _Checked(_numbas.IndexDataCacheFile):  # type: ignore[misc]  # numba ships no types
    # Numba's files, each with the SHA-256 of the rest of it in front.
    def _load_index(self) -> dict[Any, str]:
        try:
            version, stamp, overloads = pickle.loads(_read(self._index_path))  # noqa: S301 - just checked
        except OSError:
            return {}
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, self._dump((self._version, self._source_stamp, overloads)))

    def _load_data(self, name: str) -> Any:
        return pickle.loads(_read(self._data_path(name)))  # noqa: S301 - just checked

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), self._dump(data))

    def _write(self, path: str, body: bytes) -> None:
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(body).digest() + body)


def _read(path: str) -> memoryview:
    # OSError, for which numba compiles anew.
    content = memoryview(Path(path).read_bytes())
    if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        raise OSError(f"{path} is damaged")
    return content[_DIGEST:]


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
            home.mkdir(parents=True, exist_ok=True)
            for ours in (folder.parent, folder):
                ours.mkdir(mode=0o700, exist_ok=True)
                _check_private(ours)
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


def _check_private(folder: Path) -> None:
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o022:
        raise PermissionError(f"{folder} is not ours alone")


def _homes(package: Path) -> Iterator[Path]:
    if _settings.CACHE_DIR:
        yield Path(_settings.CACHE_DIR)
    yield package / "__pycache__"
    yield Path(_of_user(appname="numba", appauthor=False).user_cache_dir)
    yield Path(tempfile.gettempdir())
