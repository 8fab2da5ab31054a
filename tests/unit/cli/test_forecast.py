"""Forecasts at the command line: what is printed, and refused."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import replace
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest

from analysis.forecast import world
from analysis.forecast.answer import TERMS, Avails, Displaced, Estimate
from analysis.forecast.proposal import FULL
from analysis.forecast.simulated import THRESHOLD, simulated, tries_on
from sim.cli import forecasted, terminal
from sim.cli.commands.forecast import CURVES, forecast
from tests.unit.analysis.forecast.small import SMALL, asked
from tests.unit.cli.small import Paceline

SETS = [*chain(*(("--set", setting) for setting in SMALL))]
BOOKING = ("--max-cpm", "28", "--target", "device=tv", "--cap", "2/day")
YAML = """
advertiser: {name: Coast Motors, category: automotive}
campaign:
  name: Spring
  line_items:
    - {name: TV, max_cpm: 28, targeting: {include: {device: [tv]}}, frequency_caps: [{max_impressions: 2, unit: day}]}
"""
FILE = """
advertiser: {name: Coast Motors, category: automotive, frequency_caps: [{max_impressions: 5, unit: week}]}
campaign:
  name: Spring
  frequency_caps: [{max_impressions: 2, unit: day}]
  line_items:
    - name: TV
      max_cpm: 28
      slot_in_pod: first
      deal: {kind: private, floor_cpm: 12}
      flights: [{start: 2026-11-02, days: 1}]
      creatives: [{asset_url: "https://example.com/a.mp4", mime_type: video/mp4, duration_s: 20}]
