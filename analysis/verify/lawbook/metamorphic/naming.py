"""What changes nothing: the order of lists, the names of things, and two names of one rule."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from analysis.booking.books import book_listings
from analysis.runs.played import play_in_memory
from analysis.verify.lawbook import edit
from analysis.verify.lawbook.choices import Choices, Scope
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.edit import Draft
from analysis.verify.lawbook.metamorphic import law, unchanged
from entities import registry
from scenarios import models
from sim.book.records import Book


@unchanged()
def the_order_of_everything_that_is_sold_changes_nothing(_: Draft, other: Draft, choices: Choices) -> None:
    """Permute campaigns, their line items, and in these caps, flights, creatives and dayparts: all stays.

    True of every market; scripted changes keep their order, for two at one moment take effect in it.
    """
    other["campaigns"] = choices.shuffled(other["campaigns"])
    for owner in edit.owners(other):
        for name in ("line_items", "frequency_caps", "flights", "creatives", "dayparts"):
            if name in owner:
                owner[name] = choices.shuffled(owner[name])


@law()
def the_order_in_the_book_changes_nothing(market: Draft, choices: Choices) -> str:
    """Auction line items in another order of the book: all stays, and who wins of equal bids above all.

    True of every market whose campaigns have no budgets: among parts of a budget that are equally due a micro
    more, the first by name gets it.
    """
    free = deepcopy(market)
    for listing in free["campaigns"]:
        budgets = [listing["campaign"].pop(name, None) for name in edit.BUDGETS]
        if any(budgets):
            for item in listing["campaign"]["line_items"]:
                if "impressions" not in item.get("deal", {}):
                    item.setdefault("lifetime_budget", "40")
    edit.without_changes(free, lambda change: "campaign" in change and "status" not in change)
    scenario = models.Scenario.model_validate(free)
    book = book_listings(scenario.campaigns, scenario.market)
    order = choices.shuffled(range(len(book.line_items)))
    reordered = play_in_memory(scenario, _reordered(book, order))
    return difference(play_in_memory(scenario, book), reordered, facts=False)


def _reordered(book: Book, order: list[int]) -> Book:
    new = {old: place for place, old in enumerate(order)}
    creatives = [replace(one, line_item=new[one.line_item]) for one in book.creatives]
    return replace(
        book,
        line_items=tuple(book.line_items[old] for old in order),
        campaigns=tuple(
            replace(one, line_items=tuple(sorted(new[old] for old in one.line_items)))
            for one in book.campaigns
        ),
        creatives=tuple(sorted(creatives, key=lambda one: one.line_item)),
    )


@unchanged()
def what_nobody_reads_changes_nothing(_: Draft, other: Draft, choices: Choices) -> None:
    """Other currencies, buyers and objectives, and other names for the categories: all stays.

    True of every market, as long as equal categories stay equal and different ones different.
    """
    names = {"drinks": "zinc", "cars": "apples"}
    currency = choices.one(*(word.value for word in registry.Currency))
    for listing in other["campaigns"]:
        owner, campaign = listing["advertiser"], listing["campaign"]
        owner["category"] = names.get(owner["category"], owner["category"])
        campaign["currency"] = currency
        campaign["objective"] = choices.one(*(word.value for word in registry.Objective))
        campaign["dsp_partner"] = choices.one(*(word.value for word in registry.DspPartner))
    separation = other["market"]["separation"]
    if separation["categories"] != "all":
        separation["categories"] = [names.get(name, name) for name in separation["categories"]]


@unchanged()
def keeping_apart_a_category_of_nobody_changes_nothing(market: Draft, other: Draft, _: Choices) -> None:
    """Separate a category that no advertiser has: all stays. True where not all are kept apart already."""
    separation = market["market"]["separation"]
    if separation["categories"] == "all":
        separation["categories"] = []
    other["market"]["separation"]["categories"] = [*separation["categories"], "nobody"]


@unchanged()
def to_bid_the_truth_of_a_constant_worth_is_a_fixed_cpm(_: Draft, other: Draft, choices: Choices) -> None:
    """Let line items bid truthfully what is always worth their maximum, in place of their maximum: all stays.

    True of every market. So it is of an observed worth of one, and of a factor of one.
    """
    for item in edit.items(other):
        if "valuation" not in item and "bidding" not in item:
            item["valuation"] = choices.one("constant", {"kind": "empirical", "values": [1, 1]})
            item["bidding"] = choices.one("truthful", {"kind": "factor", "factor": 1}, "fixed_cpm")


@unchanged(Scope(pacing=("asap",)))
def a_multiplier_of_one_is_none(_: Draft, other: Draft, __: Choices) -> None:
    """Pace by a fixed multiplier of one instead of as fast as possible: all stays. True of every market."""
    for item in edit.items(other):
        item["pacing"] = {"kind": "fixed_multiplier", "multiplier": 1}


@unchanged()
def demand_that_is_never_there_is_none(absent: Draft, none: Draft, _: Choices) -> None:
    """Let ambient demand bid for no slot, or remove it: the same. True of every market."""
    absent["market"]["ambient"] = {"kind": "log_normal", "presence": 0}
    none["market"]["ambient"] = {"kind": "none"}


@unchanged(Scope(formats=("second_price",)))
def a_soft_floor_that_is_none_is_second_price(_: Draft, soft: Draft, __: Choices) -> None:
    """A soft floor at or below every hard one is second price. True of every market: here it is zero."""
    soft["market"]["auction"] = {"kind": "soft_floor", "soft_floor_cpm": 0}


@unchanged()
def a_private_deal_at_the_market_s_floor_is_none(market: Draft, other: Draft, choices: Choices) -> None:
    """Give line items in the open a private deal without a floor of its own, or at the market's: all stays.

    True of every market, of the deal's floor where the market's is one for all slots, lengths and places.
    """
    cpm = market["market"]["floors"]["cpm"]
    for each in (market, other):
        each["market"]["floors"] = {"cpm": cpm}
    for item in edit.items(other):
        if "deal" not in item:
            item["deal"] = choices.one({"kind": "private"}, {"kind": "private", "floor_cpm": cpm}, "open")


@unchanged(Scope(positions=False, pods=("structured",)))
def either_end_of_a_pod_of_one_is_any_place(market: Draft, other: Draft, choices: Choices) -> None:
    """Let line items buy the first or the last place where pods have but one: all stays.

    True where a place costs nothing on top, and pods have slots of which each has one.
    """
    for each in (market, other):
        edit.set_one_slot(each)
        each["market"]["floors"].pop("position_premium", None)
    for item in edit.items(other):
        item["slot_in_pod"] = choices.one("first", "last", "first_or_last")
