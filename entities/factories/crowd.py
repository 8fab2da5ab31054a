"""A crowd of advertisers from a seed: a few large ones, many small ones, and what they book."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field, JsonValue, model_validator

from entities.enums import CapUnit, DspPartner, Objective
from entities.errors import RefusedError
from entities.factories.campaigns import fake_advertiser
from entities.factories.defaults import CreativeDefaults, PricingDefaults
from entities.factories.luck import Luck, addressed, plain_faker, weighted
from entities.factories.parts import fake_budget_and_cpm, fake_targeting_v2, make_profile_creative
from entities.schemas import AdvertiserCreate, CampaignCreate, FrequencyCapSchema, Schema, Targeting

if TYPE_CHECKING:
    from faker import Faker

TOGETHER = 4
"""The most line items of one campaign."""
FIXED_PRICE = "guaranteed"
"""The deal whose bids may not differ, so that it has no bidding rule."""
PLAIN = "fixed_cpm"
"""The bidding rule that follows no valuation."""
MONTH_DAYS = Decimal(365) / 12
LEAST_FLIGHT_DAYS = 7

Weights = Mapping[str, int]


class CapSet(Schema):
    """The frequency caps of some line items."""

    caps: tuple[FrequencyCapSchema, ...] = Field(description="What each of them has; [] is none")
    weight: int = Field(default=1, ge=0, le=1_000_000, description="Of how many, beside the others")


def _caps(weight: int, *caps: tuple[int, CapUnit]) -> CapSet:
    each = tuple(FrequencyCapSchema(max_impressions=most, unit=unit) for most, unit in caps)
    return CapSet(caps=each, weight=weight)


class Booking(NamedTuple):
    """An advertiser, and one of its campaigns."""

    advertiser: AdvertiserCreate
    campaign: CampaignCreate


class Where(NamedTuple):
    """The market in which a crowd advertises."""

    start: date
    days: int
    timezone: str
    viewers: int
    regions: tuple[str, ...]
    longest_ad_s: int


class Crowd(Schema):
    """How many advertise, how large they are, and on which terms. What has no source is an [assumption]."""

    line_items: int = Field(ge=1, le=2000, description="How many line items there are")
    advertisers: int | None = Field(
        default=None, ge=1, le=2000, description="Whose they are; two for five line items if left out"
    )
    dollars_a_month: Decimal = Field(
        default=Decimal(1),
        gt=0,
        le=1000,
        description="What all of them have together for each viewer and 365/12 days. A platform may earn $5"
        " (analysts of Netflix, 2025), most of it from outside demand [assumption]",
    )
    size_sigma: float = Field(
        default=1.2,
        ge=0,
        le=3,
        description="Deviation of the log of what an advertiser has; with 1.2 a tenth of them has nearly half"
        " of the money [assumption]",
    )
    smallest: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="The least that a line item has a day, of the mean: nobody books less [assumption]",
    )
    full_flights: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of campaigns that last as long as the market; others have some of its days, at"
        " least seven [assumption]",
    )
    untargeted: float = Field(
        default=0.4, ge=0, le=1, description="Share of line items that take any slot [assumption]"
    )
    median_cpm: Decimal = Field(
        default=Decimal(22),
        gt=0,
        le=1000,
        description="Median of the maximum CPM; bids on CTV are mostly $22 to $26 (ANA and Innovid 2021)",
    )
    cpm_sigma: float = Field(
        default=0.25, ge=0, le=2, description="Deviation of the log of the maximum CPM [assumption]"
    )
    deal: Weights = Field(
        default={"open": 80, "private": 14, "guaranteed": 6}, description="Weights of deals [assumption]"
    )
    pacing: Weights = Field(
        default={"traffic_shaped": 70, "even": 20, "front_loaded": 5, "asap": 5},
        description="Weights of pacing policies [assumption]",
    )
    bidding: Weights = Field(
        default={"shaded": 90, "fixed_cpm": 10}, description="Weights of bidding rules [assumption]"
    )
    valuation: dict[str, JsonValue] = Field(
        default={"kind": "log_normal", "median": 0.85, "sigma": 0.2, "affinity": 0.3},
        description="What slots are worth to those without a fixed price [assumption]",
    )
    frequency_caps: tuple[CapSet, ...] = Field(
        default=(
            _caps(40, (3, CapUnit.day), (1, CapUnit.pod)),
            _caps(25, (2, CapUnit.day), (1, CapUnit.pod)),
            _caps(15, (6, CapUnit.week), (2, CapUnit.day)),
            _caps(20, (4, CapUnit.week), (1, CapUnit.pod)),
        ),
        min_length=1,
        description="Frequency caps by weight. Three a day were the rule at the launch of Netflix's tier (Mi3"
        " 2022); the others are [assumption]",
    )

    @model_validator(mode="after")
    def _some_caps(self) -> "Crowd":
        if not any(one.weight for one in self.frequency_caps):
            raise RefusedError("one of the weights must be above zero", path=("frequency_caps",))
        return self

    @model_validator(mode="after")
    def _each_has_one(self) -> "Crowd":
        if self.advertisers is not None and self.advertisers > self.line_items:
            allowed = f"must be at most line_items, {self.line_items}"
            line = f"advertisers {self.advertisers}: {allowed}"
            raise RefusedError(line, value=self.advertisers, allowed=allowed, path=("advertisers",))
        return self


def fake_crowd(seed: int, crowd: Crowd, where: Where) -> tuple[Booking, ...]:
    """Return the campaigns of a *crowd*, the same for the same *seed*, advertiser by advertiser.

    What an advertiser is called, wants and pays depends on its own number and not on how many others there
    are.
    """
    fake = plain_faker(0)
    owners = crowd.advertisers or max(round(crowd.line_items * 2 / 5), 1)
    sizes = [addressed(fake, seed, owner).lognormvariate(0, crowd.size_sigma) for owner in range(owners)]
    names, drafts = set[str](), list[_Draft]()
    for owner, many in enumerate(_many(sizes, crowd.line_items)):
        addressed(fake, seed, owner, "name")
        advertiser = fake_advertiser(fake, taken=names)
        names.add(advertiser.name)
        drafts += _drafts(fake, (seed, owner), advertiser, sizes[owner], many, crowd, where)
    least = crowd.smallest * sum(weight for draft in drafts for weight in draft.weights) / crowd.line_items
    drafts = [draft.at_least(least) for draft in drafts]
    total = sum(draft.days * weight for draft in drafts for weight in draft.weights)
    whole = crowd.dollars_a_month * where.viewers * where.days / MONTH_DAYS
    return tuple(draft.booked(whole / Decimal(total)) for draft in drafts)


class _Draft(NamedTuple):
    """A campaign whose budgets are not known before all are drawn."""

    advertiser: AdvertiserCreate
    terms: dict[str, Any]
    items: list[dict[str, Any]]
    weights: list[float]
    """Of the line items, a day."""
    days: int

    def at_least(self, least: float) -> "_Draft":
        return self._replace(weights=[max(weight, least) for weight in self.weights])

    def booked(self, each: Decimal) -> Booking:
        budgets = (_round(each * Decimal(weight) * self.days) for weight in self.weights)
        items = [
            {**item, "lifetime_budget": amount} for item, amount in zip(self.items, budgets, strict=True)
        ]
        return Booking(self.advertiser, CampaignCreate(**self.terms, line_items=items))


def _drafts(
    fake: "Faker",
    key: tuple[int, int],
    advertiser: AdvertiserCreate,
    size: float,
    many: int,
    crowd: Crowd,
    where: Where,
) -> Iterator[_Draft]:
    number, brands = 0, set[str]()
    while number < many:
        luck = addressed(fake, *key, "campaign", number)
        # Such as Vasquez hierarchy: short enough for a table, and it says whose it is.
        brand = f"{advertiser.name.split()[0].rstrip(',')} {str(fake.catch_phrase()).split()[-1]}"[:80]
        aim = luck.choice(list(Objective))
        if brand in brands:
            brand = f"{brand} {number + 1}"
        brands.add(brand)
        flight = _flight(luck, crowd.full_flights, where)
        together = min(luck.randint(1, TOGETHER), many - number)
        items, weights = [], []
        for place in range(number, number + together):
            luck = addressed(fake, *key, "line item", place)
            items.append(_item(fake, f"{brand} {place - number + 1}", brand, aim, crowd, where))
            weights.append(size / many * luck.lognormvariate(0, 0.5))
        first = where.start + timedelta(days=flight["first"])
        terms = {
            "name": f"{brand} {aim}",
            "objective": aim,
            "dsp_partner": luck.choice(list(DspPartner)),
            "timezone": where.timezone,
            "start_date": first,
            "end_date": first + timedelta(days=flight["days"] - 1),
        }
        yield _Draft(advertiser, terms, items, weights, flight["days"])
        number += together


def _flight(luck: Luck, full: float, where: Where) -> dict[str, int]:
    days = luck.randint(min(LEAST_FLIGHT_DAYS, where.days), where.days)
    first = luck.randint(0, where.days - days)
    return {"first": 0, "days": where.days} if luck.random() < full else {"first": first, "days": days}


def _item(fake: "Faker", name: str, brand: str, aim: Objective, crowd: Crowd, where: Where) -> dict[str, Any]:
    luck = fake.random
    pricing = PricingDefaults(cpm_median=crowd.median_cpm, cpm_sigma=crowd.cpm_sigma)
    cpm = fake_budget_and_cpm(fake, objective=aim, defaults=pricing).max_cpm
    wanted = fake_targeting_v2(fake, objective=aim, regions=where.regions)
    usual = CreativeDefaults()
    lengths = {s: share for s, share in usual.duration_percent.items() if s <= where.longest_ad_s}
    usual = usual.model_copy(update={"duration_percent": lengths or {where.longest_ad_s: 1}})
    terms = {
        "name": name,
        "max_cpm": cpm,
        "ad_format": usual.objective_format[aim],
        "targeting": Targeting() if luck.random() < crowd.untargeted else wanted,
        "frequency_caps": weighted(luck, {one.caps: one.weight for one in crowd.frequency_caps}),
        "pacing": weighted(luck, crowd.pacing),
        "bidding": weighted(luck, crowd.bidding),
        "valuation": crowd.valuation,
        "deal": weighted(luck, crowd.deal),
        "creatives": [make_profile_creative(fake, brand=brand, objective=aim, defaults=usual)],
    }
    if terms["deal"] == FIXED_PRICE:
        del terms["bidding"]
    # What nobody's bid follows is not written.
    if terms.get("bidding", PLAIN) == PLAIN:
        del terms["valuation"]
    return terms


def _many(sizes: Sequence[float], line_items: int) -> list[int]:
    """Return how many line items each has: one, and of the others a part by the root of its size."""
    spare, roots = line_items - len(sizes), [math.sqrt(size) for size in sizes]
    parts = [spare * root / sum(roots) for root in roots]
    many = [int(part) for part in parts]
    by_rest = sorted(range(len(sizes)), key=lambda place: (many[place] - parts[place], place))
    for place in by_rest[: spare - sum(many)]:
        many[place] += 1
    return [1 + each for each in many]


def _round(amount: Decimal) -> Decimal:
    """Return *amount* to three digits, a cent at least, as budgets are agreed."""
    cent = Decimal("0.01")
    step = max(Decimal(1).scaleb(amount.adjusted() - 2), cent)
    return max((amount / step).to_integral_value() * step, cent).quantize(cent)
