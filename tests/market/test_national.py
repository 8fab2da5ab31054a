"""The market of real size, in small: budgets go by viewer and day, so that it is the same market."""

from __future__ import annotations

import numpy as np
import pytest

import paceline
from analysis.realism.card import Row, Verdict
from analysis.runs.played import PlayedRun
from analysis.runs.price import at_start_bytes
from scenarios import loader
from sim.units import MICROS

SMALL = {"market.population.viewers": 8000, "market.days": 2, "market.shards": 1}
GRANULAR = {"inside_the_hour", "frequency"}
"""What needs its full size and length: dozens of slots an hour for each line item, and weeks to be seen again."""


@pytest.fixture(scope="module")
def small() -> PlayedRun:
    return paceline.simulate("national", set=SMALL)


def test_it_has_the_size_of_a_real_one(small: PlayedRun) -> None:
    loaded = loader.load("national")
    market, items = (
        loaded.scenario.market,
        [item for one in loaded.listings.values() for item in one.campaign.line_items],
    )
    assert market.population.viewers >= 4_000_000
    assert len(items) == 200
    assert len({one.advertiser.name for one in loaded.listings.values()}) == 80
    slots = small.auctions / SMALL["market.population.viewers"] / SMALL["market.days"]
    assert slots * market.population.viewers * market.days > 1e9
    assert at_start_bytes(market, len(items)) < 2e9


def test_few_of_its_advertisers_are_large_and_many_are_small() -> None:
    money: dict[str, float] = {}
    for one in loader.load("national").listings.values():
        for item in one.campaign.line_items:
            money[one.advertiser.name] = money.get(one.advertiser.name, 0) + float(item.lifetime_budget or 0)
    sizes = np.sort([*money.values()])[::-1]
    assert sizes[:8].sum() > 0.35 * sizes.sum()
    assert sizes[0] > 30 * sizes[-1]
    assert 0.005 < sizes.sum() / 4_000_000 / len(loader.load("national").listings) < 0.02


def test_in_small_it_is_like_markets_that_are_published(small: PlayedRun) -> None:
    rows: dict[str, Row] = {row.range.name: row for row in paceline.realism(small, workers=1).rows}
    measured = {name for name, row in rows.items() if row.figure is not None} - GRANULAR
    assert {
        "fill",
        "price_spread",
        "exact_ties",
        "shading",
        "frequency_10_plus",
        "forecast_error",
    } <= measured
    for name in measured:
        assert rows[name].verdict == Verdict.inside, rows[name]


def test_it_delivers(small: PlayedRun) -> None:
    spent, budget = (small.summary[name].sum() / MICROS for name in ("spend_micros", "budget_micros"))
    assert 0.85 < spent / budget <= 1
