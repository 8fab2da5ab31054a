"""A proposal: the terms of a booking that does not exist yet, and what delivering it in full means."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from entities import registry
from entities.enums import Currency
from entities.errors import InputError
from entities.messages import quoted
from scenarios.layers import resolve
from scenarios.loader import Loaded
from scenarios.models import LineItem, Listing, Profile
from scenarios.problems import validated
from scenarios.scalars import plain
from scenarios.yaml_source import Document
from sim.market.market import Market
from sim.units import MICROS

ADVERTISER, NAME = "Forecast", "Proposal"
"""What a proposal is called that says nothing about it."""
MOST_BID_MICROS = 10_000_000
"""The highest bid that can be booked, a CPM of 10,000."""
FULL = 0.99
"""Share of its goal from which on a booking is delivered in full [assumption]: hourly pacing and the last
bids leave a little, and invoices are settled within a percent."""


@dataclass(frozen=True)
class Proposal:
    """A campaign with one line item, and how many impressions it has to deliver."""

    listing: Listing
    impressions: int | None = None
    """Billed impressions; None where it is the budget that has to be spent."""

    @property
    def item(self) -> LineItem:
        """Return the line item."""
        return self.listing.campaign.line_items[0]

    @property
    def path(self) -> str:
        """Return `advertiser / campaign / line item`."""
        return " / ".join((self.listing.advertiser.name, self.listing.campaign.name, self.item.name))

    @property
    def bid_micros(self) -> int:
        """Return the most that it pays for an impression."""
        return registry.bid_micros(self.item.max_cpm)

    @property
    def budget_micros(self) -> int:
        """Return its lifetime budget."""
        assert self.item.lifetime_budget is not None  # as `proposed` sees to
        return registry.amount_micros(self.item.lifetime_budget)

    @property
    def goal(self) -> int:
        """Return what has to be delivered: impressions, or micros of its budget."""
        return self.budget_micros if self.impressions is None else self.impressions

    @property
    def is_priced(self) -> bool:
        """Return whether its budget is what its impressions cost at its maximum CPM."""
        goal = self.impressions
        return goal is not None and self.item.lifetime_budget == _price(goal, self.bid_micros)

    def delivered(self, impressions: int, spend_micros: int) -> float:
        """Return the share of its goal that was delivered."""
        return (spend_micros if self.impressions is None else impressions) / self.goal

    def at_cpm(self, bid_micros: int) -> Proposal:
        """Return the same at another price; a budget that was its impressions at the old one follows it."""
        cpm = Decimal(bid_micros) / 1000
        if self.impressions is None or not self.is_priced:
            return self._with(max_cpm=cpm)
        return self._with(max_cpm=cpm, lifetime_budget=_price(self.impressions, bid_micros))

    def with_cap(self, limit: int) -> Proposal:
        """Return the same with another limit of its first frequency cap."""
        first, *others = self.item.frequency_caps
        return self._with(frequency_caps=(first.model_copy(update={"max_impressions": limit}), *others))

    def with_goal(self, goal: int) -> Proposal:
        """Return the same with another goal, in the unit that it has, and as much budget for each of it."""
        if self.impressions is None:
            return self._with(lifetime_budget=Decimal(goal) / MICROS)
        terms: dict[str, Any] = {"lifetime_budget": _part(self.budget_micros * goal // self.impressions)}
        if "impressions" in self.item.deal:
            terms["deal"] = {**self.item.deal, "impressions": goal}
        return replace(self._with(**terms), impressions=goal)

    def unbound(self) -> Proposal:
        """Return the same without a budget and without pacing: it takes whatever it can get."""
        deal = {name: value for name, value in self.item.deal.items() if name != "impressions"}
        return self._with(deal=deal, **_UNBOUND)

    def silent(self) -> Proposal:
        """Return the same without a budget to bid with: it takes nothing from anybody."""
        return self._with(deal={"kind": "open"}, **{**_UNBOUND, "lifetime_budget": Decimal(0)})

    def alone(self) -> Proposal:
        """Return the same with nothing but its targeting, flight, caps and creatives: it wants every slot."""
        return self._with(
            deal={"kind": "open"},
            bidding={"kind": "fixed_cpm"},
            valuation={"kind": "constant"},
            holdout=0.0,
            **_UNBOUND,
        )

    def _with(self, **terms: Any) -> Proposal:
        item = self.item.model_copy(update=terms)
        campaign = self.listing.campaign.model_copy(update={"line_items": (item,)})
        return replace(self, listing=self.listing.model_copy(update={"campaign": campaign}))


_UNBOUND: dict[str, Any] = {
    "lifetime_budget": registry.ENDLESS,
    "daily_budget": None,
    "pacing": {"kind": "asap"},
}


def proposed(listing: Listing, impressions: int | None = None) -> Proposal:
    """Return a campaign as a proposal of so many *impressions*, or of its budget.

    With impressions and no lifetime budget it has the budget that they cost at its maximum CPM. Of budgets of
    the campaign and of the line item the lower counts, for both hold. InputError for a campaign that has not
    one line item, and for one without a goal.
    """
    campaign = listing.campaign
    if len(campaign.line_items) != 1:
        many = len(campaign.line_items)
        raise InputError(f"a forecast is of one line item; {quoted(campaign.name)} has {many}")
    item = campaign.line_items[0]
    if impressions is None and (agreed := item.deal.get("impressions")):
        impressions = int(str(agreed))
    budgets = dict[registry.BudgetType, Decimal]()
    for one in (*campaign.all_budgets(), *item.all_budgets()):
        budgets[one.budget_type] = min(one.amount, budgets.get(one.budget_type, one.amount))
    lifetime = budgets.get(registry.BudgetType.lifetime)
    if lifetime in (None, registry.ENDLESS):
        if impressions is None:
            raise InputError("nothing to deliver: say how many impressions, or how much for all flights")
        lifetime = _price(impressions, registry.bid_micros(item.max_cpm))
    if impressions is None and not lifetime:
        raise InputError("nothing to deliver: the budget is 0")
    own = {
        "lifetime_budget": lifetime,
        "daily_budget": budgets.get(registry.BudgetType.daily),
        "budgets": (),
        "pacing": campaign.pacing or item.pacing,
    }
    above = {"lifetime_budget": None, "daily_budget": None, "budgets": (), "pacing": None}
    moved = campaign.model_copy(update={**above, "line_items": (item.model_copy(update=own),)})
    return Proposal(listing.model_copy(update={"campaign": moved}), impressions)


def currency_of(loaded: Loaded) -> Currency:
    """Return the currency of a scenario's campaigns, the usual one where it has none."""
    return next((one.campaign.currency for one in loaded.listings.values()), Currency.usd)


