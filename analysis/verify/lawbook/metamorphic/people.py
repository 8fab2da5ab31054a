"""What viewers do: how they are divided, targeted, capped and known, and what they make of an ad."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.difference import PLANS, difference
from analysis.verify.lawbook.edit import add, each_cap, items, paths
from analysis.verify.lawbook.metamorphic import Scenario, UnfitError, law
from analysis.verify.lawbook.play import play
from analysis.verify.lawbook.scope import Scope
from entities import registry
from entities.enums.outcomes import COUNTED
from sim.events import CONVERSIONS

_OWN = ("pod", "stream")
"""Units whose caps the player keeps."""


@law(Scope(plenty=True, pacing=("asap",)))
def more_shards_change_nothing_where_no_lease_binds(market: Scenario, choices: Choices) -> str:
    """Divide the households among other shards: the same slots are won, in another order.

    True where there is more money than there is to spend: else a shard's lease decides who may bid.
    """
    market = deepcopy(market)
    market["market"]["changes"] = [
        change
        for change in market["market"]["changes"]
        if not {"lifetime_budget", "daily_budget"} & set(change)
    ]
    other = deepcopy(market)
    other["market"]["shards"] = choices.one(5, 1, 16, 64)
    return difference(play(market), play(other), but=PLANS, facts=False, ordered=False)


@law()
def targeting_that_leaves_nobody_out_is_none(market: Scenario, choices: Choices) -> str:
    """Include every value of a trait that a line item did not target: all stays. True of every market."""
    other = deepcopy(market)
    regions = market["market"]["regions"]
    words = {key.value: list(key.words(regions)) for key in registry.TargetingKey}
    for item in items(other):
        targeting = item.setdefault("targeting", {})
        free = [key for key in words if not any(key in side for side in targeting.values())]
        include = targeting.setdefault("include", {})
        include |= {key: words[key] for key in choices.some(free, 3)}
    return difference(play(market), play(other))


@law()
def to_exclude_is_to_include_the_others(market: Scenario, choices: Choices) -> str:
    """Turn what is excluded into what else there is to include: all stays.

    True of every market, and of every trait of which a slot has one value: not of genres, for a title of two
    is refused for either. Nor of placements, which say how long a creative may be.
    """
    other = deepcopy(market)
    regions = market["market"]["regions"]
    key = choices.one(
        *(
            key
            for key in registry.TargetingKey
            if len(key.columns) == 1 < len(key.words(regions)) and key != registry.TargetingKey.placement
        )
    )
    words = key.words(regions)
    one = choices.one(*words)
    for item, changed in zip(items(market), items(other), strict=True):
        for target, side, named in (
            (item, "exclude", [one]),
            (changed, "include", [w for w in words if w != one]),
        ):
            targeting = target.setdefault("targeting", {})
            for known in targeting.values():
                known.pop(key.value, None)
            targeting.setdefault(side, {})[key.value] = named
    return difference(play(market), play(other))


@law()
def a_cap_that_nobody_reaches_is_none(market: Scenario, choices: Choices) -> str:
    """Add caps of 255 an hour and 60 a break to whoever has none of these: all stays but the count of leaks.

    True where fewer ads than that are met in an hour, even by all of a household.
    """
    unit, most = choices.one(("hour", 255), ("pod", 60), ("minute", 255))
    other = deepcopy(market)
    for listing in other["campaigns"]:
        for owner in (listing["advertiser"], listing["campaign"], *listing["campaign"]["line_items"]):
            caps = owner.setdefault("frequency_caps", [])
            if not any((cap["unit"], cap["unit_count"]) == (unit, 1) for cap in caps):
                owner["frequency_caps"] = [*caps, {"max_impressions": most, "unit": unit, "unit_count": 1}]
    return difference(play(market), play(other), facts=False)


@law(Scope(plenty=True, pacing=("asap",), changes=False, caps=False, pods=("structured",)))
def a_looser_cap_never_makes_fewer_slots_free(market: Scenario, choices: Choices) -> str:
    """Raise the one cap of the market: its line item is free of it in at least as many slots.

    True where no budget, allowance or other cap binds. Until the tighter cap is reached in a window all is
    the same, and afterwards its line item was not free at all. What is free is what no cap, schedule or
    missing creative stops: separation comes after caps.
    """
    tight, loose = deepcopy(market), deepcopy(market)
    place = choices.whole(0, len(paths(market)) - 1)
    unit, count = choices.one(
        ("day", 1), ("hour", 1), ("hour", 6), ("lifetime", 1), ("stream", 1), ("week", 1)
    )
    most = choices.whole(1, 4)
    for each, limit in ((tight, most), (loose, most + choices.whole(1, 3))):
        cap = {"max_impressions": limit, "unit": unit, "unit_count": count}
        list(items(each))[place]["frequency_caps"] = [cap]
    before, after = play(tight), play(loose)
    path = paths(market)[place]
    less, more = _free(before, path), _free(after, path)
    if more < less:
        return f"{path} was free in {less} slots, and is in {more}"
    matched = "requests_matched"
    return "" if (before.counts[matched] == after.counts[matched]).all() else "matched slots differ"


def _free(played: PlayedRun, path: str) -> int:
    place = played.paths.index(path)
    blocked = ("blocked_daypart", "blocked_creative", "blocked_frequency_cap")
    return int(
        played.counts["requests_matched"][place].sum()
        - sum(played.counts[name][place].sum() for name in blocked)
    )


@law()
def caps_that_know_nobody_are_none(market: Scenario, choices: Choices) -> str:
    """Match no session to an identity, or take the caps away that need one: all stays but the count of leaks.

    True of every market: caps of a pod or a stream need no identity, and stay.
    """
    blind = deepcopy(market)
    counted = choices.one("person", "household", "device")
    blind["market"]["identity"] = {"match_rate": 0, "counted_by": counted}
    free = deepcopy(blind)
    each_cap(free, lambda caps: [cap for cap in caps if cap["unit"] in _OWN])
    return difference(play(blind), play(free), facts=False)


@law()
def a_household_of_one_is_a_person(market: Scenario, choices: Choices) -> str:
    """Count caps by households of one, or by persons: the same. True of every market."""
    del choices
    persons = deepcopy(market)
    persons["market"]["population"]["household_size"] = 1
    identity = persons["market"].get("identity", {})
    persons["market"]["identity"] = {**identity, "counted_by": "person"}
    households = deepcopy(persons)
    households["market"]["identity"]["counted_by"] = "household"
    return difference(play(persons), play(households), facts=False)


@law()
def what_becomes_of_an_ad_changes_no_auction(market: Scenario, choices: Choices) -> str:
    """Let more viewers stay to the end, click, mute or see the ad: who wins what at which price stays.

    True of every market: only whether an ad is rendered to a person decides what is billed and counted. Who
    converts is another, of course.
    """
    other = deepcopy(market)
    other["market"]["outcomes"] |= {
        "started": choices.one(0.5, 0.9),
        "completion": {"tv": 0.5},
        "click": {"tv": 0.5, "phone": 0.5},
        "muted": {"tv": 0.5},
        "skipped": 0.5,
    }
    watched = (one.name for one in COUNTED)
    return difference(play(market), play(other), but=(*watched, *CONVERSIONS))


@law(Scope(other_settings=False, pods=("structured",)))
def nobody_s_bid_moves_a_guaranteed_deal(market: Scenario, choices: Choices) -> str:
    """Raise or lower everybody else's maximum: who is served ahead of the auction has the same slots.

    True of a single such line item whose advertiser and category stand alone and share no cap or budget.
    """
    others = deepcopy(market)
    for item in items(others):
        if item.get("deal", {}).get("kind") == "guaranteed":
            raise UnfitError
    others["market"]["separation"]["categories"] = []
    caps: list[dict[str, Any]] = [{"max_impressions": 2, "unit": "day"}]
    path = _guaranteed(others, caps)
    cheap, dear = deepcopy(others), deepcopy(others)
    for item in items(dear):
        if "deal" not in item:
            item["max_cpm"] = choices.one(40, 2, 30)
    return difference(play(cheap), play(dear), but=("ambient_micros",), only=[path])


def _guaranteed(market: Scenario, caps: list[dict[str, Any]]) -> str:
    return add(market, "Guaranteed", deal={"kind": "guaranteed"}, frequency_caps=caps, lifetime_budget="3")
