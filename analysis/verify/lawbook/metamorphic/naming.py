"""What nothing depends on: the order of lists, the names of things, and two names of one rule."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from analysis.runs.booking import book_listings
from analysis.runs.played import play_in_memory
from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.edit import items, one_slot, shuffled
from analysis.verify.lawbook.metamorphic import Scenario, UnfitError, law
from analysis.verify.lawbook.play import play
from analysis.verify.lawbook.scope import Scope
from entities import registry
from scenarios.models import Scenario as Whole
from sim.book.records import Book


@law()
def the_order_of_everything_that_is_sold_changes_nothing(market: Scenario, choices: Choices) -> str:
    """Permute campaigns, their line items, and in these caps, flights, creatives and dayparts: all stays.

    True of every market; scripted changes keep their order, for two at one moment take effect in it.
    """
    other = deepcopy(market)
    other["campaigns"] = shuffled(other["campaigns"], choices)
    for listing in other["campaigns"]:
        for owner in (listing["advertiser"], listing["campaign"], *listing["campaign"]["line_items"]):
            for name in ("line_items", "frequency_caps", "flights", "creatives", "dayparts"):
                if name in owner:
                    owner[name] = shuffled(owner[name], choices)
    return difference(play(market), play(other))


@law()
def the_order_in_the_book_changes_nothing(market: Scenario, choices: Choices) -> str:
    """Let line items stand in another order where they are auctioned: all stays, and equal bids above all.

    True of every market whose campaigns have no budgets: among parts of a budget that are equally due a micro
    more, the first by name gets it.
    """
    free = deepcopy(market)
    for listing in free["campaigns"]:
        budgets = [listing["campaign"].pop(name, None) for name in ("lifetime_budget", "daily_budget")]
        if any(budgets):
            for item in listing["campaign"]["line_items"]:
                if "impressions" not in item.get("deal", {}):
                    item.setdefault("lifetime_budget", "40")
    free["market"]["changes"] = [
        change for change in free["market"]["changes"] if "campaign" not in change or "status" in change
    ]
    scenario = Whole.model_validate(free)
    book = book_listings(scenario.campaigns, scenario.market)
    order = shuffled(range(len(book.line_items)), choices)
    return difference(
        play_in_memory(scenario, book), play_in_memory(scenario, _reordered(book, order)), facts=False
    )


def _reordered(book: Book, order: list[int]) -> Book:
    creatives = [
        replace(one, line_item=new)
        for new, old in enumerate(order)
        for one in book.creatives
        if one.line_item == old
    ]
    return replace(
        book,
        line_items=tuple(book.line_items[old] for old in order),
        campaigns=tuple(
            replace(one, line_items=tuple(sorted(order.index(place) for place in one.line_items)))
            for one in book.campaigns
        ),
        creatives=tuple(creatives),
    )


@law()
def what_nobody_reads_changes_nothing(market: Scenario, choices: Choices) -> str:
    """Other currencies, buyers and objectives, and other names for the categories: all stays.

    True of every market, as long as categories that are alike stay alike and strangers stay strangers.
    """
    other = deepcopy(market)
    names = {"drinks": "zinc", "cars": "apples"}
    currency = choices.one(*(word.value for word in registry.Currency))
    for listing in other["campaigns"]:
        owner = listing["advertiser"]
        owner["category"] = names.get(owner["category"], owner["category"])
        listing["campaign"]["currency"] = currency
        listing["campaign"]["objective"] = choices.one(*(word.value for word in registry.Objective))
        listing["campaign"]["dsp_partner"] = choices.one(*(word.value for word in registry.DspPartner))
    kept = other["market"]["separation"]["categories"]
    if kept != "all":
        other["market"]["separation"]["categories"] = [names.get(name, name) for name in kept]
    return difference(play(market), play(other))


@law()
def keeping_apart_a_category_of_nobody_changes_nothing(market: Scenario, choices: Choices) -> str:
    """Separate a category that no advertiser has: all stays. True where not all are kept apart already."""
    del choices
    if market["market"]["separation"]["categories"] == "all":
        market = deepcopy(market)
        market["market"]["separation"]["categories"] = []
    other = deepcopy(market)
    other["market"]["separation"]["categories"] = [*market["market"]["separation"]["categories"], "nobody"]
    return difference(play(market), play(other))


@law()
def to_bid_the_truth_of_a_constant_worth_is_a_fixed_cpm(market: Scenario, choices: Choices) -> str:
    """Let line items bid truthfully what is always worth their maximum, in place of their maximum: all stays.

    True of every market. So it is of an observed worth of one, and of a factor of one.
    """
    other = deepcopy(market)
    for item in items(other):
        if "valuation" not in item and "bidding" not in item:
            item["valuation"] = choices.one("constant", {"kind": "empirical", "values": [1, 1]})
            item["bidding"] = choices.one("truthful", {"kind": "factor", "factor": 1}, "fixed_cpm")
    return difference(play(market), play(other))


@law(Scope(pacing=("asap",)))
def a_multiplier_of_one_is_none(market: Scenario, choices: Choices) -> str:
    """Pace by a fixed multiplier of one instead of as fast as possible: all stays. True of every market."""
    del choices
    other = deepcopy(market)
    for item in items(other):
        item["pacing"] = {"kind": "fixed_multiplier", "multiplier": 1}
    return difference(play(market), play(other))


@law()
def demand_that_is_never_there_is_none(market: Scenario, choices: Choices) -> str:
    """Let ambient demand bid for no slot, or take it away: the same. True of every market."""
    del choices
    absent, none = deepcopy(market), deepcopy(market)
    absent["market"]["ambient"] = {"kind": "log_normal", "presence": 0}
    none["market"]["ambient"] = {"kind": "none"}
    return difference(play(absent), play(none))


@law(Scope(formats=("second_price",)))
def a_soft_floor_that_is_none_is_second_price(market: Scenario, choices: Choices) -> str:
    """A soft floor at or below every hard one is second price. True of every market: here it is zero."""
    del choices
    soft = deepcopy(market)
    soft["market"]["auction"] = {"kind": "soft_floor", "soft_floor_cpm": 0}
    return difference(play(market), play(soft))


@law()
def a_private_deal_at_the_market_s_floor_is_none(market: Scenario, choices: Choices) -> str:
    """Give line items in the open a private deal without a floor of its own, or at the market's: all stays.

    True of every market, of the deal's floor where the market's is one for all slots, lengths and places.
    """
    uniform = deepcopy(market)
    cpm = market["market"]["floors"]["cpm"]
    uniform["market"]["floors"] = {"cpm": cpm}
    other = deepcopy(uniform)
    for item in items(other):
        if "deal" not in item:
            item["deal"] = choices.one({"kind": "private"}, {"kind": "private", "floor_cpm": cpm}, "open")
    return difference(play(uniform), play(other))


@law(Scope(positions=False, pods=("structured",)))
def either_end_of_a_pod_of_one_is_any_place(market: Scenario, choices: Choices) -> str:
    """Let line items buy the first or the last place where pods have but one: all stays.

    True where a place costs nothing on top, and pods have slots of which each has one.
    """
    ones = deepcopy(market)
    if not one_slot(ones):
        raise UnfitError
    ones["market"]["floors"].pop("position_premium", None)
    other = deepcopy(ones)
    for item in items(other):
        item["slot_in_pod"] = choices.one("first", "last", "first_or_last")
    return difference(play(ones), play(other))
