"""Which constraints the gap of a line item is divided among."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from analysis.delivery.report import summary
from analysis.explain.constraints import Constraint
from analysis.explain.replays import Delivered
from analysis.explain.subject import Subject
from analysis.rows.reasons import ON_SCHEDULE_PERCENT

LARGEST = 4
"""So many, which takes 2**LARGEST runs."""


def largest_of(one: Subject, gains: Mapping[Constraint, Delivered]) -> tuple[Constraint, ...]:
    """Return the constraints without which most more is spent, up to LARGEST of them.

    Two that bind at once gain nothing alone: among equals, those come first that stopped more. A budget that
    was not spent is none of them: it would bind with all else gone, and held nothing back as it was.
    """
    own = one.own(one.run.performance_extended)

    def weight(each: Constraint) -> tuple[int, int]:
        return gains[each].spend_micros, sum(int(own[stage].sum()) for stage in each.stages)

    idle = _idle_budgets(one)
    bound = [each for each in gains if each.name not in idle]
    return tuple(sorted(bound, key=weight, reverse=True)[:LARGEST])


def _idle_budgets(one: Subject) -> set[str]:
    # A lifetime budget where the line item is behind it, a daily one that was not spent on any day.
    run, item = one.run, one.item
    campaign = run.book.campaigns[item.campaign]
    late = one.own(summary(run))["reason"][0] is not None
    everyone = [run.book.line_items[place].id for place in campaign.line_items]
    idle = {"lifetime_budget", "campaign_lifetime_budget"} if late else set()
    for name, owned, micros in (
        ("daily_budget", [item.id], item.daily_micros),
        ("campaign_daily_budget", everyone, campaign.daily_micros),
    ):
        if micros is not None and _most_a_day(one, owned) * 100 < micros * ON_SCHEDULE_PERCENT:
            idle.add(name)
    return idle


def _most_a_day(one: Subject, line_items: list[int]) -> int:
    date = pl.col("hour_start").dt.convert_time_zone(one.item.zone).dt.date()
    rows = one.run.performance_extended.filter(pl.col("line_item_id").is_in(line_items))
    by_day = rows.group_by(date).agg(pl.col("spend_micros").sum())["spend_micros"]
    return max(by_day.to_list(), default=0)
