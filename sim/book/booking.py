"""Booking: the registry's rows turned, once, into the records that a run works on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from entities import registry
from entities.messages import did_you_mean, listed, nearest
from sim.bidding import BiddingRule
from sim.book.records import Book, BookedCampaign, BookedCap, BookedCreative, BookedLineItem
from sim.deal import Deal
from sim.external import External
from sim.market.deal_conflicts import conflict
from sim.market.market import Market
from sim.pacing import PacingPolicy
from sim.streams import name_key
from sim.valuation import Valuation

P = TypeVar("P")

_deal = Deal.adapter()
_pacing = PacingPolicy.adapter()
_bidding = BiddingRule.adapter()
_valuation = Valuation.adapter()


def book_of(rows: Iterable[registry.LineItem], market: Market) -> Book:
    """Return the book of line items, or raise InputError naming the line item and what is wrong.

    Paused line items, and those of paused campaigns, are left out unless a change of the market wakes them.
    """
    rows = [row for row in rows if _takes_part(row, market)]
    ordered = sorted(rows, key=lambda row: (row.campaign.advertiser.name, row.campaign.name, row.name))
    currencies = {row.campaign.currency.value for row in ordered}
    if len(currencies) > 1:
        raise registry.InputError(
            f"a market has one currency; its campaigns have {', '.join(sorted(currencies))}:"
            f" {' and '.join(_first_in_each(ordered))}"
        )
    owned = [list(_caps(row, market)) for row in ordered]
    caps = {id(cap): (cap, zone) for each in owned for cap, zone in each}
    cap_places = {cap: place for place, cap in enumerate(caps)}
    campaigns = {id(row.campaign): row.campaign for row in ordered}
    places = {owner: place for place, owner in enumerate(campaigns)}
    line_items = tuple(
        _line_item(row, places[id(row.campaign)], market, tuple(cap_places[id(cap)] for cap, _ in each))
        for row, each in zip(ordered, owned, strict=True)
    )
    creatives = tuple(
        _creative(creative, place)
        for place, row in enumerate(ordered)
        for creative in sorted(row.creatives, key=lambda creative: creative.name)
        if creative.status == registry.EntityStatus.active
        and creative.qa_status == registry.QAStatus.approved
    )
    booked = tuple(
        _campaign(row, tuple(i for i, item in enumerate(line_items) if item.campaign == place))
        for place, row in enumerate(campaigns.values())
    )
    booked_caps = tuple(
        BookedCap(cap.unit, cap.unit_count, cap.max_impressions, zone) for cap, zone in caps.values()
    )
    return Book(line_items, booked, creatives, booked_caps)


def _takes_part(row: registry.LineItem, market: Market) -> bool:
    campaign: tuple[str, ...] = (row.campaign.advertiser.name, row.campaign.name)
    paused = [campaign] if row.campaign.status == registry.CampaignStatus.paused else []
    paused += [(*campaign, row.name)] if row.status == registry.EntityStatus.paused else []
    return all(any(change.wakes(*path) for change in market.changes) for path in paused)


def _first_in_each(rows: Sequence[registry.LineItem]) -> list[str]:
    firsts = {row.campaign.currency.value: row.campaign for row in reversed(rows)}
    return [f"{firsts[word].advertiser.name} / {firsts[word].name} is in {word}" for word in sorted(firsts)]


def _caps(row: registry.LineItem, market: Market) -> Iterator[tuple[registry.FrequencyCap, str]]:
    # With the zone of its windows. An advertiser has none: its windows follow the market's.
    for caps in (row.frequency_caps, row.campaign.frequency_caps):
        yield from ((cap, row.campaign.timezone) for cap in _in_order(caps))
    yield from ((cap, market.timezone) for cap in _in_order(row.campaign.advertiser.frequency_caps))


def _in_order(caps: Sequence[registry.FrequencyCap]) -> list[registry.FrequencyCap]:
    units = list(registry.CapUnit)
    return sorted(caps, key=lambda cap: (units.index(cap.unit), cap.unit_count, cap.max_impressions))


def _line_item(
    row: registry.LineItem, campaign: int, market: Market, caps: tuple[int, ...]
) -> BookedLineItem:
    owner, advertiser = row.campaign, row.campaign.advertiser
    where = f"line item {advertiser.name} / {owner.name} / {row.name}"
    budgets = _budgets(row.budgets)
    lifetime = budgets.get(registry.BudgetType.lifetime)
    deal = _policy(_deal, row.deal, f"{where}: deal")
    bidding = _policy(_bidding, row.bidding, f"{where}: bidding")
    valuation = _policy(_valuation, row.valuation, f"{where}: valuation")
    terms = deal.terms(row.max_bid_micros)
    # A booked goal comes with the budget that it makes; a second lifetime budget would contradict it.
    if against := conflict(deal, terms, lifetime not in (None, terms.goal_micros), bidding, valuation):
        raise registry.InputError(f"{where}: {against[0]}: {against[1]}")
    if not budgets and terms.goal_micros is None and not _budgets(owner.budgets):
        raise registry.InputError(f"{where}: has no budget, nor has its campaign; give one of them one")
    targeting = registry.Targeting.model_validate_json(row.targeting)
    key = registry.TargetingKey.region
    for verb, regions in (
        ("targets", (*targeting.include.get(key, ()), *targeting.exclude.get(key, ()))),
        ("has in its valuation's response the", valuation.response.get(key, ())),
    ):
        for region in regions:
            if region not in market.regions:
                known, near = listed(market.regions), did_you_mean(nearest(region, market.regions))
                raise registry.InputError(f"{where}: {verb} region {region!r}; the market has {known}{near}")
    dayparts = registry.read_dayparts(row.dayparts)
    hour = partial(market.horizon.hour_of, zone=owner.timezone)
    return BookedLineItem(
        id=row.id,
        campaign_id=owner.id,
        advertiser_id=advertiser.id,
        key=name_key(advertiser.name, owner.name, row.name),
        name=row.name,
        campaign_name=owner.name,
        advertiser_name=advertiser.name,
        category=advertiser.category,
        campaign=campaign,
        zone=owner.timezone,
        max_bid_micros=row.max_bid_micros,
        lifetime_micros=lifetime if terms.goal_micros is None else terms.goal_micros,
        daily_micros=budgets.get(registry.BudgetType.daily),
        flights=tuple(sorted((hour(flight.starts_at), hour(flight.ends_at)) for flight in row.flights)),
        dayparts=None
        if dayparts is None
        else frozenset(hour for part in dayparts for hour in part.week_hours()),
        include=targeting.include,
        exclude=targeting.exclude,
        caps=caps,
        slot_in_pod=row.slot_in_pod,
        deal=deal,
        pacing=_policy(_pacing, owner.pacing or row.pacing, f"{where}: pacing"),
        bidding=bidding,
        valuation=valuation,
        paused=row.status == registry.EntityStatus.paused,
        holdout_ppm=row.holdout_ppm,
    )


def _campaign(row: registry.Campaign, line_items: tuple[int, ...]) -> BookedCampaign:
    budgets, where = _budgets(row.budgets), f"campaign {row.advertiser.name} / {row.name}"
    if row.pacing is not None and not budgets:
        raise registry.InputError(f"{where}: has a pacing and no budget of its own; give it one")
    return BookedCampaign(
        id=row.id,
        key=name_key(row.advertiser.name, row.name),
        name=row.name,
        advertiser=row.advertiser.name,
        lifetime_micros=budgets.get(registry.BudgetType.lifetime),
        daily_micros=budgets.get(registry.BudgetType.daily),
        line_items=line_items,
        paused=row.status == registry.CampaignStatus.paused,
        pacing=None if row.pacing is None else _policy(_pacing, row.pacing, f"{where}: pacing"),
    )


def _creative(row: registry.Creative, line_item: int) -> BookedCreative:
    interactive = row.ad_format == registry.AdFormat.interactive_video
    return BookedCreative(row.id, line_item, row.name, row.duration_s, row.weight, interactive)


def _budgets(rows: Iterable[registry.Budget]) -> dict[registry.BudgetType, int]:
    return {row.budget_type: row.amount_micros for row in rows}


def _policy(family: TypeAdapter[P], text: str, where: str) -> P:
    try:
        part = family.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise registry.InputError(f"{where} {text}: {path + ': ' if path else ''}{what}") from None
    if isinstance(part, External):
        raise registry.InputError(f"{where}: {part.unplayable()}")
    return part
