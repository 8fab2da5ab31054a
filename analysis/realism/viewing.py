"""How people watch: hours, ad minutes, who watches most, weeks and days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.realism.figures import Figure, Seen, none, share

_NOBODY = "nobody watched"
_NO_SESSIONS = "viewers of this market meet ad breaks without sessions"


def hours_a_month(seen: Seen) -> Figure:
    """Return the hours that a viewer watches in a month of 365/12 days."""
    market = seen.scenario.market
    if market.viewing.exposure != "sessions":
        return none(_NO_SESSIONS)
    hours = sum(seen.observed.watched_seconds.values()) / 3600
    return Figure(hours / market.population.viewers / market.days * 365 / 12)


def ad_minutes_an_hour(seen: Seen) -> Figure:
    """Return the minutes of ads that are offered in an hour watched."""
    if seen.scenario.market.viewing.exposure != "sessions":
        return none(_NO_SESSIONS)
    watched = sum(seen.observed.watched_seconds.values()) / 3600
    return share(seen.counted.stock("ad_seconds") / 60, watched, _NOBODY)


def top_tenth(seen: Seen) -> Figure:
    """Return the share of all slots that come up before the tenth of viewers who watch most."""
    slots = np.sort(np.concatenate([*seen.observed.by_viewer.values(), np.zeros(0, np.int64)]))[::-1]
    if seen.scenario.market.days < 7:
        return none("fewer than seven days: who watches today is not who watches most")
    return share(float(slots[: -(-len(slots) // 10)].sum()), float(slots.sum()), _NOBODY)


def weekday_variation(seen: Seen) -> Figure:
    """Return the coefficient of variation of the slots of the same weekday, over all weekdays together."""
    by_day = _by_hour(seen).sum(axis=1).reshape(-1, 24).sum(axis=1).astype(float)
    if len(by_day) < 14:
        return none("fewer than two weeks: no weekday comes twice")
    squares, free = 0.0, 0
    for weekday in range(7):
        same = by_day[weekday::7]
        if same.mean() > 0:
            squares += float((((same / same.mean()) - 1) ** 2).sum())
            free += len(same) - 1
    return Figure(float(np.sqrt(squares / free))) if free else none(_NOBODY)


def peak_hour(seen: Seen) -> Figure:
    """Return the slots of the strongest hour of the day over those of the mean hour, by the wall clock."""
    market, by_clock = seen.scenario.market, np.zeros(24)
    hours = _by_hour(seen)
    for place, region in enumerate(market.regions.values()):
        clock = [one.hour_of_day for one in market.horizon.local(region.timezone)]
        by_clock += np.bincount(clock, hours[:, place], 24)
    if not by_clock.sum():
        return none(_NOBODY)
    return Figure(float(by_clock.max() / by_clock.mean()), f"at {int(by_clock.argmax())}:00")


def forecast_error(seen: Seen) -> Figure:
    """Return how far off the forecasts of the hours were: Σ |expected - came| / Σ came, by line item."""
    counted = seen.counted
    return share(counted.expected_off, counted.expected_of, "no slot matched a line item")


def _by_hour(seen: Seen) -> NDArray[np.int64]:
    # Slots, hours × regions.
    hours = range(seen.scenario.market.horizon.hours)
    return np.array([seen.observed.avails[hour] for hour in hours])
