"""What a scenario says: who competes, in which market, under which seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema

from entities import registry
from entities.errors import RefusedError
from entities.messages import listed, nearest
from scenarios.drawn import SEED, Drawn
from scenarios.selectors import NOUNS, parsed
from sim.bidding import BiddingRule
from sim.book.script import tick_of, within
from sim.deal import Deal, DealTerms
from sim.family import Part, Settings, Written, kind_of
from sim.market.deal_conflicts import MOST_BUDGET_MICROS, conflict
from sim.market.market import Market
from sim.pacing import PacingPolicy
from sim.streams import name_key
from sim.units import MICROS
from sim.valuation import Valuation

MOST_BIDDERS = 10_000
"""Of all `bidders` of a scenario together, with their counts."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""A name that is safe as a file's: lowercase letters, digits, `_` and `-`."""
Description = Annotated[str, StringConstraints(max_length=2000)]
Seconds = Annotated[int, Field(ge=1, le=600)]


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise ValueError(f"{listed(twice)} is given twice; once is enough")
    return names


Names = Annotated[tuple[Slug, ...], AfterValidator(_each_once)]


def _known(family: type[Part]) -> BeforeValidator:
    """Return what checks the kind and the parameters of a policy now, where file and line are known."""
    members = family.adapter()

    def check(value: Any) -> Any:
        if isinstance(value, Part) and value.named:
            value = value.as_booked()
        elif isinstance(value, Part):  # as a file would have it
            value = {"kind": kind_of(type(value)), **value.model_dump(mode="json", exclude_unset=True)}
        members.validate_python(value)
        return value

    return BeforeValidator(check, json_schema_input_type=family)


_LIFETIME = registry.BudgetType.lifetime


class LineItem(Written, registry.LineItemCreate):
    """A line item whose policies are checked, and whose deal goes with its other terms."""

    deal: Annotated[registry.Policy, _known(Deal)] = Field(default={"kind": "open"})
    pacing: Annotated[registry.Policy, _known(PacingPolicy)] = Field(default={"kind": "traffic_shaped"})
    bidding: Annotated[registry.Policy, _known(BiddingRule)] = Field(default={"kind": "fixed_cpm"})
    valuation: Annotated[registry.Policy, _known(Valuation)] = Field(default={"kind": "constant"})

    @model_validator(mode="after")
    def _as_agreed(self) -> Self:
        deal, terms = self._deal()
        bidding = BiddingRule.adapter().validate_python(self.bidding)
        valuation = Valuation.adapter().validate_python(self.valuation)
        given = any(budget.budget_type == _LIFETIME for budget in super().all_budgets())
        if against := conflict(deal, terms, given, bidding, valuation):
            field, why = against
            raise RefusedError(why, path=(field,))
        return self

    def all_budgets(self) -> tuple[registry.BudgetSchema, ...]:
        """Return the budgets, shorthands and the deal's delivery goal included."""
        own = super().all_budgets()
        goal = self._deal()[1].goal_micros
        if goal is None or any(budget.budget_type == _LIFETIME for budget in own):
            return own
        amount = Decimal(min(goal, MOST_BUDGET_MICROS)) / MICROS
        return (registry.BudgetSchema(budget_type=_LIFETIME, amount=amount), *own)

    def _deal(self) -> tuple[Deal, DealTerms]:
        deal = Deal.adapter().validate_python(self.deal)
        return deal, deal.terms(registry.bid_micros(self.max_cpm))


class Campaign(Written, registry.CampaignCreate):
    """A campaign whose line items can be booked."""

    pacing: Annotated[registry.Policy, _known(PacingPolicy)] | None = Field(
        default=None, exclude_if=lambda pacing: pacing is None
    )
    line_items: tuple[LineItem, ...] = Field(default=(), description="What bids")

    @model_validator(mode="after")
    def _can_spend(self) -> Self:
        for place, item in enumerate(self.line_items):
            if not self.all_budgets() and not item.all_budgets():
                line = (
                    "has no budget, nor has its campaign; give one of them a lifetime_budget or daily_budget"
                )
                raise RefusedError(line, path=("line_items", place))
        return self


class Listing(Written):
    """A campaign and whose it is."""

    description: Description = Field(default="", description="What it is an example of")
    advertiser: registry.AdvertiserCreate = Field(description="Whose it is")
    campaign: Campaign = Field(description="What it books")


