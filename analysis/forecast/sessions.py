"""How often a kind of viewer meets a booking in each window of a cap: sessions as a Markov chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.forecast.chances import Chances, Floats
from analysis.forecast.kernels import met_in_windows
from sim.audience.viewing import weeks_of
from sim.layout import BREAKS_MOST
from sim.market.conditions import conditions
from sim.market.market import Market
from sim.market.rhythm import WARM_UP_HOURS, hours_of
from sim.market.weather.none import NoWeather

_LEAST_IDLE = 1 / 20


@dataclass(frozen=True)
class Arrivals:
    """The viewing of a mean viewer in expectation, hours × columns: regions, and in each its weeks."""

    first: int
    """The hour of the first row."""
    starts: Floats
    carried: Floats
    due: Floats
    dark: NDArray[np.bool_]


def arrivals(market: Market, last: int) -> Arrivals:
    """Return the viewing of the hours before *last*, from a few before the start.

    Without weather, whose factors are one in the mean, and with all that is scripted.
    """
    weeks, _ = weeks_of(market.viewing, market.population)
    back = len(weeks[0].spill) - 1
    usual = market.model_copy(update={"weather": NoWeather()})
    found = conditions(usual, 0, -WARM_UP_HOURS - back, last)
    made = [hours_of(week, found) for week in weeks]

    def column(name: str) -> Floats:
        # Hours × regions × weeks, the last two in one.
        each: Floats = np.stack([getattr(one, name) for one in made], axis=-1)
        return each.reshape(len(each), -1)

    dark = np.repeat(found.dark[back:], len(weeks), axis=1)
    return Arrivals(-WARM_UP_HOURS, column("starts"), column("carried"), column("due"), dark)


Number = tuple[int, ...]
"""The windows of all caps that a step is in, the shortest cap first."""


class Stretch(NamedTuple):
    """What kinds of viewers meet in some hours in a row."""

    windows: tuple[tuple[Number, Floats], ...]
    """Impressions × kinds: the probability of so many in the window if no cap bound; the last is of more,
    too."""
    slots: Floats
    """Expected slots that match, by kind."""
    shown: Floats
    """Expected breaks in which an ad is shown and billed if no cap binds, by kind."""


def steps_an_hour(market: Market) -> int:
    """Return in how many steps an hour is cut, about one for each place of a break; 0 without sessions."""
    if market.viewing.exposure == "poisson":
        return 0
    spacing = min(market.pods.mid_roll_every_minutes, market.content.title_minutes)
    return max(round(60 / spacing), 1)


def met(
    chances: Chances,
    seen: Arrivals,
    first: int,
    numbers: Sequence[Number | None],
    limits: Sequence[int],
    steps: int,
) -> Stretch:
    """Return what is met from hour *first* on, in windows with those *numbers*, one for each step.

    None is a step in which the booking is not open. *limits* are those of the caps that are counted together,
    the shortest first: a step has a number for the window of each, and those of the last are returned. With
    sessions a step is about as long as the time between two breaks. Whoever watches is at a place of a title,
    meets its break, and stays until the next with probability 1 - 1/B, where B is the mean number of places
    that a session comes to. Whoever does not, starts a session as the hour of viewing has it
    (`sim/kernels/session_breaks.py`): at one moment of the hour, with its probability. Visits come in
    clusters then, and a cap stops more of them than of arrivals without memory; heavy viewers rest between
    sessions, and windows that a session runs through share it.
    """
    if steps == 0:
        return _met_alone(chances, seen, first, numbers, limits[-1])
    warm = min(WARM_UP_HOURS, first - seen.first) * steps
    begin = first - seen.first - warm // steps
    rows = slice(begin, begin + (warm + len(numbers)) // steps)
    opened, ended, begun = np.zeros(warm + len(numbers), bool), *np.full((2, warm + len(numbers)), -1)
    found, resets, now = list[Number](), list[tuple[int, ...]](), None
    for place, number in enumerate(numbers, start=warm):
        if number is None:
            continue
        opened[place] = True
        if now is not None and number != now:
            anew = tuple(cap for cap in range(len(limits)) if number[cap] != now[cap])
            if number[-1] != now[-1]:
                ended[place] = len(found)
                found.append(now[-1:])
            if anew not in resets:
                resets.append(anew)
            begun[place] = resets.index(anew)
        now = number
    if now is not None:
        found.append(now[-1:])
    counts = Counts(limits, resets)
    windows, visits = met_in_windows(
        _starting(chances, seen, rows),
        np.ascontiguousarray(seen.dark[rows][:, chances.place]),
        opened,
        ended,
        begun,
        counts.anew,
        counts.after,
        counts.last,
        len(found),
        chances.device,
        chances.title,
        chances.stays,
        np.ascontiguousarray(chances.shown),
    )
    return Stretch(
        tuple(zip(found, windows, strict=True)), chances.slots @ visits, (chances.shown * visits).sum(axis=0)
    )


def _starting(chances: Chances, seen: Arrivals, rows: slice) -> Floats:
    rate = chances.activity
    idle = np.maximum(1 - rate * seen.carried[rows][:, chances.place], _LEAST_IDLE)
    return np.asarray(np.minimum(rate * seen.starts[rows][:, chances.place], idle) / idle)


class Counts:
    """The impressions in the present window of each cap: all that they can be, in one axis of a state."""

    def __init__(self, limits: Sequence[int], resets: Sequence[tuple[int, ...]]) -> None:
        """Find what can be reached where windows of the caps in *resets* begin together."""
        self._limits, known = limits, {(0,) * len(limits)}
        new = known
        while new:
            new = {self._more(count) for count in new} | {
                _anew(count, caps) for count in new for caps in resets
            }
            new -= known
            known |= new
        each = sorted(known)
        index = {count: place for place, count in enumerate(each)}
        self.after = np.array([index[self._more(count)] for count in each])
        """Where one impression more leads; itself where a cap is reached."""
        self.anew = np.array([[index[_anew(count, caps)] for count in each] for caps in resets], np.int64)
        """Where each of the resets leads; resets × counts."""
        self.anew = self.anew.reshape(len(resets), len(each))
        self.last = np.array([count[-1] for count in each])
        """The count of the last cap."""

    def _more(self, count: Number) -> Number:
        reached = any(n == limit for n, limit in zip(count, self._limits, strict=True))
        return count if reached else tuple(n + 1 for n in count)


def _anew(count: Number, caps: Sequence[int]) -> Number:
    return tuple(0 if cap in caps else n for cap, n in enumerate(count))


def _met_alone(
    chances: Chances, seen: Arrivals, first: int, numbers: Sequence[Number | None], levels: int
) -> Stretch:
    # Where breaks come without memory, there are Poisson numbers of them; a step is an hour.
    wanted, found = chances.device * chances.title, list[tuple[Number, Floats]]()
    mean, slots, shown = np.zeros((3, len(wanted)))
    for hour, now in enumerate(numbers):
        if now is None:
            continue
        if not found or found[-1][0] != now:
            mean = np.zeros(len(wanted))
            found.append((now, mean))
        due = chances.activity * seen.due[first + hour - seen.first][chances.place]
        met = np.minimum(due, BREAKS_MOST) * wanted
        slots += met * chances.slots[0]
        shown += met * chances.shown[0]
        mean += met * chances.shown[0]
    return Stretch(tuple((number, _poisson(rate, levels)) for number, rate in found), slots, shown)


def _poisson(mean: Floats, levels: int) -> Floats:
    found, left = np.zeros((levels + 1, len(mean))), np.exp(-mean)
    for count in range(levels):
        found[count] = left
        left = left * mean / (count + 1)
    found[levels] = np.maximum(1 - found.sum(axis=0), 0)
    return found
