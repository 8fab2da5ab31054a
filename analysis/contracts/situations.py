"""What a line item may know when it plans: situations in the middle of a flight, drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from analysis.contracts.checks import Draw
from sim.pacing import Day, Situation, Span
from sim.pacing.columns import Column, Days, Situations, Spans
from sim.units import PPM

_MINUTES = (60, 5, 1)
_MOST_MICROS = 10**13


def situation(draw: Draw, *, last: bool = False) -> Situation:
    """Return what a line item may know in the middle of its flight, or in its *last* tick."""
    traffic = draw(0, 10**6)
    today = flight = 1
    later_today = later = 0
    if not last:
        today = draw(1, 24)
        flight = today + draw(0, 2000)
        later_today = draw(0, 10**7) if today > 1 else 0
        later = later_today + (draw(0, 10**9) if flight > today else 0)
    budget = draw(0, _MOST_MICROS)
    spent = draw(0, budget)
    minutes = _MINUTES[draw(0, 2)]
    part = draw(0, 24 - today)
    return Situation(
        tick=draw(0, 10_000),
        tick_minutes=minutes,
        traffic=traffic,
        flight=Span(flight, traffic + later, budget - spent),
        today=Span(today, traffic + later_today, draw(0, _MOST_MICROS)) if draw(0, 1) else None,
        day=Day(
            number=draw(719_163, 803_000),
            minute=draw(0, 1439) // minutes * minutes,
            ticks=part + today,
            traffic=traffic + later_today + draw(0, 10**7),
            ticks_left=today,
            traffic_left=traffic + later_today,
            spent_micros=draw(0, spent),
            hours=tuple(draw(0, 10**6) for _ in range(24)),
            clock=tuple(draw(0, 120) for _ in range(24)),
        ),
        budget_micros=budget,
        spent_micros=spent,
        max_bid_micros=draw(1, 10**7),
        last_matched=draw(0, 10**6),
        last_bids=draw(0, 10**6),
        last_wins=draw(0, 10**6),
        last_impressions=draw(0, 10**6),
        last_spend_micros=draw(0, spent),
        last_worth_micros=draw(0, 10**12),
        multiplier_ppm=draw(0, 2 * PPM),
        participation_ppm=draw(0, PPM),
        clicks=draw(0, 10**6),
        completions=draw(0, 10**6),
    )


def day_by_day(day: int, days: int, budget: int, left: int) -> Situation:
    """Return the tick *day* of a flight of so many *days*, each a tick of like traffic, and all was won."""
    return Situation(
        tick=day,
        tick_minutes=60,
        traffic=10,
        flight=Span(days - day, 10 * (days - day), left),
        today=None,
        day=Day(0, 0, 24, 240, 24, 240, 0, (10,) * 24, (1,) * 24),
        budget_micros=budget,
        spent_micros=budget - left,
        max_bid_micros=25_000,
        last_bids=1,
        last_wins=1,
    )


def in_columns(situations: Sequence[Situation]) -> Situations:
    """Return the same *situations* as a policy meets them in columns."""
    return Situations(
        traffic=_column(now.traffic for now in situations),
        flight=_spans(now.flight for now in situations),
        today=_spans(now.today or Span(now.day.ticks_left, now.day.traffic_left, 0) for now in situations),
        daily=np.array([now.today is not None for now in situations], bool),
        day=Days(*(_column(getattr(now.day, name) for now in situations) for name in Days._fields)),
    )


def _spans(spans: Iterable[Span]) -> Spans:
    return Spans(*map(_column, zip(*spans, strict=True)))


def _column(values: Iterable[int]) -> Column:
    return np.array(list(values), np.int64)
