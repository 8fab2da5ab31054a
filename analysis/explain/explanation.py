"""The explanation of one line item of a run: what it delivered, what stood in its way, what that cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from analysis.delivery import report
from analysis.delivery.gaps import Share
from analysis.explain.bound import When, bound_when
from analysis.explain.funnel import Step, funnel_of
from analysis.explain.money import Money, money_of
from analysis.explain.replays import OnProgress
from analysis.explain.subject import Subject, subject
from analysis.explain.winners import Winner, winners_of
from analysis.runs.run import Run


@dataclass(frozen=True)
class Goal:
    """Delivery against what was to be delivered; amounts in micros."""

    budget_micros: int | None
    """For the whole flight; None without any."""
    spend_micros: int
    impressions: int
    delivery: float | None
    """Share of the budget."""
    gap_micros: int
    """What should have been delivered by the end of the run less what was; 0 where it is ahead. Where its
    campaign's budget is spent, its own should have been, too."""


@dataclass(frozen=True)
class Explanation:
    """Why a line item delivered what it did."""

    run_id: str
    advertiser: str
    campaign: str
    line_item: str
    currency: str
    goal: Goal
    gap: tuple[Share, ...]
    """What each reason has of the gap, the largest first; they sum to it."""
    funnel: tuple[Step, ...]
    winners: tuple[Winner, ...]
    when: When
    money: Money | None = None
    """What each constraint costs; None where it was not asked for."""


def explain(
    run: Run,
    line_item: str,
    *,
    money: bool = False,
    days: int | None = None,
    workers: int = 1,
    progress: OnProgress = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Explanation:
    """Return why *line_item*, a name or a longer path, delivered what it did in *run*.

    Rows say all but *money*, for which the market is played again without each constraint, or its first
    *days* alone; see `money_of`. InputError for a name that fits none or several, for more days than the
    market has, and where the run cannot be read.
    """
    one = subject(run, line_item)
    gap = tuple(Share(*row[2:]) for row in report.gaps(one.rows).iter_rows())
    return Explanation(
        run.run_id,
        one.item.advertiser_name,
        one.item.campaign_name,
        one.item.name,
        run.currency.value,
        _goal(one, gap),
        gap,
        funnel_of(one),
        winners_of(one),
        bound_when(one),
        money_of(one, days=days, workers=workers, progress=progress, warn=warn) if money else None,
    )


def _goal(one: Subject, gap: tuple[Share, ...]) -> Goal:
    names = ("budget_micros", "spend_micros", "impressions", "delivery")
    budget, spend, impressions, delivery = report.summary(one.rows).select(names).row(0)
    return Goal(budget, spend, impressions, delivery, sum(share.micros for share in gap))


def plain(part: Any) -> Any:
    """Return an explanation, or a part of one, as what JSON can say: mappings, lists, numbers and words."""
    if is_dataclass(part):
        own = {field.name: getattr(part, field.name) for field in fields(part)}
        derived = {name: getattr(part, name) for name in _DERIVED if hasattr(part, name)}
        return {name: plain(value) for name, value in {**own, **derived}.items()}
    if isinstance(part, tuple):
        return plain(part._asdict()) if hasattr(part, "_asdict") else [plain(each) for each in part]
    if isinstance(part, dict):
        return {name: plain(value) for name, value in part.items()}
    return part.isoformat() if isinstance(part, dt.date) else part


_DERIVED = ("gap_micros", "interaction_micros", "binds")
