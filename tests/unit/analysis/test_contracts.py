"""A policy that breaks its contract is told by which promise, on the command line, too."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.bidding import shaded
from sim.cli.app import app
from sim.pacing import pid

PACER = """
from typing import ClassVar
from sim.pacing import PacingPolicy, Plan

class Mine(PacingPolicy):
    '''One plan of many.'''
    {fields}
    def plan(self, now):
        most = now.spendable_micros
        share = most if now.flight.ticks == 1 else min(most, now.flight.micros // now.flight.ticks)
        {lines}
        return Plan(share, share)
"""
RULE = """
from typing import ClassVar
from sim.bidding import BiddingRule

class Mine(BiddingRule):
    '''One rule of many.'''
    {fields}
    def bids(self, worth):
        return lambda share: {bid}
"""


def checked(policy: str, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check-policy", policy, *options])
    return done.exit_code, done.stdout if done.exit_code in (0, 3) else done.stderr


def broken(folder: Path, source: str) -> dict[str, str]:
    folder.joinpath("mine.py").write_text(source)
    code, text = checked("mine:Mine", "--json")
    found = {each["name"]: each["broken"] for each in json.loads(text)["checks"] if not each["kept"]}
    assert code == (3 if found else 0)
    return found


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_copies_of_ours_keep_every_promise(here: Path) -> None:
    (here / "pacers.py").write_text(inspect.getsource(pid))
    (here / "rules.py").write_text(inspect.getsource(shaded))
    for policy, promises in (("pacers:Pid,k_p=0.2", 13), ("rules:Shaded", 9)):
        code, text = checked(policy)
        assert code == 0
        assert text.splitlines()[-1] == f"Result     all {promises} promises kept"


@pytest.mark.parametrize(
    ("fields", "lines", "told"),
    [
        ("", "", {}),
        ("sizes: list[int] = [1]", "", {"its parameters are values that do not change": "unhashable type: 'list': a parameter must"}),
        ("shape: ClassVar[str] = 'space'", "", {"its declarations are ones that the market knows": "shape is 'space'; it must be one of time, traffic"}),
        ("", "share += 1", {"a plan asks for no more than there is": "returned allowance_micros", "who has nothing left plans nothing": "returned allowance_micros 1; it must be from 0 to 0"}),
        ("", "share -= share > 0", {"the last tick may spend all that is left": "in the last tick", "a flight that fills every plan ends with its budget spent": "left 1 of"}),
        ("", "return Plan(share, share, memory=(1,) * (len(now.memory) + 1))", {"what it remembers serves whatever comes next": "memory of 1 became one of 2"}),
        ("count: ClassVar[list[int]] = [0]", "self.count[0] += 1; return Plan(share, share, self.count[0])", {"the same situation gives the same plan": "became Plan("}),
        ("", "return Plan(share, share)\n    def goals(self, now):\n        return now.flight.micros", {"goals in columns if it has any are those of its plans": "mine.py (Mine): goals at tick"}),
        ("", "return Plan(share, share)\n    def goals(self, now):\n        return 0 * now.traffic", {"goals in columns if it has any are those of its plans": "the goal in columns is 0, and alone it is Plan("}),
        ("", "share = min(share, 100)", {"a market with enough to buy takes its budget and never more": "spent 0 of 60,000,000 micros in 48 h"}),
    ],
    ids=["kept", "list", "shape", "too much", "not all", "memory", "luck", "columns beyond", "other columns", "shy"],
)  # fmt: skip
def test_a_pacing_policy_is_told_what_it_breaks(
    here: Path, fields: str, lines: str, told: dict[str, str]
) -> None:
    found = broken(here, PACER.format(fields=fields, lines=lines))
    assert told.keys() <= found.keys()
    assert bool(told) == bool(found)
    for name, text in told.items():
        assert text in found[name]


@pytest.mark.parametrize(
    ("fields", "bid", "told"),
    [
        ("", "worth(share) / 2", {}),
        ("", "9 - worth(share)", {"a bid never falls with worth": "its bids for worth that is"}),
        ("", "worth(share) / 0", {"a bid never falls with worth": "ZeroDivisionError"}),
        ("heeds_worth: ClassVar[bool] = False", "worth(share)", {"it bids as it declares": "heeds_worth is False"}),
        ("within_worth: ClassVar[bool] = True", "2 * worth(share)", {"it bids as it declares": "within_worth is True", "a market that it bids in keeps the laws": "law prices"}),
    ],
    ids=["kept", "falls", "fails", "heeds", "above"],
)  # fmt: skip
def test_a_bidding_rule_is_told_what_it_breaks(
    here: Path, fields: str, bid: str, told: dict[str, str]
) -> None:
    found = broken(here, RULE.format(fields=fields, bid=bid))
    assert told.keys() <= found.keys()
    assert bool(told) == bool(found)
    for name, text in told.items():
        assert text in found[name]


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("mine", "error: mine: must be module:Class, such as my_module:MyPacer for the class MyPacer in my_module.py"),
        ("mine:Mine,boost", 'error: POLICY: "boost" is not allowed; must be KEY=VALUE, after mine:Mine and a comma'),
        ("mine:Mine,boost=2", "error: mine:Mine: parameters.boost: unknown key; Mine has none"),
        ("mine:PacingPolicy", "error: mine:PacingPolicy: is of sim.pacing; a scenario names it by its kind"),
        ("mine:Plan", "error: mine:Plan: is no part of any family"),
        ("nine:Mine", "there is no nine.py in"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_one_line(here: Path, policy: str, told: str) -> None:
    (here / "mine.py").write_text(PACER.format(fields="", lines=""))
    code, text = checked(policy)
    assert code == 2
    assert told in text
    assert text.count("\n") == 1
