"""What is seen of a run that is played again is what its rows count."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import paceline
from analysis.landscape import frames
from analysis.landscape.seen import PRICE_STEPS, Loops, Seen, seen
from analysis.runs.playing import play
from analysis.runs.run import Run

SMALL = {"market.shards": 1, "market.population.viewers": 1000}


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
    prices = found.prices.select(pl.col("wins", "paid_micros").sum())
    assert prices.row(0) == funnel.row(0)
    mean = pl.col("paid_micros") / pl.col("wins")
    step = 25_000 / PRICE_STEPS
    assert found.prices.select(mean.is_between("price_micros", pl.col("price_micros") + step).all()).item()
    assert "comedy" in found.prices.filter(line_item="Everywhere, comedy")["genre"]


def test_a_stored_run_is_seen_alike_under_the_names_of_its_rows(
    run: Run, found: Seen, tmp_path: Path
) -> None:
    again = seen(run.save(tmp_path / "ads.db"), workers=2)
    assert again.least_bids.equals(found.least_bids)
    assert again.prices.equals(found.prices)


TWO = {"name": "two", "market": {"days": 1, "shards": 1, "population": {"viewers": 30}}}


@pytest.mark.parametrize(
    "pods", [{}, {"kind": "dynamic", "mid_roll": {"share": 1, "seconds": {"60": 1}, "max_ads": 3}}]
)
def test_a_plain_bid_is_told_the_least_that_wins_and_changes_nothing(pods: dict) -> None:
    bidders = [{"name": name, "max_cpm": cpm, "bidding": "fixed_cpm"} for name, cpm in (("A", 30), ("B", 12))]
    made = {**TWO, "market": {**TWO["market"], **({"pods": pods} if pods else {})}, "bidders": bidders}
    run = paceline.simulate(made)
    loops = Loops()
    outcome, _ = play(run.scenario, run.book, loops=loops)
    assert outcome.events_digest == run.outcome.events_digest
    found = loops.least_bids([item.name for item in run.book.line_items])
    told = dict(found.group_by("line_item").agg(pl.col("auctions").sum()).iter_rows())
    assert told == dict(frames.made(run).select("line_item", "bids").iter_rows())
    if not pods:  # who always bids the maximum wins wherever that is enough
        enough = found.filter(pl.col("least_micros").is_not_null())
        won = {name: run.total("wins", name) for name in ("A", "B")}
        assert dict(enough.group_by("line_item").agg(pl.col("auctions").sum()).iter_rows()) == won


def test_a_worth_in_parts_that_is_bid_as_it_is_is_not_told() -> None:
    worth = {"kind": "log_normal", "median": 0.5, "sigma": 0.5, "affinity": 0.5}
    found = seen(
        paceline.simulate({**TWO, "bidders": [{"name": "A", "valuation": worth, "bidding": "truthful"}]})
    )
    assert found.least_bids.is_empty()
    assert found.prices["wins"].sum() > 0
