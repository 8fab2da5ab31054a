"""What is seen of a run that is played again is what its rows count."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import paceline
from analysis.landscape import frames
from analysis.landscape.seen import Seen, seen
from analysis.runs.run import Run

SMALL = {"market.population.viewers": 1000}


@pytest.fixture(scope="module")
def run() -> Run:
    return paceline.simulate("smoke", set=SMALL)


@pytest.fixture(scope="module")
def found(run: Run) -> Seen:
    return seen(run)


def test_every_bid_of_who_shades_has_a_least_bid_that_wins(run: Run, found: Seen) -> None:
    told = dict(found.least_bids.group_by("line_item").agg(pl.col("auctions").sum()).iter_rows())
    bids = dict(frames.made(run).select("line_item", "bids").iter_rows())
    assert told == bids
    assert min(bids.values()) > 0


def test_prices_by_genre_are_those_that_were_cleared(run: Run, found: Seen) -> None:
    funnel = run.performance_extended.select(pl.col("wins", "clearing_sum_micros").sum())
    wins, cleared = funnel.row(0)
    prices = found.prices
    assert prices["wins"].sum() == wins
    step = 25_000 / 500
    assert (prices["price_micros"] * prices["wins"]).sum() == pytest.approx(cleared, abs=wins * step)
    assert set(prices.filter(line_item="Everywhere, comedy")["genre"]) >= {"comedy"}


def test_a_stored_run_is_seen_alike_under_the_names_of_its_rows(
    run: Run, found: Seen, tmp_path: Path
) -> None:
    again = seen(run.save(tmp_path / "ads.db"), workers=2)
    assert again.least_bids.equals(found.least_bids)
    assert again.prices.equals(found.prices)


def test_nobody_is_told_who_does_not_shade() -> None:
    plain = {
        "name": "plain",
        "market": {"days": 1, "population": {"viewers": 30}},
        "bidders": [{"name": "A"}],
    }
    found = seen(paceline.simulate(plain))
    assert found.least_bids.is_empty()
    assert found.prices["wins"].sum() > 0
