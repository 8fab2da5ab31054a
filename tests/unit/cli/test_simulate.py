"""Simulate: what it runs, where the rows go, what it prints, and that it says the same twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from analysis.runs import simulate as runs
from analysis.runs.stored import StoredRun, find
from entities import registry
from entities.enums.funnel import REASONS
from tests.unit.cli.small import SEVEN, SMALL, TINY, Headline, Paceline, rows, tree

KEYS = [
    "run_id",
    "scenario",
    "seed",
    "digest",
    "auctions",
    "impressions",
    "spend_micros",
    "seconds",
    "auctions_per_second",
    "peak_rss_bytes",
    "workers",
    "disk_bytes",
    "events",
]


def test_a_run_is_summed_up_for_a_person(paceline: Paceline, here: Path) -> None:
    done = paceline("simulate", "smoke")
    assert (done.exit_code, done.stderr) == (0, "")
    text = done.stdout
    assert text.startswith("Paceline 0.2.0: simulating smoke, into ads.db\n4,000 viewers, 48 hours")
    assert re.search(r"^Run +smoke-\d{8}-\d{6}-\w{6}$", text, re.MULTILINE)
    assert re.search(r"^Created +Smoke Launch, Smoke Snack *$", text, re.MULTILINE)
    assert re.search(
        r"^TV drama +\$100\.00 +\$9\d\.\d\d +[\d,]+ +9\d\.\d% +\$1\d\.\d\d +[\d,]+ +\d\.\d\d",
        text,
        re.MULTILINE,
    )
    assert re.search(r"^Everywhere, comedy +\$50\.00 .*\n› frequency cap", text, re.MULTILINE)
    assert re.search(r"^Auctions +[\d,]+ in \d+\.\d s, [\d.]+ [kM] a second$", text, re.MULTILINE)
    assert re.search(r"^Digest +[0-9a-f]{64}$", text, re.MULTILINE)
    assert re.search(r"^Database +ads\.db, [\d.]+ kB$", text, re.MULTILINE)
    assert re.search(r"^Rows       advertisers +2 +performance +[\d,]+$", text, re.MULTILINE)
    for table in registry.Base.metadata.tables:
        [(count,)] = rows("ads.db", f"SELECT count(*) FROM {table}")
        assert re.search(rf"\b{table} +{count:,}\b", text), table
    assert re.search(r"^Next +paceline audit smoke-\S+$", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 80
    assert list(tree(here)) == ["ads.db"]


def test_of_many_campaigns_that_a_run_creates_some_are_named(paceline: Paceline, here: Path) -> None:
    (here / "crowd.yml").write_text(
        "name: crowd\nseed: 3\nmarket: {days: 1, shards: 1, population: {viewers: 200}}\n"
        "drawn: {line_items: 15, advertisers: 15}\n"
    )
    done = paceline("simulate", "crowd.yml")
    assert (done.exit_code, done.stderr) == (0, "")
    created = " ".join(done.stdout.partition("Created")[2].partition("Line item")[0].split())
    assert created.endswith(", and 3 more campaigns")
    assert created.count(",") == 12


def test_numbers_are_whole_at_any_width(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> None:
    played, real = list[StoredRun](), runs.simulate
    monkeypatch.setattr(runs, "simulate", lambda *a, **b: played[-1] if played else real(*a, **b))
    for columns in (60, 80, 110, 140):
        text = paceline("simulate", *SMALL, env={"COLUMNS": str(columns)}).stdout
        played = played or [find(registry.make_engine("ads.db"))]
        [(spend, impressions)] = rows("ads.db", "SELECT spend_micros, impressions FROM simulation_runs")
        assert f"${round(spend / 1e6):,}" in text
        assert f"{impressions:,}" in text
        assert ("Why it is behind" in text) == (columns >= 110)
        assert "too few" in text
        assert "insufficient_avails" not in text


def test_a_line_item_without_a_flight_in_these_days_is_named(paceline: Paceline) -> None:
    text = " ".join(paceline("simulate", *SMALL).stdout.split())
    assert "Idle New flavor, mobile comedy, 15 s" in text
    assert "no flight in these days" in text


def test_every_reason_is_told_in_words() -> None:
    assert set(REASONS) == {reason.value for reason in registry.UnderdeliveryReason}
    assert not any("_" in words for words in REASONS.values())


def test_json_stands_alone(paceline: Paceline) -> None:
    done = paceline("simulate", "smoke", "--json", "--workers", "1")
    assert (done.exit_code, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == KEYS
    [stored] = rows(
        "ads.db",
        "SELECT run_id, scenario, seed, digest, auctions, impressions, spend_micros FROM simulation_runs",
    )
    assert tuple(told[key] for key in KEYS[:7]) == stored
    assert told["workers"] == 1
    assert told["auctions_per_second"] == pytest.approx(told["auctions"] / told["seconds"], rel=0.01)
    assert told["peak_rss_bytes"] > 10_000_000


def test_seven_campaigns_are_created_once_and_runs_are_kept(paceline: Paceline) -> None:
    first = paceline("simulate", *SMALL).stdout
    assert "Created " + ", ".join(SEVEN) in " ".join(first.split())
    second = paceline("simulate", *SMALL, "--seed", "5").stdout
    assert "Created nothing, every campaign was there" in " ".join(second.split())
    for table, count in {"advertisers": 7, "campaigns": 7, "line_items": 7, "creatives": 8}.items():
        assert rows("ads.db", f"SELECT count(*) FROM {table}") == [(count,)]
    runs = rows("ads.db", "SELECT run_id, seed, digest FROM simulation_runs ORDER BY started_at")
    assert [seed for _, seed, _ in runs] == [20261102, 5]
    assert runs[0][2] != runs[1][2]
    per_run = rows("ads.db", "SELECT count(*) FROM performance GROUP BY run_id")
    assert len(per_run) == 2
    assert per_run[0] == per_run[1]


def test_the_same_digest_whatever_the_workers_and_the_history(paceline: Paceline, headline: Headline) -> None:
    first = headline(*SMALL, "--workers", "1", "--db", "a.db")
    again = headline(*SMALL, "--workers", "2", "--db", "a.db")
    assert (first["workers"], again["workers"]) == (1, 2)
    assert first["digest"] == again["digest"]
    assert first["run_id"] != again["run_id"]
    paceline("init-db", "--db", "c.db")
    paceline("create-profile", "--name", "multi_device_advanced", "--db", "c.db")
    paceline("create-example", "--example", "nexbank_conversion", "--db", "c.db")
    other = headline(*SMALL, "--db", "c.db")
    assert rows("c.db", "SELECT name FROM campaigns WHERE id = 1") == [("Holiday Season",)]
    assert other["digest"] == first["digest"]


def test_a_seed_is_the_same_as_a_setting(headline: Headline) -> None:
    one = headline(*TINY, "--seed", "11")
    other = headline(*TINY, "--set", "seed=11")
    assert one["seed"] == other["seed"] == 11
    assert one["digest"] == other["digest"]
    assert one["digest"] != headline(*TINY)["digest"]


def test_what_a_user_created_competes(paceline: Paceline, headline: Headline) -> None:
    alone = headline("smoke", "--db", "a.db")
    paceline("init-db", "--db", "b.db")
    paceline("create-profile", "--name", "high_cpm_tv_awareness", "--db", "b.db")
    assert headline("smoke", "--db", "b.db")["impressions"] > alone["impressions"]


def test_a_scenario_may_be_a_path(headline: Headline, here: Path) -> None:
    (here / "mine.yml").write_text("extends: smoke\nname: mine\nmarket: {days: 1}\n")
    assert headline("mine.yml")["scenario"] == "mine"


def test_events_are_written_where_asked(headline: Headline, paceline: Paceline) -> None:
    run = headline(*TINY, "--events", "deep/events")
    folder = Path("deep/events")
    assert [path.name for path in folder.iterdir()] == [f"run_id={run['run_id']}"]
    again = headline(*TINY, "--events", "deep/events")
    assert len(list(folder.iterdir())) == 2
    done = paceline("audit", again["run_id"], "--events", "deep/events", "--json")
    assert (done.exit_code, json.loads(done.stdout)["events"]) == (0, True)


@pytest.mark.parametrize(
    ("option", "variable", "used"),
    [
        (["--db", "option.db"], "variable.db", "option.db"),
        ([], "variable.db", "variable.db"),
        ([], "sqlite:///url.db", "url.db"),
        ([], "", "ads.db"),
        ([], None, "ads.db"),
    ],
)
def test_the_option_beats_the_variable_beats_ads_db(
    paceline: Paceline, here: Path, option: list[str], variable: str | None, used: str
) -> None:
    done = paceline("init-db", *option, env={"DATABASE_URL": variable})
    assert done.stdout == f"{used} created\n"
    assert list(tree(here)) == [used]


def test_a_run_tells_whom_a_glob_meets_and_what_changes_nothing(paceline: Paceline) -> None:
    settings = ("--set", "line_item[*].pacing=asap", "--set", "name=smoke")
    done = paceline("simulate", *TINY, *settings, "--seed", "20261102")
    told = [line for line in done.stderr.splitlines() if "line_item[" in line or "--set" in line]
    assert told == [
        "note: line_item[*] means 2 line items: 'TV drama', 'Everywhere, comedy'",
        "warning: --set name=smoke: changes nothing; the value is that already",
    ]
    assert paceline("simulate", *TINY, *settings, "--db", "b.db", "--quiet").stderr == ""
