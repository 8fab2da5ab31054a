"""The market a scenario describes: time, people, content, ad load, rules and rivals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from entities.errors import RefusedError
from entities.messages import listed, nearest
from sim.ambient import AmbientDemand
from sim.ambient.log_normal import LogNormalDemand
from sim.auction import AuctionFormat
from sim.auction.first_price import FirstPrice
from sim.audience.content import Content
from sim.audience.conversions import Conversions
from sim.audience.outcomes import Outcomes
from sim.audience.pods import Pods
from sim.audience.pods.structured import StructuredPods
from sim.audience.population import DEFAULT_REGIONS, Population, Region, RegionName, ZoneName, people, sharded
from sim.audience.viewing import Habits, Week, viewing, weeks_of
from sim.family import SHARES, Settings, Share, Written
from sim.layout import Viewing
from sim.market.changes import Change
from sim.market.floors import Floors
from sim.market.forecast import Forecaster
from sim.market.forecast.perfect import PerfectForecast
from sim.market.weather import Weather
from sim.market.weather.none import NoWeather
from sim.streams import Purpose, salts
from sim.units import Horizon, whole_hour_offsets

UNCATEGORISED = "general"
"""The category of advertisers that name none; it is not kept apart from itself."""


class Separation(Settings):
    """Which ads may not share a pod. Two of one advertiser never do."""

    categories: Literal["all"] | tuple[str, ...] = Field(
        default="all", description="Categories of advertisers kept apart from their like: all, or a list"
    )

    def separates(self, category: str) -> bool:
        """Return whether two ads of *category* are kept apart; the default category keeps nobody apart."""
        if self.categories == "all":
            return category != UNCATEGORISED
        return category in self.categories


class Identity(Settings):
    """What caps know of a viewer; by default everything.

    In a session that is not matched to an identity nothing is capped or counted, so caps leak. Counted by
    household, all its persons share the caps; counted by device, each device has its own. Caps of a pod or a
    stream need no identity: the player keeps them itself. Reach always counts persons.
    """

    match_rate: Share = Field(default=1.0, description="Share of sessions in which the viewer is recognised")
    counted_by: Literal["person", "household", "device"] = Field(
        default="person", description="What a recognised session is counted for by frequency caps"
    )

    @property
    def perfect(self) -> bool:
        """Return whether no cap can leak."""
        return self.match_rate == 1 and self.counted_by == "person"


class Ordinary:
    """An ordinary week of a market, made once.

    It is no part of what makes markets equal: Pydantic compares what a model has made of itself, too, and
    arrays have no truth.
    """

    def __init__(self, market: Market) -> None:
        self._market = market

    @cached_property
    def weeks(self) -> tuple[list[Week], list[int]]:
        """Return the weeks of people, and which of them is that of each viewer kind of a region."""
        return weeks_of(self._market.viewing, self._market.population)

    @cached_property
    def viewing(self) -> Viewing:
        """Return how people watch, with the salts of no run."""
        market = self._market
        return viewing(market.viewing, market.population, market.content, market.pods, salts(0))


class Market(Written):
    """Everything but the book. Defaults are public figures of streaming TV, or marked as assumptions."""

    start: dt.date = Field(
        default=dt.date(2026, 11, 2),
        ge=dt.date(1970, 1, 1),
        le=dt.date(2200, 12, 31),
        description="First day, in `timezone`",
    )
    timezone: ZoneName = Field(default="America/New_York", description="Whose midnight is the start")
    days: int = Field(default=28, ge=1, le=3660, description="Horizon in days of 24 hours")
    tick_minutes: Literal[60, 30, 20, 15, 10, 5, 1] = Field(
        default=60,
        description="How often line items plan; traffic is the same for all. With 60, a binding budget paced"
        " asap lasts up to 50 minutes longer than with 15: leases divide it among the shards tick by tick",
    )
    sync_minutes: int = Field(
        default=0,
        ge=0,
        le=1440,
        description="How often spend becomes known to budgets and plans, in whole ticks; 0 is at every tick",
    )
    shards: int = Field(default=16, ge=1, le=4096, description="Logical shards of households")
    regions: Annotated[Mapping[RegionName, Region], SHARES] = Field(
        default=DEFAULT_REGIONS, min_length=1, max_length=255, description="Where viewers live [assumption]"
    )
    population: Population = Field(default=Population(), description="Who watches")
    viewing: Habits = Field(default=Habits(), description="When they watch")
    content: Content = Field(default=Content(), description="What they watch")
    pods: Pods = Field(default=StructuredPods(), description="Where the ads fit")
    floors: Floors = Field(default=Floors(), description="What nothing is sold below")
    auction: AuctionFormat = Field(default=FirstPrice(), description="Who wins and what is paid")
    ambient: AmbientDemand = Field(default=LogNormalDemand(), description="Demand outside the registry")
    separation: Separation = Field(default=Separation(), description="Which ads share no pod")
    identity: Identity = Field(default=Identity(), description="Whom caps take a viewer for")
    outcomes: Outcomes = Field(default=Outcomes(), description="What becomes of an ad that won")
    conversions: Conversions = Field(default=Conversions(), description="What viewers do afterwards")
    weather: Weather = Field(
        default=NoWeather(),
        description="What makes a day unlike the same weekday of another week",
        exclude_if=lambda weather: weather == NoWeather(),  # or every older fingerprint would change
    )
    forecast: Forecaster = Field(
        default=PerfectForecast(),
        description="How much viewing bidders expect, and how they know",
        exclude_if=lambda forecast: forecast == PerfectForecast(),  # or every older fingerprint would change
    )
    changes: tuple[Change, ...] = Field(default=(), description="What is changed while flights run")

    @model_validator(mode="after")
    def _whole_ticks(self) -> Self:
        if self.sync_minutes % self.tick_minutes:
            below = max(self.sync_minutes // self.tick_minutes, 1) * self.tick_minutes
            raise ValueError(
                f"sync_minutes {self.sync_minutes} is not a multiple of tick_minutes, {self.tick_minutes};"
                f" allowed are 0, {below} or {below + self.tick_minutes}, for instance"
            )
        return self

    @model_validator(mode="after")
    def _changes_of_what_there_is(self) -> Self:
        for place, change in enumerate(self.changes):
            known: dict[str, list[str]] = {
                "region": list(self.regions),
                "genre": [genre for genre, weight in self.content.genres.items() if weight],
                "device": [device for device, weight in self.viewing.devices.items() if weight],
            }
            for part, names in known.items():
                name = getattr(change, part)
                if name is not None and name not in names:
                    allowed, near = f"the market has {listed(names)}", nearest(name, names)
                    line, path = f"no {part} {str(name)!r}; {allowed}", ("changes", place, part)
                    raise RefusedError(line, value=str(name), allowed=allowed, nearest=near, path=path)
            if change.pods is not None and not change.pods.like(self.pods):
                allowed = f"must be of the kind and the seconds of market.pods, {self.pods.ad_seconds} s"
                line, path = f"pods: {allowed}", ("changes", place, "pods")
                raise RefusedError(line, value=change.pods.model_dump(), allowed=allowed, path=path)
        return self

    @model_validator(mode="after")
    def _somebody_watches(self) -> Self:
        try:
            self.viewing.by_hour.times(self.population)
        except ValueError as error:
            raise RefusedError(str(error), path=("viewing", "by_hour")) from None
        return self

    @model_validator(mode="after")
    def _whole_hours(self) -> Self:
        # Tables have UTC hours, so every wall clock must change its hour with UTC on the simulated days.
        last = self.start + dt.timedelta(days=self.days + 1)
        for zone in (self.timezone, *(region.timezone for region in self.regions.values())):
            if not whole_hour_offsets(zone, self.start - dt.timedelta(days=1), last):
                raise ValueError(f"{zone} is not a whole number of hours from UTC in the days simulated")
        return self

    @cached_property
    def horizon(self) -> Horizon:
        """Return the hours that are simulated."""
        return Horizon.from_local(self.start, self.timezone, 24 * self.days)

    @cached_property
    def ordinary(self) -> Ordinary:
        """Return how people watch in an ordinary week."""
        return Ordinary(self)

    def people(self, seed: int) -> NDArray[np.void]:
        """Return everybody in a run of that *seed* as VIEWER records, in order of id."""
        shares = [region.share for region in self.regions.values()]
        return people(self.population, seed, shares, self.viewing.device_weights(), self.content.weights())

    def audience(self, seed: int) -> tuple[NDArray[np.void], list[NDArray[np.void]]]:
        """Return these people, and the same by shard."""
        everyone, run_salts = self.people(seed), salts(seed)
        homes = sharded(everyone, self.shards, int(run_salts[Purpose.household]))
        return everyone, homes

    def tick_at(self, moment: dt.datetime) -> int:
        """Return the first tick that begins no earlier than a *moment* of the market's wall clock."""
        return -(-self.horizon.second_of(moment, self.timezone) // (60 * self.tick_minutes))

    @cached_property
    def floors_since(self) -> tuple[tuple[int, Floors], ...]:
        """Return all floors that are ever in force, each with its first tick."""
        changed = [(self.tick_at(each.at), each.floors) for each in self.changes if each.floors is not None]
        return (0, self.floors), *sorted(changed, key=lambda pair: pair[0])

    def ad_floors(self, floors: Floors | None = None) -> NDArray[np.int64]:
        """Return the *floors* of ads, or the market's first, 2 × seconds × devices × placements, in micros.

        The first axis is whether a bid buys its place in the pod; seconds go up to the longest ad that fits.
        In a slot the floor is the slot's, whatever the ad.
        """
        dynamic, slot = self.pods.dynamic, self.pods.ad_seconds
        ever = (self.pods, *(change.pods for change in self.changes if change.pods))
        longest = max(pods.longest_ad for pods in ever)
        lengths = [seconds if dynamic else slot for seconds in range(longest + 1)]
        floors = floors or self.floors
        tables = [
            [floors.table(seconds, dynamic=dynamic, bought_position=bought) for seconds in lengths]
            for bought in (False, True)
        ]
        return np.array(tables, np.int64)

    @property
    def ticks_per_hour(self) -> int:
        """Return how many ticks an hour is cut into."""
        return 60 // self.tick_minutes

    @property
    def ticks_per_sync(self) -> int:
        """Return how many ticks pass from one sync of what was spent to the next."""
        return max(self.sync_minutes // self.tick_minutes, 1)
