"""Classes of the user's own: found, allowed, named by their source, and refused in one line."""

from __future__ import annotations

import hashlib
import inspect
import json
import pickle
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import paceline
from entities.errors import InputError, PacelineError
from sim import external
from sim.bidding import factor
from sim.cli.app import app
from sim.pacing import PacingPolicy, pid
from tests.situations import situation

PID = inspect.getsource(pid).replace("class Pid(", "class MyPid(")
SMALL: dict[str, Any] = {"market.population.viewers": 600, "market.forecast.weeks": 1}
BROKEN = """
from sim.pacing import PacingPolicy, Plan

class Broken(PacingPolicy):
    '''It plans as it is told to.'''
    def plan(self, now):
        return {}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario(pacing: Any, **more: Any) -> dict[str, Any]:
    terms = {"pacing": pacing, **more}
    names = ("TV drama", "Everywhere, comedy")
    return {"extends": "smoke", "name": "own", "overrides": {f"line_item[{name}]": terms for name in names}}


def own(policy: str = "my_module:MyPid", **more: Any) -> dict[str, Any]:
    return {"kind": "external", "policy": policy, **more}


def refusal(pacing: Any, *, allow_code: bool = True) -> str:
    with pytest.raises(PacelineError) as caught:
        paceline.simulate(scenario(pacing), set=SMALL, allow_code=allow_code)
    (line, *_) = str(caught.value).splitlines()
    return line.removesuffix("; the same for 1 more")  # of two line items


def test_a_copy_of_pid_is_pid_under_another_fingerprint(here: Path) -> None:
    (here / "my_module.py").write_text(PID)
    ours = paceline.simulate(scenario({"kind": "pid", "k_p": 0.2}), set=SMALL)
    theirs = paceline.simulate(scenario(own(parameters={"k_p": 0.2})), set=SMALL, allow_code=True)
    assert theirs.digest == ours.digest
    assert theirs.events.collect().drop("run_id").equals(ours.events.collect().drop("run_id"))
    assert theirs.performance.drop("run_id").equals(ours.performance.drop("run_id"))
    assert theirs.spec.fingerprint != ours.spec.fingerprint
    assert hashlib.sha256(PID.encode()).hexdigest() in theirs.book.text


def test_a_copy_of_a_bidding_rule_bids_the_same(here: Path) -> None:
    (here / "rules.py").write_text(inspect.getsource(factor))
    asked = {"factor": 0.9}
    ours = paceline.simulate(scenario("asap", bidding={"kind": "factor", **asked}), set=SMALL)
    named = own("rules:Factor", parameters=asked)
    theirs = paceline.simulate(scenario("asap", bidding=named), set=SMALL, allow_code=True)
    assert theirs.digest == ours.digest
    assert theirs.spec.fingerprint != ours.spec.fingerprint


def test_code_runs_only_where_it_is_allowed(here: Path) -> None:
    (here / "my_module.py").write_text("raise SystemExit('it ran')")
    line = refusal(own(), allow_code=False)
    assert line.endswith(
        "overrides.line_item[TV drama].pacing: my_module:MyPid is code, and a scenario is data;"
        " --allow-code (in Python allow_code=True) lets it run"
    )
    assert paceline.load(scenario(own())).overrides["line_item[TV drama]"]["pacing"] == own()
    assert refusal(own()).endswith("pacing: my_module.py: its import ended the process (it ran)")


def test_it_lies_beside_the_scenario_or_in_the_working_directory(here: Path) -> None:
    folder = here / "study"
    folder.mkdir()
    (folder / "my_module.py").write_text(PID)
    terms = "\n".join(
        f"  line_item[{name}]: {{pacing: {{kind: external, policy: 'my_module:MyPid'}}}}"
        for name in ("TV drama", "Everywhere, comedy")
    )
    (folder / "own.yml").write_text(f"extends: smoke\nname: own\noverrides:\n{terms}\n")
    run = paceline.simulate("study/own.yml", set=SMALL, allow_code=True)
    assert run.book.line_items[0].pacing.named["policy"] == "my_module:MyPid"
    assert refusal(own()).endswith(f"my_module:MyPid: there is no my_module.py in {here}")


@pytest.mark.parametrize(
    ("source", "pacing", "told"),
    [
        (PID, own("my_modul:MyPid"), r"there is no my_modul\.py in .*; did you mean my_module\?"),
        (PID, own("my_module:Pid"), r"my_module\.py has no class Pid; did you mean MyPid\?"),
        (PID, own("my_module:PacingPolicy"), r"is of sim\.pacing; a scenario names it by its kind"),
        (PID, own("my_module:ONE"), r"is no PacingPolicy, which it must extend"),
        (PID, own("my_module.py"), r'policy: "my_module\.py" is not allowed; must be module:Class, such as .*'),
        (PID, own("../my_module:MyPid"), r'policy: "\.\./my_module:MyPid" is not allowed; must be module:Class.*'),
        (PID, own(parameters={"kp": 1}), r"parameters\.kp: unknown key; did you mean k_p\?"),
        (PID, own(parameters={"k_p": -1}), r'parameters\.k_p: -1 is not allowed; must be greater than or equal to 0'),
        (PID, own(sha256="0" * 64), r"my_module\.py has changed: its SHA-256 was 000000000000…, and is [0-9a-f]{12}… now"),
        (PID, own(sha256="0"), r'sha256: "?0"? is not allowed; must be a SHA-256 .*'),
        ("def f(:", own(), r"my_module\.py: its import raised SyntaxError: .*line 1\)"),
        ("import nowhere_at_all", own(), r"its import raised ModuleNotFoundError: No module named 'nowhere_at_all', at my_module\.py:1"),
        ("class MyPid: pass", own(), r"is no PacingPolicy, which it must extend"),
        ("from sim.pacing import PacingPolicy\nclass MyPid(PacingPolicy): pass", own(), r"has no plan; every PacingPolicy has"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_one_line(here: Path, source: str, pacing: Any, told: str) -> None:
    (here / "my_module.py").write_text(source)
    assert re.search(f"{told}$", refusal(pacing))


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ("1 // 0", "raised ZeroDivisionError: integer division or modulo by zero, at my_module.py:7"),
        ("None", "must return a Plan, and returned None"),
        ("Plan(0.5, 1)", "returned goal_micros 0.5, float; it must be an int, as round() gives"),
        (
            "Plan(0, 10**15)",
            "returned allowance_micros 1,000,000,000,000,000; it must be from 0 to 24,000,000",
        ),
        ("Plan(2, 1)", "returned goal_micros 2; it must be from 0 to 1"),
        ("Plan(0, 0, -5)", "returned multiplier_ppm -5; it must be at least 0"),
        ("Plan(0, 0, 1, 10**7)", "returned participation_ppm 10,000,000; it must be from 0 to 1,000,000"),
    ],
)
def test_what_it_does_wrong_ends_the_run_with_class_method_tick_and_value(
    here: Path, returned: str, told: str
) -> None:
    (here / "my_module.py").write_text(BROKEN.format(returned))
    with external.code(allowed=True):
        policy = PacingPolicy.adapter().validate_python(own("my_module:Broken"))
    with pytest.raises(PacelineError) as caught:
        policy.planned(situation(tick=3))
    assert str(caught.value) == f"my_module.py (Broken): plan at tick 3 {told}"
    if returned == "None":
        line = refusal(own("my_module:Broken"))
        assert line == f"my_module.py (Broken): plan at tick 0 {told}"


def test_a_stored_run_says_what_its_code_lacks(here: Path) -> None:
    (here / "my_module.py").write_text(PID)
    run = paceline.simulate(scenario(own()), set=SMALL, db="ads.db", allow_code=True)
    again = paceline.reproduce(paceline.open("ads.db").run(), allow_code=True)
    assert again.digest == run.digest
    assert not run.audit(allow_code=True).broken
    assert run.summary.height == 2  # which needs no code

    def told(**how: Any) -> str:
        with pytest.raises(InputError) as reproduced:
            paceline.reproduce(run, **how)
        with pytest.raises(InputError) as audited:
            run.audit(**how)
        assert str(audited.value) == str(reproduced.value)
        return str(audited.value).removeprefix(f"run {run.run_id}: my_module:MyPid")

    assert told() == " is code, and a scenario is data; --allow-code (in Python allow_code=True) lets it run"
    (here / "my_module.py").write_text(PID + "# edited\n")
    assert re.fullmatch(
        r": .*my_module\.py has changed: its SHA-256 was \w{12}…, and is \w{12}… now", told(allow_code=True)
    )
    (here / "my_module.py").unlink()
    assert told(allow_code=True) == f": there is no my_module.py in {here}"


def test_a_run_in_memory_is_stored_with_the_code_that_ran(here: Path) -> None:
    (here / "my_module.py").write_text(PID)
    run = paceline.simulate(scenario(own()), set=SMALL, allow_code=True)
    (here / "my_module.py").unlink()
    assert run.save("ads.db").spec.fingerprint == run.spec.fingerprint


def test_what_is_external_is_no_member(here: Path) -> None:
    (here / "my_module.py").write_text(PID)
    members = PacingPolicy.members()
    with external.code(allowed=True):
        policy = PacingPolicy.adapter().validate_python(own())
    assert PacingPolicy.members() == members
    assert members["pid"] is pid.Pid
    assert policy.as_booked()["parameters"] == {
        key: value for key, value in pid.Pid().as_booked().items() if key != "kind"
    }


def test_it_travels_to_another_process_with_its_source(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "my_module.py").write_text(PID)
    with external.code(allowed=True):
        policy = PacingPolicy.adapter().validate_python(own(parameters={"k_p": 0.3}))
    packed = pickle.dumps(policy)
    (here / "my_module.py").unlink()
    monkeypatch.delitem(sys.modules, type(policy).__module__)  # as there
    again = pickle.loads(packed)
    assert type(again) is not type(policy)
    assert again.as_booked() == policy.as_booked()
    assert again.plan(situation()) == policy.plan(situation())


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("def answers(self, *_): return super().answers(*_) * -1", r"answers at tick 0 returned -[\d,]+; it must be from 0 to [\d,]+"),
        ("def learned(self, *_): return None", r"learned at tick 1 returned None; it must be 258 of int64"),
        ("def learned(self, *_): return [] + 1", r"learned at tick 1 raised TypeError: .*, at rules\.py:6"),
        ("def begin(self): return super().begin()[:9]", r"begin at tick 0 returned \(9,\) of int64; it must be 258 of int64"),
        ("def bids(self, worth): return lambda share: 1 / 0", r"bids\([^)]+\) raised ZeroDivisionError: division by zero, at rules\.py:6"),
        ("def bids(self, worth): return lambda share: 'a'", r"bids\([^)]+\) is 'a'; it must be from 0 to 1e\+300"),
        ("exploring: ClassVar[float] = 2", r"exploring is 2; it must be from 0 to 1"),
    ],
)  # fmt: skip
def test_what_a_bidding_rule_does_wrong_ends_the_run_with_class_method_and_value(
    here: Path, method: str, told: str
) -> None:
    (here / "rules.py").write_text(
        f"from typing import ClassVar\nfrom sim.bidding.shaded import Shaded\n\nclass Mine(Shaded):\n    __doc__ = 'Ours.'\n    {method}\n"
    )
    with pytest.raises(PacelineError) as caught:
        paceline.simulate(scenario("asap", bidding=own("rules:Mine")), set=SMALL, allow_code=True)
    assert re.fullmatch(rf"rules\.py \(Mine\): {told}", str(caught.value))


def test_a_study_plays_it_where_it_is_allowed_and_so_does_an_explanation(here: Path) -> None:
    (here / "my_module.py").write_text(PID)
    arms = {"ours": "pid", "theirs": own()}
    named = {arm: {"line_item[TV drama].pacing": pacing} for arm, pacing in arms.items()}
    written = {"name": "own", "base": "smoke", "replications": 1, "set": SMALL, "arms": named}
    (here / "own.yml").write_text(json.dumps(written))
    asked = ["study", "own.yml", "--executor", "serial", "--metric", "delivery", "--json"]
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code == 2
    assert "arm 'theirs': overrides.line_item[TV drama].pacing: my_module:MyPid is code" in refused.stderr
    done = CliRunner().invoke(app, [*asked, "--allow-code"])
    assert done.exit_code == 0
    paceline.simulate(scenario(own()), set=SMALL, db="ads.db", allow_code=True)
    asked = ["explain", "TV drama", "--db", "ads.db", "--money"]
    assert "my_module:MyPid is code" in CliRunner().invoke(app, asked).stderr


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("def expected(self, *_): return 1 // 0", r"expected at hour 0 raised ZeroDivisionError: .*, at pacers\.py:4"),
        ("def expected(self, *_): return 0.5", r"expected at hour 0 returned 0\.5; it must be an int, as // gives"),
        ("counts_outcomes = property(lambda self: 1 // 0)", r"counts_outcomes raised ZeroDivisionError: .*, at pacers\.py:4"),
    ],
)  # fmt: skip
def test_what_else_a_pacing_policy_says_is_held_to_it_too(here: Path, method: str, told: str) -> None:
    (here / "pacers.py").write_text(
        f"from sim.pacing.asap import Asap\nclass Mine(Asap):\n    'Ours.'\n    {method}\n"
    )
    assert re.fullmatch(rf"pacers\.py \(Mine\): {told}", refusal(own("pacers:Mine")))


def test_why_code_does_not_run_is_said_once(here: Path) -> None:
    (here / "my_module.py").write_text(PID)
    both = {"line_item[*].pacing": own()}
    with pytest.raises(InputError) as caught:
        paceline.simulate("smoke", set={**SMALL, **both})
    assert str(caught.value).count("my_module") == 1
    assert str(caught.value).endswith("lets it run; the same for 1 more")
