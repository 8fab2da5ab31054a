"""Steering: the best reply to a rival, learned.

Against a uniform rival under second price each settles at the multiplier that its budget asks for, which is
known: what it spends, wins and gains from then on is that of the best reply.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import MORE, play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import budgets
from sim.units import MICROS, PPM

BUDGET = 1 / 24
DAYS, HOURS = 16, 24
SETTLED = slice(5 * HOURS, 13 * HOURS)
"""Hours that are looked at: before, a policy learns; towards the end it spends what that has left."""
BREAKS_A_DAY = 200
CARRIED = 1 / 192
"""How far the spend of these 192 hours may be off, in parts of its target. A step takes ε (G - Z)/Ḡ from μ,
so that Σ (G - Z)/Ḡ is what μ fell by over ε: with ε = 1/√384, one hour for a fall by 0.05."""


def checks() -> Iterator[Check]:
    """Yield a check for each policy."""
    for policy, words in (
        ("adaptive", "adaptive pacing (Balseiro and Gur)"),
        # By default they begin with μ = 1, which here is what is to be learned.
        (
            {"kind": "dual_mirror_descent", "mu_1": 0.1},
            "dual mirror descent, Euclidean (Balseiro et al.)",
        ),
        (
            {"kind": "dual_mirror_descent", "step": "entropy", "mu_1": 0.1},
            "dual mirror descent, entropy (Balseiro et al.)",
        ),
        ("pid", "PID control of the spend (Zhang et al.)"),
        ("water_level", "water level (Zhang et al.)"),
    ):
        yield Check(f"{words}, 1/24 to spend in an auction", partial(_rival, policy))


@dataclass
class _Settled:
    """One bidder in the hours that are looked at."""

    auctions: int
    multiplier: float
    paid: NDArray[np.float64]
    left: NDArray[np.float64]
    """What its slots were worth beyond their price."""

    @property
    def chance(self) -> float:
        """Return by what part the spend at a multiplier is off: prices and their number are draws."""
        n = self.auctions
        price = rows.mean("", 0.0, self.paid, n=n)
        return CARRIED + math.hypot(price.tolerance / price.simulated, rows.SIGMAS / math.sqrt(n))


def _market(size: int, policy: Any, budget: float) -> PlayedRun:
    # Half of the hours are looked at.
    viewers = math.ceil(2 * size * MORE / (DAYS * BREAKS_A_DAY))
    # A budget is agreed before it is known how many auctions there will be.
    micros = round(budget * viewers * DAYS * BREAKS_A_DAY * MICROS)
    paced = {"name": "Paced", "valuation": "uniform", "pacing": policy, "lifetime_budget": micros / MICROS}
    rival = {"name": "Rival", "valuation": "uniform"}
    settings = {"market.days": DAYS, "market.population.viewers": viewers}
    settings["market.viewing.breaks_a_day"] = BREAKS_A_DAY
    columns = ("line_item", "bid_micros", "price_micros", "ts")
    return play(size, [paced, rival], settings, columns=columns)


def _settled(market: PlayedRun, name: str) -> _Settled:
    place = market.place(name)
    multipliers = np.array([hour.pacing.multiplier_ppm[place] for hour in market.hours]) / PPM
    hours = market.won["ts"][market.won["line_item"] == place] // 3600
    looked_at = (hours >= SETTLED.start) & (hours < SETTLED.stop)
    paid = market.money("price_micros", name)[looked_at]
    worth = market.money("bid_micros", name)[looked_at] / multipliers[hours[looked_at]]
    auctions = int(market.supply["avails"][SETTLED].sum())
    return _Settled(auctions, float(multipliers[SETTLED].mean()), paid, worth - paid)


def _rival(policy: Any, size: int) -> Iterator[Row]:
    exact = budgets.best_multiplier(BUDGET)
    found = _settled(_market(size, policy, BUDGET), "Paced")
    # Spend is α²/6: what it is off by, the multiplier is off by half of that. Wins are α/2.
    off, n = exact * found.chance / 2, found.auctions
    yield rows.certain("mean multiplier", exact, found.multiplier, n, bound=off)
    yield _spend(found, budgets.spend(exact))
    yield rows.share("share won", budgets.win(exact), len(found.paid), n, bound=off / 2)
    gain = abs(budgets.utility(exact + off) - budgets.utility(exact))
    yield rows.mean("utility per auction, the best", budgets.utility(exact), found.left, n=n, bound=gain)


def _spend(found: _Settled, exact: float) -> Row:
    # The budget's part of these hours is spent, whatever slots cost; how many there are is chance.
    spend = math.fsum(found.paid.tolist()) / found.auctions
    bound = exact * (CARRIED + rows.SIGMAS / math.sqrt(found.auctions))
    return rows.certain("spend per auction, the budget", exact, spend, found.auctions, bound=bound)
