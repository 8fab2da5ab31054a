"""The best that a budget could have bought: where it is known, that nobody beats it, and who attains it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analysis.study import optimum
from analysis.study.replication import Booked, booked
from scenarios.study import load_study
from sim.pacing import PacingPolicy
from sim.pacing.fixed_multiplier import FixedMultiplier
from sim.units import MICROS


@pytest.fixture(scope="module")
def market() -> Booked:
    """Return the base of the study `regret`, small."""
    arm = booked(load_study("regret"))["even"]
    people = arm.scenario.market.population.model_copy(update={"viewers": 400})
    market = arm.scenario.market.model_copy(update={"population": people, "shards": 1})
    scenario = arm.scenario.model_copy(update={"market": market})
    (item,) = arm.book.line_items
    return Booked(
        "small", scenario, replace(arm.book, line_items=(replace(item, lifetime_micros=10 * MICROS),))
    )


def paced(market: Booked, pacing: PacingPolicy) -> Booked:
    (item,) = market.book.line_items
    return replace(market, book=replace(market.book, line_items=(replace(item, pacing=pacing),)))


def regret(market: Booked, seed: int = 3) -> float:
    found = market.replicate(seed).value("regret")
    assert found is not None
    return found


@pytest.mark.parametrize("kind", sorted(PacingPolicy.members()))
def test_no_policy_does_better(market: Booked, kind: str) -> None:
    policy = PacingPolicy.adapter().validate_python({"kind": kind})
    assert 0 <= regret(paced(market, policy)) < 100


@pytest.mark.parametrize("seed", [3, 4])
def test_its_multiplier_attains_it(market: Booked, seed: int) -> None:
    # But for the slot that the budget pays in part, and those whose bid the rounding of the multiplier loses.
    best = optimum.best(market.scenario.model_copy(update={"seed": seed}), market.book)
    assert 0 < best.multiplier < 1
    assert best.spend_micros == 10 * MICROS
    found = regret(paced(market, FixedMultiplier(multiplier=best.multiplier)), seed)
    worth_at_most = 10 * market.book.line_items[0].max_bid_micros
    assert 0 <= found * MICROS < 3 * worth_at_most < best.utility_micros


def _item(**terms: Any) -> Any:
    return lambda book: replace(book, line_items=(replace(book.line_items[0], **terms),))


BOOKS = {
    "2 line items": lambda book: replace(book, line_items=book.line_items * 2),
    "frequency cap": _item(caps=(0,)),
    "daily budget": _item(daily_micros=MICROS),
    "no budget": _item(lifetime_micros=None),
    "gaps": _item(flights=((0, 10), (20, 30))),
    "leaves the horizon": _item(flights=((0, 100),)),
    "terms change": _item(paused=True),
    "held out": _item(holdout_ppm=1000),
}


@pytest.mark.parametrize(("why", "changed"), BOOKS.items(), ids=BOOKS)
def test_a_book_without_a_known_optimum(market: Booked, why: str, changed: Any) -> None:
    assert optimum.unknown(market.scenario.market, market.book) == ""
    assert why in optimum.unknown(market.scenario.market, changed(market.book))


def test_a_market_without_a_known_optimum() -> None:
    laboratory = booked(load_study("budgets"))
    (arm, *_) = laboratory.values()
    assert "second_price" in optimum.unknown(arm.scenario.market, arm.book)
