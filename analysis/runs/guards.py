"""Before a run: what is allowed and yet probably not meant, one line for each, and never a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import prod
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analysis.runs.bids import highest_bid, unheeded
from analysis.runs.exposure import breaks, most_seen, too_few
from entities import registry
from scenarios.models import Listing
from sim.audience.viewing import due
from sim.book.records import Book, BookedCampaign, BookedLineItem
from sim.book.script import Cue, script_of
from sim.layout import BREAKS_MOST
from sim.market.market import Market
from sim.units import MICROS, micros_from_cpm

PER_IMPRESSION_MICROS = 500
"""Below a CPM of 0.50 a price is rather that of one impression than of a thousand."""
MOST_ALIKE = 3
"""Line items that get a line of their own for one and the same reason; more are counted."""


class _Doubt(NamedTuple):
    reason: str
    whom: str
    text: str


def warnings(market: Market, book: Book, named: Iterable[Listing] = ()) -> list[str]:
    """Return what looks like a mistake in *book* or in what the scenario *named*, a line for each."""
    found: list[_Doubt] = []
    for item in book.line_items:
        found += _prices(item, book, market)
        found += [_Doubt("worth", _whom(item), text) for text in unheeded(item)]
        found += _budgets(item, book.campaigns[item.campaign])
        found += _flights(item, market)
        found += _targeting(item, market)
        found += _creatives(item, book, market)
    found += [doubt for campaign in book.campaigns for doubt in _daily(campaign, book, market)]
    found += _caps(book, market)
    found += _changes(book, market)
    found += _rivals(book, market)
    found += _busiest(market)
    found += _silent(book, named)
    return list(_lines(found))


def _lines(found: list[_Doubt]) -> Iterator[str]:
    reasons = list(dict.fromkeys(reason for reason, _, _ in found))
    ordered = sorted(found, key=lambda doubt: reasons.index(doubt.reason))
    for _, group in groupby(ordered, key=lambda doubt: doubt.reason):
        alike = list(group)
        shown = MOST_ALIKE if len(alike) > MOST_ALIKE + 1 else len(alike)
        yield from (f"{whom}: {text}" for _, whom, text in alike[:shown])
        if shown < len(alike):
            names = ", ".join(whom.rpartition(" / ")[2] for _, whom, _ in alike[shown : shown + MOST_ALIKE])
            more = ", …" if len(alike) > shown + MOST_ALIKE else ""
            yield f"and {len(alike) - shown} more likewise: {names}{more}"


def _whom(item: BookedLineItem) -> str:
    return f"line item {item.path}"


def _cpm(micros: int) -> str:
    return f"{micros / 1000:,.2f}" if micros % 10 == 0 else f"{micros / 1000:,.3f}"


def _money(micros: int) -> str:
    return f"{micros / MICROS:,.2f}" if micros % 10_000 == 0 else f"{micros / MICROS:,.6f}".rstrip("0")


# ------------------------------------------------------------------------------------------------ money


def _prices(item: BookedLineItem, book: Book, market: Market) -> Iterator[_Doubt]:
    most = item.max_bid_micros
    if most < PER_IMPRESSION_MICROS:
        yield _per_impression(_whom(item), most)
        return
    agreed = item.deal.terms(most)
    if agreed.fixed_price:
        return
    floors = market.ad_floors()[int(item.slot_in_pod.ends > 0)]
    lengths = [one.seconds for one in book.creatives if book.line_items[one.line_item] is item]
    fitting = [seconds for seconds in lengths if seconds < len(floors)]
    if not fitting:
        return  # which is told of its creatives
    floor = min(
        int(floors[seconds, device.code, place.code])
        for seconds in fitting
        for device in registry.DeviceType
        for place in registry.Placement
        if _admits(item, registry.TargetingKey.device, device)
        and _admits(item, registry.TargetingKey.placement, place)
    )
    told = "the lowest floor"
    if agreed.floor_micros is not None:
        floor, told = agreed.floor_micros, "the floor of its deal"
    highest = highest_bid(item)
    if highest < floor:
        what = f"max_cpm {_cpm(most)}" if highest == most else f"the highest bid, a CPM of {_cpm(highest)},"
        yield _Doubt(
            "floor",
            _whom(item),
            f"{what} is below {told}, {_cpm(floor)}, and never wins; at least {_cpm(floor)} would",
        )


def _per_impression(whom: str, micros: int) -> _Doubt:
    meant = f"; {_cpm(micros * 1000)}?" if 1 <= micros <= 100 else ", as in 25.00"
    text = f"max_cpm {_cpm(micros)} looks like the price of one impression; it is that of a thousand{meant}"
    return _Doubt("per impression", whom, text)


def _budgets(item: BookedLineItem, campaign: BookedCampaign) -> Iterator[_Doubt]:
    amounts = (
        ("lifetime_budget", item.lifetime_micros),
        ("daily_budget", item.daily_micros),
        ("its campaign's lifetime_budget", campaign.lifetime_micros),
        ("its campaign's daily_budget", campaign.daily_micros),
    )
    bid = highest_bid(item)
    for name, amount in amounts:
        if amount is not None and amount < max(bid, 1):
            yield _Doubt(
                "one impression",
                _whom(item),
                f"{name} {_money(amount)} cannot buy one impression, which costs up to {_money(bid)} at"
                f" max_cpm {_cpm(item.max_bid_micros)}",
            )
            return


def _daily(campaign: BookedCampaign, book: Book, market: Market) -> Iterator[_Doubt]:
    items = [book.line_items[place] for place in campaign.line_items]
    everything = [flight for item in items for flight in item.flights]
    zone = ZoneInfo(items[0].zone)
    # Who owns budgets, the two budgets, and the flights in which they are spent.
    owners = [(_whom(item), item.lifetime_micros, item.daily_micros, list(item.flights)) for item in items]
    whole = f"campaign {campaign.advertiser} / {campaign.name}"
    owners.append((whole, campaign.lifetime_micros, campaign.daily_micros, everything))
    for whom, lifetime, daily, flights in owners:
        days = len(
            {
                market.horizon.at(hour).astimezone(zone).date()
                for first, last in flights
                for hour in {*range(first, last, 24), last - 1}
            }
        )
        if daily and lifetime and days and daily * days < lifetime:
            enough = -(-lifetime // (days * 10_000)) * 10_000
            yield _Doubt(
                "daily",
                whom,
                f"daily_budget {_money(daily)} over {days} days is {_money(daily * days)} of the"
                f" lifetime_budget, {_money(lifetime)}; {_money(enough)} a day would spend it",
            )


# ------------------------------------------------------------------------------------------------- time


def _flights(item: BookedLineItem, market: Market) -> Iterator[_Doubt]:
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
            yield _Doubt(
                "past",
                _whom(item),
                f"{flight} is over when the scenario starts, {start}; it delivers nothing; move one of them",
            )
        elif first >= horizon.hours:
            yield _Doubt(
                "later",
                _whom(item),
                f"{flight} begins after the scenario has ended, {end}; it delivers nothing; {longer}",
            )
        elif first < 0:
            yield _Doubt(
                "begun",
                _whom(item),
                f"{flight} begins before the scenario, {start}; its whole budget goes into what is left",
            )
        elif last > horizon.hours:
            yield _Doubt(
                "cut off",
                _whom(item),
                f"{flight} goes on for {_span(last - horizon.hours)} after the scenario has ended, {end};"
                f" their part of the budget is kept for them; {longer}",
            )
    if inside and item.dayparts is not None and not _opens(item, market):
        yield _Doubt(
            "dayparts",
            _whom(item),
            f"its dayparts, {len(item.dayparts)} of the week's 168 hours, never open while it flies;"
            " widen dayparts or move the flight",
        )


def _changes(book: Book, market: Market) -> Iterator[_Doubt]:
    for cues in script_of(market, book).values():
        for cue in (cue for cue in cues if cue.change in market.changes):
            whom = f"market.changes.{market.changes.index(cue.change)}"
            cpm = cue.change.max_cpm
            if cpm is not None and micros_from_cpm(cpm) < PER_IMPRESSION_MICROS:
                yield _per_impression(whom, micros_from_cpm(cpm))
            over = max((last for item in _meant(cue, book) for _, last in item.flights), default=0)
            if cue.tick >= over * market.ticks_per_hour:
                text = f"{cue.change.target} flies no more at {cue.change.at:%Y-%m-%d %H:%M}; nothing changes"
                yield _Doubt("change", whom, text)


def _meant(cue: Cue, book: Book) -> list[BookedLineItem]:
    return [
        item
        for place, item in enumerate(book.line_items)
        if cue.line_item == place or cue.campaign == item.campaign
    ]


def _span(hours: int) -> str:
    unit, count = ("hour", hours) if hours % 24 else ("day", hours // 24)
    return f"{count} {unit}{'s' * (count != 1)}"


def _opens(item: BookedLineItem, market: Market) -> bool:
    local = market.horizon.local(item.zone)
    return any(
        local[hour].hour_of_week in (item.dayparts or ())
        for first, last in item.flights
        for hour in range(max(first, 0), min(last, len(local)))
    )


# ----------------------------------------------------------------------------------------- who and what


def _admits(item: BookedLineItem, key: registry.TargetingKey, value: str) -> bool:
    return value in item.include.get(key, (value,)) and value not in item.exclude.get(key, ())


def _shares(market: Market) -> dict[registry.TargetingKey, dict[str, float]]:
    """Return the weight in *market* of each value that targeting can name."""
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


def _targeting(item: BookedLineItem, market: Market) -> Iterator[_Doubt]:
    reached = {}
    for key, weights in _shares(market).items():
        admitted = sum(weight for value, weight in weights.items() if _admits(item, key, value))
        reached[key] = admitted / (sum(weights.values()) or 1.0)
        if not admitted:
            side = item.include.get(key)
            wanted = (
                f"include {', '.join(side)}" if side else f"exclude {', '.join(item.exclude.get(key, ()))}"
            )
            there = ", ".join(str(value) for value, weight in weights.items() if weight) or "none"
            what = "viewer" if key.trait.owner == "viewer" else "slot"
            yield _Doubt(
                f"no {key}",
                _whom(item),
                f"targeting.{key} ({wanted}) matches no {what}; the market has {there}",
            )
    people = [share for key, share in reached.items() if key.trait.owner == "viewer"]
    viewers = market.population.viewers * prod(people)
    if 0 < viewers < 1:
        yield _Doubt(
            "few viewers",
            _whom(item),
            f"its targeting matches {viewers:.2g} of {market.population.viewers:,} viewers on average; widen"
            " region, age_band or gender",
        )


def _creatives(item: BookedLineItem, book: Book, market: Market) -> Iterator[_Doubt]:
    own = [creative for creative in book.creatives if book.line_items[creative.line_item] is item]
    room, whose = market.pods.longest_ad, "pod" if market.pods.dynamic else "slot"
    if not own:
        yield _Doubt(
            "creatives",
            _whom(item),
            "has no creative that is active and approved, and shows nothing; add one",
        )
    elif min(creative.seconds for creative in own) > room:
        lengths = ", ".join(str(seconds) for seconds in sorted({creative.seconds for creative in own}))
        yield _Doubt(
            "seconds",
            _whom(item),
            f"its creatives take {lengths} s and none fits a {whose} of {room} s; add one of {room} s or"
            " less",
        )


def _caps(book: Book, market: Market) -> Iterator[_Doubt]:
    for place, cap in enumerate(book.caps):
        seen, window = most_seen(cap, market)
        count = f"{cap.unit_count} {cap.unit}s" if cap.unit_count > 1 else str(cap.unit)
        bounds = [item for item in book.line_items if place in item.caps]
        for item in bounds:
            if few := too_few(item, cap, market):
                yield _Doubt("cap below the budget", _whom(item), f"a cap of {cap.limit} per {count} {few}")
        if cap.limit > seen:
            bound = bounds[0]
            yield _Doubt(
                "cap",
                _whom(bound),
                f"a cap of {cap.limit} per {count} never binds: {window} a viewer meets at most {seen} ad"
                f" break{'s' * (seen != 1)}, with one ad of an advertiser in each;"
                f" {max(1, seen // 4)} or less would",
            )


# --------------------------------------------------------------------------------------------- together


def _rivals(book: Book, market: Market) -> Iterator[_Doubt]:
    by_category: dict[str, set[str]] = {}
    for item in book.line_items:
        if market.separation.separates(item.category):
            by_category.setdefault(item.category, set()).add(item.advertiser_name)
    for category, advertisers in sorted(by_category.items()):
        if len(advertisers) > 1:
            yield _Doubt(
                "category",
                f"category {category}",
                f"{' and '.join(sorted(advertisers)[:5])} are kept out of one another's pods; give them"
                " categories of their own or set market.separation.categories, unless that is meant",
            )


def _busiest(market: Market) -> Iterator[_Doubt]:
    most = max(due(market.viewing))
    if market.viewing.exposure == "poisson" and most > BREAKS_MOST:
        yield _Doubt(
            "breaks",
            "market.viewing",
            f"breaks_a_day {market.viewing.breaks_a_day:g} makes {most:.0f} breaks due in the busiest hour of"
            f" a mean viewer, who meets {BREAKS_MOST} at most; fewer breaks, or flatter hours, would be met",
        )


def _silent(book: Book, named: Iterable[Listing]) -> Iterator[_Doubt]:
    active = registry.EntityStatus.active
    booked = {(item.advertiser_name, item.campaign_name, item.name) for item in book.line_items}
    for listing in named:
        advertiser, campaign = listing.advertiser, listing.campaign
        whole = f"{advertiser.name} / {campaign.name}"
        if not campaign.line_items:
            yield _Doubt(
                "no line items", f"campaign {whole}", "has no line item, and nothing of it bids; add one"
            )
        for item in campaign.line_items:
            if (advertiser.name, campaign.name, item.name) in booked:
                continue
            owners = (("its advertiser", advertiser), ("its campaign", campaign), ("it", item))
            states = [f"{whose} is {owner.status}" for whose, owner in owners if owner.status != active]
            why = " and ".join(states) or "in the database it is not there, or not active"
            yield _Doubt(
                "silent",
                f"line item {whole} / {item.name}",
                f"{why}, and does not bid; set status: active",
            )
