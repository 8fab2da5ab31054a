"""Every module stands on a floor."""

import re
import tomllib

from tests.architecture.project import ROOT, module_name, python_files


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
    modules = {module_name(path) for path in python_files("sim", "entities", "analysis")}
    modules -= {
        name for name in modules if name.startswith(("analysis.examples.", "analysis.notebooks."))
    }  # scripts, never imported
    assert homeless(modules, floors()) == [], "give it a floor in pyproject.toml, [tool.importlinter]"


def test_a_module_without_a_floor_is_found() -> None:
    assert homeless({"sim", "sim.engine.batch", "sim.helpers"}, floors()) == ["sim.helpers"]