"""


def test_a_forecast_says_whether_a_booking_can_be_had(paceline: Paceline) -> None:
    words = ("--impressions", "2000", "--replications", "2", "--workers", "1", "--curve", "cap")
    found = paceline("forecast", "smoke", *SETS, *BOOKING, *words)
    assert found.exit_code == 0, found.stderr
    lines = found.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    starts = [line.split("  ")[0] for line in lines]
    order = [starts.index(word) for word in ("Booking", "Preview", "Answer", "Delivers", "Displaces", "Cap")]
    assert order == sorted(order)
    assert "it asks for more than there are" in " ".join(found.stdout.split())
    assert "no, it cannot be booked: in full with 0 of 2 seeds" in found.stdout
    assert "no limit a day does it, however high" in found.stdout
    assert any(line.split("  ")[0] == "cap, day" for line in lines)  # a column, with its unit
    assert not [*Path().iterdir()]  # nothing is kept


def test_large_numbers_are_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with tries_on(1) as tries:
        found = simulated(asked(200, 2), tries)
    many, few = Estimate(28_214_465, 27_300_393, 29_128_537, 8), Estimate(447e6, 182e6, 712e6, 8)
    loser = Displaced("Owner / Spring / Long haul, TV premium drama and more", many, few)
    large = replace(found, avails=Avails(many, many, many), displaced=(loser,))
    printed = StringIO()
    forecasted.answer(terminal.console(printed), large)
    text = printed.getvalue()
    assert text.count("27,300,393 … 29,128,537") == 4
    assert "182.00 … 712.00" in text


def test_the_preview_plays_nothing_and_json_is_one_piece(paceline: Paceline) -> None:
    told = paceline("forecast", "smoke", *SETS, *BOOKING, "--budget", "3", "--preview", "--json")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["goal"] == 3_000_000
    assert 0 < found["preview"]["possible"] < found["preview"]["uncapped"] < found["preview"]["matched"]
    Path("spring.yml").write_text(YAML, encoding="utf-8")
    same = paceline(
        "forecast", "smoke", *SETS, "--proposal", "spring.yml", "--impressions", "107", "--preview", "-q"
    )
    assert same.stdout == f"{round(found['preview']['possible'])}\n"
    item = "max_cpm: 28\ntargeting: {include: {device: [tv]}}\nfrequency_caps: [{max_impressions: 2, unit: day}]\n"
    Path("item.yml").write_text(item, encoding="utf-8")
    bare = paceline(
        "forecast", "smoke", *SETS, "--proposal", "item.yml", "--impressions", "107", "--preview", "-q"
    )
    assert bare.stdout == same.stdout


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ((), "everybody, no cap, 2026-11-02 to 2026-11-02"),
        (
            ("--daypart", "mon-fri 18-23", "--daypart", "tue,thu-sat", "--daypart", "8,10-11"),
            "everybody, no cap, daypart mon-fri 18-23, daypart tue,thu-sat, daypart 8,10-11, 2026",
        ),
        (
            ("--cap", "3/lifetime", "--cap", "1/4hour", "--daily-budget", "2", "--budget", "7"),
            "everybody, 3/lifetime, 1/4hour, a budget of 7.00, a budget of 2.00 a day, 2026",
        ),
        (
            ("--pacing", "even", "--bidding", "shaded", "--valuation", "log_normal,sigma=0.3"),
            "no cap, pacing even, bidding shaded, valuation log_normal,sigma=0.3, 2026",
        ),
        (("--seconds", "15", "--seconds", "30"), "no cap, 15 and 30 seconds, 2026"),
        (("--campaign-pacing", "pid", "--campaign-budget", "7"), "a budget of 7.00, pacing pid, 2026"),
        (("--format", "live_video", "--dsp-partner", "dv360"), "ad format live_video, dsp partner dv360"),
        (("--timezone", "America/Toronto"), "2026-11-02 to 2026-11-02, in America/Toronto"),
    ],
    ids=str,
)
def test_the_booking_is_told_with_all_that_was_asked(
    paceline: Paceline, words: tuple[str, ...], terms: str
) -> None:
    asked = ("forecast", "smoke", *SETS, "--max-cpm", "28", "--impressions", "9", "--preview", *words)
    told = " ".join(paceline(*asked).stdout.split())
    assert told.startswith("Booking 9 impressions at a CPM of 28.00, everybody, ")
    assert terms in told.partition(" Preview ")[0]


def test_what_a_file_asks_at_other_levels_is_told_too(paceline: Paceline) -> None:
    Path("deal.yml").write_text(FILE, encoding="utf-8")
    told = paceline("forecast", "smoke", "--proposal", "deal.yml", "--impressions", "9", "--preview").stdout
    expected = "everybody, 2/day, 5/week, slot in pod first, deal private,floor_cpm=12, 20 seconds, 2026-11-02 to 2026-11-02"
    assert expected in " ".join(told.split())
    assert "under its caps" in " ".join(told.split())


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (("--cap", "2/day"), 6),
        (("--cap", "2/stream"), 10),
        (("--cap", "2/day", "--set", "market.viewing.exposure=poisson"), 0),
    ],
)
def test_a_preview_says_how_long_it_compiles(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], seconds: int
) -> None:
    asked = ("forecast", "smoke", *SETS, "--max-cpm", "28", "--impressions", "9", "--preview", *words)
    compiling = re.compile(r"^compiling, once; about (\d+) seconds$", re.MULTILINE)
    monkeypatch.setattr(world, "is_compiled", lambda _: True)
    assert not compiling.findall(paceline(*asked).stdout)
    monkeypatch.setattr(world, "is_compiled", lambda _: False)
    assert compiling.findall(paceline(*asked).stdout) == ([str(seconds)] if seconds else [])
    assert not compiling.findall(paceline(*asked, "--json").stdout)


def test_a_booking_is_as_long_as_a_scenario_in_which_clocks_go_back(paceline: Paceline) -> None:
    market = (*SETS, "--set", "market.start=2026-10-31", "--set", "market.days=3")
    words = ("--max-cpm", "28", "--impressions", "9", "--preview")
    told = paceline("forecast", "smoke", *market, *words)
    assert told.exit_code == 0, told.stderr
    assert "2026-10-31 to 2026-11-02" in " ".join(told.stdout.split())
    for late in (("--days", "4"), ("--start", "2026-11-02", "--days", "2")):
        refused = paceline("forecast", "smoke", *market, *words, *late)
        assert "is outside of the scenario, which has 2026-10-31 to 2026-11-02" in refused.stderr
    refused = paceline("forecast", "smoke", *market, *words, "--timezone", "America/Los_Angeles")
    assert "2026-11-02 in America/Los_Angeles: is outside" in refused.stderr


def test_a_booking_is_in_the_currency_of_the_scenario(paceline: Paceline) -> None:
    item = "{name: One, max_cpm: 20, lifetime_budget: 5}"
    campaign = f"{{name: C, currency: EUR, timezone: UTC, start_date: 2026-11-02, end_date: 2026-11-02, line_items: [{item}]}}"
    Path("euros.yml").write_text(
        "name: euros\nmarket: {days: 1, shards: 1, population: {viewers: 300}}\n"
        f"campaigns: [{{advertiser: {{name: A}}, campaign: {campaign}}}]\n",
        encoding="utf-8",
    )
    for words in ((*BOOKING, "--impressions", "9"), ("--proposal", "spring.yml", "--impressions", "9")):
        Path("spring.yml").write_text(YAML, encoding="utf-8")
        told = paceline("forecast", "euros.yml", *words, "--preview", "-q")
        assert told.exit_code == 0, told.stderr


def test_json_has_the_answer_with_its_uncertainty(paceline: Paceline) -> None:
    words = ("--impressions", "20", "--replications", "2", "--workers", "1", "--curve", "none", "--json")
    told = paceline("forecast", "smoke", *SETS, *BOOKING, *words)
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["answer"], found["full"]["successes"], found["full"]["seeds"]) == ("uncertain", 2, 2)
    assert found["full"]["low"] < found["threshold"]
    assert found["line_item"] == "Forecast / Proposal / Proposal"
    assert {one["line_item"].rpartition(" / ")[2] for one in found["displaced"]} == {
        "TV drama",
        "Everywhere, comedy",
    }


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--max-cpm", "28"), "--impressions: is missing"),
        (("--impressions", "5"), "--max-cpm: is missing"),
        ((*BOOKING, "--impressions", "5", "--target", "genre=dramma"), '--target: "dramma" is not allowed'),
        ((*BOOKING, "--impressions", "5", "--days", "9"), "is outside of the scenario, which has 2026-11-02"),
        (
            (*BOOKING, "--impressions", "5000", "--budget", "9"),
            "pays for 900 impressions at the lowest floor",
        ),
        (
            ("--max-cpm", "5", "--impressions", "5"),
            "is below every floor, the lowest is 10.00; nothing can be won",
        ),
        ((*BOOKING, "--impressions", "5", "--replications", "1"), "must be a whole number from 2 to 100000"),
        (("--max-cpm", "28", "--impressions", "5", "--cap", "0/day"), "--cap: 0 is not allowed"),
        ((*BOOKING, "--impressions", "5", "--start", "2026-13-45"), '--start: "2026-13-45" is not allowed'),
        ((*BOOKING, "--impressions", "5", "--start", "x"), '--start: "x" is not allowed'),
        (
            ("--max-cpm", "28", "--impressions", "5", "--curve", "cap"),
            "--curve cap: the booking has no frequency cap",
        ),
        ((*BOOKING, "--impressions", "5", "--curve", "cmp"), "did you mean cpm?"),
        ((*BOOKING, "--impressions", "5", "--threshold", "90"), "must be above 0 and at most 1"),
        ((*BOOKING, "--impressions", "5", "--threshold", "1"), "no number of seeds is so sure"),
        (
            (*BOOKING, "--impressions", "5", "--preview", "--curve", "cpm"),
            "--preview: plays nothing; leave --curve out",
        ),
        ((*BOOKING, "--budget", "0"), "nothing to deliver: the budget is 0"),
        ((*BOOKING, "--proposal", "x.yml"), "--proposal: has its terms in x.yml; leave --max-cpm out"),
        (("--proposal", "x.yml"), "x.yml: no such file"),
    ],
)
def test_bad_input_is_refused_in_one_line(paceline: Paceline, words: tuple[str, ...], line: str) -> None:
    found = paceline("forecast", "smoke", *words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert line in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_defaults_are_those_of_the_forecast() -> None:
    defaults = {name: one.default for name, one in inspect.signature(forecast).parameters.items()}
    assert (defaults["threshold"], defaults["enough"]) == (THRESHOLD, FULL)
    assert {*CURVES} == {*TERMS, "none"}
