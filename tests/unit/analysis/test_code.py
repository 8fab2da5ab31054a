"""The code is named by what decides a run, and by all of that."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.runs import simulate as runs
from analysis.runs.versions import code_of, deciding, version

ROOT = Path(runs.__file__).parents[2]
LOADED = """
import sys
import analysis.rows.digest, analysis.rows.performance, scenarios.models, sim.engine.run
print(*(module.__file__ for name, module in sys.modules.items() if name.split(".")[0] in {"sim", "analysis"}))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in deciding(ROOT):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def test_it_is_the_same_wherever_it_lies(copy: Path) -> None:
    assert code_of(copy) == version("code")
    for path in deciding(copy):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert code_of(copy) == version("code")


@pytest.mark.parametrize(
    "name",
    ["sim/streams.py", "sim/kernels/serve_slots.py", "entities/enums/audience.py", "scenarios/models.py"],
)
def test_one_line_more_is_other_code(copy: Path, name: str) -> None:
    with (copy / name).open("a") as file:
        file.write("# changed\n")
    assert code_of(copy) != version("code")


def test_a_new_part_is_other_code(copy: Path) -> None:
    (copy / "sim/pacing/mine.py").write_text("")
    assert code_of(copy) != version("code")


def test_what_prints_and_what_checks_decides_nothing(copy: Path) -> None:
    for name in (
        "sim/cli/commands/run.py",
        "sim/cli/terminal.py",
        "sim/laws/slots.py",
        "analysis/delivery/charts.py",
    ):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("")
    assert code_of(copy) == version("code")


def test_every_module_that_a_run_needs_is_among_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {Path(name) for name in done.stdout.split()}
    unheard = {path.relative_to(ROOT).as_posix() for path in loaded - set(deciding(ROOT))}
    assert {name for name in unheard if not name.startswith("sim/laws/")} == {
        "analysis/__init__.py",
        "analysis/rows/__init__.py",
    }
