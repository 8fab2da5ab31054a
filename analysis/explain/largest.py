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

    Among equals those come first that win more, for a slot may cost nothing, and then those that stopped
    more, for two that bind at once gain nothing alone. A budget that was not spent is none of them: it would
    bind with all else gone, and held nothing back as it was.
    """

    def weight(each: Constraint) -> tuple[int, int, int]:
        gained = gains[each]
        return gained.spend_micros, gained.impressions, sum(map(now.count, each.stages))

    idle = _idle_budgets(asked, place, now)
    bound = [each for each in gains if each.name not in idle]
    return tuple(sorted(bound, key=weight, reverse=True)[:LARGEST])


def _idle_budgets(asked: Asked, place: int, now: Replay) -> set[str]:
    # A lifetime budget where the line item is behind it, a daily one that was not spent on any day; unless
    # it stopped something all the same, as a remainder below a bid does.
    item = asked.book.line_items[place]
    campaign = asked.book.campaigns[item.campaign]
    idle = set()
    if _short(now.delivered.spend_micros, now.expected_micros) and not now.count("blocked_budget_lifetime"):
        idle |= {"lifetime_budget", "campaign_lifetime_budget"}
    local = asked.scenario.market.horizon.local(item.zone)
    days = np.array([hour.day for hour in local][: len(now.spend)], np.int64)
    most = np.max([now.spend[days == day].sum(axis=0) for day in np.unique(days)], axis=0).tolist()
    daily = {"daily_budget": item.daily_micros, "campaign_daily_budget": campaign.daily_micros}
    for (name, micros), spent in zip(daily.items(), most, strict=True):
        if micros is not None and _short(spent, micros) and not now.count("blocked_budget_daily"):
            idle.add(name)
    return idle


def _short(spent: int, of: int) -> bool:
    return spent * 100 < of * ON_SCHEDULE_PERCENT
