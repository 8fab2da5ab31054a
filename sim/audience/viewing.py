"""When people watch: the curves of the day and the week, sessions, and the tables the hour reads."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from entities.enums import DeviceType, TargetingKey
from sim.audience.content import Content
from sim.audience.mix import Mix
from sim.audience.pods import Pods, breaks, size_tables
from sim.audience.population import ACTIVITY_ONE, Population
from sim.family import SHARES, SOME, Settings, Weight
from sim.layout import BREAKS_MOST, DRAWN, Viewing
from sim.tables import cumulative, exponential, memoryless, threshold

PRESENCE_ONE = 1 << 18
DUE_ONE = 1 << 24
GAP_ONE = ACTIVITY_ONE * DUE_ONE

# Share of people who watch TV by clock hour: BLS American Time Use Survey through its published anchors
# (0h 6 %, 3h 1 %, 12h 13 %, 18h 38 %, 20h 59 %), interpolated.
ATUS_HOURS = (
    *(1.43, 0.73, 0.39, 0.24, 0.31, 0.48, 0.90, 1.43, 1.81, 2.15, 2.48, 2.79),
    *(3.10, 3.38, 3.65, 4.06, 4.96, 6.45, 9.07, 12.22, 14.09, 12.42, 7.88, 3.58),
)
# Streaming is flatter than TV: six parts of that curve and four of a flat one [assumption].
DEFAULT_HOURS = tuple(round(0.6 * share + 0.4 * 100 / 24, 4) for share in ATUS_HOURS)
# Monday to Sunday; Saturday strongest (Netflix, Q4 2016), the figures are [assumption].
DEFAULT_WEEKDAYS = (0.95, 0.93, 0.94, 0.96, 1.02, 1.12, 1.08)
# Share of Netflix streams by device, 2018: TV 70, PC 15, phone 10, tablet 5 (Vox).
DEFAULT_DEVICES: Mapping[DeviceType, float] = {
    DeviceType.tv: 0.70,
    DeviceType.desktop: 0.15,
    DeviceType.phone: 0.10,
    DeviceType.tablet: 0.05,
}


class Habits(Settings):
    """The rhythm of viewing, in local time.

    A session lasts at least the shortest and at most the longest time, and in between ends without memory.
    The exact case is `exposure: poisson`: no sessions and no titles to sit through, but ad breaks that each
    viewer meets without memory, activity × `breaks_a_day` on average. Their number is Poisson where activity
    is equal, and negative binomial with shape k where it is a gamma of shape k (Greenwood and Yule 1920,
    Ehrenberg 1959). Such a break comes before a title, and is a session of its own.
    """

    exposure: Literal["sessions", "poisson"] = Field(
        default="sessions",
        description="How viewers meet ad breaks: in the titles of sessions, or one by one without memory",
    )
    breaks_a_day: float = Field(
        default=6.0,
        gt=0,
        le=200,
        description="Ad breaks a day of a mean viewer with poisson exposure, 60 an hour at most; as many as"
        " 41 hours a month of sessions have [assumption]",
    )
    hours: Annotated[tuple[Weight, ...], SOME] = Field(
        default=DEFAULT_HOURS,
        min_length=24,
        max_length=24,
        description="Weights of the hours of the day (American Time Use Survey, flattened [assumption])",
    )
    weekdays: Annotated[tuple[Weight, ...], SOME] = Field(
        default=DEFAULT_WEEKDAYS,
        min_length=7,
        max_length=7,
        description="Weights of Monday to Sunday [assumption]",
    )
    devices: Annotated[Mapping[DeviceType, Weight], SHARES, SOME] = Field(
        default=DEFAULT_DEVICES, description="Weights of sessions by device (Netflix streams, Vox 2018)"
    )
    session_minutes: float = Field(
        default=66.0, ge=2, le=600, description="Mean minutes of a session [assumption]"
    )
    shortest_minutes: float = Field(default=1.0, ge=0.1, le=60, description="The least minutes of a session")
    longest_minutes: float = Field(default=600.0, ge=10, le=1440, description="The most minutes of a session")

    by_hour: Mix = Field(
        default=Mix(),
        description="Who watches at which hour",
        exclude_if=lambda mix: mix == Mix(),  # or every older fingerprint would change
    )

    @model_validator(mode="after")
    def _mean_inside(self) -> Self:
        shortest, mean, longest = self.shortest_minutes, self.session_minutes, self.longest_minutes
        if not shortest < mean < longest:
            raise ValueError(
                f"session_minutes {mean:g}: must be above shortest_minutes, {shortest:g}, and below"
                f" longest_minutes, {longest:g}"
            )
        return self

    def device_weights(self) -> tuple[float, ...]:
        """Return the weight of each device in the order of its code."""
        return tuple(self.devices.get(device, 0.0) for device in DeviceType)


def lengths(habits: Habits) -> NDArray[np.int64]:
    """Return the quantile table of session seconds, whose mean is that of the habits."""
    minutes = (habits.session_minutes, habits.shortest_minutes, habits.longest_minutes)
    return exponential(*(60 * m for m in minutes))


def presence(habits: Habits, population: Population) -> list[float]:
    """Return the share of time that a mean viewer watches in each of the 168 local hours of the week."""
    return _over_the_week(habits, population.hours_a_month * 12 / 365 * 7)


def due(habits: Habits) -> list[float]:
    """Return the ad breaks that a mean viewer without sessions is due in each local hour of the week."""
    return _over_the_week(habits, habits.breaks_a_day * 7)


def traffic(habits: Habits, population: Population) -> list[float]:
    """Return what the ad breaks of each of the 168 local hours of the week are proportional to."""
    return _met(habits) if habits.exposure == "poisson" else presence(habits, population)


def _met(habits: Habits) -> list[float]:
    return [min(breaks, BREAKS_MOST) for breaks in due(habits)]


def _over_the_week(habits: Habits, amount: float) -> list[float]:
    curve = [hour * day for day in habits.weekdays for hour in habits.hours]
    total = sum(curve)
    return [amount * share / total for share in curve]


@lru_cache(maxsize=64)
def _starts(present: tuple[float, ...], spill: tuple[float, ...]) -> tuple[float, ...]:
    # The session starts in each hour of the week whose sessions add up to *present*. Sessions run on into
    # later hours, so the curve of starts leads that of viewing. It is found by Richardson-Lucy deconvolution
    # (Richardson 1972), which keeps it from going below zero. Cached: it takes longer than a small market.
    week = len(present)
    mean = sum(spill)
    begin = [share / mean for share in present]
    for _ in range(60):
        watching = [sum(s * begin[h - k] for k, s in enumerate(spill)) for h in range(week)]
        ratio = [p / w if w > 0 else 0.0 for p, w in zip(present, watching, strict=True)]
        begin = [
            b * sum(s * ratio[(h + k) % week] for k, s in enumerate(spill)) / mean
            for h, b in enumerate(begin)
        ]
    return tuple(begin)


class Week(NamedTuple):
    """An ordinary week of a mean viewer of some kinds, by its 168 local hours, and how a session goes on."""

    present: tuple[float, ...]
    """Share of the hour that is watched."""
    starts: tuple[float, ...]
    """Sessions that begin."""
    spill: tuple[float, ...]
    """Hours watched 0, 1, 2 … hours after the hour in which a session begins, of one session."""
    due: tuple[float, ...]
    """Ad breaks due without sessions."""


def weeks_of(habits: Habits, population: Population) -> tuple[list[Week], list[int]]:
    """Return the ordinary weeks of people, and which of them is that of each viewer kind within a region."""
    usual, breaks, spill = presence(habits, population), due(habits), _spills(tuple(lengths(habits).tolist()))
    times = habits.by_hour.times(population)
    weeks = {}
    for factors in dict.fromkeys(times):
        present = tuple(share * factors[hour % 24] for hour, share in enumerate(usual))
        met = tuple(min(each * factors[hour % 24], BREAKS_MOST) for hour, each in enumerate(breaks))
        weeks[factors] = Week(present, _starts(present, spill), spill, met)
    places = list(weeks)
    return list(weeks.values()), [places.index(factors) for factors in times]


def viewing(
    habits: Habits, population: Population, content: Content, pods: Pods, salts: NDArray[np.uint64]
) -> Viewing:
    """Return what the hour reads, its hourly tables being those of the 168 local hours of the week.

    They are those of everybody, or of the first kind of viewers where kinds differ.
    """
    alone, week = habits.exposure == "poisson", weeks_of(habits, population)[0][0]
    # Without sessions every break is a pre-roll.
    shares, sizes = size_tables(pods, pre_roll=1.0 if alone else None)
    # A viewer starts at most once in an hour, so at a start only sessions of earlier hours can be running.
    carried = [p - week.spill[0] * b for p, b in zip(week.present, week.starts, strict=True)]
    return Viewing(
        starts=scaled(week.starts),
        carried=scaled(carried),
        lengths=lengths(habits),
        due=np.array([round(breaks * DUE_ONE) for breaks in week.due] if alone else [0] * 168, np.int64),
        gaps=memoryless(GAP_ONE) if alone else np.zeros(0, np.int64),
        devices=cumulative(habits.device_weights()),
        genres=np.tile(cumulative(content.weights()), (len(DeviceType), 1)),
        drawn=_padded([cumulative(content.weights_of(TargetingKey[trait])) for trait in DRAWN]),
        breaks=breaks(pods, content.title_minutes),
        shares=shares,
        sizes=sizes,
        device_loyalty=threshold(population.device_loyalty),
        genre_loyalty=threshold(population.genre_loyalty),
        second_genre=threshold(content.second_genre),
        top_10=threshold(content.top_10),
        title_seconds=60 * content.title_minutes,
        ad_seconds=pods.ad_seconds,
        salts=salts,
    )


def _padded(shares: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    # No draw lies beyond the last share, which is all of it.
    longest = max(map(len, shares))
    return np.stack([np.pad(each, (0, longest - len(each)), mode="edge") for each in shares])


def scaled(shares: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int64]:
    """Return *shares* of an hour in 1/PRESENCE_ONE, none below zero."""
    whole: NDArray[np.int64] = np.rint(np.maximum(shares, 0.0) * PRESENCE_ONE).astype(np.int64)
    return whole


@lru_cache(maxsize=8)
def _spills(seconds: tuple[int, ...]) -> tuple[float, ...]:
    # The expected hours watched 0, 1, 2 … hours after the hour in which a session starts.
    ordered = sorted(seconds)
    sums = [0, *itertools.accumulate(ordered)]

    def watched(until: float) -> float:
        k = bisect.bisect_right(ordered, until)
        return (sums[k] + max(until, 0) * (len(ordered) - k)) / len(ordered)

    offsets = [60 * m + 30 for m in range(60)]
    hours = -(-ordered[-1] // 3600) + 1
    return tuple(
        sum(watched(3600 * (k + 1) - u) - watched(max(3600 * k - u, 0)) for u in offsets) / 60 / 3600
        for k in range(hours)
    )
