"""The scorecard: a tame market fails where it is tame, and one like those that are published passes."""

from typing import cast

import numpy as np
import pytest

import paceline
from analysis.delivery.forecasts import forecast_error
from analysis.realism.card import MEASURES, Row, Scorecard, Verdict
from analysis.realism.counted import Counted
from analysis.realism.figures import Seen
from analysis.realism.observed import Observed
from analysis.realism.ranges import RANGES, given
from analysis.realism.trading import inside_the_hour
from analysis.runs.played import PlayedRun
from analysis.runs.playing import play
from entities.errors import InputError
from sim.engine.traffic import Loops
from sim.events import FUNNEL
from tests.bookings import line_item

CAMPAIGN = {
    "name": "Launch",
    "timezone": "America/New_York",
    "start_date": "2026-11-02",
    "end_date": "2026-11-15",
}


def _bidder(name: str, **terms: object) -> dict[str, object]:
    item = {**line_item(name, lifetime_budget=700, pacing="traffic_shaped"), **terms}
    return {
        "advertiser": {"name": name, "category": f"of_{name.lower()}"},
        "campaign": {**CAMPAIGN, "name": name, "line_items": [item]},
    }


def _market(bidders: list[dict[str, object]], **settings: object) -> dict[str, object]:
    where = {"days": 14, "shards": 2, "population": {"viewers": 4000}, **settings}
    return {"name": "made", "seed": 3, "market": where, "campaigns": bidders}


@pytest.fixture(scope="module")
def tame() -> Scorecard:
    """Two line items at the same constant price, in a market whose weeks are all alike."""
    run = paceline.simulate(_market([_bidder("One"), _bidder("Other")]))
    return paceline.realism(run, workers=1)


def _rows(card: Scorecard) -> dict[str, Row]:
    return {row.range.name: row for row in card.rows}


def test_a_tame_market_fails_where_it_is_tame(tame: Scorecard) -> None:
    rows = _rows(tame)
    for name in ("price_spread", "shading", "exact_ties", "weekday_variation"):
        assert rows[name].verdict == Verdict.out, name
    assert {row.range.name for row in tame.out} >= {"price_spread", "shading", "exact_ties"}
    assert rows["shading"].figure == 1
    assert (rows["exact_ties"].figure or 0) > 0.1


def test_what_every_market_has_is_inside(tame: Scorecard) -> None:
    rows = _rows(tame)
    for name in ("hours_a_month", "ad_minutes_an_hour", "top_tenth", "peak_hour", "completion_tv", "invalid"):
        assert rows[name].verdict == Verdict.inside, (name, rows[name])
    assert rows["inside_the_hour"].verdict == Verdict.inside, rows["inside_the_hour"]


def test_worth_shading_rivals_and_weather_are_no_longer_tame() -> None:
    own = {"bidding": "shaded", "valuation": {"kind": "log_normal", "affinity": 0.3}}
    bidders = [_bidder("One", **own), _bidder("Other", **own)]
    run = paceline.simulate(_market(bidders, ambient={"kind": "rivals", "median_cpm": 13}, weather="daily"))
    rows = _rows(paceline.realism(run, workers=1))
    for name in ("price_spread", "shading", "exact_ties"):
        assert rows[name].verdict == Verdict.inside, rows[name]
    assert (rows["weekday_variation"].figure or 0) > 0.02


def test_smoke_is_like_the_markets_that_are_published() -> None:
    card = paceline.realism(paceline.simulate("smoke"), workers=1)
    assert [row.range.name for row in card.out] == []


def test_an_hour_that_is_spent_at_once_is_out() -> None:
    # What was measured before allowances were released: 40.3 % of matched slots at first, 2.1 % at last.
    run = paceline.simulate("smoke")
    assert isinstance(run, PlayedRun)
    observed, counted = Observed(1), Counted(run.book)
    observed.tenths = np.array([[[10_000, wins]] * 2 for wins in (4030, 2800, 1600, 900, 500, 210)])
    counted.funnel[:, FUNNEL.index("wins")] = 10_040
    ratio = inside_the_hour(Seen(run.scenario, run.book, counted, observed)).value
    assert ratio == pytest.approx(4030 / 210)
    assert ratio > RANGES["inside_the_hour"].most


def test_a_short_run_says_what_it_cannot_measure() -> None:
    rows = _rows(paceline.realism(paceline.simulate("smoke"), workers=1))
    for name in ("weekday_variation", "top_tenth"):
        assert rows[name].verdict == Verdict.not_measured
        assert rows[name].note


def test_a_run_is_the_same_while_it_is_looked_at() -> None:
    run = paceline.simulate("smoke")
    looked = Observed(len(run.scenario.market.regions))
    assert isinstance(run, PlayedRun)
    outcome, _ = play(run.scenario, run.book, loops=cast("Loops", looked))
    assert outcome.events_digest == run.outcome.events_digest
    wins = sum(hour.funnel[:, FUNNEL.index("wins")] for hour in run.hours)
    assert looked.tenths[..., 1].sum(axis=0).tolist() == wins.tolist()


def test_every_range_has_a_measure_and_a_source() -> None:
    assert list(RANGES) == list(MEASURES)
    assert all(one.source and one.least <= one.most for one in RANGES.values())


@pytest.mark.parametrize(
    ("ranges", "line"),
    [
        ({"fil": (0.5, 0.6)}, "range fil: there is no such figure; did you mean fill?"),
        ({"completion_tv": (0.5, 0.6)}, "range completion_tv: is published; others are given for"),
        ({"fill": (0.6, 0.5)}, "range fill: 0.6 to 0.5 is no range"),
        ({"fill": (10, 90)}, "range fill: 10 to 90 is not allowed; must be from 0 to 1, a share"),
        ({"price_spread": (-1, 6)}, "range price_spread: -1 to 6 is not allowed; must be at least 0"),
    ],
)
def test_a_range_that_cannot_be_given_is_refused(ranges: dict[str, tuple[float, float]], line: str) -> None:
    with pytest.raises(InputError, match=line):
        given(ranges)


def test_the_forecasts_error_is_that_of_the_report() -> None:
    run = paceline.simulate("smoke")
    row = _rows(paceline.realism(run, workers=1))["forecast_error"]
    assert row.figure == pytest.approx(forecast_error(run).by_hour)
