"""What each constraint of a line item costs it: the market is played again, on the same luck, without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from analysis.explain.constraints import Asked, Constraint, constraints_of
from analysis.explain.largest import LARGEST, largest_of
from analysis.explain.replays import Delivered, OnProgress, Replays
from analysis.explain.shapley import parts
from analysis.explain.subject import Subject


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
    reproduced: bool
    """Whether the run, played again, was the same to the last byte; where not, all of this is of today's."""
    digest: str
    """Of the run as it comes out today."""

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
        """Return whether any of the constraints held anything back."""
        gains = (self.together, *(one.gained for one in self.relaxed))
        return any(amount > 0 for gained in gains for amount in gained)


def money_of(
    one: Subject, *, workers: int, progress: OnProgress = None, warn: Callable[[str], None] = lambda _: None
) -> Money:
    """Return what each constraint costs a line item: all one by one, the four largest in all combinations.

    The run's own scenario and book are played again in memory. First as they are: where the run does not come
    out as it is stored, *warn* is told, and everything is compared with today's.
    """
    asked = Asked(one.run.scenario, one.run.book)
    found = constraints_of(asked, one.place)
    replays = Replays(one.place, workers, most_runs(len(found)), progress)
    digest = replays.digest(asked)
    if digest != one.run.digest:
        warn(f"run {one.run.run_id} comes out differently with this code; compared is what comes out now")
    delivered = replays.delivered(asked)
    gains = {each: replays.delivered(each.relaxed(asked)) - delivered for each in found}
    largest = largest_of(one, gains)

    def without(causes: frozenset[Constraint]) -> Delivered:
        # In the order of the constraints, so that equal markets are written alike.
        return replays.delivered(
            reduce(lambda so_far, each: each.relaxed(so_far), filter(causes.__contains__, found), asked)
        )

    shares = parts(largest, lambda causes: without(causes).spend_micros)
    relaxed = [Relaxed(each.name, each.text, gains[each], each.loses, shares.get(each)) for each in found]
    ordered = sorted(
        relaxed,
        key=lambda each: (each.part_micros is None, -(each.part_micros or 0), -each.gained.spend_micros),
    )
    together = without(frozenset(largest)) - delivered
    return Money(delivered, tuple(ordered), together, len(replays.known), digest == one.run.digest, digest)


def most_runs(constraints: int) -> int:
    """Return how many markets are played at most for so many constraints."""
    largest = min(constraints, LARGEST)
    return constraints - largest + (1 << largest)
