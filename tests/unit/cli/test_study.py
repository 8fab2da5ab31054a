"""Studies at the command line: what is printed, kept and refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from analysis.study.replication import Booked, Replication
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
