"""Budgets.

A multiplier of the bid takes the place of a budget: what it spends, wins and is worth under second price.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import budgets
from sim.units import MICROS

ROUNDED = 2e-6
"""A multiplier is rounded to a millionth, and bids and prices to a micro."""


def _paced(name: str, multiplier: float, **terms: Any) -> dict[str, Any]:
    pacing = {"kind": "fixed_multiplier", "multiplier": multiplier}
    return {"name": name, "valuation": "uniform", "pacing": pacing, **terms}


def _spend_and_utility(
    market: PlayedRun, name: str, multiplier: float, spend: float, utility: float
) -> Iterator[rows.Row]:
    paid, bids = market.money("price_micros", name), market.money("bid_micros", name)
    n = market.auctions
    yield rows.mean("spend per auction", spend, paid, n=n, bound=ROUNDED)
    yield rows.mean("utility per auction", utility, bids / multiplier - paid, n=n, bound=ROUNDED)


@check(
    "{} like bidders who may spend {} an auction each", (2, 0.1), (3, 0.1), (5, 0.1), (10, 0.05), (2, 0.25)
)
def _symmetric(size: int, n: int, budget: float) -> Iterator[rows.Row]:
    multiplier = budgets.symmetric_multiplier(n, budget)
    market = play(size, [_paced("Bidder", multiplier, count=n)])
    spend, utility = budgets.symmetric_spend(n, multiplier), budgets.symmetric_utility(n, multiplier)
    yield from _spend_and_utility(market, "Bidder 1", multiplier, spend, utility)


@check("a budget of 1/{} an auction against a uniform rival", 24, 54, 6)
def _rival(size: int, auctions: int) -> Iterator[rows.Row]:
    multiplier = budgets.best_multiplier(1 / auctions)
    market = play(size, [_paced("Paced", multiplier), {"name": "Rival", "valuation": "uniform"}])
    won = market.total("wins", "Paced")
    yield rows.share("share won", budgets.win(multiplier), won, market.auctions, bound=ROUNDED)
    spend, utility = budgets.spend(multiplier), budgets.utility(multiplier)
    yield from _spend_and_utility(market, "Paced", multiplier, spend, utility)


@check("half of what all slots cost, spent as soon as possible")
def _exhausted(size: int) -> Iterator[rows.Row]:
    # Every slot costs its bid of one, so that a budget of half the slots lasts for half the time.
    budget = size // 2
    market = play(size, [{"name": "Lone", "lifetime_budget": budget}], {"market.auction": "first_price"})
    n, spent = market.auctions, market.total("spend_micros") / MICROS
    yield rows.certain("spent of the budget", 1.0, spent / budget, n)
    refused = market.total("blocked_budget_lifetime")
    yield rows.certain("slots without a budget", (n - budget) / n, refused / n, n)


@check("a lone bidder with half of what all slots cost at the floor, second price")
def _at_the_floor(size: int) -> Iterator[rows.Row]:
    # Bids one and pays a half: a budget is drawn by what is paid.
    price, budget = 0.5, size // 4
    market = play(size, [{"name": "Lone", "lifetime_budget": budget}], {"market.floors.cpm": 1000 * price})
    n, shards = market.auctions, market.market.shards
    # What is left of a budget pays no bid, of which each shard may keep one for a tick.
    spent = market.total("spend_micros") / MICROS
    yield rows.certain("spent of the budget", 1.0, spent / budget, n, bound=1 / budget)
    refused, exact = market.total("blocked_budget_lifetime"), 1 - budget / price / n
    yield rows.certain("slots without a budget", exact, refused / n, n, bound=2 * shards / n)
    # Slots of an hour are draws, and an hour counts in full that spends more than a thousandth of the budget:
    # the last bids of the shards come an hour or two later.
    total, slots, least = len(market.hours), budget / price, budget * MICROS // 1000
    hours = int((market.counts["spend_micros"][0] > least).sum())
    late = rows.SIGMAS * math.sqrt(slots) * total / n
    yield rows.certain("hours until it is spent", slots * total / n, hours, n, bound=1 + late)


@check("a daily budget of half of what a day's slots cost, over 4 days")
def _daily(size: int) -> Iterator[rows.Row]:
    budget = size // 8
    settings = {"market.auction": "first_price", "market.days": 4}
    market = play(size, [{"name": "Lone", "daily_budget": budget}], settings)
    days = market.counts["spend_micros"][0].reshape(4, 24).sum(axis=1) / MICROS
    for day in (1, 2, 4):
        yield rows.certain(f"spent of day {day}'s budget", 1.0, days[day - 1] / budget, market.auctions)
