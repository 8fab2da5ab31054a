"""Policies that steer the bid, auction by auction: the published recursion, told again in floats, is theirs.

As long as the budget lasts, and no bid is so near to a price that a millionth of the multiplier decides, both
win the same auctions, and their multipliers agree to that resolution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest

from analysis.replay.log import Log
from analysis.replay.replay import ReplayTerms, replay
from sim.auction import AuctionFormat
from sim.auction.first_price import FirstPrice
from sim.auction.second_price import SecondPrice
from sim.pacing import PacingPolicy
from sim.pacing.adaptive import Adaptive
from sim.pacing.budget_ros import BudgetRos
from sim.pacing.dual_mirror_descent import DualMirrorDescent
from sim.pacing.pace import Pace
from sim.pacing.pid import Pid
from sim.pacing.water_level import WaterLevel
from tests.logs import UNIT, uniform

T, RHO, PRICE = 3000, 1 / 24, 1000 * UNIT
Rule = Iterator[float]


def adaptive(epsilon: float, mu_max: float) -> Rule:
    mu = 0.0
    while True:
        _, paid, _ = yield 1 / (1 + mu)  # type: ignore[misc]
        mu = min(max(mu - epsilon * (RHO - paid), 0), mu_max)


def entropy(eta: float, mu: float) -> Rule:
    while True:
        _, paid, _ = yield 1 / (1 + mu)  # type: ignore[misc]
        mu = max(mu * math.exp(-eta * (RHO - paid)), 1e-6)


def pace(lower: float) -> Rule:
    beta, won, t = 1.0, 0.0, 0
    while True:
        value, _, _ = yield beta  # type: ignore[misc]
        won, t = won + value, t + 1
        beta = min(max(RHO / (won / t), lower), 1) if won else 1.0


def pid(k_p: float, k_i: float, k_d: float, *, of_wins: float | None = None, bound: float = 100) -> Rule:
    total, before, phi = 0.0, None, 0.0
    while True:
        _, paid, win = yield math.exp(phi)  # type: ignore[misc]
        e = 1 - paid / RHO if of_wins is None else of_wins - win
        total += e
        change = 0.0 if before is None else e - before
        phi = min(max(k_p * e + k_i * total + k_d * change, -2), bound)
        before = e


def water_level(gamma: float) -> Rule:
    phi = 0.0
    while True:
        _, paid, _ = yield math.exp(phi)  # type: ignore[misc]
        phi = min(max(phi + gamma * (1 - paid / RHO), -3.5), 2)


def budget_ros(eta: float, alpha: float, tau: float, bid: Callable[[float, float], float]) -> Rule:
    mu = price = 1.0
    while True:
        value, paid, _ = yield bid(mu, price) / tau  # type: ignore[misc]
        mu = min(max(mu * math.exp(-eta * (1 - paid / RHO)), 1e-3), 1e3)
        price = min(max(price * math.exp(-alpha * (value / tau - paid) / RHO), 1e-3), 1e3)


def lower(mu: float, price: float) -> float:
    return min(1 / mu, (1 + price) / price)


def told(log: Log, rule: Rule, auction: AuctionFormat) -> list[float]:
    """Return the multipliers of the recursion in the auctions of *log*."""
    found, step = [next(rule)], rule.send  # type: ignore[attr-defined]
    for v, d in zip((log.values / PRICE).tolist(), (log.prices / PRICE).tolist(), strict=True):
        bid = found[-1] * v
        win = bid >= d
        found.append(step((v * win, (bid if isinstance(auction, FirstPrice) else d) * win, win)))
    return found[:-1]


CASES: dict[str, tuple[PacingPolicy, Rule, AuctionFormat]] = {
    "adaptive": (
        Adaptive(epsilon=0.02, mu_max=3, unit="max_bid"),
        adaptive(0.02, 3),
        SecondPrice(),
    ),
    "adaptive of the target": (Adaptive(), adaptive(24 * T**-0.5, 99), SecondPrice()),
    "euclidean step": (
        DualMirrorDescent(eta=0.02, mu_1=0, unit="max_bid"),
        adaptive(0.02, 99),
        SecondPrice(),
    ),
    "entropy step": (
        DualMirrorDescent(step="entropy", eta=0.2, mu_1=0.5, unit="max_bid"),
        entropy(0.2, 0.5),
        SecondPrice(),
    ),
    "pace": (Pace(lower=0.01), pace(0.01), FirstPrice()),
    "pid": (Pid(k_p=0.002, k_i=0.003, k_d=0.001), pid(0.002, 0.003, 0.001, bound=5), SecondPrice()),
    "pid of wins": (
        Pid(controls="win_rate", x_ref=0.25, k_p=0.02, k_i=0.008, k_d=0.003, phi_max=100),
        pid(0.02, 0.008, 0.003, of_wins=0.25),
        SecondPrice(),
    ),
    "water level": (WaterLevel(gamma=0.01), water_level(0.01), SecondPrice()),
    "budget and return": (
        BudgetRos(target_ros=3.5, eta=0.01, alpha=0.01),
        budget_ros(0.01, 0.01, 3.5, lower),
        SecondPrice(),
    ),
    "sequential": (
        BudgetRos(target_ros=3.5, eta=0.01, alpha=0.01, combine="product"),
        budget_ros(0.01, 0.01, 3.5, lambda mu, price: (1 + price) / price * min(1 / mu, 1)),
        SecondPrice(),
    ),
    "dual optimum": (
        BudgetRos(target_ros=3.5, eta=0.01, alpha=0.01, combine="dual"),
        budget_ros(0.01, 0.01, 3.5, lambda mu, price: (1 + price) / (mu + price)),
        SecondPrice(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_with_one_auction_a_tick_it_is_the_published_rule(name: str) -> None:
    policy, rule, auction = CASES[name]
    # A price of one is a billion micros, so that the micro in each impression is nothing.
    small = uniform(T)
    whole = Log(1000 * small.values, 1000 * small.prices, small.bounds)
    whole.values[-1] = PRICE  # the highest value, which the maximum bid is told by
    done = replay(whole, policy, ReplayTerms(round(T * RHO * PRICE), auction))
    wanted = told(whole, rule, auction)
    rows = [row for row in done.ticks if row.left_micros > PRICE]
    assert len(rows) > T // 2
    for row, multiplier in zip(rows, wanted, strict=False):
        assert row.multiplier_ppm == pytest.approx(multiplier * 1e6, abs=0.51, rel=1e-5)


def test_the_pid_of_the_share_won_has_the_published_gains() -> None:
    # Zhang et al.: K_P = 20, K_I = 8, K_D = 3, φ in [-2, 100]. All of ten auctions are won in round one.
    policy = Pid(controls="win_rate", x_ref=0.25, k_p=20, k_i=8, k_d=3, phi_min=-2, phi_max=100)
    log = uniform(20, rows_per_tick=10)
    log.prices[:10] = 0
    done = replay(log, policy, ReplayTerms(10 * UNIT))
    assert done.ticks[1].multiplier_ppm == pytest.approx(math.exp(-2) * 1e6, abs=0.5)
    # None of ten is: e = x_ref, and φ = e (K_P + K_I).
    log.prices[:10] = 50 * UNIT
    done = replay(log, policy, ReplayTerms(10 * UNIT))
    assert done.ticks[1].multiplier_ppm == pytest.approx(math.exp(0.25 * (20 + 8)) * 1e6, rel=1e-9)
