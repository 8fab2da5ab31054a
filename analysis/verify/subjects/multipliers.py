"""A multiplier of the bid in the place of a budget: what it spends, wins and is worth under second price."""

from __future__ import annotations

import math
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import MORE, play, uniform
from analysis.verify.subjects import Subject
from analysis.verify.theory import multipliers
from sim.units import MICROS, PPM

budgets = Subject("budgets", "Budgets")
# Against a uniform rival under second price each settles at the multiplier that its budget asks for, which is
# known: what it spends, wins and gains from then on is that of the best reply.
steering = Subject("steering", "Steering: the best reply to a rival, learned")

ROUNDED_MONEY = 2e-6
"""A multiplier is rounded to a millionth, and bids and prices to a micro."""
BUDGET = 1 / 24
LEARNED_DAYS, BREAKS_A_DAY = 16, 200
SETTLED = slice(5 * 24, 13 * 24)
"""Hours that are looked at: before, a policy learns; towards the end it spends what that has left."""
DUAL = {"kind": "dual_mirror_descent", "mu_1": 0.1}
"""By default it begins with μ = 1, which here is what is to be learned."""
CARRIED = 1 / 192
"""How far the spend of these 192 hours may be off, in parts of its target. A step takes ε (G - Z)/Ḡ from μ,
so that Σ (G - Z)/Ḡ is what μ fell by over ε: with ε = 1/√384, one hour for a fall by 0.05."""


def _fixed(name: str, multiplier: float, **terms: Any) -> dict[str, Any]:
    return uniform(name, pacing={"kind": "fixed_multiplier", "multiplier": multiplier}, **terms)


def _spend_and_utility(
    market: PlayedRun, name: str, multiplier: float, spend: float, utility: float
) -> rows.Comparisons:
    paid, bids = market.money("price_micros", name), market.money("bid_micros", name)
    n = market.auctions
    yield rows.mean("spend per auction", spend, paid, n=n, bound=ROUNDED_MONEY)
    yield rows.mean("utility per auction", utility, bids / multiplier - paid, n=n, bound=ROUNDED_MONEY)


@budgets.check(
    "{} like bidders who may spend {} an auction each", (2, 0.1), (3, 0.1), (5, 0.1), (10, 0.05), (2, 0.25)
)
def _symmetric(size: int, n: int, budget: float) -> rows.Comparisons:
    multiplier = multipliers.symmetric_multiplier(n, budget)
    market = play(size, [_fixed("Bidder", multiplier, count=n)])
    spend, utility = multipliers.symmetric_spend(n, multiplier), multipliers.symmetric_utility(n, multiplier)
    yield from _spend_and_utility(market, "Bidder 1", multiplier, spend, utility)


@budgets.check("a budget of 1/{} an auction against a uniform rival", 24, 54, 6)
def _rival(size: int, auctions: int) -> rows.Comparisons:
    multiplier = multipliers.best_multiplier(1 / auctions)
    market = play(size, [_fixed("Paced", multiplier), uniform("Rival")])
    won = market.total("wins", "Paced")
    yield rows.share("share won", multipliers.win(multiplier), won, market.auctions, bound=ROUNDED_MONEY)
    spend, utility = multipliers.spend(multiplier), multipliers.utility(multiplier)
    yield from _spend_and_utility(market, "Paced", multiplier, spend, utility)


@budgets.check("half of what all slots cost, spent as soon as possible")
def _exhausted(size: int) -> rows.Comparisons:
    # Every slot costs its bid of one, so that a budget of half the slots lasts for half the time.
    budget = size // 2
    market = play(size, [{"name": "Lone", "lifetime_budget": budget}], {"auction": "first_price"})
    n, spent = market.auctions, market.total("spend_micros") / MICROS
    yield rows.certain("spent of the budget", 1.0, spent / budget, n)
    refused = market.total("blocked_budget_lifetime")
    yield rows.certain("slots without a budget", (n - budget) / n, refused / n, n)


