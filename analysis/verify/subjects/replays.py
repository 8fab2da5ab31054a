"""Policies alone on a log.

Values and rival bids are independent and uniform, second price; the middle half of a log twice as long is
measured, after a policy has learned and before its money is gone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from analysis.replay.hindsight import best
from analysis.replay.log import Log
from analysis.replay.replay import Replayed, ReplayTerms, replay
from analysis.verify import rows
from analysis.verify.rows import SIGMAS
from analysis.verify.subjects import check
from analysis.verify.theory import budgets, pacers
from sim.pacing import PacingPolicy
from sim.pacing.adaptive import Adaptive
from sim.pacing.dual_mirror_descent import DualMirrorDescent
from sim.pacing.pid import Pid
from sim.pacing.water_level import WaterLevel
from sim.streams import Purpose, generator
from sim.units import MICROS

SEED = 20261102
GAIN, PROPORTIONAL = 0.25, 0.1
"""K_I of the PID controller and γ of the water level, and K_P of the former: their defaults."""


def uniform(auctions: int, rows_per_tick: int) -> Log:
    """Return values and rival bids uniform on [0, 1], in whole micros of a price of one."""
    values, prices = generator(SEED, Purpose.value).integers(0, MICROS + 1, (2, auctions))
    return Log(values, prices, np.append(np.arange(0, auctions, rows_per_tick), auctions))


@check("adaptive pacing, auction by auction, 1/24 to spend in each")
def _adaptive(size: int) -> Iterator[rows.Row]:
    budget, policy, size = 1 / 24, Adaptive(), 2 * size
    log, done = _replayed(policy, budget, size, 1)
    multiplier, step = budgets.best_multiplier(budget), size**-0.5
    yield from _middle(done, budget, step, gain=multiplier)
    lost = best(log, done.budget_micros).utility_micros - done.of("value_micros") + done.of("spend_micros")
    bound = pacers.regret(multiplier, budget, policy.mu_1, step)
    # Regret has a bound and no value.
    yield rows.certain("regret per auction", 0.0, lost / size / MICROS, size, bound=bound)


@check("dual mirror descent by entropy, auction by auction, 1/54 to spend in each")
def _by_entropy(size: int) -> Iterator[rows.Row]:
    budget, policy, size = 1 / 54, DualMirrorDescent(step="entropy"), 2 * size
    done = _replayed(policy, budget, size, 1)[1]
    yield from _middle(done, budget, size**-0.5, gain=1 - budgets.best_multiplier(budget))


@check("dual mirror descent by euclidean steps, in 1,000 rounds, 1/{} to spend in an auction", 24, 54)
def _dual(size: int, auctions: int) -> Iterator[rows.Row]:
    gain = budgets.best_multiplier(1 / auctions)
    yield from _in_rounds(size, DualMirrorDescent(), 1 / auctions, 1000**-0.5, gain)


@check("PID control of the spend, in 1,000 rounds, 1/{} to spend in an auction", 24, 54)
def _pid(size: int, auctions: int) -> Iterator[rows.Row]:
    policy = Pid(k_p=PROPORTIONAL, k_i=GAIN)
    yield from _in_rounds(size, policy, 1 / auctions, GAIN, 1.0, direct=PROPORTIONAL)


@check("water-level control of the spend, in 1,000 rounds, 1/{} to spend in an auction", 24, 54)
def _water_level(size: int, auctions: int) -> Iterator[rows.Row]:
    yield from _in_rounds(size, WaterLevel(gamma=GAIN), 1 / auctions, GAIN, 1.0)


def _in_rounds(
    size: int, policy: PacingPolicy, budget: float, step: float, gain: float, direct: float = 0.0
) -> Iterator[rows.Row]:
    auctions = -(-2 * size // 1000)
    done = _replayed(policy, budget, 1000 * auctions, auctions)[1]
    yield from _middle(done, budget, step, gain=gain, auctions=auctions, direct=direct)


def _replayed(policy: PacingPolicy, budget: float, size: int, auctions: int) -> tuple[Log, Replayed]:
    log = uniform(size, auctions)
    return log, replay(log, policy, ReplayTerms(round(budget * size * MICROS)))


def _middle(
    done: Replayed, budget: float, step: float, *, gain: float, auctions: int = 1, direct: float = 0.0
) -> Iterator[rows.Row]:
    multiplier = budgets.best_multiplier(budget)
    ticks = len(done.table)
    half = slice(ticks // 4, 3 * ticks // 4)
    n, wins = done.of("auctions", half), done.of("wins", half)
    spend = done.of("spend_micros", half) / MICROS / n
    value = done.of("value_micros", half) / MICROS / n
    # A proportional part adds what an error is worth to the state, and takes it away with the next.
    noise = math.sqrt(pacers.spend_variance(multiplier) / auctions) / budgets.spend(multiplier)
    scatter = pacers.scatter(multiplier, step, gain, auctions) + direct * noise
    # What errors add up to is what the state has moved from end to end, over the step.
    drift = 2 * SIGMAS * scatter / (step * (half.stop - half.start))
    yield rows.certain("spend per auction", budget, spend, n, bound=drift * budget)
    # Wins go like α and spend like α²: of them, the spread of α costs half its square, and drift half of it.
    spread = (gain * scatter) ** 2
    exact = budgets.win(multiplier)
    yield rows.share("share won", exact, wins, n, bound=(spread + drift) / 2 * exact)
    exact = budgets.utility(multiplier)
    # Var(v - d; win) = E[(v - d)²; win] - E[v - d; win]².
    square = multiplier / 4 - multiplier**2 / 4 + multiplier**3 / 12
    chance = SIGMAS * math.sqrt((square - exact**2) / n)
    slope = multiplier / 3 - multiplier**2 / 3  # of utility by ln α
    bound = chance + slope * drift / 2 + (slope + multiplier**2 / 3) * spread
    yield rows.Row("utility per auction", exact, value - spend, bound, n)
