"""Campaigns with a pacing: one multiplier for all line items, and what it buys beside fixed parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import creative, play, uniform
from analysis.verify.rows import SIGMAS
from analysis.verify.subjects import Subject
from analysis.verify.theory import campaigns as theory
from analysis.verify.theory.campaigns import Part
from sim.units import MICROS, PPM

# Two line items, of which one buys the slots on TV and the other all others, against a rival with uniform
# values under second price, paced adaptively in ticks of five minutes; the middle half is measured.
campaigns = Subject("campaigns", "One controller for all line items of a campaign")

TICK_MINUTES = 5
BUDGET = 0.05
"""For each auction of the market."""
SIDES = {"TV": "include", "Others": "exclude"}


@campaigns.check(
    "worth {} on TV and {} elsewhere, one budget for both",
    *((1.0, 0.5), (0.5, 0.9), (0.8, 0.8)),
)
def _one_multiplier(size: int, tv: float, others: float) -> rows.Comparisons:
    worth, whole = (tv, others), BUDGET * size
    joint = _play(size, worth, {"lifetime_budget": f"{whole:.2f}", "pacing": "adaptive"}, {})
    parts = _parts(joint, worth)
    exact = theory.multiplier(whole, parts)
    bound = _bound(exact, parts, joint)
    n, hours = joint.auctions, _middle(joint)
    by_hour = joint.pacing("multiplier_ppm")[[joint.place(name) for name in SIDES]][:, hours] / PPM
    apart = float(np.abs(by_hour[0] - by_hour[1]).max())
    yield rows.certain("multipliers, how far apart at most", 0.0, apart, n)
    yield rows.certain("multiplier", exact, float(by_hour.mean()), n, bound=bound * exact)
    spent = sum(joint.total("spend_micros", name) for name in SIDES) / MICROS / whole
    # Less than one bid a shard is left where it learned before the money was gone.
    yield rows.certain("spent of the budget", 1.0, spent, n, bound=bound)
    wanted, noise = theory.spends(exact, parts), theory.squares(exact, parts)
    share = wanted[0] / sum(wanted)
    found = _of(joint, "spend_micros")
    chance = math.sqrt(((1 - share) ** 2 * noise[0] + share**2 * noise[1]) / 2) / (sum(wanted) / 2)
    # Auctions come by chance, and more of them on one side move its share, too.
    chance += share * (1 - share) * math.sqrt(2 / parts[0].auctions + 2 / parts[1].auctions)
    yield rows.certain("share of the spend on TV", share, found[0] / sum(found), n, bound=SIGMAS * chance)

    half = {"lifetime_budget": f"{whole / 2:.2f}", "pacing": "adaptive"}
    fixed = _play(size, worth, {}, half)
    alone = _parts(fixed, worth)
    gain = theory.value(whole, parts) / theory.halved(whole, alone)
    multipliers = [theory.multiplier(whole / 2, [part]) for part in alone]
    wide = max(_bound(alpha, [part], fixed) for alpha, part in zip(multipliers, alone, strict=True))
    wins = sum(_of(joint, "impressions")), sum(_of(fixed, "impressions"))
    bound = math.hypot(bound, wide, *(SIGMAS * count**-0.5 for count in wins))
    found_gain = _bought(joint, worth) / _bought(fixed, worth)
    yield rows.certain("value beside halves of the budget", gain, found_gain, n, bound=bound * gain)


def _play(
    size: int, worth: Sequence[float], of_campaign: dict[str, Any], of_items: dict[str, Any]
) -> PlayedRun:
    items = [
        {
            "name": name,
            "max_cpm": 1000 * value,
            "targeting": {side: {"device": ["tv"]}},
            "creatives": [creative(30)],
            **of_items,
        }
        for (name, side), value in zip(SIDES.items(), worth, strict=True)
    ]
    dates = {"start_date": "2026-11-02", "end_date": "2026-11-03"}
    campaign = {"name": "Campaign", **dates, **of_campaign, "line_items": items}
    listing = {"advertiser": {"name": "Advertiser"}, "campaign": campaign}
    return play(size, [uniform("Rival")], {"tick_minutes": TICK_MINUTES}, campaigns=[listing])


def _middle(market: PlayedRun) -> slice:
    hours = len(market.hours)
    return slice(hours // 4, 3 * hours // 4)


def _of(market: PlayedRun, column: str) -> list[int]:
    hours = _middle(market)
    return [int(market.counts[column][market.place(name), hours].sum()) for name in SIDES]


def _parts(market: PlayedRun, worth: Sequence[float]) -> list[Part]:
    counts = [market.total("requests_matched", name) for name in SIDES]
    return [Part(count, value) for count, value in zip(counts, worth, strict=True)]


def _bought(market: PlayedRun, worth: Sequence[float]) -> float:
    # Value for each 1 spent.
    won, spent = _of(market, "impressions"), sum(_of(market, "spend_micros")) / MICROS
    return sum(count * value for count, value in zip(won, worth, strict=True)) / spent


def _bound(alpha: float, parts: Sequence[Part], market: PlayedRun) -> float:
    # How far a learned multiplier may be off in its middle half, relatively; see theory.multipliers.scatter.
    ticks = len(market.hours) * 60 // TICK_MINUTES
    spend, square = sum(theory.spends(alpha, parts)), sum(theory.squares(alpha, parts))
    noise, step = square / spend**2 * ticks, 1 / math.sqrt(ticks)
    scatter = math.sqrt(step * noise / (4 * alpha * (1 - alpha * step)))
    drift = 2 * SIGMAS * scatter / (step * ticks / 2)
    chance = SIGMAS * (math.sqrt(noise / (ticks / 2)) + 1 / math.sqrt(sum(n for n, _ in parts)))
    return (drift + chance) / 2 + (alpha * scatter) ** 2
