"""Warnings before a run: what is allowed but probably a mistake, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from analysis.booking.bounds import breaks, highest_bid, most_seen, too_few, unheeded
from entities import registry
from scenarios.models import Listing
from sim.audience.viewing import due
from sim.book.records import Book, BookedCampaign, BookedLineItem
from sim.book.script import script_of
from sim.family import name_of
from sim.layout import BREAKS_MOST
from sim.market.market import Market
from sim.units import MICROS, micros_from_cpm

PER_IMPRESSION_MICROS = 500
"""A price below a CPM of 0.50 is probably that of one impression."""
MOST_ALIKE = 3
"""Line items with a line of their own for the same reason; more are counted."""


class _Doubt(NamedTuple):
    reason: str
    owner: str
    text: str


_Doubts = Iterator[tuple[str, str]]
"""Reasons and texts on one owner."""


def warnings(market: Market, book: Book, named: Iterable[Listing] = ()) -> list[str]:
    """Return what looks like a mistake in *book* or in what the scenario *named*, a line for each."""
    found: list[_Doubt] = []
    for item in book.line_items:
        doubts = (
            _prices(item, book, market),
            (("worth", text) for text in unheeded(item)),
            _budgets(item, book.campaigns[item.campaign]),
            _flights(item, market),
            _holdout(item, market),
            _ticks(item, market),
            _targeting(item, market),
            _creatives(item, book, market),
        )
        found += [_Doubt(reason, _name(item), text) for reason, text in chain(*doubts)]
    found += [doubt for campaign in book.campaigns for doubt in _daily(campaign, book, market)]
    found += [*_caps(book, market), *_changes(book, market), *_rivals(book, market)]
    found += [*_busiest(market), *_silent(book, named)]
    return list(_lines(found))


def _lines(found: list[_Doubt]) -> Iterator[str]:
    reasons = list(dict.fromkeys(doubt.reason for doubt in found))
    ordered = sorted(found, key=lambda doubt: reasons.index(doubt.reason))
    for _, group in groupby(ordered, key=lambda doubt: doubt.reason):
        alike = list(group)
        shown = MOST_ALIKE if len(alike) > MOST_ALIKE + 1 else len(alike)
        yield from (f"{owner}: {text}" for _, owner, text in alike[:shown])
        if shown < len(alike):
            names = ", ".join(one.owner.rpartition(" / ")[2] for one in alike[shown : shown + MOST_ALIKE])
            more = ", …" if len(alike) > shown + MOST_ALIKE else ""
            yield f"and {len(alike) - shown} more likewise: {names}{more}"


def _name(item: BookedLineItem) -> str:
    return f"line item {item.path}"


def _cpm(micros: int) -> str:
    return f"{micros / 1000:,.2f}" if micros % 10 == 0 else f"{micros / 1000:,.3f}"


def _money(micros: int) -> str:
    return f"{micros / MICROS:,.2f}" if micros % 10_000 == 0 else f"{micros / MICROS:,.6f}".rstrip("0")


def _prices(item: BookedLineItem, book: Book, market: Market) -> _Doubts:
    most = item.max_bid_micros
    if most < PER_IMPRESSION_MICROS:
        yield _per_impression(most)
        return
    deal = item.deal.terms(most)
    if deal.fixed_price:
        return
    ever = (market.floors, *(change.floors for change in market.changes if change.floors))
    floors = np.min([market.ad_floors(one)[int(item.slot_in_pod.ends > 0)] for one in ever], axis=0)
    lengths = [one.seconds for one in book.creatives if book.line_items[one.line_item] is item]
    fitting = [seconds for seconds in lengths if seconds < len(floors)]
    if not fitting:
        return  # `_creatives` warns
    floor = min(
        int(floors[seconds, device.code, place.code])
        for seconds in fitting
        for device in registry.DeviceType
        for place in registry.Placement
        if _admits(item, registry.TargetingKey.device, device)
        and _admits(item, registry.TargetingKey.placement, place)
    )
    whose = "the lowest floor"
    if deal.floor_micros is not None:
        floor, whose = deal.floor_micros, "the floor of its deal"
    highest = highest_bid(item)
    if highest < floor and highest_bid(replace(item, max_bid_micros=_most_ever(item, book, market))) < floor:
        what = f"max_cpm {_cpm(most)}" if highest == most else f"the highest bid, a CPM of {_cpm(highest)},"
        yield "floor", f"{what} is below {whose}, {_cpm(floor)}, and never wins; at least {_cpm(floor)} would"


def _most_ever(item: BookedLineItem, book: Book, market: Market) -> int:
    cues = (cue for cues in script_of(market, book).values() for cue in cues)
    places = {place for place, one in enumerate(book.line_items) if one is item}
    own = (cue.change.max_cpm for cue in cues if cue.line_item in places)
    return max(item.max_bid_micros, *(micros_from_cpm(cpm) for cpm in own if cpm is not None), 0)


def _per_impression(micros: int) -> tuple[str, str]:
    hint = f"; {_cpm(micros * 1000)}?" if 1 <= micros <= 100 else ", as in 25.00"
    text = f"max_cpm {_cpm(micros)} looks like the price of one impression; it is that of a thousand{hint}"
    return "per impression", text


def _budgets(item: BookedLineItem, campaign: BookedCampaign) -> _Doubts:
    amounts = (
        ("lifetime_budget", item.lifetime_micros),
        ("daily_budget", item.daily_micros),
        ("its campaign's lifetime_budget", campaign.lifetime_micros),
        ("its campaign's daily_budget", campaign.daily_micros),
    )
    bid = highest_bid(item)
    for name, amount in amounts:
        if amount is not None and amount < max(bid, 1):
            price = f"which costs up to {_money(bid)} at max_cpm {_cpm(item.max_bid_micros)}"
            yield "one impression", f"{name} {_money(amount)} cannot buy one impression, {price}"
            return


def _daily(campaign: BookedCampaign, book: Book, market: Market) -> Iterator[_Doubt]:
    items = [book.line_items[place] for place in campaign.line_items]
    everything = [flight for item in items for flight in item.flights]
    zone = ZoneInfo(items[0].zone)
    # Each owner of budgets, its two budgets, and the flights in which they are spent.
    owners = [(_name(item), item.lifetime_micros, item.daily_micros, list(item.flights)) for item in items]
    path = f"campaign {campaign.advertiser} / {campaign.name}"
    owners.append((path, campaign.lifetime_micros, campaign.daily_micros, everything))
    for owner, lifetime, daily, flights in owners:
        hours = {hour for first, last in flights for hour in {*range(first, last, 24), last - 1}}
        days = len({market.horizon.at(hour).astimezone(zone).date() for hour in hours})
        if daily and lifetime and days and daily * days < lifetime:
            enough = f"{_money(-(-lifetime // (days * 10_000)) * 10_000)} a day would spend it"
            part = f"daily_budget {_money(daily)} over {days} days is {_money(daily * days)}"
            yield _Doubt("daily", owner, f"{part} of the lifetime_budget, {_money(lifetime)}; {enough}")


def _flights(item: BookedLineItem, market: Market) -> _Doubts:
    horizon, zone = market.horizon, ZoneInfo(item.zone)
    clock = "" if item.zone == market.timezone else f" {item.zone} (the market's zone is {market.timezone})"
    start, end = (
        f"{moment.astimezone(zone):%Y-%m-%d %H:00}{clock}" for moment in (horizon.start, horizon.end)
    )
    inside = False
    for first, last in item.flights:
        flight = f"its flight from {horizon.at(first).astimezone(zone):%Y-%m-%d %H:00}"
        longer = f"market.days of {-(-last // 24)} would hold it all"
        inside |= first < horizon.hours and last > 0
        if last <= 0:
            over = f"is over when the scenario starts, {start}"
            yield "past", f"{flight} {over}; it delivers nothing; move one of them"
        elif first >= horizon.hours:
            late = f"begins after the scenario has ended, {end}; it delivers nothing"
            yield "later", f"{flight} {late}; {longer}"
        elif first < 0:
            early = f"begins before the scenario, {start}; its whole budget goes into what is left"
            yield "begun", f"{flight} {early}"
        elif last > horizon.hours:
            after = f"{_span(last - horizon.hours)} after the scenario, which ends {end}"
            kept = "the part of its budget for that time is not spent"
            yield "cut off", f"{flight} ends {after}; {kept}; {longer}"
    if inside and item.dayparts is not None and not _opens(item, market):
        never = f"{len(item.dayparts)} of the week's 168 hours, never open while it flies"
        yield "dayparts", f"its dayparts, {never}; widen dayparts or move the flight"


def _holdout(item: BookedLineItem, market: Market) -> _Doubts:
    if item.holdout_ppm and not market.conversions.on:
        rates = "organic_rate, view_rate or click_rate"
        yield "holdout", f"its holdout has nothing to measure: give market.conversions one of {rates}"


def _ticks(item: BookedLineItem, market: Market) -> _Doubts:
    published, minutes = item.pacing.published_minutes, market.tick_minutes
    if minutes > published:
        kind, ticks = name_of(item.pacing), _count(published, "minute")
        often = f"was published for ticks of {ticks}, and corrects itself every {minutes} minutes"
        yield "ticks", f"its pacing {kind} {often}; with market.tick_minutes={published} it is as published"


def _changes(book: Book, market: Market) -> Iterator[_Doubt]:
    for cues in script_of(market, book).values():
        for cue in (cue for cue in cues if cue.change in market.changes):
            path = f"market.changes.{market.changes.index(cue.change)}"
            cpm = cue.change.max_cpm
            if cpm is not None and micros_from_cpm(cpm) < PER_IMPRESSION_MICROS:
                reason, text = _per_impression(micros_from_cpm(cpm))
                yield _Doubt(reason, path, text)
            changed = (
                item
                for place, item in enumerate(book.line_items)
                if cue.line_item == place or cue.campaign == item.campaign
            )
            over = max((last for item in changed for _, last in item.flights), default=0)
            if cue.tick >= over * market.ticks_per_hour:
                text = f"{cue.change.target} flies no more at {cue.change.at:%Y-%m-%d %H:%M}; nothing changes"
                yield _Doubt("change", path, text)


def _span(hours: int) -> str:
    return _count(hours, "hour") if hours % 24 else _count(hours // 24, "day")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' * (number != 1)}"


def _opens(item: BookedLineItem, market: Market) -> bool:
    local = market.horizon.local(item.zone)
    return any(
        local[hour].hour_of_week in (item.dayparts or ())
        for first, last in item.flights
        for hour in range(max(first, 0), min(last, len(local)))
    )


def _admits(item: BookedLineItem, key: registry.TargetingKey, value: str) -> bool:
    return value in item.include.get(key, (value,)) and value not in item.exclude.get(key, ())


def _shares(market: Market) -> dict[registry.TargetingKey, dict[str, float]]:
    key, people = registry.TargetingKey, market.population
    pre_roll, mid_roll = (place.share for place in market.pods.places)
    rolls = pre_roll, mid_roll if breaks(market) > 1 else 0.0
    if market.viewing.exposure == "poisson":
        rolls = 1.0, 0.0
    top = market.content.top_10
    weights: dict[registry.TargetingKey, Sequence[float]] = {
        key.region: [region.share for region in market.regions.values()],
        key.age_band: people.age_bands,
        key.gender: people.genders,
        key.device: market.viewing.device_weights(),
        key.genre: market.content.weights(),
        key.placement: rolls,
        key.title_tier: (top, 1 - top),
        **{drawn: market.content.weights_of(drawn) for drawn in key if drawn.trait.weights},
    }
    return {each: dict(zip(each.words(market.regions), weights[each], strict=True)) for each in key}


def _targeting(item: BookedLineItem, market: Market) -> _Doubts:
    viewers = float(market.population.viewers)
    for key, weights in _shares(market).items():
        people = key.trait.owner == "viewer"
        admitted = sum(weight for value, weight in weights.items() if _admits(item, key, value))
        viewers *= admitted / (sum(weights.values()) or 1.0) if people else 1.0
        if not admitted:
            side = "include" if item.include.get(key) else "exclude"
            wanted = f"{side} {', '.join(item.include.get(key) or item.exclude.get(key, ()))}"
            there = ", ".join(str(value) for value, weight in weights.items() if weight) or "none"
            what = "viewer" if people else "slot"
            yield f"no {key}", f"targeting.{key} ({wanted}) matches no {what}; the market has {there}"
    if 0 < viewers < 1:
        matched = f"{viewers:.2g} of {market.population.viewers:,} viewers on average"
        yield "few viewers", f"its targeting matches {matched}; widen region, age_band or gender"


def _creatives(item: BookedLineItem, book: Book, market: Market) -> _Doubts:
    lengths = {one.seconds for one in book.creatives if book.line_items[one.line_item] is item}
    room, place = market.pods.longest_ad, "pod" if market.pods.dynamic else "slot"
    if not lengths:
        yield "creatives", "has no creative that is active and approved, and shows nothing; add one"
    elif min(lengths) > room:
        takes = f"its creatives take {', '.join(map(str, sorted(lengths)))} s"
        yield "seconds", f"{takes} and none fits a {place} of {room} s; add one of {room} s or less"


def _caps(book: Book, market: Market) -> Iterator[_Doubt]:
    for place, cap in enumerate(book.caps):
        seen, window = most_seen(cap, market)
        count = f"{cap.unit_count} {cap.unit}s" if cap.unit_count > 1 else str(cap.unit)
        bounds = [item for item in book.line_items if place in item.caps]
        for item in bounds:
            if few := too_few(item, cap, market):
                yield _Doubt("cap below the budget", _name(item), f"a cap of {cap.limit} per {count} {few}")
        if cap.limit > seen:
            never = f"never binds: {window} a viewer meets at most {seen} ad break{'s' * (seen != 1)}"
            less = f"with one ad of an advertiser in each; {max(1, seen // 4)} or less would"
            yield _Doubt("cap", _name(bounds[0]), f"a cap of {cap.limit} per {count} {never}, {less}")


_MANY = 10
"""Of more advertisers than that some have one trade, and nobody is surprised."""


def _rivals(book: Book, market: Market) -> Iterator[_Doubt]:
    by_category: dict[str, set[str]] = {}
    if len({item.advertiser_name for item in book.line_items}) > _MANY:
        return
    for item in book.line_items:
        if market.separation.separates(item.category):
            by_category.setdefault(item.category, set()).add(item.advertiser_name)
    for category, advertisers in sorted(by_category.items()):
        if len(advertisers) > 1:
            apart = f"{' and '.join(sorted(advertisers)[:5])} are kept out of one another's pods"
            hint = "give them categories of their own or set market.separation.categories"
            text = f"{apart}; {hint}, unless this is intended"
            yield _Doubt("category", f"category {category}", text)


def _busiest(market: Market) -> Iterator[_Doubt]:
    most = max(due(market.viewing))
    if market.viewing.exposure == "poisson" and most > BREAKS_MOST:
        busy = f"breaks_a_day {market.viewing.breaks_a_day:g} makes {most:.0f} breaks due in the busiest hour"
        fewer = f"who meets {BREAKS_MOST} at most; fewer breaks, or flatter hours, would be met"
        yield _Doubt("breaks", "market.viewing", f"{busy} of a mean viewer, {fewer}")


def _silent(book: Book, named: Iterable[Listing]) -> Iterator[_Doubt]:
    active = registry.EntityStatus.active
    booked = {item.path for item in book.line_items}
    for listing in named:
        advertiser, campaign = listing.advertiser, listing.campaign
        path = f"{advertiser.name} / {campaign.name}"
        if not campaign.line_items:
            text = "has no line item, and nothing of it bids; add one"
            yield _Doubt("no line items", f"campaign {path}", text)
        for item in campaign.line_items:
            if f"{path} / {item.name}" in booked:
                continue
            owners = (("its advertiser", advertiser), ("its campaign", campaign), ("it", item))
            states = [f"{name} is {owner.status}" for name, owner in owners if owner.status != active]
            why = " and ".join(states) or "in the database it is not there, or not active"
            text = f"{why}, and does not bid; set status: active"
            yield _Doubt("silent", f"line item {path} / {item.name}", text)
