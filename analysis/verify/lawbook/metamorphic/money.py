"""Bids and money: who wins nothing, the unit of money, budgets that do not bind, floors, and charges."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify.lawbook import edit
from analysis.verify.lawbook.choices import Choices, Scope, formats, unmoved, untaught
from analysis.verify.lawbook.difference import PLANS, difference
from analysis.verify.lawbook.edit import Draft, UnfitError
from analysis.verify.lawbook.markets import play
from analysis.verify.lawbook.metamorphic import law, unchanged
from sim.auction import AuctionFormat

_SLOTS = ("structured",)
"""Pods of slots, of which each is sold alone."""
_NAMES = ("Another", "000 first", "zzz last")


@unchanged()
def who_never_bids_changes_no_other_row(market: Draft, other: Draft, choices: Choices) -> list[str]:
    """Add a line item of its own advertiser and campaign that never bids: no other row changes (law 13).

    True of every market: its only creative waits for approval or fits no slot, or it has no money for a bid.
    """
    asset = {"asset_url": "https://cdn.example.com/long-75s.mp4", "mime_type": "mp4", "duration_s": 75}
    dynamic = market["market"]["pods"].get("kind") == "dynamic"  # in which the long one may fit
    terms: dict[str, Any] = choices.one(
        {"creatives": [{**asset, "qa_status": "pending"} if dynamic else asset]},
        {"creatives": [{**asset, "duration_s": 6, "qa_status": "pending"}]},
        {"lifetime_budget": "0.001"},
    )
    edit.add(other, choices.one(*_NAMES), **terms)
    return edit.paths(market)


@unchanged()
def who_bids_below_every_floor_changes_no_other_row(
    market: Draft, other: Draft, choices: Choices
) -> list[str]:
    """Add a line item whose maximum is below every floor: it bids, wins nothing, and prices nobody.

    True where every slot has a floor.
    """
    for each in (market, other):
        each["market"]["floors"]["cpm"] = max(each["market"]["floors"]["cpm"], 1)
    edit.add(other, choices.one(*_NAMES), max_cpm="0.001")
    return edit.paths(market)


@law(Scope(formats=formats(lambda each: not each.needs_rival)))
def a_loser_is_not_missed_under_first_price(market: Draft, choices: Choices) -> str:
    """Remove a line item that never won a slot: no other row changes.

    True where a bid that loses prices nobody, as under first price, and of a campaign without budgets, given
    by changes too, or of one line item: what a part of a budget is depends on who else has one.
    """
    before = play(market)
    budgeted = {
        change.get("campaign") for change in market["market"]["changes"] if edit.BUDGETS & set(change)
    }
    losers = [
        (listing, item, path)
        for path, listing, item in edit.with_listings(market)
        if path in before.paths
        and not before.counts["wins"][before.paths.index(path)].any()
        and (
            len(listing["campaign"]["line_items"]) == 1
            or not (edit.BUDGETS & set(listing["campaign"]) or edit.campaign_path(listing) in budgeted)
        )
    ]
    if not losers or len(before.paths) < 2:
        raise UnfitError
    listing, item, path = choices.one(*losers)
    other = deepcopy(market)
    place = market["campaigns"].index(listing)
    left = other["campaigns"][place]["campaign"]
    left["line_items"] = [each for each in left["line_items"] if each["name"] != item["name"]]
    edit.without_changes(other, lambda change: change.get("line_item") == path)
    if not left["line_items"]:
        edit.without_changes(other, lambda change: change.get("campaign") == edit.campaign_path(listing))
        del other["campaigns"][place]
    return difference(before, play(other), only=[each for each in edit.paths(other) if each in before.paths])


@unchanged(
    Scope(pacing=("asap",), bidding=("fixed_cpm",), valuations=("constant",), ambient=("none",)),
    but=("expected_cum_micros",), facts=False, times=10,
)  # fmt: skip
def ten_times_the_money_is_ten_times_the_money(small: Draft, large: Draft, choices: Choices) -> None:
    """Make every CPM, floor, budget and fixed ambient bid ten times as high: so is all money, to the micro.

    True where money is never rounded: of bids at the maximum (a table of factors rounds each bid down), of
    ambient demand that is none or always the same, in every weather (log-normal tables are rounded to the
    micro), and of pacing that asks for all there is. No other policy is free of scale: goals are rounded up
    to a micro, and multipliers and rates to millionths. A campaign of several line items must have no budget,
    for its parts are rounded too; and so is the spend that is expected to date, which is left out.
    """
    for listing in small["campaigns"]:
        campaign = listing["campaign"]
        if len(campaign["line_items"]) > 1:
            for name in edit.BUDGETS:
                campaign.pop(name, None)
        for item in campaign["line_items"]:
            if not (edit.BUDGETS & set(item) or "impressions" in item.get("deal", {})):
                item["lifetime_budget"] = "5"
    auction = AuctionFormat.members()[small["market"]["auction"]["kind"]]
    # No CPM is above $10,000, be it ten times as high.
    small["market"]["auction"] = {
        name: min(round(value), 1_000) if name.endswith("cpm") else value
        for name, value in auction.model_validate(small["market"]["auction"]).model_dump().items()
    }
    edit.without_changes(small, lambda change: "campaign" in change and "status" not in change)
    small["market"]["weather"] = "none"
    if choices.once_in(2):
        small["market"]["ambient"] = {"kind": "log_normal", "presence": 0.5, "median_cpm": 13, "sigma": 0}
    large.update(edit.mapped(small, _ten_times))


def _ten_times(name: str, value: Any) -> Any:
    if name in ("max_cpm", *edit.BUDGETS):
        return str(Decimal(str(value)) * 10)
    return value * 10 if name.endswith("cpm") else value  # as every price of a thousand ends


@law(Scope(pacing=("asap",)))
def twice_a_budget_that_does_not_bind_is_the_same(market: Draft, choices: Choices) -> str:
    """Double the budgets of a line item that they never kept from a bid: nothing that happens changes.

    True of pacing that asks for all there is, in a campaign without budgets (these are divided by what line
    items could still spend), and without changes of those budgets. What is planned follows the budget all
    the same: goal and allowance.
    """
    before = play(market)
    able = [
        path
        for path, listing, item in edit.with_listings(market)
        if path in before.paths
        and edit.BUDGETS & set(item)
        and not edit.BUDGETS & set(listing["campaign"])
        and not any(before.counts[name][before.paths.index(path)].any() for name in _BUDGET_BLOCKS)
    ]
    if not able:
        raise UnfitError
    path = choices.one(*able)
    if any(
        path == change.get("line_item") and edit.BUDGETS & set(change)
        for change in market["market"]["changes"]
    ):
        raise UnfitError
    other = deepcopy(market)
    rich = edit.items(other)[edit.paths(market).index(path)]
    rich |= {name: str(2 * Decimal(rich[name])) for name in edit.BUDGETS & set(rich)}
    return difference(before, play(other), but=PLANS, facts=False)


_BUDGET_BLOCKS = ("blocked_budget_lifetime", "blocked_budget_daily", "blocked_allowance")


@law(
    Scope(
        deals=("open",), bidding=("fixed_cpm", "truthful", "factor"), pods=_SLOTS, other_settings=False,
        ambient=unmoved(),
    )
)  # fmt: skip
def a_higher_floor_never_lowers_the_lowest_price(market: Draft, choices: Choices) -> str:
    """Raise the one floor of all slots: the lowest price paid for a slot does not fall.

    True of bids that do not know of the floor. Up to the lowest price nothing happens at all: who won pays
    the same, and the pacing of everybody sees the same. Above it, no price is below the floor itself.
    """
    low, high = deepcopy(market), deepcopy(market)
    floor = choices.one(4, 0, 8, 12)
    low["market"]["floors"] = {"cpm": floor}
    before = play(low)
    won = before.won["price_micros"]
    least = int(won.min()) if len(won) else 0
    raised = choices.one(least, floor * 1000 + 1, least + 1000)
    high["market"]["floors"] = {"cpm": max(raised, floor * 1000) / 1000}
    after = play(high)
    if len(won) and raised <= least:
        # Ambient bids between the two floors are heard no more; they win nothing from any line item.
        but = ("floor_micros", "ambient_micros", "floor_sum_micros", *_UNSOLD)
        return difference(before, after, but=but, facts=False)
    paid = after.won["price_micros"]
    if len(paid) and len(won) and paid.min() < least:
        return f"the lowest price falls from {least} to {paid.min()}"
    return ""


@unchanged(
    Scope(
        formats=formats(lambda each: each.pays_bid), ambient=("none",),
        bidding=("fixed_cpm",), valuations=("constant",), pacing=("asap", "even", "traffic_shaped"),
        deals=("open",), changes=False, pods=_SLOTS,
    ),
    but=("floor_micros", "floor_sum_micros"),
)  # fmt: skip
def a_bid_at_the_floor_is_heard(below: Draft, at: Draft, choices: Choices) -> None:
    """Raise the floor from a micro below everybody's bid to the bid itself: the same slots are won.

    True where the winner pays its bid, as under first price, of bids that nothing shades.
    """
    cpm = choices.one(14, 8, 25)
    for each, floor in ((below, cpm - 0.001), (at, cpm)):
        each["market"]["floors"] = {"cpm": floor}
        for item in edit.items(each):
            item["max_cpm"] = cpm


_UNSOLD = (
    *("lost_below_floor", "lost_ambient", "lost_outbid"),
    *("filled_ambient", "unfilled", "revenue_ambient_micros", "sold_seconds"),
)
"""Where bids and slots end that no line item wins."""


@law(
    Scope(
        plenty=True, pacing=("asap",), changes=False, pods=_SLOTS, ambient=unmoved(), bidding=untaught()
    )
)  # fmt: skip
def no_format_takes_more_than_the_bid_nor_less_than_second_price(market: Draft, choices: Choices) -> str:
    """Sell the same slots to the same bids: second price ≤ every other format ≤ first price, slot by slot.

    True while no budget binds, and nobody paces by what was paid or bids by the format: then the same bids
    win in every one. One that discounts is left out below.
    """
    members = AuctionFormat.members()
    runs = {}
    for kind, member in members.items():
        other = deepcopy(market)
        other["market"]["auction"] = choices.settings(member, {"kind": kind})
        runs[kind] = play(other)
    least, most = runs["second_price"], runs["first_price"].won["price_micros"]
    for kind, run in runs.items():
        if found := difference(least, run, but=_PAID, facts=False):
            return f"{kind}: {found}"
        prices = run.won["price_micros"]
        if (prices > most).any():
            return f"{kind} takes more than the bid"
        if not members[kind].discounts and (prices < least.won["price_micros"]).any():
            return f"{kind} takes less than second price"
    return ""


_PAID = (
    *("price_micros", "charged_micros", "clearing_sum_micros", "spend_micros", "revenue_micros"),
    *("revenue_ambient_micros", "delivered_cum_micros", *PLANS),
)


@law(Scope(plenty=True, pacing=("asap",), changes=False, caps=False, deals=("open",), pods=_SLOTS))
def one_bidder_more_never_lowers_the_revenue(market: Draft, choices: Choices) -> str:
    """Add a bidder of its own advertiser: in no hour do slots sell for less, ambient demand's included.

    True of every slot alone: without budgets, caps, deals and pacing, and in pods of one slot, where nobody
    is kept apart from anybody. What counts is the price, not the charge: whose ad fails depends on the ad.
    """
    alone = deepcopy(market)
    edit.set_one_slot(alone)
    together = deepcopy(alone)
    edit.add(together, "Newcomer", max_cpm=choices.one(15, 9, 24, "14.001"))
    before, after = _sold_for(play(alone)), _sold_for(play(together))
    for hour in np.flatnonzero(after < before)[:1].tolist():
        return f"hour {hour}: {before[hour]} micros become {after[hour]}"
    return ""


def _sold_for(played: PlayedRun) -> NDArray[np.int64]:
    won = played.counts["clearing_sum_micros"].sum(axis=0)
    return np.asarray(won + played.supply["revenue_ambient_micros"])


@law(
    Scope(
        plenty=True, pacing=("asap",), changes=False, caps=False, deals=("open",), bidding=("fixed_cpm",),
        pods=_SLOTS,
    )
)  # fmt: skip
def who_bids_more_keeps_what_it_won_and_at_second_price_for_the_same(market: Draft, choices: Choices) -> str:
    """Raise one line item's maximum: it wins every slot that it won, and in a truthful format pays the same.

    True of every slot alone, so under the conditions of one bidder more. It is what makes the truth the best
    bid (Vickrey 1961; Myerson 1981: the allocation is monotone, and the price is the lowest winning bid).
    """
    low = deepcopy(market)
    edit.set_one_slot(low)
    high = deepcopy(low)
    place = choices.integer(0, len(edit.paths(low)) - 1)
    raised = edit.items(high)[place]
    raised["max_cpm"] = str(Decimal(str(raised["max_cpm"])) + choices.one(1, 5, 20))
    path = edit.paths(low)[place]
    before, after = (_prices(play(each), path) for each in (low, high))
    for slot, price in before.items():
        if slot not in after:
            return f"slot {slot} is lost with the higher bid"
        if AuctionFormat.members()[low["market"]["auction"]["kind"]].truthful and after[slot] != price:
            return f"slot {slot} cost {price} and costs {after[slot]}"
    return ""


def _prices(played: PlayedRun, path: str) -> dict[int, int]:
    mine = played.won[played.won["line_item"] == played.paths.index(path)]
    return dict(zip(mine["slot_id"].tolist(), mine["price_micros"].tolist(), strict=True))
