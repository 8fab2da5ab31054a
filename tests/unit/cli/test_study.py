"""Studies at the command line: what is printed, kept and refused."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

from analysis.study.compared import Compared, Row
from analysis.study.metrics import METRICS
from analysis.study.replication import Booked, Replication
from analysis.study.run import Progress, StudyRun
from analysis.study.statistics.paired import Difference
from scenarios.study import Study
from sim.cli import study_tables
from sim.cli.terminal import console
from tests.unit.cli.small import Paceline

SMALL = """
name: small
description: What does a cap of one a day cost?
base: smoke
set: {market.days: 1, market.population.viewers: 200}
arms:
  as it is: {}
  capped: {"line_item[TV drama].frequency_caps": [{max_impressions: 1, unit: day}]}
replications: 2
metrics: [delivery, reach]
"""


def test_a_study_prints_and_keeps_what_it_found(paceline: Paceline) -> None:
    Path("small.yml").write_text(SMALL, encoding="utf-8")
    found = paceline("study", "small.yml", "--executor", "serial", "--parquet", "small.parquet")
    assert found.exit_code == 0, found.stderr
    assert "Study      small: 2 arms × 2 seeds over smoke" in found.stdout
    assert "What does a cap of one a day cost?" in found.stdout
    assert "delivery  spend over budget; more is better" in found.stdout
    assert "warning: arm capped: line item" in found.stderr
    assert max(map(len, found.stdout.splitlines())) <= 80
    tidy = pl.read_parquet("small.parquet")
    assert tidy.select("arm", "seed").n_unique() == 4
    again = paceline("study", "small.yml", "--json", "--metric", "ecpm")
    told = json.loads(again.stdout)
    assert (told["known_before"], told["replications"], told["failed"]) == (4, 4, [])
    assert {row["metric"] for row in told["rows"]} == {"ecpm"}
    assert [row["arm"] for row in told["rows"]] == ["as it is", "capped"]
    one = paceline("study", "small.yml", "--replications", "1", "-q")
    assert (one.exit_code, one.stdout) == (0, "as it is\ncapped\n")


def test_a_study_refuses_bad_input_in_one_line(paceline: Paceline) -> None:
    Path("small.yml").write_text(SMALL, encoding="utf-8")
    for words, line in (
        (("nobody",), "no study 'nobody'"),
        (("none.yml",), "none.yml"),
        (("small.yml", "--metric", "deliver", "--executor", "serial"), "did you mean delivery?"),
        (("small.yml", "--parquet", "none/x.parquet"), "there is no folder none"),
        (("small.yml", "--parquet", "."), "is a folder; name a file"),
        (("small.yml", "--executor", "threads"), "must be one of processes, serial"),
        (("small.yml", "--replications", "0"), "must be a whole number from 1"),
    ):
        refused = paceline("study", *words, "-q")
        assert refused.exit_code == 2
        assert line in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_an_interrupt_says_what_is_kept(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("small.yml").write_text(SMALL, encoding="utf-8")
    plays = Booked.replicate

    def stops(arm: Booked, seed: int) -> Replication:
        if seed == 8:
            raise KeyboardInterrupt
        return plays(arm, seed)

    with monkeypatch.context() as patched:
        patched.setattr(Booked, "replicate", stops)
        stopped = paceline("study", "small.yml", "--executor", "serial", "-q")
    line = "error: interrupted; what ended is kept, and the same command goes on\n"
    assert (stopped.exit_code, stopped.stderr) == (1, line)
    again = paceline("study", "small.yml", "--executor", "serial", "--json")
    assert json.loads(again.stdout)["known_before"] == 2


def test_the_best_arm_is_told_with_those_that_are_as_good(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch
) -> None:
    worth = {"as it is": 1.0, "capped": 1.004, "dear": 0.5}

    def planted(arm: Booked, seed: int) -> Replication:
        value = worth[arm.name] + 0.001 * (seed % 3) + 0.0001 * (seed % 2) * (arm.name == "capped")
        values = (("", "delivery", value), ("", "spend", -1234.5 * value))
        return Replication(arm.name, seed, arm.fingerprint(seed), "0" * 64, 0, 0.0, values)

    monkeypatch.setattr(Booked, "replicate", planted)
    arms = SMALL.replace("replications: 2\n", "  dear: {market.floors.cpm: 18}\n")
    Path("small.yml").write_text(arms.replace("[delivery, reach]", "[delivery, spend]"), encoding="utf-8")
    own = ("study", "small.yml", "--executor", "serial", "--best", "delivery")
    told = paceline(*own)
    assert told.exit_code == 0, told.stderr
    assert "not told from as it is (0.4 % behind): less than 1 %" in " ".join(told.stdout.split())
    assert "spend  what was paid, in $" in told.stdout
    assert "−1,24" in told.stdout
    assert paceline(*own, "-q").stdout == "capped\n"
    best = json.loads(paceline(*own, "--json").stdout)["best"]
    assert best == {"arm": "capped", "runs": 30, "indifferent_to": ["as it is"]}
    assert json.loads(paceline("study", "small.yml", "--executor", "serial", "--json").stdout)["best"] is None


@pytest.mark.parametrize(
    ("saved", "seeds", "text"),
    [
        (2267.4, 5, "2,300 ×"),
        (12.34, 5, "12 ×"),
        (9.96, 5, "10 ×"),
        (1.04, 5, "1.0 ×"),
        (0.854, 5, "0.85 ×"),
        (None, 5, "not defined"),
        (2267.4, 4, "–"),
    ],
)
def test_what_pairing_saves_is_told_as_far_as_it_is_known(saved: float | None, seeds: int, text: str) -> None:
    apart = Difference(1, -1.5, 0.1, -2, -1, "t", 0.95, 1, seeds, saved)
    row = Compared(METRICS["spend"], "", seeds, (Row("a", 2.0, None), Row("b", 0.5, apart)))
    out = StringIO()
    study_tables.study(console(out), _run(), [row], "ads.db")
    assert f"b    0.50   −1.50  −2.00 … −1.00  {text:>11}".split() == out.getvalue().splitlines()[5].split()


def _run() -> StudyRun:
    asked = Study(name="own", base="smoke", arms={"a": {}, "b": {}})
    return StudyRun(asked, ("a", "b"), pl.DataFrame(), Progress(0), currency="€")
