"""Budgets held against what was spent: lifetime and daily, of line items and campaigns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from entities import registry
from sim import laws


def budget_verdicts(
    sold: Sold, spend: NDArray[np.int64], step_seconds: int, moment: Callable[[int], str]
) -> Iterator[laws.Verdict]:
    """Yield the verdicts on all budgets; *spend* is line items × steps, and *moment* names a step."""
    steps = spend.shape[1]
    # Steps are ticks or hours. A sync within an hour is known to the hour that it lies in.
    per, per_sync = step_seconds // sold.tick_seconds, sold.market.ticks_per_sync
    synced = np.arange(steps) * per // per_sync * per_sync // per
    ticks = per_sync if per % per_sync == 0 else per
    late = synced if per_sync > 1 else None
    by_campaign = np.zeros((len(sold.book.campaigns), steps), np.int64)
    np.add.at(by_campaign, sold.terms.campaign, spend)
    campaigns = [f"{campaign.advertiser} / {campaign.name}" for campaign in sold.book.campaigns]
    for spent, names, over in ((spend, sold.paths, False), (by_campaign, campaigns, True)):
        days = np.repeat(sold.days(campaigns=over), 3600 // step_seconds, axis=1)
        for kind, periods in (
            (registry.BudgetType.lifetime, np.zeros_like(days)),
            (registry.BudgetType.daily, days),
        ):
            limit = sold.budgets(kind, campaigns=over).highest(step_seconds, steps)
            yield laws.budgets(spent, limit, periods, _budget_name(kind, names, steps, moment), late, ticks)


def _budget_name(
    kind: registry.BudgetType, names: list[str], steps: int, moment: Callable[[int], str]
) -> Callable[[int], str]:
    return lambda i: f"{kind.value} budget of {names[i // steps]}, {moment(i % steps)}"