class Profile(Listing):
    """A typical campaign. Line items without creatives get one of each length, always the same ones."""

    creative_seconds: tuple[Seconds, ...] = Field(
        default=(30,), min_length=1, description="Lengths of the creatives of line items that name none"
    )

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

    description: Description = Field(default="", description="What they are for")
    examples: dict[Slug, Listing] = Field(min_length=1, description="Complete campaigns by name")


class Bidders(LineItem):
    """Any number of like bidders for the whole horizon, each its own advertiser: they price each other.

    Everything that a line item may have, they may have.
    """

    count: int = Field(
        default=1, ge=1, le=1000, description="How many there are; above one they are numbered"
    )
    max_cpm: registry.Cpm = Field(
        default=Decimal(1000),
        description="What worth is a multiple of; 1000 is a price of one, and bids are cut at it",
    )
    pacing: Annotated[registry.Policy, _known(PacingPolicy)] = Field(default={"kind": "asap"})
    bidding: Annotated[registry.Policy, _known(BiddingRule)] = Field(default={"kind": "truthful"})

    def listings(self, market: Market) -> tuple[Listing, ...]:
        """Return the campaign of each, open from the first hour of *market* to its last.

        Without a budget they have one that does not end, and without a creative one that always fits.
        """
        end = market.horizon.end.astimezone(ZoneInfo(market.timezone)).replace(tzinfo=None)
        flight = {"start": market.start, "end": end}
        seconds = min(market.pods.fitting_ad, 30)
        creative = {
            "asset_url": f"https://cdn.example.com/spot-{seconds}s.mp4",
            "mime_type": "mp4",
            "duration_s": seconds,
        }
        terms = {name: getattr(self, name) for name in LineItem.model_fields}
        terms["flights"] = self.flights or (flight,)
        terms["creatives"] = self.creatives or (creative,)
        if not self.all_budgets():
            terms["lifetime_budget"] = registry.ENDLESS
        names = [self.name] if self.count == 1 else [f"{self.name} {n}" for n in range(1, self.count + 1)]
        flies = {
            "timezone": market.timezone,
            "start_date": market.start,
            "end_date": (end - timedelta(hours=1)).date(),
        }
        found = []
        for name in names:
            campaign = {"name": name, **flies, "line_items": [{**terms, "name": name}]}
            found.append({"advertiser": {"name": name}, "campaign": campaign})
        return TypeAdapter(tuple[Listing, ...]).validate_python(found)


def _selector(text: str) -> str:
    found = parsed(text)
    if found is None or found.noun not in NOUNS:
        noun = found.noun if found else text
        *others, last = (f"{each}[NAME]" for each in NOUNS)
        allowed = f"must be {', '.join(others)} or {last}"
        known = nearest(noun, NOUNS)
        near = known and f"{known}{text.removeprefix(noun) or '[NAME]'}"
        raise RefusedError(f"{text}: {allowed}", value=text, allowed=allowed, nearest=near)
    return text


