"""Policies that steer the bid: what they learn, in a market and alone on a log."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.replay.hindsight import best
from analysis.replay.log import Log
from analysis.replay.replay import Replayed, ReplayTerms, replay
from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play, uniform
from analysis.verify.rows import SIGMAS
from analysis.verify.subjects import Subject
from analysis.verify.theory import auctions, multipliers
from sim.pacing import PacingPolicy
from sim.pacing.adaptive import Adaptive
from sim.pacing.dual_mirror_descent import DualMirrorDescent
from sim.pacing.pid import Pid
from sim.pacing.water_level import WaterLevel
from sim.streams import Purpose, generator
from sim.units import MICROS, PPM

# Pacing equilibria that bidders learn by themselves, in ticks of five minutes, from two days
# of one slot a pod.
pacers = Subject("pacers", "Policies that steer the bid, in a market")
# Values and rival bids are independent and uniform, second price; the middle half of a log twice as long is
# measured, after a policy has learned and before its money is gone.
replays = Subject("replays", "Policies alone on a log")

TICK_MINUTES = 5
TICKS = {"tick_minutes": TICK_MINUTES}
LOG_SEED = 20261102
INTEGRAL, PROPORTIONAL = 0.25, 0.1
"""K_I of the PID controller and γ of the water level, and K_P of the former: their defaults."""


def _bidder(name: str, pacing: Any, budget: float, size: int, **terms: Any) -> dict[str, Any]:
    return uniform(name, pacing=pacing, lifetime_budget=f"{budget * size:.2f}", **terms)


def _multipliers(market: PlayedRun, name: str, hours: slice) -> NDArray[np.float64]:
    return market.pacing("multiplier_ppm")[market.place(name), hours] / PPM


@pacers.check(
    "{} bidders of adaptive pacing with {} to spend in an auction, uniform values",
    *((2, 0.1), (3, 0.1), (5, 0.1), (10, 0.05)),
)
def _symmetric(size: int, n: int, budget: float) -> rows.Comparisons:
    market = play(size, [_bidder("Bidder", "adaptive", budget, size, count=n)], TICKS)
    # The middle half: as each has spent too much at first, some money is missing at the end.
    hours = len(market.hours)
    half = slice(hours // 4, 3 * hours // 4)
    names = [f"Bidder {number}" for number in range(1, n + 1)]
    found = float(np.mean([_multipliers(market, name, half).mean() for name in names]))
    # As many auctions as there were, not as many as were asked for.
    exact = multipliers.symmetric_multiplier(n, budget * size / market.auctions)
    ticks = hours * 60 // TICK_MINUTES
    mean = auctions.uniform_mean(n, 2)
    square = auctions.uniform_variance(n, 2) + mean**2
    noise = square / mean**2 / (market.auctions / ticks)  # of a tick's spend, whose auctions are Poisson
    # What all spend goes like α, so that their mean μ falls by ε α of an error in it; see theory.multipliers.
    step = ticks**-0.5
    scatter = math.sqrt(step * noise / (2 * exact))
    drift = 2 * SIGMAS * scatter / (step * ticks / 2)
    chance = SIGMAS * (math.sqrt(noise / (ticks / 2)) + market.auctions**-0.5)
    bound = exact * (chance + drift + (exact * scatter) ** 2)
    yield rows.certain("multiplier, the mean of all", exact, found, market.auctions, bound=bound)


@pacers.check(
    "first price, two bidders of PACE with {} and {} to spend in an auction",
    *((0.1, 0.3), (0.05, 0.25), (0.12, 1.0)),
)
def _first_price(size: int, small: float, large: float) -> rows.Comparisons:
    bidders = [_bidder("Small", "pace", small, size), _bidder("Large", "pace", large, size)]
    market = play(size, bidders, {"auction": "first_price", **TICKS})
    n, shrunk = market.auctions, size / market.auctions
    exact = multipliers.first_price_equilibrium(small * shrunk, large * shrunk)
    moments = multipliers.first_price_values(exact[0] / exact[1])
    chance = SIGMAS * sum(math.sqrt(square / mean**2 / (n / 2)) for mean, square in moments)
    half = slice(len(market.hours) // 2, None)
    # Means forget their first tick like 1/t, if both multipliers are wrong alike; else faster.
    first = 1 / (len(market.hours) / 2 * 60 / TICK_MINUTES)
    bound = chance + SIGMAS * n**-0.5 + first
    for name, multiplier, budget in zip(("Small", "Large"), exact, (small, large), strict=True):
        found = float(_multipliers(market, name, half).mean())
        yield rows.certain(f"multiplier of {name}", multiplier, found, n, bound=bound * multiplier)
        spent = market.total("spend_micros", name) / MICROS / (budget * size)
        wanted = 1.0 if multiplier < 1 else multipliers.first_price_spends(*exact)[1] * n / (budget * size)
        yield rows.certain(f"spent of the budget of {name}", wanted, spent, n, bound=bound * wanted)


@pacers.check("value of four times the spend, against a uniform rival")
def _return(size: int) -> rows.Comparisons:
    target, budget, step = 4.0, 0.06, 0.2
    pacing = {"kind": "budget_ros", "target_ros": target, "alpha": step, "lambda_1": 0.5}
    market = play(size, [_bidder("Paced", pacing, budget, size), uniform("Rival")], TICKS)
    n, hours = market.auctions, slice(len(market.hours) // 2, None)
    learned, place = _multipliers(market, "Paced", hours), market.place("Paced")
    value = (market.counts["impression_bid_sum_micros"][place, hours] / learned).sum()
    spend = market.counts["spend_micros"][place, hours].sum()
    exact = multipliers.return_multiplier(target)
    ticks = len(market.hours) // 2 * 60 // TICK_MINUTES
    # (V/τ - Z)/G goes like (Z/G)(a - a²) for a = α/α*, and a like λ^(-1/2) at λ = 1, which is α* here.
    share = multipliers.spend(exact) / budget
    noise = multipliers.return_square(exact, target) / budget**2 / (n / 2 / ticks)
    scatter = math.sqrt(step * noise / share)
    drift = 2 * SIGMAS * scatter / (step * ticks) / share
    yield rows.certain("value for each 1 spent", target, value / spend, n, bound=drift * target)
    deviation = math.sqrt(multipliers.return_square(exact, target) / (n / 2))
    bound = exact * (SIGMAS * deviation / multipliers.spend(exact) + drift + scatter**2)
    yield rows.certain("multiplier", exact, float(learned.mean()), n, bound=bound)


def uniform_log(auctions: int, rows_per_tick: int) -> Log:
    """Return values and rival bids uniform on [0, 1], in whole micros of a price of one."""
    values, prices = generator(LOG_SEED, Purpose.value).integers(0, MICROS + 1, (2, auctions))
    return Log(values, prices, np.append(np.arange(0, auctions, rows_per_tick), auctions))


@replays.check("adaptive pacing, auction by auction, 1/24 to spend in each")
def _adaptive(size: int) -> rows.Comparisons:
    budget, policy, size = 1 / 24, Adaptive(), 2 * size
    log, done = _replayed(policy, budget, size, 1)
    multiplier, step = multipliers.best_multiplier(budget), size**-0.5
    yield from _middle(done, budget, step, gain=multiplier)
    lost = best(log, done.budget_micros).utility_micros - done.of("value_micros") + done.of("spend_micros")
    bound = multipliers.regret(multiplier, budget, policy.mu_1, step)
    # Regret has a bound and no value.
    yield rows.certain("regret per auction", 0.0, lost / size / MICROS, size, bound=bound)


@replays.check("dual mirror descent by entropy, auction by auction, 1/54 to spend in each")
def _by_entropy(size: int) -> rows.Comparisons:
    budget, policy, size = 1 / 54, DualMirrorDescent(step="entropy"), 2 * size
    done = _replayed(policy, budget, size, 1)[1]
    yield from _middle(done, budget, size**-0.5, gain=1 - multipliers.best_multiplier(budget))


@replays.check(
    "dual mirror descent by euclidean steps, in 1,000 rounds, 1/{} to spend in an auction",
    *(
        (budget, DualMirrorDescent(), 1000**-0.5, multipliers.best_multiplier(1 / budget))
        for budget in (24, 54)
    ),
)
@replays.check(
    "PID control of the spend, in 1,000 rounds, 1/{} to spend in an auction",
    *((budget, Pid(k_p=PROPORTIONAL, k_i=INTEGRAL), INTEGRAL, 1.0, PROPORTIONAL) for budget in (24, 54)),
)
@replays.check(
    "water-level control of the spend, in 1,000 rounds, 1/{} to spend in an auction",
    *((budget, WaterLevel(gamma=INTEGRAL), INTEGRAL, 1.0) for budget in (24, 54)),
)
def _in_rounds(
    size: int, spared: int, policy: PacingPolicy, step: float, gain: float, direct: float = 0.0
) -> rows.Comparisons:
    auctions = -(-2 * size // 1000)
    done = _replayed(policy, 1 / spared, 1000 * auctions, auctions)[1]
    yield from _middle(done, 1 / spared, step, gain=gain, auctions=auctions, direct=direct)


def _replayed(policy: PacingPolicy, budget: float, size: int, auctions: int) -> tuple[Log, Replayed]:
    log = uniform_log(size, auctions)
    return log, replay(log, policy, ReplayTerms(round(budget * size * MICROS)))


def _middle(
    done: Replayed, budget: float, step: float, *, gain: float, auctions: int = 1, direct: float = 0.0
) -> rows.Comparisons:
    multiplier = multipliers.best_multiplier(budget)
    ticks = len(done.table)
    half = slice(ticks // 4, 3 * ticks // 4)
    n, wins = done.of("auctions", half), done.of("wins", half)
    spend, value = (done.of(name, half) / MICROS / n for name in ("spend_micros", "value_micros"))
    # A proportional part adds what an error is worth to the state, and takes it away with the next.
    noise = math.sqrt(multipliers.spend_variance(multiplier) / auctions) / multipliers.spend(multiplier)
    scatter = multipliers.scatter(multiplier, step, gain, auctions) + direct * noise
    # What errors add up to is what the state has moved from end to end, over the step.
    drift = 2 * SIGMAS * scatter / (step * (half.stop - half.start))
    yield rows.certain("spend per auction", budget, spend, n, bound=drift * budget)
    # Wins go like α and spend like α²: of them, the spread of α costs half its square, and drift half of it.
    spread = (gain * scatter) ** 2
    exact = multipliers.win(multiplier)
    yield rows.share("share won", exact, wins, n, bound=(spread + drift) / 2 * exact)
    exact = multipliers.utility(multiplier)
    # Var(v - d; win) = E[(v - d)²; win] - E[v - d; win]².
    chance = SIGMAS * math.sqrt((multipliers.return_square(multiplier, 1.0) - exact**2) / n)
    slope = multiplier / 3 - multiplier**2 / 3  # of utility by ln α
    bound = chance + slope * drift / 2 + (slope + multiplier**2 / 3) * spread
    yield rows.certain("utility per auction", exact, value - spend, n, bound=bound)
