"""Compiled functions do not outlive the sources that they were made of."""

import ast
import hashlib
import json
import os
import pickle
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from typing import NamedTuple

import pytest

from sim.kernels.cache import BESIDE, HERE

SEEN = "sum(bool(recognised(1 << 31, np.uint64(7), person, 1)) << person for person in range(62))"
RUN = f"""
import numpy as np
from sim.kernels.cache import is_compiled
from sim.kernels.checks import recognised
known = is_compiled(recognised)
print(known, {SEEN}, is_compiled(recognised))
"""
Run = Callable[..., list[str]]
PARENT = """
import json, os, sys
import numba
numba.njit(lambda: 0)()
for line in sys.stdin:
    copy, environment = json.loads(line)
    if os.fork() == 0:
        os.environ |= environment
        numba.config.reload_config()
        sys.path.insert(0, copy)
        exec(sys.argv[1])
        break
    if os.wait()[1]:
        print("failed", flush=True)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of what is compiled."""
    return _copied(tmp_path / "copy")


class Compiled(NamedTuple):
    """A copy that was compiled once, and what it printed."""

    copy: Path
    cache: Path
    printed: list[str]


def _copied(to: Path) -> Path:
    root = HERE.parents[1]
    packages = (root / "sim" / "__init__.py", root / "sim" / "later.py", root / "entities" / "__init__.py")
    for source in (*packages, *HERE.glob("*.py"), *BESIDE):
        copied = to / source.relative_to(root)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copied)
    return to


def planted(package: Path, home: Path) -> Path:
    """Return the folder that a cache has in *home*, made so that others may write into it."""
    found = home / f"paceline-{hashlib.sha256(str(package.resolve()).encode()).hexdigest()[:16]}"
    found.mkdir()
    found.chmod(0o777)
    return found


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run what is in a copy, in a child of a process that has imported numba for all of them."""
    without = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    command = [sys.executable, "-B", "-c", PARENT, RUN]
    with Popen(command, env=without, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        given, told = process.stdin, process.stdout

        def run(copy: Path, **environment: str) -> list[str]:
            print(json.dumps([str(copy), environment]), file=given, flush=True)
            return told.readline().split()

        yield run


@pytest.fixture(scope="module")
def compiled(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp("compiled")
    copy = _copied(folder / "copy")
    return Compiled(copy, folder / "numba", run(copy, NUMBA_CACHE_DIR=str(folder / "numba")))


@pytest.mark.parametrize(
    "place", ["beside the sources", "NUMBA_CACHE_DIR", "of the user", "temporary", "nowhere"]
)
def test_an_edited_inlined_function_runs_at_once(run: Run, copy: Path, tmp_path: Path, place: str) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "user"), "HOME": str(tmp_path / "user")}
    kept = {
        "beside the sources": copy / "sim" / "kernels" / "__pycache__",
        "NUMBA_CACHE_DIR": tmp_path / "numba",
        "of the user": tmp_path / "user",
        "temporary": tmp_path / "passing",
    }.get(place, tmp_path / "nowhere")
    if place == "NUMBA_CACHE_DIR":
        environment["NUMBA_CACHE_DIR"] = str(kept)
    elif place != "beside the sources":
        (copy / "sim" / "kernels" / "__pycache__").write_text("no folder can be made here")
    if place in {"temporary", "nowhere"}:
        (tmp_path / "user").write_text("nor here")
        (tmp_path / "passing").mkdir()
        environment["TMPDIR"] = str(tmp_path / "passing")
    if place == "nowhere":
        planted(copy / "sim" / "kernels", tmp_path / "passing")

    new, before, cached = run(copy, **environment)
    assert (new, cached) == ("False", "True")

    source = copy / "sim" / "kernels" / "numbers.py"
    moment = source.stat().st_mtime
    source.write_text(source.read_text().replace("np.uint64(30)", "np.uint64(29)"))
    os.utime(source, (moment, moment))  # as a checkout or an archive may have it
    new, after, cached = run(copy, **environment)
    assert (new, cached) == ("False", "True")
    assert after != before
    indices = list(kept.rglob("checks.recognised-*.nbi")) if kept.is_dir() else []
    assert len(indices) == (place != "nowhere"), "folders of earlier sources are removed"


DAMAGES: dict[str, Callable[[bytes, Path], bytes]] = {
    "cut": lambda content, _: content[: len(content) // 2],
    "empty": lambda *_: b"",
    "flipped": lambda content, _: content[:-100] + bytes([content[-100] ^ 255]) + content[-99:],
    "planted": lambda _, trace: pickle.dumps(Planted(trace)),
    "planted with room": lambda _, trace: bytes(32) + pickle.dumps(Planted(trace)),
}


class Planted:
    """A pickle that makes a folder when it is opened."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("how", DAMAGES)
def test_what_is_damaged_is_compiled_anew(
    run: Run, compiled: Compiled, tmp_path: Path, suffix: str, how: str
) -> None:
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    shutil.copytree(compiled.cache, tmp_path / "numba")
    copy, first = compiled.copy, compiled.printed
    trace = tmp_path / "ran"
    (file,) = (tmp_path / "numba").rglob(f"checks.recognised-*.{suffix}")
    file.write_bytes(DAMAGES[how](file.read_bytes(), trace))
    again = run(copy, **environment)
    assert not trace.exists()
    assert again[1:] == first[1:] != []
    assert run(copy, **environment) == ["True", *first[1:]], "what was damaged is mended"


def test_a_cache_is_its_users_alone(run: Run, copy: Path, tmp_path: Path) -> None:
    shared = planted(copy / "sim" / "kernels", tmp_path)
    new, _, cached = run(copy, NUMBA_CACHE_DIR=str(tmp_path))
    assert (new, cached) == ("False", "True")
    assert not list(shared.iterdir())
    (index,) = (copy / "sim" / "kernels" / "__pycache__").rglob("checks.recognised-*.nbi")
    for folder in (index.parents[1], index.parents[2]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_all_that_the_kernels_import_names_their_cache() -> None:
    sources = {*HERE.glob("*.py"), *BESIDE}
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text())):
            if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith(("sim", "entities")):
                continue
            module = HERE.parents[1].joinpath(*str(node.module).split("."))
            for name in node.names:
                found = [module / f"{name.name}.py", module.with_suffix(".py"), module / "__init__.py"]
                assert next(path for path in found if path.is_file()) in sources
