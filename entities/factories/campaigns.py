"""Complete advertisers and campaigns from a seed, dated from a given start."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from entities.enums import DspPartner, Objective
from entities.factories.defaults import CreativeDefaults, PricingDefaults, TargetingDefaults
from entities.factories.luck import own_faker
from entities.factories.parts import fake_budget_and_cpm, fake_targeting_v2, make_profile_creative
from entities.schemas import AdvertiserCreate, CampaignCreate, LineItemCreate

if TYPE_CHECKING:
    from faker import Faker

# Trades that advertise on streaming TV [assumption]; two of one trade never share a pod.
CATEGORIES = (
    "automotive",
    "entertainment",
    "finance",
    "insurance",
    "packaged_food",
    "pharma",
    "retail",
    "technology",
    "telecom",
    "travel",
)
FLIGHT_DAYS = (14, 46)
"""The shortest and the longest campaign, as among the examples and profiles."""


def fake_advertiser(
    source: "Faker | int", *, category: str | None = None, taken: Collection[str] = ()
) -> AdvertiserCreate:
    """Return an advertiser whose name is not among those *taken*."""
    fake = own_faker(source)
    trade = fake.random.choice(CATEGORIES)
    name = str(fake.company())[:100]
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name} {number}", number + 1
    return AdvertiserCreate(name=unique, category=category or trade)


def fake_campaign(
    source: "Faker | int",
    *,
    start: date,
    days: int | None = None,
    line_items: int | None = None,
    objective: Objective | None = None,
    timezone: str = "UTC",
    regions: tuple[str, ...] = (),
    pricing: PricingDefaults | None = None,
    targeting: TargetingDefaults | None = None,
    creative: CreativeDefaults | None = None,
) -> CampaignCreate:
    """Return a campaign that starts on *start*, complete with line items, caps and creatives."""
    fake = own_faker(source)
    luck = fake.random
    aim = objective or luck.choice(list(Objective))
    length = days or luck.randint(*FLIGHT_DAYS)
    brand = " ".join(str(fake.catch_phrase()).split())[:80]
    usual = creative or CreativeDefaults()

    def line_item(number: int) -> LineItemCreate:
        price = fake_budget_and_cpm(fake, days=length, objective=aim, defaults=pricing)
        shown = make_profile_creative(fake, brand=brand, objective=aim, defaults=usual)
        return LineItemCreate(
            name=f"{brand} {number}",
            max_cpm=price.max_cpm,
            lifetime_budget=price.lifetime_budget,
            ad_format=usual.objective_format[aim],
            targeting=fake_targeting_v2(fake, objective=aim, regions=regions, defaults=targeting),
            frequency_caps=usual.frequency_caps,
            creatives=(shown,),
        )

    return CampaignCreate(
        name=f"{brand} {aim}",
        objective=aim,
        dsp_partner=luck.choice(list(DspPartner)),
        timezone=timezone,
        start_date=start,
        end_date=start + timedelta(days=length - 1),
        line_items=tuple(line_item(number) for number in range(1, (line_items or luck.randint(1, 3)) + 1)),
    )
