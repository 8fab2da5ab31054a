"""The constraints of a line item, and each one's relaxation: a market in which it alone is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from entities.enums import EntityStatus, SlotInPod, TargetingKey
from entities.registry import ENDLESS, amount_micros
from scenarios.models import Scenario
from sim.book.records import Book, BookedCampaign, BookedLineItem
from sim.deal.private import Private
from sim.market.changes import Change, goes_by
from sim.market.market import UNCATEGORISED
from sim.pacing.asap import Asap

MOST_BID_MICROS = 10_000_000
"""The highest maximum bid that a line item may have: a CPM of 10,000."""
RAISED = 11, 10
"""By how much a bid is raised, over and under."""


class Asked(NamedTuple):
    """What a market is played from."""

    scenario: Scenario
    book: Book


@dataclass(frozen=True)
class Constraint:
    """What may hold a line item back, and how it is taken away."""

    name: str
    """Such as `frequency_cap` or `targeting.device`."""
    text: str
    """Its relaxation, as a person reads it."""
    stages: tuple[str, ...]
    """Where the funnel counts what it stops; none where it counts nothing."""
    loses: str
    """Why less may be delivered without it, though never for want of opportunities."""
    relaxed: Callable[[Asked], Asked]
    """The same market without it. Relaxations of several constraints may be done in any order."""
    bids: tuple[int, int] = (1, 1)
    """The maximum bid without it and with it: worth is told in multiples of it."""
    inert_at: str = ""
    """A stage that says, where it counts nothing, that the market without the constraint is the same one."""


def constraints_of(asked: Asked, place: int) -> tuple[Constraint, ...]:
    """Return the constraints that the line item at *place* has; those that it has not are left out."""
    families = (_statuses, _terms, _pacing, _prices, _targeting, _budgets)
    return tuple(each for family in families for each in family(asked, place))


def _statuses(asked: Asked, place: int) -> Iterator[Constraint]:
    item = asked.book.line_items[place]
    if _may_pause(asked, item, asked.book.campaigns[item.campaign]):
        loses = "its money is spread over more hours"
        yield Constraint("pause", "never paused", (), loses, partial(_woken, place=place))


def _terms(asked: Asked, place: int) -> Iterator[Constraint]:
    item, separation = asked.book.line_items[place], asked.scenario.market.separation
    if item.caps:
        loses = "viewers who watch most take what would have gone to others later"
        stages = ("blocked_frequency_cap",)
        free = _of_item(place, "frequency_cap", "no frequency caps", stages, loses, caps=())
        others = {cap for one in asked.book.line_items if one is not item for cap in one.caps}
        # Impressions that it counts in a cap that it shares bind others, too.
        yield free if others & set(item.caps) else replace(free, inert_at=stages[0])
    if item.dayparts is not None:
        loses = "its money is spread over more hours"
        yield _of_item(place, "daypart", "no dayparts", ("blocked_daypart",), loses, dayparts=None)
    if separation.separates(item.category):
        alone = next(name for name in (UNCATEGORISED, "") if not separation.separates(name))
        loses = "competitors may stand in its pods, too"
        stages = ("blocked_separation",)
        yield _of_item(place, "separation", "competitors in its pods", stages, loses, category=alone)
    if item.holdout_ppm:
        loses = "its money goes to others first"
        yield _of_item(place, "holdout", "nobody held out", ("ghosts",), loses, holdout_ppm=0)


def _pacing(asked: Asked, place: int) -> Iterator[Constraint]:
    item = asked.book.line_items[place]
    campaign = asked.book.campaigns[item.campaign]
    loses = "what is spent early is missing when slots are cheaper"
    if campaign.pacing is not None:
        if not isinstance(campaign.pacing, Asap):
            relaxed = partial(_unpaced_campaign, place=item.campaign)
            yield Constraint("pacing", "campaign's pacing: asap", _PACED, loses, relaxed)
    elif not isinstance(item.pacing, Asap):
        yield _of_item(place, "pacing", "pacing: asap", _PACED, loses, pacing=Asap())


def _prices(asked: Asked, place: int) -> Iterator[Constraint]:
    market, item = asked.scenario.market, asked.book.line_items[place]
    terms = item.deal.terms(item.max_bid_micros)
    if terms.fixed_price:
        return
    floors = (market.ad_floors(floors).any() for _, floors in market.floors_since)
    if any(floors) if terms.floor_micros is None else terms.floor_micros > 0:
        loses = "it pays less for a slot, and a shaded bid falls with its floor"
        no_floor = Private(floor_cpm=0)
        yield _of_item(place, "floor", "floor 0", ("lost_below_floor",), loses, deal=no_floor)
    if item.max_bid_micros < MOST_BID_MICROS:
        stages = ("lost_below_floor", "lost_ambient", "lost_outbid")
        loses = "it pays more for a slot, so that its money buys fewer"
        bids = _higher(item), item.max_bid_micros
        yield Constraint("bid", "max CPM +10%", stages, loses, partial(_raised, place=place), bids)


def _targeting(asked: Asked, place: int) -> Iterator[Constraint]:
    item, loses = asked.book.line_items[place], "its money goes to other slots, at other prices"
    for key in dict.fromkeys((*item.include, *item.exclude)):
        text = f"any {key.value.replace('_', ' ')}"
        yield Constraint(
            f"targeting.{key.value}", text, (), loses, partial(_untargeted, place=place, key=key)
        )
    if item.slot_in_pod != SlotInPod.any:
        text = "any place in the pod"
        yield _of_item(place, "slot_in_pod", text, (), loses, slot_in_pod=SlotInPod.any)


def _of_item(
    place: int, name: str, text: str, stages: tuple[str, ...], loses: str, **terms: Any
) -> Constraint:
    return Constraint(name, text, stages, loses, partial(_with_terms, place=place, terms=terms))


_PACED = ("blocked_allowance", "blocked_throttle")


def _budgets(asked: Asked, place: int) -> Iterator[Constraint]:
    item, loses = asked.book.line_items[place], "pacing bids otherwise where there is more to spend"
    for kind in ("lifetime", "daily"):
        for owner, at in ((item, None), (asked.book.campaigns[item.campaign], item.campaign)):
            micros = getattr(owner, f"{kind}_micros")
            if micros is None or micros >= amount_micros(ENDLESS):
                continue
            relaxed = partial(_doubled, place=place, campaign=at, kind=kind)
            if at is None:
                stages = (f"blocked_budget_{kind}", *_PACED)
                yield Constraint(f"{kind}_budget", f"{kind} budget × 2", stages, loses, relaxed)
            else:
                text = f"campaign's {kind} budget × 2"
                yield Constraint(f"campaign_{kind}_budget", text, _PACED, loses, relaxed)


def _with_terms(asked: Asked, place: int, terms: dict[str, Any]) -> Asked:
    items = list(asked.book.line_items)
    items[place] = replace(items[place], **terms)
    return asked._replace(book=replace(asked.book, line_items=tuple(items)))


def _untargeted(asked: Asked, place: int, key: TargetingKey) -> Asked:
    item = asked.book.line_items[place]
    include, exclude = (
        {one: words for one, words in side.items() if one != key} for side in (item.include, item.exclude)
    )
    return _with_terms(asked, place, {"include": include, "exclude": exclude})


def _with_campaign(asked: Asked, place: int, **terms: Any) -> Asked:
    campaigns = list(asked.book.campaigns)
    campaigns[place] = replace(campaigns[place], **terms)
    return asked._replace(book=replace(asked.book, campaigns=tuple(campaigns)))


def _unpaced_campaign(asked: Asked, place: int) -> Asked:
    # Its policy is that of each of its line items, too.
    for item in asked.book.campaigns[place].line_items:
        asked = _with_terms(asked, item, {"pacing": Asap()})
    return _with_campaign(asked, place, pacing=Asap())


def _doubled(asked: Asked, place: int, campaign: int | None, kind: str) -> Asked:
    owner = asked.book.line_items[place] if campaign is None else asked.book.campaigns[campaign]
    field = f"{kind}_micros"
    terms = {field: 2 * getattr(owner, field)}
    asked = _with_terms(asked, place, terms) if campaign is None else _with_campaign(asked, campaign, **terms)
    return _with_changes(asked, owner, f"{kind}_budget", lambda amount: min(2 * amount, ENDLESS))


def _woken(asked: Asked, place: int) -> Asked:
    item = asked.book.line_items[place]
    campaign = asked.book.campaigns[item.campaign]
    asked = _with_campaign(_with_terms(asked, place, {"paused": False}), item.campaign, paused=False)
    return _scripted(asked, tuple(_unpausing(asked.scenario.market.changes, item, campaign)))


def _unpausing(changes: Iterable[Change], item: BookedLineItem, campaign: BookedCampaign) -> Iterator[Change]:
    for change in changes:
        mine = change.status is not None and (_is_of(change, item) or _is_of(change, campaign))
        terms = (change.max_cpm, change.lifetime_budget, change.daily_budget)
        if not mine:
            yield change
        elif any(term is not None for term in terms):
            yield change.model_copy(update={"status": None})


def _may_pause(asked: Asked, item: BookedLineItem, campaign: BookedCampaign) -> bool:
    scripted = (
        change
        for change in asked.scenario.market.changes
        if change.status == EntityStatus.paused and (_is_of(change, item) or _is_of(change, campaign))
    )
    return item.paused or campaign.paused or any(True for _ in scripted)


def _raised(asked: Asked, place: int) -> Asked:
    item, (over, under) = asked.book.line_items[place], RAISED
    asked = _with_terms(asked, place, {"max_bid_micros": _higher(item)})
    highest = Decimal(MOST_BID_MICROS) / 1000
    return _with_changes(asked, item, "max_cpm", lambda cpm: min(round(cpm * over / under, 3), highest))


def _higher(item: BookedLineItem) -> int:
    over, under = RAISED
    return min(-(-item.max_bid_micros * over // under), MOST_BID_MICROS)


def _with_changes(
    asked: Asked, owner: BookedLineItem | BookedCampaign, term: str, new: Callable[[Decimal], Decimal]
) -> Asked:
    # What the market's script says of that term of a line item or campaign is changed as well.
    def changed(change: Change) -> Change:
        value = getattr(change, term)
        return (
            change
            if value is None or not _is_of(change, owner)
            else change.model_copy(update={term: new(value)})
        )

    return _scripted(asked, tuple(changed(change) for change in asked.scenario.market.changes))


def _is_of(change: Change, owner: BookedLineItem | BookedCampaign) -> bool:
    if isinstance(owner, BookedLineItem):
        return change.line_item is not None and goes_by(change.line_item, owner.path)
    path = f"{owner.advertiser} / {owner.name}"
    return change.campaign is not None and goes_by(change.campaign, path)


def _scripted(asked: Asked, changes: tuple[Change, ...]) -> Asked:
    if changes == asked.scenario.market.changes:
        return asked
    market = asked.scenario.market.model_copy(update={"changes": changes})
    return asked._replace(scenario=asked.scenario.model_copy(update={"market": market}))
