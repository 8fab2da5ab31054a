"""What a scenario says: who competes, in which market, under which seed."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from entities import registry
from sim.engine.market import Market
from sim.family import Settings
from sim.streams import name_key

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""A name that is safe as a file's: lowercase letters, digits, `_` and `-`."""
Description = Annotated[str, StringConstraints(max_length=2000)]
Seconds = Annotated[int, Field(ge=1, le=600)]


class Listing(Settings):
    """A campaign and whose it is."""

    description: Description = ""
    advertiser: registry.AdvertiserCreate
    campaign: registry.CampaignCreate


class Profile(Listing):
    """A typical campaign. Line items without creatives get one of each length, always the same ones."""

    creative_seconds: tuple[Seconds, ...] = Field(default=(30,), min_length=1)

    @model_validator(mode="after")
    def _creatives(self) -> Self:
        complete = [
            item if item.creatives else item.model_copy(update={"creatives": self._made_for(item)})
            for item in self.campaign.line_items
        ]
        campaign = self.campaign.model_copy(update={"line_items": tuple(complete)})
        object.__setattr__(self, "campaign", campaign)
        return self

    def _made_for(self, item: registry.LineItemCreate) -> tuple[registry.CreativeCreate, ...]:
        seed = name_key(self.advertiser.name, self.campaign.name, item.name) % 2**32
        return tuple(
            registry.make_profile_creative(
                seed + seconds,
                brand=self.advertiser.name,
                objective=self.campaign.objective,
                ad_format=item.ad_format,
                duration_s=seconds,
            )
            for seconds in self.creative_seconds
        )


class Examples(Settings):
    """A template file: complete campaigns by name."""

    description: Description = ""
    examples: dict[Slug, Listing] = Field(min_length=1)


class Scenario(Settings):
    """One experiment: a market, and the campaigns that must be in it."""

    name: Slug
    description: Description = ""
    seed: int = Field(default=20261102, ge=0, lt=2**63)
    examples: tuple[Slug, ...] = Field(default=(), description="Names from scenarios/examples")
    profiles: tuple[Slug, ...] = Field(default=(), description="Names from scenarios/profiles")
    campaigns: tuple[Listing, ...] = Field(default=(), description="Campaigns written out in full")
    market: Market = Market()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for field in ("examples", "profiles"):
            names = getattr(self, field)
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{field}: {', '.join(twice)} is given twice; once is enough")
        return self