class _SchemaOfTerms:
    """The JSON Schema of terms for what bids: any of its keys, and none required."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        del core

        def terms(model: type[BaseModel]) -> dict[str, Any]:
            found = handler.resolve_ref_schema(handler(TypeAdapter(model).core_schema))
            return {key: value for key, value in found.items() if key not in {"required", "title"}}

        whole: tuple[type[BaseModel], ...] = (Campaign, LineItem, Bidders, Profile, Listing)
        inner = {"advertiser": terms(registry.AdvertiserCreate), "campaign": terms(Campaign)}
        patterns = {}
        for noun, model in zip(NOUNS, whole, strict=True):
            found = terms(model)
            known = {name: inner.get(name, each) for name, each in found["properties"].items()}
            patterns[rf"^{noun}\[.+\]$"] = {**found, "properties": known}
        return {"type": "object", "patternProperties": patterns, "additionalProperties": False}


Terms = Annotated[Mapping[Annotated[str, AfterValidator(_selector)], dict[str, Any]], _SchemaOfTerms()]


class Scenario(Written):
    """One experiment: a market, and the campaigns that must be in it."""

    name: Slug = Field(description="What runs of it are called after")
    description: Description = Field(default="", description="What it shows")
    seed: int = Field(default=SEED, ge=0, lt=2**63, description="The luck: the same one, the same bytes")
    examples: Names = Field(default=(), description="Names from scenarios/examples")
    profiles: Names = Field(default=(), description="Names from scenarios/profiles")
    campaigns: tuple[Listing, ...] = Field(default=(), description="Campaigns written out in full")
    bidders: tuple[Bidders, ...] = Field(
        default=(), description="Bidders without a story: campaigns made from a few words"
    )
    drawn: Drawn | None = Field(
        default=None,
        exclude_if=lambda drawn: drawn is None,  # or every older fingerprint would change
        description="Campaigns drawn from the seed, of advertisers of many sizes",
    )
    overrides: Terms = Field(
        default={},
        # So that what was stored before there were any is still the same scenario.
        exclude_if=lambda terms: not terms,
        description="Terms by name, `line_item[TV drama]: {max_cpm: 20}`, `campaign[Spring]: …`,"
        " `bidder[Bidder]: …`, `profile[mobile_consideration]: …` or `example[…]: …`, laid over what is"
        " written of them; `*` in a name stands for any text",
    )
    market: Market = Field(default=Market(), description="Everything but what is sold")

    @cached_property
    def bidder_listings(self) -> dict[tuple[int, int], Listing]:
        """Return the campaigns of *bidders*, by place in the list and number."""
        found: dict[tuple[int, int], Listing] = {}
        if (many := sum(bidders.count for bidders in self.bidders)) > MOST_BIDDERS:
            raise RefusedError(f"makes {many:,} bidders; at most {MOST_BIDDERS:,}", path=("bidders",))
        for place, bidders in enumerate(self.bidders):
            try:
                found |= {(place, n): one for n, one in enumerate(bidders.listings(self.market))}
            except ValidationError as error:
                line = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
                raise RefusedError(line, path=("bidders", place)) from None
        return found

    @cached_property
    def drawn_listings(self) -> list[dict[str, Any]]:
        """Return the campaigns that are *drawn*, each as the mapping of which a Listing is made."""
        if self.drawn is None:
            return []
        return self.drawn.listings(self.market, self.seed)

    def reseeded(self, seed: int) -> Self:
        """Return the same market and campaigns with the luck of another *seed*; what is drawn stays."""
        if seed == self.seed:
            return self
        changed: dict[str, Any] = {"seed": seed}
        if self.drawn is not None and self.drawn.seed is None:
            changed["drawn"] = self.drawn.model_copy(update={"seed": self.seed})
        return self.model_copy(update=changed)

    @model_validator(mode="after")
    def _bidders_apart(self) -> Self:
        met: set[str] = set()
        for (place, _), listing in self.bidder_listings.items():
            name = listing.advertiser.name
            if name in met:
                line = f"bidders: the name {name!r} is given twice; names are unique"
                raise RefusedError(line, path=("bidders", place, "name"))
            met.add(name)
        return self

    @model_validator(mode="after")
    def _campaigns_by_name(self) -> Self:
        met: dict[tuple[str, str], int] = {}
        for place, listing in enumerate(self.campaigns):
            first = met.setdefault((listing.advertiser.name, listing.campaign.name), place)
            if first != place:
                allowed = f"must be another name than that of campaigns.{first}, of the same advertiser"
                path = ("campaigns", place, "campaign", "name")
                raise RefusedError(allowed, value=listing.campaign.name, allowed=allowed, path=path)
        for data in self.drawn_listings:
            names = data["advertiser"]["name"], data["campaign"]["name"]
            if names in met:
                allowed = "must be another name than that of a campaign that is drawn"
                path = ("campaigns", met[names], "campaign", "name")
                raise RefusedError(allowed, value=names[1], allowed=allowed, path=path)
        return self

    @model_validator(mode="after")
    def _changes_within_the_market(self) -> Self:
        for place, change in enumerate(self.market.changes):
            if tick_of(change, self.market) is None:
                allowed, path = within(self.market), ("market", "changes", place, "at")
                raise RefusedError(f"{change.at}: {allowed}", value=change.at, allowed=allowed, path=path)
        return self

    @model_validator(mode="after")
    def _regions_of_the_market(self) -> Self:
        known = list(self.market.regions)
        key, allowed = registry.TargetingKey.region, f"the market has {listed(known)}"
        for path, item in _line_items(self):
            for side in ("include", "exclude"):
                for region in getattr(item.targeting, side).get(key, ()):
                    if region not in known:
                        line, near = f"no region {region!r}; {allowed}", nearest(region, known)
                        place = (*path, "targeting", side, key.value)
                        raise RefusedError(line, value=region, allowed=allowed, nearest=near, path=place)
        return self


def _line_items(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], registry.LineItemCreate]]:
    for place, listing in enumerate(scenario.campaigns):
        for number, item in enumerate(listing.campaign.line_items):
            yield ("campaigns", place, "campaign", "line_items", number), item
    for place, bidders in enumerate(scenario.bidders):
        yield ("bidders", place), bidders
