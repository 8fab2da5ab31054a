"""Policies that steer the bid, in a market.

Pacing equilibria that bidders learn by themselves, in ticks of five minutes, from two days of one slot a pod.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import SIGMAS, Row
from analysis.verify.subjects import Check
from analysis.verify.theory import budgets, pacers
from sim.events import FUNNEL
from sim.units import MICROS, PPM

TICK_MINUTES = 5


def checks() -> Iterator[Check]:
    """Yield a check for each equilibrium."""
    for n, budget in ((2, 0.1), (3, 0.1), (5, 0.1), (10, 0.05)):
        setting = f"{n} bidders of adaptive pacing with {budget} to spend in an auction, uniform values"
        yield Check(setting, partial(_symmetric, n, budget))
    for small, large in ((0.1, 0.3), (0.05, 0.25), (0.12, 1.0)):
        setting = f"first price, two bidders of PACE with {small} and {large} to spend in an auction"
        yield Check(setting, partial(_first_price, small, large))
    yield Check("value of four times the spend, against a uniform rival", partial(_return, 4.0))


def _played(size: int, bidders: list[dict[str, Any]], **settings: Any) -> PlayedRun:
    market = {"market.tick_minutes": TICK_MINUTES, **settings}
    return play(size, bidders, market, columns=("line_item",))


def _bidder(name: str, pacing: Any, budget: float, size: int, **terms: Any) -> dict[str, Any]:
    money = {"lifetime_budget": f"{budget * size:.2f}"}
    return {"name": name, "valuation": "uniform", "pacing": pacing, **money, **terms}


def _multipliers(market: PlayedRun, name: str, hours: slice) -> NDArray[np.float64]:
    place = market.place(name)
    return np.array([hour.pacing.multiplier_ppm[place] for hour in market.hours[hours]]) / PPM


def _hourly(market: PlayedRun, name: str, column: str, hours: slice) -> NDArray[np.float64]:
    place, at = market.place(name), FUNNEL.index(column)
    return np.array([hour.funnel[place, at] for hour in market.hours[hours]]) / MICROS


def _symmetric(n: int, budget: float, size: int) -> Iterator[Row]:
    market = _played(size, [_bidder("Bidder", "adaptive", budget, size, count=n)])
    # The middle half: as each has spent too much at first, some money is missing at the end.
    whole = len(market.hours)
    names = [f"Bidder {number}" for number in range(1, n + 1)]
    half = slice(whole // 4, 3 * whole // 4)
    found = float(np.mean([_multipliers(market, name, half).mean() for name in names]))
    # As many auctions as there were, not as many as were asked for.
    exact = budgets.symmetric_multiplier(n, budget * size / market.auctions)
    ticks = whole * 60 // TICK_MINUTES
    mean, square = pacers.second_value(n)
    noise = square / mean**2 / (market.auctions / ticks)  # of a tick's spend, whose auctions are Poisson
    # What all spend goes like α, so that their mean μ falls by ε α of an error in it; see theory.pacers.
    step = ticks**-0.5
    scatter = math.sqrt(step * noise / (2 * exact))
    drift = 2 * SIGMAS * scatter / (step * ticks / 2)
    chance = SIGMAS * (math.sqrt(noise / (ticks / 2)) + market.auctions**-0.5)
    bound = exact * (chance + drift + (exact * scatter) ** 2)
    yield rows.certain("multiplier, the mean of all", exact, found, market.auctions, bound=bound)


def _first_price(small: float, large: float, size: int) -> Iterator[Row]:
    bidders = [_bidder("Small", "pace", small, size), _bidder("Large", "pace", large, size)]
    market = _played(size, bidders, **{"market.auction": "first_price"})
    n, shrunk = market.auctions, size / market.auctions
    exact = pacers.first_price_equilibrium(small * shrunk, large * shrunk)
    moments = pacers.first_price_values(exact[0] / exact[1])
    chance = SIGMAS * sum(math.sqrt(square / mean**2 / (n / 2)) for mean, square in moments)
    half = slice(len(market.hours) // 2, None)
    # Means forget their first tick like 1/t, if both multipliers are wrong alike; else faster.
    first = 1 / (len(market.hours) / 2 * 60 / TICK_MINUTES)
    bound = chance + SIGMAS * n**-0.5 + first
    for name, multiplier, budget in zip(("Small", "Large"), exact, (small, large), strict=True):
        found = float(_multipliers(market, name, half).mean())
        yield rows.certain(f"multiplier of {name}", multiplier, found, n, bound=bound * multiplier)
        spent = market.total("spend_micros", name) / MICROS / (budget * size)
        if multiplier < 1:
            yield rows.certain(f"spent of the budget of {name}", 1.0, spent, n, bound=bound)
        else:
            wanted = pacers.first_price_spends(*exact)[1] * n / (budget * size)
            yield rows.certain(f"spent of the budget of {name}", wanted, spent, n, bound=bound * wanted)


def _return(target: float, size: int) -> Iterator[Row]:
    budget, step = 0.06, 0.2
    pacing = {"kind": "budget_ros", "target_ros": target, "alpha": step, "lambda_1": 0.5}
    rival = {"name": "Rival", "valuation": "uniform"}
    market = _played(size, [_bidder("Paced", pacing, budget, size), rival])
    n, hours = market.auctions, slice(len(market.hours) // 2, None)
    multipliers = _multipliers(market, "Paced", hours)
    value = (_hourly(market, "Paced", "impression_bid_sum_micros", hours) / multipliers).sum()
    spend = _hourly(market, "Paced", "spend_micros", hours).sum()
    exact = pacers.return_multiplier(target)
    ticks = len(market.hours) // 2 * 60 // TICK_MINUTES
    # (V/τ - Z)/G goes like (Z/G)(a - a²) for a = α/α*, and a like λ^(-1/2) at λ = 1, which is α* here.
    share = budgets.spend(exact) / budget
    noise = pacers.return_square(exact, target) / budget**2 / (n / 2 / ticks)
    scatter = math.sqrt(step * noise / share)
    drift = 2 * SIGMAS * scatter / (step * ticks) / share
    yield rows.certain("value for each 1 spent", target, value / spend, n, bound=drift * target)
    chance = SIGMAS * math.sqrt(pacers.return_square(exact, target) / (n / 2)) / budgets.spend(exact)
    bound = exact * (chance + drift + scatter**2)
    yield rows.certain("multiplier", exact, float(multipliers.mean()), n, bound=bound)
