"""What a line item may know when it plans: a plain situation, to be changed where a test says so."""

from __future__ import annotations

from typing import Any

from sim.pacing import Day, Situation, Span
from sim.units import PPM

PLAIN = Situation(
    tick=0,
    tick_minutes=60,
    traffic=10,
    flight=Span(ticks=24, traffic=240, micros=24_000_000),
    today=None,
    day=Day(
        number=0,
        minute=0,
        ticks=24,
        traffic=240,
        ticks_left=24,
        traffic_left=240,
        spent_micros=0,
        hours=(10,) * 24,
        clock=(1,) * 24,
    ),
    budget_micros=24_000_000,
    spent_micros=0,
    max_bid_micros=25_000,
    last_matched=0,
    last_bids=0,
    last_wins=0,
    last_impressions=0,
    last_spend_micros=0,
    last_worth_micros=0,
    multiplier_ppm=PPM,
    participation_ppm=PPM,
)
"""The first hour of a flight of one day with $24 to spend."""


def situation(**changes: Any) -> Situation:
    """Return the plain situation with *changes*."""
    return PLAIN._replace(**changes)
