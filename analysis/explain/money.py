"""What each constraint of a line item costs it: the market is played again, on the same luck, without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analysis.explain.constraints import Asked, Constraint, constraints_of
from analysis.explain.first_days import first_days
from analysis.explain.largest import LARGEST, largest_of
from analysis.explain.replays import Delivered, OnProgress, Replay, Replays, Whole
from analysis.explain.shapley import parts
from analysis.explain.subject import Subject
from entities.enums.funnel import STAGES
from entities.errors import InputError


@dataclass(frozen=True)
class Relaxed:
    """A constraint, and what its absence alone brings."""

    name: str
    text: str
    gained: Delivered
    """With it gone, less as it was; spend and value in micros."""
    loses: str
    """Why it may bring less than nothing."""
    part_micros: int | None
    """Its Shapley part of the gap; None where it is none of the largest."""


@dataclass(frozen=True)
class Money:
    """What the constraints of a line item cost it."""

    delivered: Delivered
    """As the market is."""
    relaxed: tuple[Relaxed, ...]
    """Every constraint: first those that divide the gap, by their parts, then the others, by their gains."""
    together: Delivered
    """What is gained with the largest ones gone together."""
    runs: int
    """How many markets were played."""
    days: int | None = None
    """How many of the market's days were played; None for all of them."""
    reproduced: bool = True
    """Whether the run, played again, was the same to the last byte; where not, all of this is of today's."""

    @property
    def gap_micros(self) -> int:
        """Return what is spent with the largest constraints gone, less what was: the parts sum to it."""
        return self.together.spend_micros

    @property
    def interaction_micros(self) -> int:
        """Return what of the gap is not the sum of what each of the largest brings alone."""
        alone = sum(one.gained.spend_micros for one in self.relaxed if one.part_micros is not None)
        return self.gap_micros - alone

    @property
    def binds(self) -> bool:
        """Return whether any of the constraints held anything back: to pay more for the same is no more."""
        gains = (self.together, *(one.gained for one in self.relaxed))
        return any(gained.impressions > 0 or gained.value_micros > 0 for gained in gains)


def money_of(
    one: Subject,
    *,
    days: int | None = None,
    workers: int = 1,
    progress: OnProgress = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Money:
    """Return what each constraint costs a line item: all one by one, the four largest in all combinations.

    The run's own scenario and book are played again in memory, or their first *days* alone. First as they
    are: where the run does not come out as it is stored, *warn* is told, and all is compared with today's.
    """
    asked = Asked(one.run.scenario, one.run.book)
    if days is not None:
        asked = first_days(asked, days)
        begins = min(first for first, last in one.item.flights if last > 0) // 24 + 1
        if begins > days:
            raise InputError(f"days {days}: its flight begins on day {begins}; give {begins} or more")
    replays = Replays(one.place, workers, most_runs(len(constraints_of(asked, one.place))), progress)
    same = _same(one, replays.whole(asked), days)
    if not same:
        warn(f"run {one.run.run_id} comes out differently with this code; compared is what comes out now")
    return replace(costs(asked, replays), days=days, reproduced=same)


def costs(asked: Asked, replays: Replays) -> Money:
    """Return what each constraint of the line item of *replays* costs it in a market."""
    found = constraints_of(asked, replays.place)

    def without(*causes: Constraint) -> Replay:
        for idle in (each for each in causes if each.inert_at):
            with_it = without(*(each for each in causes if each != idle))
            if not with_it.count(idle.inert_at):
                return with_it
        relaxed = asked
        # In the order of the constraints, so that equal markets are written alike.
        for each in found:
            relaxed = each.relaxed(relaxed) if each in causes else relaxed
        return replays.played(relaxed)

    def delivered(*causes: Constraint) -> Delivered:
        own = without(*causes).delivered
        for raised, usual in (each.bids for each in causes):
            own = own._replace(value_micros=own.value_micros * usual // raised)
        return own

    now = without()
    gains = {each: delivered(each) - now.delivered for each in found}
    largest = largest_of(asked, replays.place, now, gains)
    shares = parts(largest, lambda causes: without(*causes).delivered.spend_micros)
    relaxed = [Relaxed(each.name, each.text, gains[each], each.loses, shares.get(each)) for each in found]

    def order(each: Relaxed) -> tuple[bool, int, int, int]:
        gained = each.gained
        return each.part_micros is None, -(each.part_micros or 0), -gained.spend_micros, -gained.impressions

    return Money(
        now.delivered,
        tuple(sorted(relaxed, key=order)),
        delivered(*largest) - now.delivered,
        len(replays.known),
    )


def most_runs(constraints: int) -> int:
    """Return how many markets are played at most for so many constraints."""
    largest = min(constraints, LARGEST)
    return constraints - largest + (1 << largest)


def _same(one: Subject, now: Whole, days: int | None) -> bool:
    # Of the first days, whose digest nothing keeps, every hour's funnel of all line items together.
    if days is None:
        return now.digest == one.run.digest
    sums = (
        one.run.performance_extended.group_by("hour_start")
        .agg(pl.col(stage.column).sum() for stage in STAGES)
        .sort("hour_start")
    )
    begin = one.run.market.horizon.start
    hours = [int((at - begin).total_seconds()) // 3600 for at in sums["hour_start"]]
    then = np.zeros((one.run.market.horizon.hours, len(STAGES)), np.int64)
    then[hours] = sums.drop("hour_start").to_numpy()
    return np.array_equal(then[: len(now.funnel)], now.funnel)
