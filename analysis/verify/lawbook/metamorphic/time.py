"""What time does: ticks, weeks and zones, flights in pieces, and a future that the past knows nothing of."""

from __future__ import annotations

import datetime as dt
import re
from copy import deepcopy
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.difference import PLANS, difference
from analysis.verify.lawbook.edit import each_cap, items, paths
from analysis.verify.lawbook.metamorphic import Scenario, UnfitError, law
from analysis.verify.lawbook.play import play
from analysis.verify.lawbook.scope import Scope
from analysis.verify.lawbook.scripts import moment

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
STEADY = ("UTC", "Asia/Tokyo", "Asia/Dubai", "Africa/Lagos", "Pacific/Honolulu", "America/Phoenix")
"""Zones whose clocks never change."""


@law(Scope(plenty=True, pacing=("asap",), changes=False, minutes=(60, 30)))
def shorter_ticks_change_nothing_where_nothing_is_planned(market: Scenario, choices: Choices) -> str:
    """Cut the hours into other ticks: the same slots are won by the same bids at the same prices.

    True where a plan is to bid for everything, with more money than there is to spend and no change that
    waits for a tick. Events of an hour then stand in another order: tick by tick, shard by shard.
    """
    other = deepcopy(market)
    other["market"] |= {"tick_minutes": choices.one(20, 15, 10), "sync_minutes": 0}
    return difference(play(market), play(other), but=PLANS, facts=False, ordered=False)


@law(Scope(late=False))
def a_sync_at_every_tick_is_none(market: Scenario, choices: Choices) -> str:
    """Let spend become known after every tick, by name: all stays. True of every market."""
    del choices
    other = deepcopy(market)
    other["market"]["sync_minutes"] = market["market"]["tick_minutes"]
    return difference(play(market), play(other))


@law()
def a_flight_in_two_pieces_is_one(market: Scenario, choices: Choices) -> str:
    """Cut flights into adjacent ones: all stays but the facts that tell where flights begin and end.

    True of every market and policy: what counts is the hours in flight.
    """
    other = deepcopy(market)
    for listing in other["campaigns"]:
        campaign = listing["campaign"]
        whole = {"start": f"{campaign['start_date']} 00:00", "end": _midnight_after(campaign["end_date"])}
        for item in campaign["line_items"]:
            item["flights"] = [
                piece for flight in item.get("flights", [whole]) for piece in _cut(flight, choices)
            ]
    return difference(play(market), play(other), facts=False)


def _midnight_after(day: str) -> str:
    return f"{dt.date.fromisoformat(day) + dt.timedelta(days=1)} 00:00"


def _cut(flight: dict[str, str], choices: Choices) -> list[dict[str, str]]:
    first, last = (dt.datetime.fromisoformat(flight[name]) for name in ("start", "end"))
    hours = (last - first) // dt.timedelta(hours=1)
    if hours < 2:
        return [flight]
    middle = f"{first + dt.timedelta(hours=choices.whole(1, hours - 1)):%Y-%m-%d %H:%M}"
    return [{"start": flight["start"], "end": middle}, {"start": middle, "end": flight["end"]}]


@law(Scope(zones=STEADY))
def some_fortnights_later_all_is_the_same(market: Scenario, choices: Choices) -> str:
    """Move everything by whole fortnights: nothing changes but the dates.

    True where no clock changes and no cap counts by the month. A week is not enough for windows of two days.
    """
    early = deepcopy(market)
    each_cap(early, lambda caps: [cap for cap in caps if cap["unit"] != "month"])
    late = _moved(early, dt.timedelta(days=14 * choices.one(1, 3, -2, 40)))
    return difference(play(early), play(late))


def _moved(part: Any, by: dt.timedelta) -> Any:
    if isinstance(part, list):
        return [_moved(each, by) for each in part]
    if isinstance(part, dict):
        return {name: _moved(value, by) for name, value in part.items()}
    if isinstance(part, str) and _DATE.match(part):
        return str(dt.date.fromisoformat(part[:10]) + by) + part[10:]
    return part


@law(Scope(zones=("UTC",)))
def another_zone_for_all_is_the_same(market: Scenario, choices: Choices) -> str:
    """Let market, regions and campaigns live by another clock: nothing changes.

    True where all live by the same clock, and it never changes.
    """
    zone = choices.one(*STEADY[1:])
    other = deepcopy(market)
    owners = [other["market"], *other["market"]["regions"].values()]
    for owner in (*owners, *(listing["campaign"] for listing in other["campaigns"])):
        owner["timezone"] = zone
    return difference(play(market), play(other))


@law()
def a_market_that_goes_on_has_the_same_beginning(market: Scenario, choices: Choices) -> str:
    """Simulate a day more: the days before it are the same. The past does not know how long it is watched.

    True where flights are as long as before: plans look to the end of the last flight.
    """
    del choices
    short = deepcopy(market)
    end = dt.date.fromisoformat(short["market"]["start"]) + dt.timedelta(days=short["market"]["days"] + 3)
    for listing in short["campaigns"]:
        listing["campaign"]["end_date"] = str(end)
    next(items(short)).pop("flights", None)
    long = deepcopy(short)
    long["market"]["days"] += 1
    return difference(play(short), _beginning(play(long), 24 * short["market"]["days"]), facts=False)


@law(Scope(changes=False))
def a_change_changes_nothing_before_it_comes(market: Scenario, choices: Choices) -> str:
    """Pause somebody, cut a budget or raise a price at some moment: until then all is the same.

    True of every market in which nobody begins paused.
    """
    other = deepcopy(market)
    at = moment(choices, market["market"])
    terms = choices.one({"status": "paused"}, {"lifetime_budget": "0.5"}, {"daily_budget": "0.1"})
    change = {"at": at, "line_item": choices.one(*paths(market)), **terms}
    other["market"]["changes"] = [change]
    before, after = play(market), play(other)
    hours = int(before.market.horizon.hour_of(dt.datetime.fromisoformat(at), market["market"]["timezone"]))
    if hours < 1:
        raise UnfitError
    return difference(_beginning(before, hours), _beginning(after, hours), facts=False)


def _beginning(played: PlayedRun, hours: int) -> PlayedRun:
    return PlayedRun(played.scenario, played.book, played.outcome, played.hours[:hours])


@law(Scope(pacing=("asap",)))
def an_hour_s_dayparts_are_the_whole_day(market: Scenario, choices: Choices) -> str:
    """Give line items without dayparts one for each hour, or one for each day: all stays.

    True of every market.
    """
    other = deepcopy(market)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for item in items(other):
        if "dayparts" not in item:
            item["dayparts"] = choices.one(
                [{"hours": [hour]} for hour in range(24)],
                [{"hours": "0-23", "weekdays": [day]} for day in days],
            )
    return difference(play(market), play(other))
