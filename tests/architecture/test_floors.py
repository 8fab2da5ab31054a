"""Every module stands on a floor, and what a worker loads stays light."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.project import ROOT, module_name, python_files

# What a worker loads: it may run on another machine, a thousand times.
WORKERS = ("sim.kernels", "sim.reference", "sim.auction", "sim.engine.shard")
HEAVY = ("sqlalchemy", "faker", "polars")


def floors() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}
    return {name for layer in contracts["floors"]["layers"] for name in re.findall(r"[\w.]+", layer)}


def homeless(modules: set[str], known: set[str]) -> list[str]:
    packages = {module.rpartition(".")[0] for module in known} - {""}
    return sorted(
        module
        for module in modules - packages
        if not any(module == name or module.startswith(f"{name}.") for name in known)
    )


def test_every_module_stands_on_a_floor() -> None:
    modules = {module_name(path) for path in python_files("sim", "entities")}
    assert homeless(modules, floors()) == [], "give it a floor in pyproject.toml, [tool.importlinter]"


def test_a_module_without_a_floor_is_found() -> None:
    assert homeless({"sim", "sim.engine.shard", "sim.helpers"}, floors()) == ["sim.helpers"]


def loaded(module: str, where: Path = ROOT) -> set[str]:
    """Return which heavy packages a fresh process has loaded once it has imported *module*."""
    code = (
        f"import sys, {module}; print(*({{name.partition('.')[0] for name in sys.modules}} & {set(HEAVY)}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=where, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_what_a_worker_loads_is_light() -> None:
    modules = [module_name(path) for path in python_files("sim")]
    for module in modules:
        if module.startswith(tuple(f"{name}." for name in WORKERS)) or module in WORKERS:
            assert loaded(module) == set(), f"{module} reaches {HEAVY}"


def test_a_heavy_worker_is_found(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import json\n")
    (tmp_path / "heavy.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("import sqlalchemy.orm\n")
    assert loaded("plain", tmp_path) == set()
    assert loaded("heavy", tmp_path) == {"sqlalchemy"}
