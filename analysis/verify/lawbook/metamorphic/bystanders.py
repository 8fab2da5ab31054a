"""Bystanders: who never bids, is below every floor, or never won, changes nothing for the others."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from analysis.verify.lawbook import edit
from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.edit import Scenario, UnfitError
from analysis.verify.lawbook.metamorphic import law
from analysis.verify.lawbook.play import play
from analysis.verify.lawbook.scope import Scope, formats

_NAMES = ("Another", "000 first", "zzz last")


@law()
def who_never_bids_changes_no_other_row(market: Scenario, choices: Choices) -> str:
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
    other = deepcopy(market)
    edit.add(other, choices.one(*_NAMES), **terms)
    return difference(play(market), play(other), only=edit.paths(market))


@law()
def who_bids_below_every_floor_changes_no_other_row(market: Scenario, choices: Choices) -> str:
    """Add a line item whose maximum is below every floor: it bids, wins nothing, and prices nobody.

    True where every slot has a floor.
    """
    floored = deepcopy(market)
    floored["market"]["floors"] |= {"cpm": max(market["market"]["floors"]["cpm"], 1)}
    other = deepcopy(floored)
    edit.add(other, choices.one(*_NAMES), max_cpm="0.001")
    return difference(play(floored), play(other), only=edit.paths(market))


@law(Scope(formats=formats(lambda each: not each.needs_rival)))
def a_loser_is_not_missed_under_first_price(market: Scenario, choices: Choices) -> str:
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
