"""A script's own `analysis`, `sim`, `scenarios` or `entities` never takes the place of ours, nor ours of his unheard."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.project import PACKAGES, ROOT

SPAWNS = """
import multiprocessing
import paceline

def seed(scenario):
    return type(scenario) is paceline.Scenario and scenario.seed

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(seed, [paceline.Scenario(name="small", seed=7)]))
"""


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in *folder* with Paceline on its path as an editable install has it: after the script's own."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "sim" / "api")))
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def saved(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def own(name: str) -> str:
    return f"paceline, which has its own {name!r} ({ROOT / name}); rename yours"


def test_packages_beside_the_script_are_named_and_break_nothing(tmp_path: Path) -> None:
    saved(tmp_path, {f"{name}/__init__.py": "" for name in PACKAGES})
    saved(tmp_path, {"study.py": "import paceline\nprint(paceline.Scenario.__module__)\n"})
    done = python(tmp_path, "study.py")
    assert done.stdout == "scenarios.models\n"
    for name in PACKAGES:
        hidden = tmp_path / name / "__init__.py"
        line = f"{tmp_path}/study.py:1: PacelineWarning: {hidden} cannot be imported beside {own(name)}\n"
        assert line in done.stderr


def test_one_that_was_imported_before_is_refused_in_one_line(tmp_path: Path) -> None:
    saved(tmp_path, {"analysis.py": "", "study.py": "import analysis\nimport paceline\n"})
    done = python(tmp_path, "study.py")
    assert done.returncode == 1
    line = f"ImportError: 'analysis' was imported from {tmp_path / 'analysis.py'} before {own('analysis')}"
    assert done.stderr.splitlines()[-1] == line


@pytest.mark.parametrize("his", ["analysis.py", "analysis/mine.py"])
@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("import analysis.mine", "ImportError: no module named 'analysis.mine'"),
        ("from analysis import mine", "ImportError: no module named 'analysis.mine'"),
        ("import analysis; analysis.mine", "AttributeError: module 'analysis' has no attribute 'mine'"),
    ],
)
def test_who_asks_a_hidden_one_is_told_of_both(tmp_path: Path, his: str, line: str, error: str) -> None:
    saved(tmp_path, {his: "mine = 1\n", "study.py": f"import paceline\n{line}\n"})
    place = tmp_path / his if his == "analysis.py" else tmp_path / "analysis"
    last = python(tmp_path, "study.py").stderr.splitlines()[-1]
    assert last == f"{error}; {place} cannot be imported beside {own('analysis')}"


def test_folders_without_modules_and_the_script_itself_may_have_any_name(tmp_path: Path) -> None:
    saved(
        tmp_path,
        {
            "scenarios/mine.yml": "extends: smoke\nname: mine\n",
            "analysis/plots.py": "",
            "sim.py": "import paceline, sim\nprint(sim.__file__)\n",
        },
    )
    for words in (["sim.py"], ["-m", "sim"]):
        done = python(tmp_path, *words)
        assert (done.stdout, done.stderr) == (f"{ROOT / 'sim' / '__init__.py'}\n", ""), words


def test_a_wrong_name_of_ours_reads_as_ever(tmp_path: Path) -> None:
    done = python(tmp_path, "-c", "import paceline, analysis; analysis.mine")
    assert done.stderr.splitlines()[-1] == "AttributeError: module 'analysis' has no attribute 'mine'"
    done = python(tmp_path, "-c", "import paceline, analysis.mine")
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'analysis.mine'"


def test_a_spawned_process_finds_ours_too(tmp_path: Path) -> None:
    saved(tmp_path, {"scenarios/__init__.py": "", "study.py": SPAWNS})
    done = python(tmp_path, "-W", "ignore", "study.py")
    assert (done.stdout, done.stderr) == ("[7]\n", "")


def test_his_package_that_runs_as_a_module_is_refused_in_one_line(tmp_path: Path) -> None:
    saved(tmp_path, {"sim/__init__.py": "", "sim/study.py": "import paceline\n"})
    done = python(tmp_path, "-m", "sim.study")
    assert f"'sim' was imported from {tmp_path / 'sim/__init__.py'} before paceline" in done.stderr


def test_the_command_runs_beside_a_package_called_sim(tmp_path: Path) -> None:
    saved(tmp_path, {"sim/__init__.py": ""})
    done = python(tmp_path, "-W", "ignore", "-m", "paceline", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("paceline ")
