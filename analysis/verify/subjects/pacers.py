"""Policies that steer the bid, in a market.

Pacing equilibria that bidders learn by themselves, in ticks of five minutes, from two days of one slot a pod.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import SIGMAS
from analysis.verify.subjects import check
from analysis.verify.theory import auctions, budgets, pacers
from sim.units import MICROS, PPM

TICK_MINUTES = 5


def _played(size: int, bidders: list[dict[str, Any]], **settings: Any) -> PlayedRun:
    market = {"market.tick_minutes": TICK_MINUTES, **settings}
    return play(size, bidders, market, columns=("line_item",))


def _bidder(name: str, pacing: Any, budget: float, size: int, **terms: Any) -> dict[str, Any]:
    money = {"lifetime_budget": f"{budget * size:.2f}"}
    return {"name": name, "valuation": "uniform", "pacing": pacing, **money, **terms}


def _multipliers(market: PlayedRun, name: str, hours: slice) -> NDArray[np.float64]:
    return market.pacing("multiplier_ppm")[market.place(name), hours] / PPM


@check(
    "{} bidders of adaptive pacing with {} to spend in an auction, uniform values",
    (2, 0.1),
    (3, 0.1),
    (5, 0.1),
    (10, 0.05),
)
def _symmetric(size: int, n: int, budget: float) -> Iterator[rows.Row]:
    market = _played(size, [_bidder("Bidder", "adaptive", budget, size, count=n)])
    # The middle half: as each has spent too much at first, some money is missing at the end.
    hours = len(market.hours)
    half = slice(hours // 4, 3 * hours // 4)
    names = [f"Bidder {number}" for number in range(1, n + 1)]
    found = float(np.mean([_multipliers(market, name, half).mean() for name in names]))
    # As many auctions as there were, not as many as were asked for.
    exact = budgets.symmetric_multiplier(n, budget * size / market.auctions)
    ticks = hours * 60 // TICK_MINUTES
    mean = auctions.uniform_mean(n, 2)
    square = auctions.uniform_variance(n, 2) + mean**2
    noise = square / mean**2 / (market.auctions / ticks)  # of a tick's spend, whose auctions are Poisson
    # What all spend goes like α, so that their mean μ falls by ε α of an error in it; see theory.pacers.
    step = ticks**-0.5
    scatter = math.sqrt(step * noise / (2 * exact))
    drift = 2 * SIGMAS * scatter / (step * ticks / 2)
    chance = SIGMAS * (math.sqrt(noise / (ticks / 2)) + market.auctions**-0.5)
    bound = exact * (chance + drift + (exact * scatter) ** 2)
    yield rows.certain("multiplier, the mean of all", exact, found, market.auctions, bound=bound)


@check(
    "first price, two bidders of PACE with {} and {} to spend in an auction",
    (0.1, 0.3),
    (0.05, 0.25),
    (0.12, 1.0),
)
def _first_price(size: int, small: float, large: float) -> Iterator[rows.Row]:
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
        wanted = 1.0 if multiplier < 1 else pacers.first_price_spends(*exact)[1] * n / (budget * size)
        yield rows.certain(f"spent of the budget of {name}", wanted, spent, n, bound=bound * wanted)


@check("value of four times the spend, against a uniform rival")
def _return(size: int) -> Iterator[rows.Row]:
    target, budget, step = 4.0, 0.06, 0.2
    pacing = {"kind": "budget_ros", "target_ros": target, "alpha": step, "lambda_1": 0.5}
    rival = {"name": "Rival", "valuation": "uniform"}
    market = _played(size, [_bidder("Paced", pacing, budget, size), rival])
    n, hours = market.auctions, slice(len(market.hours) // 2, None)
    multipliers, place = _multipliers(market, "Paced", hours), market.place("Paced")
    value = (market.counts["impression_bid_sum_micros"][place, hours] / multipliers).sum()
    spend = market.counts["spend_micros"][place, hours].sum()
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
