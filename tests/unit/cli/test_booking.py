"""What a user books: advertisers and campaigns, by hand or made, which compete in the next simulate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.market.market import Market
from tests.unit.cli.small import Headline, Paceline, rows, tree

WRITTEN = ("--name", "Spring", "--max-cpm", "25", "--budget", "12000")


@pytest.fixture
def booked(paceline: Paceline) -> Paceline:
    paceline("init-db")
    assert paceline("create-advertiser", "--name", "Foo & Co", "--category", "travel").exit_code == 0
    return paceline


def test_an_advertiser_by_name(booked: Paceline) -> None:
    assert rows("ads.db", "SELECT id, name, category FROM advertisers") == [(1, "Foo & Co", "travel")]
    made = booked("create-advertiser", "--name", "Bar")
    assert made.stdout == (
        "Advertiser 2  Bar, general\nNext       paceline create-campaign --advertiser-id 2 --auto\n"
    )
    again = booked("create-advertiser", "--name", "Bar")
    assert (again.exit_code, again.stderr) == (
        2,
        "error: --name: there is an advertiser 'Bar' already, its id is 2\n",
    )


def test_automatic_creation_is_the_same_for_the_same_seed(paceline: Paceline) -> None:
    told = []
    for file in ("a.db", "b.db"):
        paceline("init-db", "--db", file)
        one = paceline("create-advertiser", "--auto", "--seed", "5", "--json", "--db", file)
        two = paceline(
            "create-campaign", "--advertiser-id", "1", "--auto", "--seed", "9", "--json", "--db", file
        )
        told.append((json.loads(one.stdout), json.loads(two.stdout)))
    assert told[0] == told[1]
    assert (told[0][0]["seed"], told[0][1]["seed"]) == (5, 9)


def test_automatic_creation_without_a_seed_never_makes_the_same_twice(paceline: Paceline) -> None:
    paceline("init-db")
    for _ in range(3):
        assert paceline("create-advertiser", "--auto", "--quiet").exit_code == 0
        assert paceline("create-campaign", "--advertiser-id", "1", "--auto", "--quiet").exit_code == 0
    assert rows("ads.db", "SELECT count(DISTINCT name) FROM advertisers") == [(3,)]
    assert rows("ads.db", "SELECT count(DISTINCT name) FROM campaigns") == [(3,)]


def test_a_campaign_starts_when_markets_do(booked: Paceline) -> None:
    made = json.loads(booked("create-campaign", "--advertiser-id", "1", *WRITTEN, "--json").stdout)
    assert made["start_date"] == Market().start.isoformat()
    assert made["timezone"] == Market().timezone
    auto = json.loads(booked("create-campaign", "--advertiser-id", "1", "--auto", "--json").stdout)
    assert auto["start_date"] == Market().start.isoformat()


def test_a_campaign_with_all_its_terms(booked: Paceline) -> None:
    terms = (
        "--objective conversion --dsp-partner dv360 --timezone UTC --start 2026-11-03 --end 2026-11-07"
        " --daily-budget 3000 --target device=tv,mobile --target genre=drama --exclude gender=male"
        " --cap 3/day --cap 10/2week --pacing asap --bidding truthful --valuation log_normal,sigma=0.3"
        " --holdout 0.2 --daypart sat,sun --daypart 18-23 --format interactive_video --seconds 15 --seconds 30"
    )
    terms_ = (*terms.split(), "--daypart", "Mon-Fri 6-9,12")
    done = booked("create-campaign", "--advertiser-id", "1", *WRITTEN, *terms_, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    made = json.loads(done.stdout)
    [item] = made.pop("line_items")
    assert made == {
        "campaign_id": 1,
        "name": "Spring",
        "advertiser_id": 1,
        "advertiser": "Foo & Co",
        "objective": "conversion",
        "dsp_partner": "dv360",
        "currency": "USD",
        "timezone": "UTC",
        "start_date": "2026-11-03",
        "end_date": "2026-11-07",
        "budgets": {},
        "pacing": None,
    }
    assert [one["seconds"] for one in item.pop("creatives")] == [15, 30]
    assert [(len(one["weekdays"]), one["hours"]) for one in item.pop("dayparts")] == [
        (2, list(range(24))),
        (7, list(range(18, 24))),
        (5, [6, 7, 8, 9, 12]),
    ]
    assert item == {
        "line_item_id": 1,
        "name": "Spring",
        "max_bid_micros": 25_000,
        "budgets": {"lifetime": 12_000_000_000, "daily": 3_000_000_000},
        "targeting": {
            "include": {"device": ["tv", "phone"], "genre": ["drama"]},
            "exclude": {"gender": ["male"]},
        },
        "frequency_caps": ["3/day", "10/2 week"],
        "slot_in_pod": "any",
        "holdout": 0.2,
        "deal": {"kind": "open"},
        "pacing": {"kind": "asap"},
        "bidding": {"kind": "truthful"},
        "valuation": {"kind": "log_normal", "sigma": 0.3},
    }


def test_an_automatic_campaign_ends_when_it_is_told_to(booked: Paceline) -> None:
    flight = ("--start", "2026-11-05", "--end", "2026-11-11")
    made = json.loads(booked("create-campaign", "--advertiser-id", "1", "--auto", *flight, "--json").stdout)
    assert (made["start_date"], made["end_date"]) == ("2026-11-05", "2026-11-11")


def test_what_is_booked_competes(booked: Paceline, headline: Headline) -> None:
    terms = (
        "--valuation",
        "log_normal",
        "--bidding",
        "truthful",
        "--daypart",
        "mon-fri 0-11",
        "--end",
        "2026-11-03",
    )
    booked("create-campaign", "--advertiser-id", "1", *WRITTEN, *terms)
    run = headline("smoke")
    won = "SELECT sum(impressions) > 0 FROM performance WHERE line_item_id = 1"
    assert rows("ads.db", won) == [(1,)]
    assert run["impressions"] > 0
    afternoon = (
        "SELECT count(*) FROM performance WHERE line_item_id = 1 AND impressions > 0 AND hour_of_day = 18"
    )
    assert rows("ads.db", afternoon) == [(0,)]  # 13 o'clock in New York


@pytest.mark.parametrize("columns", ["80", "120"])
def test_what_was_made_is_told(booked: Paceline, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = booked("create-campaign", "--advertiser-id", "1", "--auto").stdout
    assert max(map(len, text.splitlines())) <= int(columns)
    assert text.startswith("Advertiser 1  Foo & Co\nCampaign   1  ")
    assert text.endswith("Next       paceline simulate\n")
    assert booked("create-campaign", "--advertiser-id", "1", *WRITTEN, "--quiet").stdout == "2\n"


def test_the_terms_that_were_given_are_told(booked: Paceline) -> None:
    terms = ("--name", "Late", "--max-cpm", "25", "--budget", "100", "--valuation", "log_normal,sigma=0.3")
    when = ("--daypart", "mon-wed,sun 6,18-23", "--daypart", "sat")
    text = " ".join(booked("create-campaign", "--advertiser-id", "1", *terms, *when).stdout.split())
    told = "Late: $100.00 at up to $25.00 CPM; mon-wed, sun 6, 18-23 o'clock; sat; pacing traffic_shaped; valuation log_normal 0.3 "
    assert told in text


REFUSED = {
    "": "--name: is missing; give a name, or --auto to have it made",
    "--auto --name x": "--auto: makes its own name; leave --name out",
    "--auto --max-cpm 3": "--max-cpm: goes with --name; --auto makes its own",
    "--name x --seed 3": "--seed: goes with --auto; what is written out needs no seed",
    "--name x": "--max-cpm: is missing; say how much a thousand impressions may cost, such as 25",
    "--name x --max-cpm 5": "--budget: is missing; say how much may be spent, such as 120000; or --daily-budget",
    "--name x --max-cpm abc --budget 3": '--max-cpm: "abc" is not allowed;'
    " must be an amount from 0.001 to 10,000, in steps of 0.001",
    "{ok} --target device=tvv": '--target: "tvv" is not allowed; must be one of tv, desktop, phone, tablet;'
    " did you mean tv?",
    "{ok} --target tvv": '--target: "tvv" is not allowed; must be KEY=A,B, such as device=tv',
    "{ok} --start 2026-13-01": '--start: "2026-13-01" is not allowed;'
    " must be a date such as 2026-11-02, in the years 1970 to 9000",
    "{ok} --days 0": '--days: "0" is not allowed; must be a whole number from 1 to 3660',
    "{ok} --cap 3": '--cap: "3" is not allowed; must be N/UNIT, such as 3/day, or 10/2week for two weeks',
    "{ok} --cap 3/fortnight": '--cap: "fortnight" is not allowed;'
    " must be one of minute, hour, day, week, month, lifetime, pod, stream",
    "{ok} --pacing evn": '--pacing: "evn" is not known; did you mean even?',
    "{ok} --days 3 --end 2026-11-05": "--end: instead of --days, not beside it",
    "{ok} --end 2026-11-01": "--end: 2026-11-01 is not allowed; must not be before start_date, 2026-11-02",
    "{ok} --end soon": '--end: "soon" is not allowed; must be a date such as 2026-11-02, in the years 1970 to 9000',
    "{ok} --bidding trutful": '--bidding: "trutful" is not known; did you mean truthful?',
    "{ok} --valuation log_normal,sigma": '--valuation: "sigma" is not allowed; must be KEY=VALUE, after log_normal and a comma',
    "{ok} --valuation log_normal,sigma=9": "--valuation: sigma: 9 is not allowed; must be at most 3",
    "{ok} --valuation log_normal,sigmo=1": "--valuation: sigmo: unknown key; did you mean sigma?",
    "{ok} --holdout 2": "--holdout: 2 is not allowed; must be at most 0.9",
    "{ok} --holdout some": '--holdout: "some" is not allowed; must be a number',
    "{ok} --daypart funday": '--daypart: "funday" is not allowed; must be one of mon, tue, wed, thu, fri, sat, sun; did you mean sun?',
    "{ok} --daypart 18-25": "--daypart: \"18-25\" is not allowed; must be hours 0 to 23, such as [18, 19] or '18-23' (both included); a range that passes midnight is two dayparts",
    "{ok} --daypart 18,mon": "--daypart: \"mon\" is not allowed; must be hours 0 to 23, such as [18, 19] or '18-23' (both included)",
    "--auto --daypart 18": "--daypart: goes with --name; --auto makes its own",
    "{ok} --seconds ten": '--seconds: "ten" is not allowed; must be a whole number',
    "{ok} --daily-budget 200": "--daily-budget: 200 is not allowed; at most the lifetime budget, 100",
    "--auto --objective aware": '--objective: "aware" is not allowed;'
    " must be one of awareness, consideration, conversion; did you mean awareness?",
}


@pytest.mark.parametrize("line", REFUSED)
def test_terms_that_are_refused_name_their_option(booked: Paceline, here: Path, line: str) -> None:
    before = tree(here)
    options = line.format(ok="--name x --max-cpm 25 --budget 100").split()
    done = booked("create-campaign", "--advertiser-id", "1", *options)
    assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {REFUSED[line]}\n", "")
    assert tree(here) == before


def test_an_advertiser_that_is_not_there(booked: Paceline) -> None:
    done = booked("create-campaign", "--advertiser-id", "7", "--auto")
    assert done.stderr == "error: --advertiser-id 7: no such advertiser; known: 1 Foo & Co\n"
    assert done.exit_code == 2


def test_a_campaign_that_plans_for_its_line_items(booked: Paceline) -> None:
    given = ("create-campaign", "--advertiser-id", "1", "--name", "Spring", "--max-cpm", "25")
    paced = (*given, "--campaign-budget", "12000", "--campaign-pacing", "pid,k_p=0.2")
    made = booked(*paced)
    assert "Budget     $12,000\nPacing     pid 0.2, for all line items together\n" in made.stdout
    assert "Spring: at up to $25.00 CPM\n" in made.stdout
    wanted = '{"k_p":0.2,"kind":"pid"}'
    assert rows("ads.db", "SELECT pacing FROM campaigns") == [(wanted,)]
    assert rows("ads.db", "SELECT pacing FROM line_items") == [(wanted,)]
    poor = booked(*given, "--budget", "12000", "--campaign-pacing", "pid")
    assert poor.stderr == (
        "error: --campaign-pacing: pid: plans for a budget of the campaign's own; give it a lifetime_budget or"
        " daily_budget\n"
    )
    both = booked(*paced, "--pacing", "even")
    assert both.stderr == (
        "error: --pacing: even: its campaign's pacing, pid, plans for all its line items; leave one of them out\n"
    )
