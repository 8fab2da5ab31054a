"""List: what there is to choose from, each described by itself."""

from __future__ import annotations

import importlib
import json
import pkgutil

import pytest

import sim
from analysis.study.metrics import METRICS
from scenarios import loader, study
from sim import FAMILIES
from sim.cli.commands import notebook
from sim.cli.completion import family
from sim.family import Part
from tests.unit.cli.small import Paceline

THINGS = {
    "examples": list(loader.examples()),
    "profiles": loader.names(loader.PROFILES),
    "markets": loader.names(loader.MARKETS),
    "studies": study.names(),
    "metrics": list(METRICS),
    "notebooks": notebook.names(),
    **{name: list(family(name).members()) for name in FAMILIES},
}


def test_every_family_is_listed_by_being_one() -> None:
    for module in pkgutil.walk_packages(sim.__path__, "sim."):
        if module.ispkg:
            importlib.import_module(module.name)
    families = [
        each for each in Part.__subclasses__() if each.__module__.startswith("sim.") and not each.described
    ]
    assert {family(name) for name in FAMILIES} == set(families)
    assert all("NAME" in each.used for each in families)


@pytest.mark.parametrize("what", THINGS)
def test_everything_is_listed_and_says_what_it_is_for(paceline: Paceline, what: str) -> None:
    told = json.loads(paceline("list", what, "--json").stdout)
    assert [one["name"] for one in told[what]] == THINGS[what]
    for one in told[what]:
        assert len(one["description"]) > 10, one
        assert one["description"].endswith("?" if what == "studies" else ".")


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("what", THINGS)
def test_a_list_fits_the_terminal(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch, what: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = paceline("list", what).stdout
    assert max(map(len, text.splitlines())) <= int(columns)
    assert all(name in text for name in THINGS[what])
    assert "\nUse " in text


def test_a_script_gets_the_names_alone(paceline: Paceline) -> None:
    assert paceline("list", "pacers", "--quiet").stdout.splitlines() == THINGS["pacers"]


def test_what_cannot_be_listed(paceline: Paceline) -> None:
    done = paceline("list", "pacer")
    allowed = (
        "must be one of examples, profiles, markets, studies, metrics, notebooks, ambient, auctions, bidding, deals,"
        " forecasts, pacers, pods, valuations, weather;"
        " did you mean pacers?"
    )
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f'error: WHAT: "pacer" is not allowed; {allowed}\n'
    assert set(json.loads(paceline("list", "--json").stdout)) == set(THINGS)