@budgets.check("a lone bidder with half of what all slots cost at the floor, second price")
def _at_the_floor(size: int) -> rows.Comparisons:
    # Bids one and pays a half: a budget is drawn by what is paid.
    price, budget = 0.5, size // 4
    market = play(size, [{"name": "Lone", "lifetime_budget": budget}], {"floors.cpm": 1000 * price})
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


@budgets.check("a daily budget of half of what a day's slots cost, over 4 days")
def _daily(size: int) -> rows.Comparisons:
    budget = size // 8
    bidder = {"name": "Lone", "daily_budget": budget}
    market = play(size, [bidder], {"auction": "first_price", "days": 4})
    days = market.counts["spend_micros"][0].reshape(4, 24).sum(axis=1) / MICROS
    for day in (1, 2, 4):
        yield rows.certain(f"spent of day {day}'s budget", 1.0, days[day - 1] / budget, market.auctions)


@steering.check("adaptive pacing (Balseiro and Gur), 1/24 to spend in an auction", "adaptive")
@steering.check("dual mirror descent, Euclidean (Balseiro et al.), 1/24 to spend in an auction", DUAL)
@steering.check(
    "dual mirror descent, entropy (Balseiro et al.), 1/24 to spend in an auction", {**DUAL, "step": "entropy"}
)
@steering.check("PID control of the spend (Zhang et al.), 1/24 to spend in an auction", "pid")
@steering.check("water level (Zhang et al.), 1/24 to spend in an auction", "water_level")
def _learned(size: int, policy: Any) -> rows.Comparisons:
    # Half of the hours are looked at. A budget is set before it is known how many auctions there will be.
    viewers = math.ceil(2 * size * MORE / (LEARNED_DAYS * BREAKS_A_DAY))
    micros = round(BUDGET * viewers * LEARNED_DAYS * BREAKS_A_DAY * MICROS)
    settings = {"days": LEARNED_DAYS, "population.viewers": viewers, "viewing.breaks_a_day": BREAKS_A_DAY}
    paced = uniform("Paced", pacing=policy, lifetime_budget=micros / MICROS)
    market, exact = play(size, [paced, uniform("Rival")], settings), multipliers.best_multiplier(BUDGET)
    place = market.place("Paced")
    by_hour = market.pacing("multiplier_ppm")[place] / PPM
    hours = market.won["ts"][market.won["line_item"] == place] // 3600
    settled = (hours >= SETTLED.start) & (hours < SETTLED.stop)
    paid = market.money("price_micros", "Paced")[settled]
    left = market.money("bid_micros", "Paced")[settled] / by_hour[hours[settled]] - paid
    n = int(market.supply["avails"][SETTLED].sum())
    # How far the spend at a multiplier may be off: prices and their number are draws. Spend is α²/6: the
    # multiplier is off by half of what it is off by. Wins are α/2.
    price = rows.mean("", 0.0, paid, n=n)
    chance = CARRIED + math.hypot(price.tolerance / price.simulated, rows.SIGMAS / math.sqrt(n))
    off = exact * chance / 2
    yield rows.certain("mean multiplier", exact, float(by_hour[SETTLED].mean()), n, bound=off)
    # The budget's part of these hours is spent, whatever slots cost; how many there are is chance.
    wanted, spend = multipliers.spend(exact), math.fsum(paid.tolist()) / n
    bound = wanted * (CARRIED + rows.SIGMAS / math.sqrt(n))
    yield rows.certain("spend per auction, the budget", wanted, spend, n, bound=bound)
    yield rows.share("share won", multipliers.win(exact), len(paid), n, bound=off / 2)
    gain = abs(multipliers.utility(exact + off) - multipliers.utility(exact))
    yield rows.mean("utility per auction, the best", multipliers.utility(exact), left, n=n, bound=gain)
