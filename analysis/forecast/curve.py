"""At which price, cap or size the answer turns: a search over whole numbers, on the same seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from analysis.forecast.answer import Curve, Forecast, Point, Term, verdict
from analysis.forecast.played import Try
from analysis.forecast.proposal import MOST_BID_MICROS, Proposal
from analysis.forecast.simulated import AT_ONCE, Asked, Tries
from analysis.study.statistics.proportions import proportion
from entities import registry
from entities.enums import CapUnit
from entities.errors import InputError

TIMES = 8
"""How far a price or a size is followed: to so many times what was asked for, or to so small a part."""
CLOSE = 0.01
"""A price and a size are found to a percent, or to a cent of CPM and one impression."""
MOST_CAP = 255
CENT = 10
"""Micros of an impression that are a cent of CPM."""


Apart = Callable[[int, int], int | None]
"""Returns a value between two, None where they are close."""


@dataclass
class _Search:
    # Points by their values, of worlds that differ in one term.

    asked: Asked
    tries: Tries
    made: Callable[[int], Proposal]
    known: dict[int, Point] = field(default_factory=dict)

    def point(self, value: int, seeds: int) -> Point:
        if value not in self.known or self.known[value].full.seeds < seeds:
            asked = replace(self.asked, proposal=self.made(value))
            arm = asked.world.having(asked.proposal)
            runs = self.tries.play(Try(arm, seed) for seed in range(asked.first, asked.first + seeds))
            full = proportion(sum(map(asked.is_full, runs)), len(runs))
            share = sum(map(asked.share, runs)) / len(runs)
            self.known[value] = Point(value, full, share)
        return self.known[value]

    def does(self, value: int) -> bool:
        """Return whether a value does it, by its share of a few seeds."""
        return self.point(value, min(AT_ONCE, self.asked.seeds)).full.share >= self.asked.threshold

    def is_sure(self, value: int) -> bool:
        """Return whether the answer to a value is yes, with all seeds."""
        return verdict(self.point(value, self.asked.seeds).full, self.asked.threshold) == "yes"

    def between(self, no: int, yes: int, does: Callable[[int], bool], apart: Apart) -> int:
        """Return the last value on the side of *yes* that *does* it."""
        while (middle := apart(no, yes)) is not None:
            if does(middle):
                yes = middle
            else:
                no = middle
        return yes

    def settled(self, turns: int, easier: int, apart: Apart) -> int | None:
        """Return the value nearest to *turns*, towards what is *easier*, to which the answer is yes."""
        if verdict(proportion(self.asked.seeds, self.asked.seeds), self.asked.threshold) != "yes":
            return None  # so few seeds never say it
        step = 1 if easier > turns else -1
        no = None
        for value in sorted(self.known, key=lambda each: step * each):
            if step * value < step * turns:
                continue
            if self.is_sure(value):
                return value if no is None else self.between(no, value, self.is_sure, apart)
            no = value
        return None


def check_term(proposal: Proposal, term: Term) -> None:
    """Raise InputError where a booking has not what a curve is asked over."""
    if term == "cap" and not proposal.item.frequency_caps:
        raise InputError("curve cap: the booking has no frequency cap")


def curve(asked: Asked, term: Term, found: Forecast, tries: Tries) -> Curve:
    """Return how the answer depends on a *term*, of a booking that *found* says something of.

    Between a value that does it and one that does not, the middle is tried with the first seeds, which all
    points share; where the answer turns is played with all seeds. InputError for the cap of a booking that
    has none.
    """
    proposal = asked.proposal
    check_term(proposal, term)
    makes = {"cpm": proposal.at_cpm, "cap": proposal.with_cap, "budget": proposal.with_goal}
    value = _value(proposal, term)
    search = _Search(asked, tries, makes[term])
    search.known[value] = Point(value, found.full, found.share.mean)
    turns, told = _turning(search, term, value, found.full.share >= asked.threshold)
    points = tuple(search.known[each] for each in sorted(search.known))
    return Curve(term, points, turns, told)


def _turning(search: _Search, term: Term, asked: int, does: bool) -> tuple[int | None, str]:
    # A larger booking is harder to deliver, a higher price or cap easier.
    lowest, highest = {
        "cpm": (max(asked // TIMES, 1), min(asked * TIMES, MOST_BID_MICROS)),
        "cap": (1, MOST_CAP),
        "budget": (max(asked // TIMES, 1), asked * TIMES),
    }[term]
    easier = lowest if term == "budget" else highest
    harder = highest if term == "budget" else lowest
    apart = _one if term == "cap" else _percent_cents if term == "cpm" else _percent
    name = search.asked.proposal
    if does and (asked == harder or search.does(harder)):
        turns = harder
    elif does:
        turns = search.between(harder, asked, search.does, apart)
    elif asked == easier or not search.does(easier):
        return None, _never(name, term, easier)
    else:
        turns = search.between(asked, easier, search.does, apart)
    sure = search.settled(turns, easier, apart)
    found = turns if sure is None else sure
    full = search.point(found, search.asked.seeds).full
    way = "up to" if term == "budget" else "from"
    many = f"{full.successes} of {full.seeds} seeds"
    if sure is None:
        return None, f"perhaps {way} {_said(name, term, found)}, {many}; more seeds may tell"
    return sure, f"yes {way} {_said(name, term, found)}, {many}"


def _one(no: int, yes: int) -> int | None:
    return (no + yes) // 2 if abs(yes - no) > 1 else None


def _percent(no: int, yes: int) -> int | None:
    middle = round(math.sqrt(no * yes))
    return None if abs(math.log(yes / no)) <= CLOSE or middle in (no, yes) else middle


def _percent_cents(no: int, yes: int) -> int | None:
    middle = _percent(no, yes)
    if middle is None or abs(yes - no) <= CENT:
        return None
    cents = CENT * round(middle / CENT)
    return cents if min(no, yes) < cents < max(no, yes) else middle


def _value(proposal: Proposal, term: Term) -> int:
    if term == "cap":
        return proposal.item.frequency_caps[0].max_impressions
    return proposal.bid_micros if term == "cpm" else proposal.goal


def _said(proposal: Proposal, term: Term, value: int) -> str:
    if term == "cpm":
        return f"a CPM of {value / 1000:,.2f}"
    if term == "cap":
        return _rate(value, proposal.item.frequency_caps[0])
    return f"a budget of {value / 1e6:,.2f}" if proposal.impressions is None else f"{value:,} impressions"


def _rate(limit: int, cap: registry.FrequencyCapSchema) -> str:
    return f"{limit} {_window(cap)}"


def _window(cap: registry.FrequencyCapSchema) -> str:
    if cap.unit_count > 1:
        return f"in {cap.unit_count} {cap.unit}s"
    return f"{'an' if cap.unit == CapUnit.hour else 'a'} {cap.unit}"


def _never(proposal: Proposal, term: Term, easier: int) -> str:
    if term == "cpm":
        return f"no CPM up to {easier / 1000:,.2f} does it"
    if term == "cap":
        first, *others = proposal.item.frequency_caps
        held = ", ".join(_rate(one.max_impressions, one) for one in others)
        return f"no limit {_window(first)} does it{f' beside {held}' if held else ''}, however high"
    return f"not even {_said(proposal, term, easier)} can be had"
