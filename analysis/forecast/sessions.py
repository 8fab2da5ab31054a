"""How often a kind of viewer meets a booking in each window of a cap: sessions as a Markov chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.forecast.chances import Chances, Floats
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
    kinds, places = len(chances.weight), len(chances.shown)
    counts = _Counts(limits)
    # Whether the hour's moment is over × idle, watching what is not wanted, at each place of a title that is
    # not, and of one that is × impressions × kinds.
    state = np.zeros((2, 2 + 2 * places, len(counts.each), kinds))
    state[0, 0, 0] = 1.0
    found, number = list[tuple[Number, Floats]](), None
    slots, shown = np.zeros((2, kinds))
    warm = min(WARM_UP_HOURS, first - seen.first) * steps
    for place, now in enumerate([None] * warm + [*numbers]):
        if now is not None and now != number:
            if number is not None:
                if now[-1] != number[-1]:
                    found.append((number[-1:], counts.last(state)))
                counts.reset(state, [at for at in range(len(limits)) if now[at] != number[at]])
            number = now
        hour, part = divmod(place - warm, steps)
        if part == 0:
            row = first + hour - seen.first
            share = _starting(chances, seen, row)
            state[0], state[1] = state.sum(axis=0), 0.0
            if seen.dark[row].any():
                _leave(state, seen.dark[row][chances.place])
        # The moment comes in this part of the hour, if it has not come before.
        state = _step(chances, state, share / (steps - share * part))
        if now is not None:
            for at in range(places):
                here = state[:, 2 + places + at]
                there = here.sum(axis=(0, 1))
                slots += chances.slots[at] * there
                shown += chances.shown[at] * there
                counts.add(here, chances.shown[at])
    if number is not None:
        found.append((number[-1:], counts.last(state)))
    return Stretch(tuple(found), slots, shown)


def _leave(state: Floats, dark: NDArray[np.bool_]) -> None:
    state[0, 0] += np.where(dark, state[0, 1:].sum(axis=0), 0.0)
    state[0, 1:] = np.where(dark, 0.0, state[0, 1:])


def _starting(chances: Chances, seen: Arrivals, row: int) -> Floats:
    rate = chances.activity
    idle = np.maximum(1 - rate * seen.carried[row][chances.place], _LEAST_IDLE)
    return np.asarray(np.minimum(rate * seen.starts[row][chances.place], idle) / idle)


def _step(chances: Chances, state: Floats, moment: Floats) -> Floats:
    places = len(chances.shown)
    no, yes = 2, 2 + places  # where a title begins that is not wanted, and one that is
    stays, new = chances.stays * state[:, 1:], np.empty_like(state)
    new[:, 0] = state[:, 0] + state[:, 1:].sum(axis=1) - stays.sum(axis=1)
    new[:, 1] = stays[:, 0]
    new[:, 3 : 2 + places] = stays[:, 1:places]
    new[:, 3 + places :] = stays[:, 1 + places : 2 * places]
    ended = stays[:, places] + stays[:, 2 * places]
    new[:, no], new[:, yes] = ended * (1 - chances.title), ended * chances.title
    over = new[0] * moment  # for whoever watches it passes, and who is idle begins
    new[0] -= over
    new[1, 1:] += over[1:]
    begun = over[0] * chances.device
    new[1, 1] += over[0] - begun
    new[1, no] += begun * (1 - chances.title)
    new[1, yes] += begun * chances.title
    return new


class _Counts:
    # The impressions in the present window of each cap: all that they can be, in one axis of a state.

    def __init__(self, limits: Sequence[int]) -> None:
        self.each = [*product(*(range(limit + 1) for limit in limits))]
        self._index = {count: at for at, count in enumerate(self.each)}
        # One more counts for every cap, where none is reached.
        one_more = {count: tuple(n + 1 for n in count) for count in self.each}
        self._open = [at for at, count in enumerate(self.each) if one_more[count] in self._index]
        self._next = [self._index[one_more[self.each[at]]] for at in self._open]

    def add(self, here: Floats, share: Floats) -> None:
        # … × counts × kinds: one more for that share of them.
        more = share * here[:, self._open]
        here[:, self._open] -= more
        here[:, self._next] += more

    def reset(self, state: Floats, ended: Sequence[int]) -> None:
        # The windows of those caps begin anew.
        for at, count in enumerate(self.each):
            anew = self._index[tuple(0 if cap in ended else n for cap, n in enumerate(count))]
            if anew != at:
                state[:, :, anew] += state[:, :, at]
                state[:, :, at] = 0.0

    def last(self, state: Floats) -> Floats:
        # The distribution of the count of the last cap, by kind.
        found = np.zeros((self.each[-1][-1] + 1, state.shape[-1]))
        for count, chance in zip(self.each, state.sum(axis=(0, 1)), strict=True):
            found[count[-1]] += chance
        return found


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
