"""Policies that steer the bid come to their optimum and to their equilibrium; others are found out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.replay.replay import ReplayTerms, replay
from analysis.verify import run
from analysis.verify.subjects import pacers
from analysis.verify.theory import multipliers
from sim.pacing.budget_ros import BudgetRos
from sim.pacing.fixed_multiplier import FixedMultiplier
from sim.streams import Purpose, generator
from sim.units import MICROS

AUCTIONS = 40_000


@pytest.mark.parametrize(("subject", "size"), [("replays", AUCTIONS // 4), ("pacers", AUCTIONS // 2)])
def test_every_row_passes_at_a_small_size_too(subject: str, size: int) -> None:
    checks = [check for check in run.chosen([subject]) if check.subject.name == subject]
    found = list(run.verify(checks, size))
    assert len(found) >= 16
    assert [one.row for one in found if not one.row.passes] == []


@pytest.mark.parametrize("multiplier", [0.45, 0.55])
def test_who_is_not_at_the_optimum_fails(multiplier: float) -> None:
    done = pacers._replayed(FixedMultiplier(multiplier=multiplier), 1 / 24, AUCTIONS, 40)[1]
    rows = {row.name: row for row in pacers._middle(done, 1 / 24, 1000**-0.5, gain=0.5, auctions=40)}
    assert not rows["spend per auction"].passes
    assert not rows["share won"].passes


@pytest.mark.parametrize("alpha", [0.3, 0.5, 1.0])
def test_spend_varies_as_it_does(alpha: float) -> None:
    v, d = generator(1, Purpose.value).random((2, 200_000))
    paid = d * (d < alpha * v)
    fourth = float(((paid - paid.mean()) ** 4).mean())
    assert multipliers.spend_variance(alpha) == pytest.approx(
        float(paid.var()), abs=5 * math.sqrt(fourth / 200_000)
    )


def test_the_scatter_is_that_of_the_linear_recursion() -> None:
    alpha, step, gain, n = 0.5, 0.05, 0.5, 200_000
    noise = math.sqrt(multipliers.spend_variance(alpha)) / multipliers.spend(alpha)
    x, found = 0.0, []
    for luck in generator(2, Purpose.value).standard_normal(n).tolist():
        x += step * (noise * luck - 2 * gain * x)
        found.append(x)
    assert float(np.std(found)) == pytest.approx(multipliers.scatter(alpha, step, gain), rel=0.03)


@pytest.mark.parametrize(("small", "large"), [(0.1, 0.3), (0.05, 0.25), (0.2, 0.2), (0.12, 1.0), (1.0, 2.0)])
def test_the_first_price_equilibrium_is_unique_and_complementary(small: float, large: float) -> None:
    low, high = multipliers.first_price_equilibrium(small, large)
    spends = multipliers.first_price_spends(low, high)
    for multiplier, spend, budget in zip((low, high), spends, (small, large), strict=True):
        assert spend <= budget + 1e-12
        assert multiplier == 1 or spend == pytest.approx(budget, rel=1e-9)
    if large < 0.5 and small < large:
        # b₂ = 2ρ₂ + ρ₁ and b₁² = 3ρ₁b₂, from what both spend.
        assert high == pytest.approx(2 * large + small)
        assert low == pytest.approx(math.sqrt(3 * small * high))


@pytest.mark.parametrize(("small", "large"), [(0.1, 0.3), (0.12, 1.0)])
def test_it_is_the_least_of_the_dual_of_eisenberg_and_gale(small: float, large: float) -> None:
    # min over 0 < β ≤ 1 of E max(β₁v₁, β₂v₂) - ρ₁ ln β₁ - ρ₂ ln β₂ (Conitzer et al. 2022).
    def dual(low: float, high: float) -> float:
        low, high = min(low, high), max(low, high)
        return sum(multipliers.first_price_spends(low, high)) - small * math.log(low) - large * math.log(high)

    low, high = multipliers.first_price_equilibrium(small, large)
    for by in (0.97, 0.99, 1.01, 1.03):
        assert dual(low * by, high) > dual(low, high)
        if high * by <= 1:
            assert dual(low, high * by) > dual(low, high)


@pytest.mark.parametrize("ratio", [0.3, 0.65, 1.0])
def test_moments_of_what_is_won(ratio: float) -> None:
    v, w = generator(3, Purpose.value).random((2, 400_000))
    lower, higher = multipliers.first_price_values(ratio)
    for value, win, moments in ((v, ratio * v > w, lower), (w, w >= ratio * v, higher)):
        for power, exact in enumerate(moments, start=1):
            assert float((value**power * win).mean()) == pytest.approx(exact, abs=5 * 0.5 / 400_000**0.5)


@pytest.mark.parametrize("combine", ["min", "dual"])
def test_a_return_is_kept_that_binds_and_a_budget_that_does(combine: str) -> None:
    # α = 2/τ by the return, √(6ρ) by the budget; the lower one binds. A tenth is what 1,000 rounds allow.
    log = pacers.uniform_log(200_000, 200)
    for target, budget in ((4.0, 1 / 12), (2.5, 1 / 54)):
        policy = BudgetRos.model_validate(
            {"target_ros": target, "combine": combine, "eta": 0.1, "alpha": 0.1}
        )
        done = replay(log, policy, ReplayTerms(round(200_000 * budget * MICROS)))
        half = done.ticks[250:750]
        found = sum(row.multiplier_ppm for row in half) / len(half) / 1e6
        wanted = min(multipliers.return_multiplier(target), multipliers.best_multiplier(budget))
        assert found == pytest.approx(wanted, rel=0.1)
        spend, value = (sum(row[place] for row in half) for place in (8, 9))
        assert value / spend > 0.97 * target
        assert spend / MICROS / 100_000 < 1.03 * budget