def from_terms(
    terms: Mapping[str, Any],
    market: Market,
    impressions: int | None = None,
    currency: Currency = Currency.usd,
) -> Proposal:
    """Return a proposal of *terms*: those of a line item, or of a campaign and whose it is.

    The words are those of a scenario; without dates it runs as long as the *market*, and it is in *currency*
    if it names none. InputError for whatever is wrong with them.
    """
    data = plain(dict(terms), "proposal")
    return _read(Document(Path("proposal"), data, {}), market, impressions, currency)


def from_file(
    file: Path, market: Market, impressions: int | None = None, currency: Currency = Currency.usd
) -> Proposal:
    """Return the proposal of a YAML file: the terms of a line item, or a campaign and whose it is."""
    return _read(file, market, impressions, currency)


_ITEM = ("campaign", "line_items", 0)


def _read(written: Path | Document, market: Market, impressions: int | None, currency: Currency) -> Proposal:
    source = resolve(written, Path, Profile)
    data = copy.deepcopy(source.data)
    if not {"advertiser", "campaign"} & {*data}:
        data = {"campaign": {"line_items": [data]}}
        origins = {(*_ITEM, *key): origin for key, origin in source.origins.items()}
        source = replace(source, origins=origins, moved={_ITEM: ()})
    data.setdefault("advertiser", {"name": ADVERTISER})
    if isinstance(campaign := data.get("campaign"), dict):
        last = market.start + timedelta(days=market.days - 1)
        usual = {
            "name": NAME,
            "timezone": market.timezone,
            "start_date": market.start,
            "end_date": last,
            "currency": currency,
        }
        for key, value in usual.items():
            campaign.setdefault(key, value)
        items = campaign.get("line_items")
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                item.setdefault("name", NAME)
                if impressions is not None and not {"lifetime_budget", "daily_budget", "budgets"} & {*item}:
                    item["lifetime_budget"] = str(registry.ENDLESS)
    return proposed(validated(Profile, replace(source, data=data)), impressions)


def _price(impressions: int, bid_micros: int) -> Decimal:
    return _part(impressions * bid_micros)


def _part(micros: int) -> Decimal:
    return min(Decimal(micros) / MICROS, registry.ENDLESS)
