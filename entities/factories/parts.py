"""Prices, targeting and creatives from a seed."""

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from entities.enums import AdFormat, DeviceType, Genre, Objective, TargetingKey
from entities.factories.defaults import CreativeDefaults, PricingDefaults, TargetingDefaults
from entities.factories.luck import luck_of, one_in, weighted
from entities.schemas import CreativeCreate, Targeting

if TYPE_CHECKING:
    from faker import Faker


class BudgetAndCpm(NamedTuple):
    """A lifetime budget and the highest CPM that it bids."""

    lifetime_budget: Decimal
    max_cpm: Decimal


def fake_budget_and_cpm(
    source: "Faker | int",
    *,
    days: int = 30,
    objective: Objective = Objective.awareness,
    defaults: PricingDefaults | None = None,
) -> BudgetAndCpm:
    """Return a budget for *days* and a CPM that go together, as the market has them."""
    luck, pricing = luck_of(source), defaults or PricingDefaults()
    drawn = Decimal(luck.lognormvariate(math.log(pricing.cpm_median), pricing.cpm_sigma))
    cpm = _stepped(drawn * pricing.cpm_percent[objective] / 100, pricing.cpm_step)
    cpm = min(max(cpm, pricing.cpm_least), pricing.cpm_most)
    daily = luck.randint(pricing.daily_impressions_least, pricing.daily_impressions_most)
    budget = _stepped(cpm * daily * days / 1000, pricing.budget_step)
    return BudgetAndCpm(max(budget, pricing.budget_step), cpm)


def _stepped(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value() * step


def fake_targeting_v2(
    source: "Faker | int",
    *,
    objective: Objective = Objective.awareness,
    regions: tuple[str, ...] = (),
    defaults: TargetingDefaults | None = None,
) -> Targeting:
    """Return targeting that suits *objective*: devices, genres, sometimes ages or exclusions."""
    luck, market = luck_of(source), defaults or TargetingDefaults()
    genres: set[Genre] = set()
    for _ in range(luck.randint(1, market.genres_most)):
        genres.add(weighted(luck, market.genre_percent))
    devices = {device: market.device_percent[device] for device in market.objective_devices[objective]}
    include: dict[TargetingKey, set[DeviceType] | set[Genre]] = {
        TargetingKey.device: {weighted(luck, devices) for _ in devices},
        TargetingKey.genre: genres,
    }
    sides: dict[str, dict[TargetingKey, tuple[str, ...]]] = {
        "include": {key: tuple(sorted(values)) for key, values in include.items()},
        "exclude": {},
    }
    if one_in(luck, market.age_band_one_in):
        first = luck.randrange(len(market.age_bands) - 1)
        sides["include"][TargetingKey.age_band] = market.age_bands[first : first + 2]
    if regions and one_in(luck, 2):
        sides["include"][TargetingKey.region] = (luck.choice(regions),)
    if one_in(luck, market.exclusion_one_in):
        unwanted = weighted(luck, {genre: 1 for genre in Genre if genre not in genres})
        sides["exclude"][TargetingKey.genre] = (unwanted,)
    return Targeting(include=sides["include"], exclude=sides["exclude"])


def make_profile_creative(
    source: "Faker | int",
    *,
    brand: str = "brand",
    objective: Objective = Objective.awareness,
    ad_format: AdFormat | None = None,
    duration_s: int | None = None,
    defaults: CreativeDefaults | None = None,
) -> CreativeCreate:
    """Return an approved creative of *brand* in the format and length that suit *objective*."""
    luck, usual = luck_of(source), defaults or CreativeDefaults()
    shape = ad_format or usual.objective_format[objective]
    lengths = {
        seconds: share for seconds, share in usual.duration_percent.items() if seconds <= shape.max_seconds
    }
    seconds = weighted(luck, lengths)  # drawn even if given, so that later draws stay the same
    seconds = seconds if duration_s is None else duration_s
    slug = re.sub(r"[^a-z0-9]+", "-", brand.lower()).strip("-") or "brand"
    cut = luck.randrange(1, 1000)
    return CreativeCreate(
        name=f"{brand[:90]} {seconds}s cut {cut}",
        asset_url=f"{usual.host}/{slug[:60]}/{seconds}s-{cut}.{_ENDINGS.get(shape, 'mp4')}",
        click_url=None if objective is Objective.awareness else f"https://{slug[:60]}.example.com/",
        mime_type=usual.format_mime_type[shape],
        ad_format=shape,
        duration_s=seconds,
    )


_ENDINGS = {AdFormat.interactive_video: "html", AdFormat.live_video: "m3u8"}
