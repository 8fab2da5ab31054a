"""Budgets.

A multiplier of the bid takes the place of a budget: what it spends, wins and is worth under second price.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import budgets
from sim.events import FUNNEL
from sim.units import MICROS


def checks() -> Iterator[Check]:
    """Yield a check for each number of bidders and budget, and for budgets that run out."""
    for n, budget in ((2, 0.1), (3, 0.1), (5, 0.1), (10, 0.05), (2, 0.25)):
        yield Check(
            f"{n} like bidders who may spend {budget} an auction each", partial(_symmetric, n, budget)
        )
    for budget, words in ((1 / 24, "1/24"), (1 / 54, "1/54"), (1 / 6, "1/6")):
        yield Check(f"a budget of {words} an auction against a uniform rival", partial(_rival, budget))
    yield Check("half of what all slots cost, spent as soon as possible", _exhausted)
    yield Check("a lone bidder with half of what all slots cost at the floor, second price", _at_the_floor)
    yield Check("a daily budget of half of what a day's slots cost, over 4 days", _daily)


def fixed(multiplier: float) -> dict[str, Any]:
    """Return the pacing policy that always bids at that multiple."""
    return {"kind": "fixed_multiplier", "multiplier": multiplier}


def _symmetric(n: int, budget: float, size: int) -> Iterator[Row]:
    multiplier = budgets.symmetric_multiplier(n, budget)
    bidders = [{"name": "Bidder", "count": n, "valuation": "uniform", "pacing": fixed(multiplier)}]
    market = play(size, bidders)
    paid, bids = market.money("price_micros", "Bidder 1"), market.money("bid_micros", "Bidder 1")
    left = bids / multiplier - paid
    # A multiplier is rounded to a millionth, and bids and prices to a micro.
    exact, bound = budgets.symmetric_spend(n, multiplier), 2e-6
    yield rows.mean("spend per auction", exact, paid, n=market.auctions, bound=bound)
    exact = budgets.symmetric_utility(n, multiplier)
    yield rows.mean("utility per auction", exact, left, n=market.auctions, bound=bound)


def _rival(budget: float, size: int) -> Iterator[Row]:
    multiplier = budgets.best_multiplier(budget)
    paced = {"name": "Paced", "valuation": "uniform", "pacing": fixed(multiplier)}
    market = play(size, [paced, {"name": "Rival", "valuation": "uniform"}])
    n, bound = market.auctions, 2e-6
    paid, bids = market.money("price_micros", "Paced"), market.money("bid_micros", "Paced")
    left = bids / multiplier - paid
    yield rows.share("share won", budgets.win(multiplier), market.total("wins", "Paced"), n, bound=bound)
    yield rows.mean("spend per auction", budgets.spend(multiplier), paid, n=n, bound=bound)
    yield rows.mean("utility per auction", budgets.utility(multiplier), left, n=n, bound=bound)


def _exhausted(size: int) -> Iterator[Row]:
    # Every slot costs its bid of one, so that a budget of half the slots lasts for half the time.
    budget = size // 2
    market = play(size, [{"name": "Lone", "lifetime_budget": budget}], {"market.auction": "first_price"})
    spent = market.total("spend_micros", "Lone") / 1_000_000
    yield rows.certain("spent of the budget", 1.0, spent / budget, market.auctions)
    n, refused = market.auctions, market.total("blocked_budget_lifetime", "Lone")
    yield rows.certain("slots without a budget", (n - budget) / n, refused / n, n)


def _at_the_floor(size: int) -> Iterator[Row]:
    # Bids one and pays a half: a budget is drawn by what is paid.
    price, budget = 0.5, size // 4
    market = play(size, [{"name": "Lone", "lifetime_budget": budget}], {"market.floors.cpm": 1000 * price})
    n, bound = market.auctions, market.scenario.market.shards
    spent = market.total("spend_micros", "Lone") / 1_000_000
    # What is left of a budget pays no bid, of which each shard may keep one for a tick.
    yield rows.certain("spent of the budget", 1.0, spent / budget, n, bound=1 / budget)
    refused = market.total("blocked_budget_lifetime", "Lone")
    exact = 1 - budget / price / n
    yield rows.certain("slots without a budget", exact, refused / n, n, bound=2 * bound / n)
    # Slots of an hour are draws, and one in which more than a thousandth of the budget is spent counts whole:
    # the last bids of the shards come an hour or two later.
    whole, slots, least = len(market.hours), budget / price, budget * MICROS // 1000
    hours = sum(int(hour.funnel[0, FUNNEL.index("spend_micros")]) > least for hour in market.hours)
    late = rows.SIGMAS * math.sqrt(slots) * whole / n
    yield rows.certain("hours until it is spent", slots * whole / n, hours, n, bound=1 + late)


def _daily(size: int) -> Iterator[Row]:
    days = 4
    budget = size // (2 * days)
    settings = {"market.auction": "first_price", "market.days": days}
    market = play(size, [{"name": "Lone", "daily_budget": budget}], settings)
    spend = [int(hour.funnel[0, FUNNEL.index("spend_micros")]) / 1_000_000 for hour in market.hours]
    for day in (1, 2, 4):
        share = sum(spend[24 * (day - 1) : 24 * day]) / budget
        yield rows.certain(f"spent of day {day}'s budget", 1.0, share, market.auctions)
