"""Time: ticks, weeks and zones, flights in pieces, and a past that does not depend on the future."""

from __future__ import annotations

import datetime as dt
import re
from copy import deepcopy
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify.lawbook import edit
from analysis.verify.lawbook.campaigns import moment
from analysis.verify.lawbook.choices import Choices, Scope, untaught
from analysis.verify.lawbook.difference import PLANS, difference
from analysis.verify.lawbook.edit import Draft, UnfitError
from analysis.verify.lawbook.markets import play
from analysis.verify.lawbook.metamorphic import law, unchanged

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
STEADY = ("UTC", "Asia/Tokyo", "Asia/Dubai", "Africa/Lagos", "Pacific/Honolulu", "America/Phoenix")
"""Zones whose clocks never change."""


@unchanged(
    Scope(plenty=True, pacing=("asap",), bidding=untaught(), changes=False, minutes=(60, 30)),
    but=PLANS,
    facts=False,
    ordered=False,
)
def shorter_ticks_change_nothing_where_nothing_is_planned(_: Draft, other: Draft, choices: Choices) -> None:
    """Cut the hours into other ticks: the same slots are won by the same bids at the same prices.

    True where a plan is to bid for everything, with more money than there is to spend, no change that waits
    for a tick and nobody who learns from one to the next. Events of an hour then stand in another order: tick
    by tick, shard by shard.
    """
    other["market"] |= {"tick_minutes": choices.one(20, 15, 10), "sync_minutes": 0}


@unchanged(Scope(late=False))
def a_sync_at_every_tick_is_none(market: Draft, other: Draft, _: Choices) -> None:
    """Let spend become known after every tick, by name: all stays. True of every market."""
    other["market"]["sync_minutes"] = market["market"]["tick_minutes"]


@unchanged(facts=False)
def a_flight_in_two_pieces_is_one(_: Draft, other: Draft, choices: Choices) -> None:
    """Cut flights into adjacent ones: all stays but the facts that say where flights begin and end.

    True of every market and policy: what counts is the hours in flight.
    """
    for listing in other["campaigns"]:
        campaign = listing["campaign"]
        after = dt.date.fromisoformat(campaign["end_date"]) + dt.timedelta(days=1)
        flights = [{"start": f"{campaign['start_date']} 00:00", "end": f"{after} 00:00"}]
        for item in campaign["line_items"]:
            pieces = [_cut(flight, choices) for flight in item.get("flights", flights)]
            item["flights"] = [piece for flight in pieces for piece in flight]


def _cut(flight: dict[str, str], choices: Choices) -> list[dict[str, str]]:
    first, last = (dt.datetime.fromisoformat(flight[name]) for name in ("start", "end"))
    hours = (last - first) // dt.timedelta(hours=1)
    if hours < 2:
        return [flight]
    middle = f"{first + dt.timedelta(hours=choices.integer(1, hours - 1)):%Y-%m-%d %H:%M}"
    return [{"start": flight["start"], "end": middle}, {"start": middle, "end": flight["end"]}]


@unchanged(Scope(zones=STEADY))
def some_fortnights_later_all_is_the_same(market: Draft, other: Draft, choices: Choices) -> None:
    """Move everything by whole fortnights: nothing changes but the dates.

    True where no clock changes, no cap counts by the month, and no date has a weather or a forecast's error
    of its own. A week is not enough for windows of two days.
    """
    market["market"]["forecast"] = "perfect"
    market["market"]["weather"] = "none"
    edit.drop_caps(market, lambda cap: cap["unit"] == "month")
    by = dt.timedelta(days=14 * choices.one(1, 3, -2, 40))

    def later(_: str, value: Any) -> Any:
        if isinstance(value, str) and _DATE.match(value):
            return str(dt.date.fromisoformat(value[:10]) + by) + value[10:]
        return value

    other.update(edit.mapped(market, later))


@unchanged(Scope(zones=("UTC",)))
def another_zone_for_all_is_the_same(_: Draft, other: Draft, choices: Choices) -> None:
    """Set market, regions and campaigns to another zone: nothing changes.

    True where all have the same zone, and its clock never changes.
    """
    zone = choices.one(*STEADY[1:])
    campaigns = [listing["campaign"] for listing in other["campaigns"]]
    for zoned in (other["market"], *other["market"]["regions"].values(), *campaigns):
        zoned["timezone"] = zone


@law()
def a_market_that_goes_on_has_the_same_beginning(market: Draft, _: Choices) -> str:
    """Simulate a day more: the days before it are the same.

    True where flights are as long as before: plans look to the end of the last flight.
    """
    short = deepcopy(market)
    end = dt.date.fromisoformat(short["market"]["start"]) + dt.timedelta(days=short["market"]["days"] + 3)
    for listing in short["campaigns"]:
        listing["campaign"]["end_date"] = str(end)
    edit.items(short)[0].pop("flights", None)
    long = deepcopy(short)
    long["market"]["days"] += 1
    return difference(play(short), _beginning(play(long), 24 * short["market"]["days"]), facts=False)


@law(Scope(changes=False))
def a_change_changes_nothing_before_it_comes(market: Draft, choices: Choices) -> str:
    """Pause a line item, cut a budget or raise a price at some moment: until then all is the same.

    True of every market in which nobody begins paused.
    """
    other = deepcopy(market)
    at = moment(choices, market["market"])
    terms = choices.one({"status": "paused"}, {"lifetime_budget": "0.5"}, {"daily_budget": "0.1"})
    other["market"]["changes"] = [{"at": at, "line_item": choices.one(*edit.paths(market)), **terms}]
    before, after = play(market), play(other)
    hours = int(before.market.horizon.hour_of(dt.datetime.fromisoformat(at), market["market"]["timezone"]))
    if hours < 1:
        raise UnfitError
    return difference(_beginning(before, hours), _beginning(after, hours), facts=False)


def _beginning(played: PlayedRun, hours: int) -> PlayedRun:
    return PlayedRun(played.scenario, played.book, played.outcome, played.hours[:hours])


@unchanged(Scope(pacing=("asap",)))
def an_hour_s_dayparts_are_the_whole_day(_: Draft, other: Draft, choices: Choices) -> None:
    """Give line items without dayparts one for each hour, or one for each day: all stays.

    True of every market.
    """
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for item in edit.items(other):
        if "dayparts" not in item:
            item["dayparts"] = choices.one(
                [{"hours": [hour]} for hour in range(24)],
                [{"hours": "0-23", "weekdays": [day]} for day in days],
            )
