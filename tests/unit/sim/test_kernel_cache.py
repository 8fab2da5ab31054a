"""Compiled functions do not outlive the sources that they were made of."""

import ast
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen

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
    root, to = HERE.parents[1], tmp_path / "copy"
    packages = (root / "sim" / "__init__.py", root / "sim" / "later.py", root / "entities" / "__init__.py")
    for source in (*packages, *HERE.glob("*.py"), *BESIDE):
        copied = to / source.relative_to(root)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copied)
    return to


Run = Callable[..., list[str]]


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


@pytest.mark.parametrize("place", ["beside the sources", "NUMBA_CACHE_DIR", "of the user", "nowhere"])
def test_an_edited_inlined_function_runs_at_once(run: Run, copy: Path, tmp_path: Path, place: str) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "user"), "HOME": str(tmp_path / "user")}
    kept = {
        "beside the sources": copy / "sim" / "kernels" / "__pycache__",
        "NUMBA_CACHE_DIR": tmp_path / "numba",
        "of the user": tmp_path / "user",
    }.get(place, tmp_path / "nowhere")
    if place == "NUMBA_CACHE_DIR":
        environment["NUMBA_CACHE_DIR"] = str(kept)
    elif place != "beside the sources":
        (copy / "sim" / "kernels" / "__pycache__").write_text("no folder can be made here")
    if place == "nowhere":
        (tmp_path / "user").write_text("nor here")

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
