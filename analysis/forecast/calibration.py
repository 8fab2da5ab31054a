"""Is a forecast of 80 % right in 80 of 100? Random bookings, forecast, and held against a seed of their own.

`python -m analysis.forecast.calibration` plays 500 of them, for half an hour, and writes CALIBRATION.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from analysis.forecast.played import Try
from analysis.forecast.proposal import FULL, from_terms
from analysis.forecast.simulated import Asked, Tries, tries_on
from analysis.forecast.world import World, previewed, world_of
from analysis.runs.playing import available_workers
from analysis.study.run import Progress
from analysis.study.statistics.proportions import proportion
from entities.enums import DeviceType
from scenarios.loader import load
from sim.market.market import Market
from sim.streams import Purpose, generator

PAGE = Path(__file__).with_name("CALIBRATION.md")
MARKET = ("market.days=1", "market.population.viewers=1000", "market.shards=1")
"""Over `smoke`: as it is with fewer people, for each booking is played many times."""
BOOKINGS, SEEDS = 500, 5
BINS = 5
AT_ONCE = 10
"""Bookings between two lines of progress."""


@dataclass(frozen=True)
class Checked:
    """A booking that was forecast, and what became of it."""

    successes: int
    """Seeds in which it was delivered in full."""
    seeds: int
    full: bool
    """Whether it was with the seed that was held out."""

    @property
    def probability(self) -> float:
        """Return the forecast: the posterior mean under Jeffreys' prior."""
        return (self.successes + 0.5) / (self.seeds + 1)


@dataclass(frozen=True)
class Scores:
    """How good probabilities were."""

    brier: float
    """Mean squared error of the probability (Brier 1950)."""
    base: float
    """That of whoever always says how many of all were delivered in full."""
    gain: float
    """By how much it is better, and how sure that is: the standard error."""
    gain_error: float

    @property
    def skill(self) -> float:
        """Return the Brier skill score: one is perfect, none is no better than the base rate."""
        return 1 - self.brier / self.base


class Drawn(NamedTuple):
    """A random booking."""

    terms: dict[str, Any]
    part: float
    """Of its possible avails, what it asks for."""
    in_money: bool


