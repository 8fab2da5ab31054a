"""People who are drawn, and what caps let through of all that they meet: for caps that no sum says."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

from analysis.forecast.chances import Chances, Floats
from analysis.forecast.kernels import let_through
from analysis.forecast.sessions import Arrivals
from entities.enums import CapUnit
from sim.audience.pods import breaks
from sim.audience.viewing import lengths, weeks_of
from sim.book.calendar import windows_of
from sim.book.records import Book
from sim.market.market import Market
from sim.market.rhythm import WARM_UP_HOURS
from sim.streams import Purpose, generator

PERSON_HOURS = 3_000_000
"""Hours of all people who are drawn, a tenth of a second; other people move the share by 0.1 to 0.8 %."""
LEAST_PEOPLE, MOST_PEOPLE = 2000, 50_000
MOST_OTHERS = 40
"""In a household, beside one person; of a Poisson number, ten or fewer in the mean."""
NO_LIMIT = 1 << 30


def share_let_through(
    market: Market, book: Book, found: Chances, seen: Arrivals, opened: NDArray[np.bool_]
) -> float:
    """Return the share of impressions that the caps of *book* let through in the hours that are *opened*.

    Viewers, whole households where these are counted, are drawn by the chances of *found*. They live through
    the hours as in a market, and their caps count as there.
    """
    if not opened.any():
        return 1.0
    caps = [(at, book.caps[at]) for at in book.line_items[0].caps]
    streams = [cap.limit for _, cap in caps if cap.unit == CapUnit.stream]
    by_clock = [(at, cap) for at, cap in caps if cap.unit not in (CapUnit.pod, CapUnit.stream)]
    rng = generator(0, Purpose.population, Purpose.booking)  # of no run, and the same for every booking
    first, last = int(np.flatnonzero(opened)[0]), int(np.flatnonzero(opened)[-1]) + 1
    begin = max(first - WARM_UP_HOURS, seen.first)
    rows = slice(begin - seen.first, last - seen.first)
    people = min(max(PERSON_HOURS // (last - begin), LEAST_PEOPLE), MOST_PEOPLE)
    homes, kinds = _homes(market, found, people, rng)
    live = np.zeros(last - begin, np.bool_)
    windows = np.zeros((last - begin, len(by_clock)), np.int64)
    live[first - begin :] = opened[first:last]
    windows[first - begin :] = windows_of(book, market.horizon)[first:last, [at for at, _ in by_clock]]
    alone = market.viewing.exposure == "poisson"
    met, shown = let_through(
        rng,
        homes,
        kinds,
        found.place,
        found.activity,
        found.device / (found.recognised or 1.0),
        found.title,
        found.shown,
        seen.starts[rows],
        seen.carried[rows],
        seen.due[rows],
        seen.dark[rows],
        lengths(market.viewing).astype(np.float64),
        breaks(market.pods, market.content.title_minutes),
        0 if alone else 60 * market.content.title_minutes,
        begin,
        live,
        windows,
        np.array([cap.unit_count if cap.unit == CapUnit.minute else 0 for _, cap in by_clock], np.int64),
        np.array([cap.limit for _, cap in by_clock], np.int64),
        min(streams, default=NO_LIMIT),
        found.recognised,
    )
    return float(shown / met) if met else 1.0


def _homes(
    market: Market, found: Chances, people: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # Where the people of each home begin, and the kind of each; -1 for one who is not wanted.
    if market.identity.counted_by != "household":
        return np.arange(people + 1), _drawn(found.weight / found.weight.sum(), people)
    shares = np.array([region.share for region in market.regions.values()])
    shares, weeks = shares / shares.sum(), len(weeks_of(market.viewing, market.population)[0])
    size = market.population.household_size
    more = np.array([exp(1 - size) * (size - 1) ** n / factorial(n) for n in range(MOST_OTHERS)])
    sizes = 1 + rng.permutation(_drawn(more, round(people / size)))
    first = np.concatenate([[0], np.cumsum(sizes)])
    region = np.repeat(_drawn(shares, len(sizes)), sizes)
    kinds = np.full(len(region), -1)
    for at, share in enumerate(shares):
        living = np.flatnonzero(region == at)
        here = np.flatnonzero(found.place // weeks == at)
        weight = found.weight[here] / share
        of = _drawn(np.append(weight, max(1 - weight.sum(), 0)), len(living))
        kinds[rng.permutation(living)] = np.append(here, -1)[of]
    return first, kinds


def _drawn(weight: Floats, count: int) -> NDArray[np.int64]:
    # So many places, each as often as its weight has it: systematic sampling.
    edges = np.cumsum(weight)
    at: NDArray[np.int64] = np.searchsorted(edges / edges[-1], (np.arange(count) + 0.5) / count)
    return at
