"""Steering: the best reply to a rival, learned.

Against a uniform rival under second price each settles at the multiplier that its budget asks for, which is
known: what it spends, wins and gains from then on is that of the best reply.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import MORE, play
from analysis.verify.subjects import check
from analysis.verify.theory import budgets
from sim.units import MICROS, PPM

BUDGET = 1 / 24
DAYS, HOURS = 16, 24
SETTLED = slice(5 * HOURS, 13 * HOURS)
"""Hours that are looked at: before, a policy learns; towards the end it spends what that has left."""
BREAKS_A_DAY = 200
DUAL = {"kind": "dual_mirror_descent", "mu_1": 0.1}
"""By default it begins with μ = 1, which here is what is to be learned."""
CARRIED = 1 / 192
"""How far the spend of these 192 hours may be off, in parts of its target. A step takes ε (G - Z)/Ḡ from μ,
so that Σ (G - Z)/Ḡ is what μ fell by over ε: with ε = 1/√384, one hour for a fall by 0.05."""


def _market(size: int, policy: Any) -> PlayedRun:
    # Half of the hours are looked at.
    viewers = math.ceil(2 * size * MORE / (DAYS * BREAKS_A_DAY))
    # A budget is set before it is known how many auctions there will be.
    micros = round(BUDGET * viewers * DAYS * BREAKS_A_DAY * MICROS)
    paced = {"name": "Paced", "valuation": "uniform", "pacing": policy, "lifetime_budget": micros / MICROS}
    rival = {"name": "Rival", "valuation": "uniform"}
    settings = {"market.days": DAYS, "market.population.viewers": viewers}
    settings["market.viewing.breaks_a_day"] = BREAKS_A_DAY
    columns = ("line_item", "bid_micros", "price_micros", "ts")
    return play(size, [paced, rival], settings, columns=columns)


@check("adaptive pacing (Balseiro and Gur), 1/24 to spend in an auction", "adaptive")
@check("dual mirror descent, Euclidean (Balseiro et al.), 1/24 to spend in an auction", DUAL)
@check(
    "dual mirror descent, entropy (Balseiro et al.), 1/24 to spend in an auction", {**DUAL, "step": "entropy"}
)
@check("PID control of the spend (Zhang et al.), 1/24 to spend in an auction", "pid")
@check("water level (Zhang et al.), 1/24 to spend in an auction", "water_level")
def _rival(size: int, policy: Any) -> Iterator[rows.Row]:
    market = _market(size, policy)
    place, exact = market.place("Paced"), budgets.best_multiplier(BUDGET)
    multipliers = market.pacing("multiplier_ppm")[place] / PPM
    hours = market.won["ts"][market.won["line_item"] == place] // 3600
    settled = (hours >= SETTLED.start) & (hours < SETTLED.stop)
    paid = market.money("price_micros", "Paced")[settled]
    left = market.money("bid_micros", "Paced")[settled] / multipliers[hours[settled]] - paid
    n = int(market.supply["avails"][SETTLED].sum())
    # How far the spend at a multiplier may be off: prices and their number are draws. Spend is α²/6: the
    # multiplier is off by half of what it is off by. Wins are α/2.
    price = rows.mean("", 0.0, paid, n=n)
    chance = CARRIED + math.hypot(price.tolerance / price.simulated, rows.SIGMAS / math.sqrt(n))
    off = exact * chance / 2
    yield rows.certain("mean multiplier", exact, float(multipliers[SETTLED].mean()), n, bound=off)
    # The budget's part of these hours is spent, whatever slots cost; how many there are is chance.
    wanted, spend = budgets.spend(exact), math.fsum(paid.tolist()) / n
    bound = wanted * (CARRIED + rows.SIGMAS / math.sqrt(n))
    yield rows.certain("spend per auction, the budget", wanted, spend, n, bound=bound)
    yield rows.share("share won", budgets.win(exact), len(paid), n, bound=off / 2)
    gain = abs(budgets.utility(exact + off) - budgets.utility(exact))
    yield rows.mean("utility per auction, the best", budgets.utility(exact), left, n=n, bound=gain)