def random_bookings(market: Market, count: int, seed: int = 0) -> Iterator[Drawn]:
    """Yield random bookings, every second one in money.

    Targeting, flight, cap and price are drawn evenly of a few; the part evenly in logs from 30 to 150 %.
    """
    genres = [genre for genre, weight in market.content.genres.items() if weight][:4]
    begin = datetime.combine(market.start, time())
    for number in range(count):
        luck = generator(seed, Purpose.booking, number)

        def one_of(choices: Sequence[Any], luck: np.random.Generator = luck) -> Any:
            return choices[int(luck.integers(len(choices)))]

        hours = 24 * market.days
        first = int(luck.integers(hours // 2 + 1))
        last = int(luck.integers(first + 6, hours + 1))
        include = one_of(
            [{}, {}, {"device": [DeviceType.tv]}, {"device": [DeviceType.phone, DeviceType.desktop]}]
        )
        include = include | one_of([{}, {"genre": [one_of(genres)]}, {"genre": genres[:2]}])
        cap = one_of([None, (1, "day"), (2, "day"), (3, "day"), (1, "hour"), (4, "lifetime")])
        item = {
            "name": f"Booking {number}",
            "max_cpm": one_of([12.5, 13, 14, 16, 20, 26]),
            "targeting": {"include": include},
            "flights": [{"start": begin + timedelta(hours=first), "end": begin + timedelta(hours=last)}],
            "frequency_caps": [{"max_impressions": cap[0], "unit": cap[1]}] if cap else [],
        }
        part = float(np.exp(luck.uniform(np.log(0.3), np.log(1.5))))
        yield Drawn(item, part, bool(number % 2))


def checked(settings: Sequence[str], count: int, seeds: int, tries: Tries) -> Iterator[Checked]:
    """Yield what became of so many random bookings in `smoke` under some *settings*, played by *tries*.

    Each is forecast from *seeds*, and held against one more that the forecast does not see. Every second one
    has a budget to spend, and the others impressions to deliver.
    """
    loaded = load("smoke", settings)
    drawn = list(random_bookings(loaded.scenario.market, count))
    for begin in range(0, count, AT_ONCE):
        some = [
            _asked(World(loaded, loaded.scenario.market.days), each)
            for each in drawn[begin : begin + AT_ONCE]
        ]
        arms = [replace(one.world.having(one.proposal), name=str(place)) for place, one in enumerate(some)]
        # Seeds of its own for each booking: with common ones all would have the same weather held out.
        runs = tries.play(
            Try(arm, one.first + (begin + place) * (seeds + 1) + k)
            for place, (arm, one) in enumerate(zip(arms, some, strict=True))
            for k in range(seeds + 1)
        )
        for place, one in enumerate(some):
            *known, held_out = [
                one.is_full(run) for run in runs[place * (seeds + 1) : (place + 1) * (seeds + 1)]
            ]
            yield Checked(sum(known), seeds, held_out)


def _asked(whole: World, drawn: Drawn) -> Asked:
    market = whole.market
    wished = from_terms(drawn.terms, market, 1000)
    goal = max(round(previewed(whole, wished).possible * drawn.part), 1)
    sized = wished.with_goal(goal)
    proposal = replace(sized, impressions=None) if drawn.in_money else sized
    return Asked(world_of(whole.loaded, proposal), proposal)


def scores(found: Iterable[Checked]) -> Scores:
    """Return how good the probabilities of some bookings were."""
    told = [(one.probability, float(one.full)) for one in found]
    probability, outcome = np.array(told).T
    own, base = (probability - outcome) ** 2, (outcome.mean() - outcome) ** 2
    gain = base - own
    error = float(gain.std(ddof=1) / len(gain) ** 0.5)
    return Scores(float(own.mean()), float(base.mean()), float(gain.mean()), error)


def page(found: Sequence[Checked]) -> str:
    """Return the page of CALIBRATION.md."""
    score, many = scores(found), len(found)
    seeds = found[0].seeds
    full = sum(one.full for one in found)
    rows = []
    for part in range(BINS):
        inside = [one for one in found if min(int(one.probability * BINS), BINS - 1) == part]
        if len(inside) < 2:
            continue
        said = sum(one.probability for one in inside) / len(inside)
        came = proportion(sum(one.full for one in inside), len(inside))
        rows.append(
            f"| {100 * part // BINS} to {100 * (part + 1) // BINS} % | {len(inside)} | {100 * said:.1f} % |"
            f" {100 * came.share:.1f} % | {100 * came.low:.1f} to {100 * came.high:.1f} % |"
        )
    return f"""# How well forecasts are calibrated

Written by `python -m analysis.forecast.calibration`: {many} random bookings in `smoke`, with
{", ".join(f"`{setting}`" for setting in MARKET)}. Each has a random targeting,
flight, cap and price, and asks for 30 to 150 % of the avails that the preview calls possible, half of them in
impressions and half in money. It is forecast from {seeds} seeds of its own, and then played with one that
the forecast has not seen: other people, another weather, other luck. In full is {100 * FULL:.0f} % of the
goal. The probability that k of {seeds} seeds forecast is (k + 1/2) / {seeds + 1}, the mean under Jeffreys'
prior, which is careful: so few seeds never say less than {50 / (seeds + 1):.0f} % or more than
{100 - 50 / (seeds + 1):.0f} %.

| probability forecast | bookings | mean forecast | delivered in full | 95 % interval |
|---|---:|---:|---:|---|
{chr(10).join(rows)}

The Brier score is {score.brier:.4f}. Whoever always says {100 * full / many:.1f} %, the share of all that
were delivered in full, has {score.base:.4f}: the forecast is better by {score.gain:.4f}, with a standard
error of {score.gain_error:.4f}, a skill of {100 * score.skill:.0f} %.
"""


def main() -> None:
    """Play all bookings, and write the page."""

    def tell(now: Progress) -> None:
        if now.done == now.total:
            sys.stdout.write(f"{now.done:,} replications\n")
            sys.stdout.flush()

    with tries_on(available_workers(None)) as tries:
        tries.telling(tell)
        PAGE.write_text(page(list(checked(MARKET, BOOKINGS, SEEDS, tries))), encoding="utf-8")


if __name__ == "__main__":
    main()
