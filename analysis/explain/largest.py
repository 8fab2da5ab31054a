"""Which constraints the gap of a line item is divided among."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.explain.constraints import Asked, Constraint
from analysis.explain.replays import Delivered, Replay
from analysis.rows.reasons import ON_SCHEDULE_PERCENT

LARGEST = 4
"""So many, which takes 2**LARGEST runs."""


def largest_of(
    asked: Asked, place: int, now: Replay, gains: Mapping[Constraint, Delivered]
) -> tuple[Constraint, ...]:
    """Return the constraints without which most more is spent than *now*, up to LARGEST of them.

    Two that bind at once gain nothing alone: among equals, those come first that stopped more. A budget that
    was not spent is none of them: it would bind with all else gone, and held nothing back as it was.
    """

    def weight(each: Constraint) -> tuple[int, int]:
        return gains[each].spend_micros, sum(map(now.count, each.stages))

    idle = _idle_budgets(asked, place, now)
    bound = [each for each in gains if each.name not in idle]
    return tuple(sorted(bound, key=weight, reverse=True)[:LARGEST])


def _idle_budgets(asked: Asked, place: int, now: Replay) -> set[str]:
    # A lifetime budget where the line item is behind it, a daily one that was not spent on any day.
    item = asked.book.line_items[place]
    campaign = asked.book.campaigns[item.campaign]
    idle = set()
    if _short(now.delivered.spend_micros, now.expected_micros):
        idle |= {"lifetime_budget", "campaign_lifetime_budget"}
    local = asked.scenario.market.horizon.local(item.zone)
    days = np.array([hour.day for hour in local][: len(now.spend)], np.int64)
    by_day = [now.spend[days == day].sum(axis=0) for day in np.unique(days)]
    most = np.max(by_day, axis=0).tolist()
    for name, spent, micros in zip(
        ("daily_budget", "campaign_daily_budget"),
        most,
        (item.daily_micros, campaign.daily_micros),
        strict=True,
    ):
        if micros is not None and _short(spent, micros):
            idle.add(name)
    return idle


def _short(spent: int, of: int) -> bool:
    return spent * 100 < of * ON_SCHEDULE_PERCENT
