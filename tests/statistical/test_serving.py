"""What comes of many slots: ties, rotation, ambient bids, values, participation and outcomes at their rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from entities.enums import DeviceType, Placement
from sim import kernels, layout
from sim.auction import AuctionFormat
from sim.audience.outcomes import Outcomes, rates
from sim.bidding.truthful import Truthful
from sim.book.arrays import factors
from sim.events import FUNNEL, INVENTORY, POD_SHIFT
from sim.layout import TAILED
from sim.tables import log_normal, threshold
from sim.valuation.log_normal import LogNormal
from tests.shapes import ALWAYS, Shape
from tests.statistical.chance import (
    expect_even,
    expect_independent,
    expect_normal,
    expect_rate,
    expect_shares,
)
from tests.worlds import WHOLE_FACTOR, Outcome, World, play, random_world

PODS = 150_000
PER_VIEWER = 100
BID = 10_000

open_to_all = Shape(
    advertisers=1, categories=0, viewers=PODS // PER_VIEWER, pods=PODS, slots=1, ticks=1, bids=(BID,), shaded=0.0,
    floors=(0,), leases=(10**15,), ambient="none", caps=0, creatives=1, bare=0.0, seconds=(30,), participation=(ALWAYS,),
    values=0, targeted=1.0, refused=0.0, open=1.0, live=1.0, outcomes=(0.0,), cold=True,
)  # fmt: skip
"""One slot a pod, which everyone matches and nothing keeps anyone from."""


def world_of(items: int, slots: int = 1, **choices: Any) -> World:
    """Return that market with so many line items, each of an advertiser of its own."""
    world = random_world(replace(open_to_all, items=items, **choices), 20261102)
    for masks in world.book.masks[:-1]:
        masks[:] = (1 << items) - 1
    world.book.line_items["advertiser"] = np.arange(items)
    world.book.line_items["category"] = -1
    pods = world.steps[0].pods
    pods["viewer"] = np.arange(len(pods)) // PER_VIEWER
    ids = world.memory.viewers["id"][pods["viewer"]].astype(np.int64)
    pods["id"] = (ids << layout.POD_BITS) + np.arange(len(pods)) % PER_VIEWER
    pods["slots"] = slots
    world.steps[0].tick.ambient_cells[:] = WHOLE_FACTOR
    return world


def served(world: World) -> Outcome:
    (tick,) = play(world, kernels.serve_slots, AuctionFormat.members()["first_price"]().price)
    return tick


def counted(tick: Outcome, column: str) -> NDArray[np.int64]:
    return tick.funnel[:, FUNNEL.index(column)]


def test_equal_bids_win_equally_often_and_in_no_order() -> None:
    winners = served(world_of(6)).events["line_item"]
    assert len(winners) == PODS
    expect_even(winners, 6, 3)
    for lag in (1, PER_VIEWER):
        expect_independent(winners[:-lag], winners[lag:], 3, f"{lag} pods apart")


def test_equal_bids_win_equally_often_in_the_second_slot_too() -> None:
    events = served(world_of(5, slots=2)).events
    first, second = (events["line_item"][events["pod_position"] == k] for k in (0, 1))
    assert len(first) == len(second) == PODS
    # Whoever has an ad in the pod already cannot have another.
    pairs = np.bincount(first * 5 + second, minlength=25).reshape(5, 5)
    expect_shares(pairs.ravel(), [float(i != j) for i in range(5) for j in range(5)])


def test_ambient_demand_that_ties_wins_as_often_as_anybody() -> None:
    world = world_of(6)
    world.market.ambient.resize(1, refcheck=False)
    world.market.ambient[:] = BID
    tick = served(replace(world, market=world.market._replace(ambient_presence=ALWAYS)))
    lost = int(tick.inventory[..., INVENTORY.index("filled_ambient")].sum())
    expect_shares([lost, *np.bincount(tick.events["line_item"], minlength=6)], [1.0] * 7)


def test_creatives_that_fit_rotate_by_weight() -> None:
    world = world_of(2, creatives=5)
    seconds, weights = [30, 15, 60, 30, 6], [1, 2, 10, 3, 4]
    world.book.creatives["seconds"] = seconds * 2
    world.book.creatives["weight"] = weights * 2
    world.book.line_items["shortest"] = 6
    fit = [float(weight * (length <= 30)) for length, weight in zip(seconds, weights, strict=True)]
    events = served(world).events
    for i in range(2):
        shown = events["creative"][events["line_item"] == i] - 5 * i
        expect_shares(np.bincount(shown, minlength=5), fit, 4, f"item {i}")
        expect_independent(shown[:-1], shown[1:], 4, f"item {i}, one after the other")


@pytest.mark.parametrize("presence", [0.0, 0.05, 0.6, 1.0])
def test_ambient_demand_is_there_as_often_as_it_should_be(presence: float) -> None:
    world = world_of(0)
    world = replace(
        world,
        market=world.market._replace(ambient=np.array([BID]), ambient_presence=threshold(presence)),
    )
    tick = served(world)
    expect_rate(int(tick.inventory[..., INVENTORY.index("filled_ambient")].sum()), PODS, presence, 4)


def test_ambient_bids_are_log_normal_in_median_spread_and_tails() -> None:
    median, sigma = 14_000, 0.35
    world = world_of(1, bids=(10**7,))
    scales = np.array([WHOLE_FACTOR // 2, WHOLE_FACTOR, 2 * WHOLE_FACTOR, 5 * WHOLE_FACTOR])
    world.steps[0].tick.ambient_cells[:] = scales[:, None]
    rules = world.market._replace(ambient=log_normal(median, sigma), ambient_presence=threshold(0.6))
    events = served(replace(world, market=rules)).events
    assert len(events) == PODS  # nobody bids more, so that every ambient bid is on record
    bids = events["ambient_micros"] / (scales / WHOLE_FACTOR)[events["device"]]
    there = bids > 0
    expect_rate(there.sum(), PODS, 0.6, what="presence")
    expect_normal(np.log(bids[there]), math.log(median), sigma)
    for bound in (6_000, 8_000, 10_000, 14_000, 20_000, 25_000, 32_000):
        above = 1 - NormalDist(math.log(median), sigma).cdf(math.log(bound))
        expect_rate((bids[there] > bound).sum(), there.sum(), above, 7, f"above {bound}")
    expect_independent(there[:-1].astype(int), there[1:].astype(int), what="presence in the next slot")
    order = np.argsort(np.argsort(bids[there])) * 8 // there.sum()
    expect_independent(order[:-1], order[1:], what="bid in the next slot")


def test_values_are_log_normal_and_cut_at_the_maximum() -> None:
    median, sigma = 0.85, 0.15
    world = world_of(1, values=1)
    world.book.line_items["values"], world.book.line_items["form"] = 0, TAILED
    world.book.values[:] = factors(LogNormal(median=median, sigma=sigma), Truthful()).row
    quotes = world.steps[0].tick.quotes[0]
    quotes["bid"] = quotes["max_bid"] = 10**7
    bids = served(world.copy()).events["bid_micros"]
    highest = 1 - NormalDist(math.log(median), sigma).cdf(0)
    expect_rate((bids == 10**7).sum(), PODS, highest, what="at the maximum")
    quotes["max_bid"] = 10**9
    expect_normal(np.log(served(world).events["bid_micros"] / 1e7), math.log(median), sigma)


def test_line_items_sit_out_as_often_as_their_policy_says_and_each_for_itself() -> None:
    shares = [0.05, 0.3, 0.5, 0.9]
    world = world_of(4)
    quotes = world.steps[0].tick.quotes[0]
    quotes["participation"] = [threshold(share) for share in shares]
    quotes["bid"] = quotes["max_bid"] = [4 * BID, 3 * BID, 2 * BID, BID]
    tick = served(world)
    for i, share in enumerate(shares):
        expect_rate(counted(tick, "blocked_throttle")[i], PODS, 1 - share, 5, f"item {i}")
    # The dearest that takes part wins: as often as all dearer ones sit out and it does not.
    wins = [share * math.prod(1 - dearer for dearer in shares[:i]) for i, share in enumerate(shares)]
    found = [*counted(tick, "wins"), PODS - counted(tick, "wins").sum()]
    expect_shares(found, [*wins, 1 - sum(wins)], 5, "who takes part together")


# Outcomes: the defaults, and others that leave many of everything.

BUSY = Outcomes.model_validate(
    {
        "error": 0.05, "invalid": 0.08, "started": 0.9, "skipped": 0.4,
        "completion": {"tv": 0.7, "desktop": 0.5, "phone": 0.9, "tablet": 0.3},
        "placement_hazard": {"pre_roll": 1.5, "mid_roll": 0.5},
        "measurable": {"tv": 0.9, "desktop": 0.5, "phone": 0.2, "tablet": 1.0},
        "viewability": {"tv": 0.97, "desktop": 0.6, "phone": 0.3, "tablet": 0.0},
        "muted": {"tv": 0.3, "desktop": 0.5, "phone": 0.05, "tablet": 0.9},
        "click": {"tv": 0.2, "desktop": 0.1, "phone": 0.4, "tablet": 0.0},
        "qr_scan": {"tv": 0.3, "desktop": 0.05, "phone": 0.1, "tablet": 0.6},
    }
)  # fmt: skip
SETTINGS = {"default": (Outcomes(), 30, 1.0), "busy": (BUSY, 60, 2.5)}
"""Rates, seconds of the ad, and what its length does to the hazard."""


@cache
def shown(setting: str) -> NDArray[np.void]:
    outcomes, seconds, _ = SETTINGS[setting]
    # Three line items that differ in nothing but their advertisers fill three slots.
    world = world_of(3, slots=3, seconds=(seconds,))
    world.steps[0].pods["slot_seconds"] = seconds
    world.book.rates[:] = rates(outcomes, seconds, interactive=True)
    events = served(world).events
    assert len(events) == 3 * PODS
    return events


def steps_of(
    outcomes: Outcomes, length_hazard: float, device: DeviceType, placement: Placement
) -> list[tuple[str, Sequence[str], float]]:
    """Return each outcome, what it takes to be in question, and its rate then."""
    hazard = outcomes.placement_hazard[placement] * length_hazard
    quarter = outcomes.completion[device] ** (hazard / 4)
    return [
        ("rendered", [], 1 - outcomes.error),
        ("invalid", ["rendered"], outcomes.invalid),
        ("started", ["rendered", "not invalid"], outcomes.started),
        ("measurable", ["started"], outcomes.measurable[device]),
        ("viewable", ["measurable"], outcomes.viewability[device]),
        ("q25", ["started"], quarter),
        ("q50", ["q25"], quarter),
        ("q75", ["q50"], quarter),
        ("completed", ["q75"], quarter),
        ("completed", ["started"], quarter**4),
        ("skipped", ["started", "not completed"], outcomes.skipped),
        ("muted", ["started"], outcomes.muted[device]),
        ("clicked", ["started"], outcomes.click[device]),
        ("qr_scanned", ["started"], outcomes.qr_scan[device]),
    ]


def among(events: NDArray[np.void], conditions: Sequence[str]) -> NDArray[np.void]:
    for condition in conditions:
        events = events[events[condition.removeprefix("not ")] == (not condition.startswith("not "))]
    return events


@pytest.mark.parametrize("setting", SETTINGS)
def test_outcomes_come_at_their_rates_for_each_device_and_placement(setting: str) -> None:
    outcomes, _, hazard = SETTINGS[setting]
    cells = [(device, placement) for device in DeviceType for placement in Placement]
    for device, placement in cells:
        events = shown(setting)
        here = events[(events["device"] == device.code) & (events["placement"] == placement.code)]
        steps = steps_of(outcomes, hazard, device, placement)
        for name, conditions, rate in steps:
            asked = among(here, conditions)
            what = f"{name} of {conditions} on {device}, {placement}"
            expect_rate(asked[name].sum(), len(asked), rate, len(cells) * len(steps), what)


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_is_known_of_an_ad_that_never_started(setting: str) -> None:
    events = shown(setting)
    idle = events[events["started"] == 0]
    assert len(idle) > 100
    for name in ("measurable", "viewable", "q25", "completed", "skipped", "muted", "clicked", "qr_scanned"):
        assert idle[name].sum() == 0, name
    assert idle["watch_seconds"].sum() == 0


def test_what_shares_no_cause_comes_independently() -> None:
    events = shown("busy")
    alike = events[
        (events["device"] == DeviceType.tv.code) & (events["placement"] == Placement.pre_roll.code)
    ]
    started = among(alike, ["started"])
    reactions = ("measurable", "completed", "muted", "clicked", "qr_scanned")
    pairs = [(a, b) for i, a in enumerate(reactions) for b in reactions[:i]]
    for a, b in pairs:
        expect_independent(started[a], started[b], len(pairs), f"{a} with {b}")
    left = started[started["completed"] == 0]
    for name in ("muted", "clicked", "qr_scanned", "measurable"):
        expect_independent(left["skipped"], left[name], 4, f"skipped with {name}")


def test_an_ad_fares_whatever_the_one_before_it_did() -> None:
    events = shown("busy")
    alike = events[
        (events["device"] == DeviceType.tv.code) & (events["placement"] == Placement.mid_roll.code)
    ]
    pod = alike["slot_id"] >> POD_SHIFT
    together = pod[:-1] == pod[1:]
    names = ("rendered", "invalid", "started", "measurable", "completed", "muted", "clicked", "qr_scanned")
    for name in names:
        flags = alike[name]
        expect_independent(flags[:-1][together], flags[1:][together], len(names), name)


def test_those_who_leave_do_so_at_any_second_of_their_quarter() -> None:
    events = among(shown("busy"), ["started", "not completed"])
    quarters = events["q25"].astype(int) + events["q50"] + events["q75"]
    for quarter in range(4):
        seconds = events["watch_seconds"][quarters == quarter] - 15 * quarter
        expect_even(seconds, 15, 4, f"quarter {quarter}")
