"""`make new`: a part of each family keeps its contract as it is written, and a name that it cannot have is refused."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.pacing.pid import Pid
from tests.copies import copy_project
from tests.new import LIKE, copied, main

WRITE = """
import sys
from tests.new import write
for name in sys.argv[1:]:
    family = name.removeprefix("quite_new_")
    if family != "pacing":
        write(family, name)
"""


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    copy_project(folder)
    return folder


@pytest.mark.slow
def test_a_part_of_each_family_keeps_its_contract_as_it_is_written(copy: Path) -> None:
    names = {family: f"quite_new_{family}" for family in LIKE}
    for words in (["-c", WRITE, *names.values()], ["-m", "tests.new", "pacing", names["pacing"]]):
        done = python(copy, *words)
        assert (done.returncode, done.stderr) == (0, "")
    paths = sorted(copy.rglob("quite_new_*.py"))
    assert len(paths) == len(LIKE)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f'"""{path.stem.capitalize().replace("_", " ")}:')
        assert f'"{LIKE[path.stem.removeprefix("quite_new_")]}"' not in text
    for check in (["format", "--check"], ["check"]):
        linted = python(copy, "-m", "ruff", *check, "--no-cache", *map(str, paths))
        assert linted.returncode == 0, linted.stdout
    assert "quite_new_pacing" in (copy / "scenarios/schemas/scenario.json").read_text(encoding="utf-8")
    words = ("tests/contract", "tests/unit/scenarios/test_schema.py", "-k", "quite_new or schema_is_shipped")
    tested = python(copy, "-m", "pytest", *words, "-v", "-p", "no:cacheprovider", "-n", "0")
    assert tested.returncode == 0, tested.stdout
    assert all(f"quite_new_{family}]" in tested.stdout for family in LIKE)


def test_any_part_is_copied_under_a_name_of_its_own_without_what_it_says_of_itself() -> None:
    text = copied(Pid, "my_policy")
    assert text.startswith('"""My policy: say in a line what it does')
    assert (
        'class MyPolicy(PacingPolicy):\n    """What it does and why, and the source of its formula."""\n'
        in text
    )
    assert 'kind: Literal["my_policy"] = "my_policy"' in text
    assert "Pid" not in text
    assert "arXiv" not in text
    assert '"""Return what the family asks `plan` for: say by what rule."""' in text
    assert ast.unparse(ast.parse(text)).count('"""') == 2 * 4
    compile(text, "my_policy.py", "exec")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pacing"], "say which: make new KIND=pacing NAME=my_policy"),
        (["pacin", "mine"], "KIND=pacin: there is no such family; did you mean pacing?"),
        (["pacing", "even"], "NAME=even: sim/pacing/even.py exists already; choose another name"),
        (["pacing", "steering"], "NAME=steering: sim/pacing/steering.py exists already; choose another name"),
        (["pods", "dynamic"], "NAME=dynamic: sim/audience/pods/dynamic.py exists already; choose another name"),
        (["pacing", "mine", "evem"], "LIKE=evem: there is no such part; did you mean even?"),
        (["pods", "np"], "NAME=np: means something else in sim.audience.pods; choose another name"),
        (["pacing", "situation"], "NAME=situation: means something else in sim.pacing; choose another name"),
        *((["pacing", name], f"NAME={name}: means something else in Python; choose another name") for name in ("max", "numpy", "typing", "test", "sim")),
        *((["deal", name], f"NAME={name}: is not allowed; must be snake_case") for name in ("My", "a-b", "lambda", "_x", "../x", "x" * 41)),
    ],
)  # fmt: skip
def test_a_name_that_a_part_cannot_have_is_refused_in_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {message}")
    assert told.count("\n") == 1
