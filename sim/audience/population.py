"""The people: regions with a clock, households, and their persons, each with tastes and a rate of viewing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, StringConstraints

from entities import suggestions
from entities.enums import AgeBand, Gender, TargetingKey
from entities.errors import RefusedError
from sim.family import SOME, Settings, Share, Weight
from sim.layout import VIEWER, VIEWER_TRAITS
from sim.streams import Purpose, generator, mix_all

RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@cache
def _zones() -> frozenset[str]:
    # Found in hundreds of files, once.
    return frozenset(available_timezones())


def _known_zone(zone: str) -> str:
    if zone not in _zones():
        line = f"{zone!r} is not an IANA time zone, such as America/New_York"
        raise RefusedError(line, nearest=suggestions.zone(zone))
    return zone


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone. The market checks that it is whole hours from UTC on the simulated days."""


class Region(Settings):
    """A part of the market with one wall clock."""

    timezone: ZoneName = Field(description="IANA zone, whole hours from UTC, by which its people live")
    share: float = Field(gt=0, description="Weight of the region in the population")


# Shares of the US population by time zone, rounded [assumption].
DEFAULT_REGIONS: Mapping[str, Region] = {
    "us_east": Region(timezone="America/New_York", share=0.47),
    "us_central": Region(timezone="America/Chicago", share=0.29),
    "us_mountain": Region(timezone="America/Denver", share=0.07),
    "us_pacific": Region(timezone="America/Los_Angeles", share=0.17),
}

ACTIVITY_ONE = 1 << 12
"""The activity of a mean viewer."""
ACTIVITY_MOST = 1 << 17


class Population(Settings):
    """How many people watch, who they are and how unevenly they watch."""

    viewers: int = Field(default=220_000, ge=1, le=50_000_000, description="Persons who watch")
    household_size: float = Field(
        default=2.5, ge=1, le=10, description="Mean persons in a household (US Census Bureau, 2023: 2.51)"
    )
    activity: Literal["gamma", "equal"] = Field(
        default="gamma", description="How viewing rates differ: as a gamma distribution, or not at all"
    )
    activity_shape: float = Field(
        default=0.8,
        gt=0.05,
        le=1000,
        description="Shape k of the gamma of viewing rates; the top tenth watch 36 % [assumption]",
    )
    hours_a_month: float = Field(
        default=41.0,
        gt=0,
        le=400,
        description="Viewing hours per viewer in a month of 365/12 days (Netflix upfront, 2025)",
    )
    age_bands: Annotated[tuple[Weight, Weight, Weight, Weight, Weight, Weight], SOME] = Field(
        default=(0.12, 0.18, 0.17, 0.15, 0.16, 0.22),
        description=f"Weights of {', '.join(AgeBand)}; roughly adults in the US [assumption]",
    )
    genders: Annotated[tuple[Weight, Weight], SOME] = Field(
        default=(0.51, 0.49), description=f"Weights of {' and '.join(Gender)} [assumption]"
    )
    device_loyalty: Share = Field(
        default=0.3, description="Share of sessions on the viewer's favourite device [assumption]"
    )
    genre_loyalty: Share = Field(
        default=0.2, description="Share of titles in the viewer's favourite genre [assumption]"
    )


def people(
    population: Population,
    seed: int,
    regions: Sequence[float],
    devices: Sequence[float],
    genres: Sequence[float],
) -> NDArray[np.void]:
    """Return every person of the market as VIEWER records, in order of id.

    The weights of *regions*, *devices* and *genres* are in the order of their codes. Favourites are drawn
    from the same mix as other choices, so loyalty does not change the market's mix.
    """
    rng = generator(seed, Purpose.population)
    n = population.viewers
    viewers = np.zeros(n, VIEWER)
    viewers["id"] = np.arange(n)
    sizes = 1 + rng.poisson(population.household_size - 1, n)
    household = np.repeat(np.arange(n), sizes)[:n]
    viewers["household"] = household
    viewers["region"] = _draw(rng, regions, household[-1] + 1)[household]
    viewers["age_band"] = _draw(rng, population.age_bands, n)
    viewers["gender"] = _draw(rng, population.genders, n)
    viewers["device"] = _draw(rng, devices, n)
    viewers["genre"] = _draw(rng, genres, n)
    rates = np.ones(n) if population.activity == "equal" else rng.standard_gamma(population.activity_shape, n)
    viewers["activity"] = np.clip(np.rint(rates / rates.mean() * ACTIVITY_ONE), 0, ACTIVITY_MOST)
    vocabularies = [TargetingKey[trait].trait.vocabulary for trait in VIEWER_TRAITS]
    codes = [len(regions) if words is None else len(words) for words in vocabularies]
    viewers["kind"] = np.ravel_multi_index([viewers[trait] for trait in VIEWER_TRAITS], codes)
    return viewers


def sharded(viewers: NDArray[np.void], shards: int, salt: int) -> list[NDArray[np.void]]:
    """Return the viewers of each shard; a hash of the household decides, so that none is split."""
    households = np.arange(int(viewers["household"][-1]) + 1, dtype=np.uint64)
    home = mix_all(mix_all(households) ^ np.uint64(salt)) % np.uint64(shards)
    shard = home.astype(np.uint32)[viewers["household"]]
    # In each shard they stay in order.
    by_shard, counts = np.argsort(shard, kind="stable"), np.bincount(shard, minlength=shards)
    return np.split(viewers[by_shard], np.cumsum(counts)[:-1])


def _draw(rng: np.random.Generator, weights: Sequence[float], n: int) -> NDArray[np.int64]:
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    codes: NDArray[np.int64] = np.searchsorted(edges, rng.random(n) * edges[-1], side="right").clip(
        0, len(weights) - 1
    )
    return codes
