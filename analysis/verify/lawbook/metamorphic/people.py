"""Viewers: how they are divided, targeted, capped and known, and what they make of an ad."""

from __future__ import annotations

from copy import deepcopy

from analysis.verify.lawbook import edit
from analysis.verify.lawbook.choices import Choices, Scope
from analysis.verify.lawbook.difference import PLANS
from analysis.verify.lawbook.edit import Draft, UnfitError
from analysis.verify.lawbook.markets import play
from analysis.verify.lawbook.metamorphic import law, unchanged
from entities import registry
from entities.enums.outcomes import COUNTED
from sim.events import CONVERSIONS


@unchanged(Scope(plenty=True, pacing=("asap",)), but=PLANS, facts=False, ordered=False)
def more_shards_change_nothing_where_no_lease_binds(market: Draft, other: Draft, choices: Choices) -> None:
    """Divide the households among other shards: the same slots are won, in another order.

    True where there is more money than there is to spend: else a shard's lease decides who may bid.
    """
    for each in (market, other):
        edit.without_changes(each, lambda change: bool(edit.BUDGETS & set(change)))
    other["market"]["shards"] = choices.one(5, 1, 16, 64)


@unchanged()
def targeting_that_leaves_nobody_out_is_none(market: Draft, other: Draft, choices: Choices) -> None:
    """Include every value of a trait that a line item did not target: all stays. True of every market."""
    words = {key.value: list(key.words(market["market"]["regions"])) for key in registry.TargetingKey}
    for item in edit.items(other):
        targeting = item.setdefault("targeting", {})
        free = [key for key in words if not any(key in side for side in targeting.values())]
        include = targeting.setdefault("include", {})
        include |= {key: words[key] for key in choices.some(free, 3)}


@unchanged()
def to_exclude_is_to_include_the_others(market: Draft, other: Draft, choices: Choices) -> None:
    """Turn what is excluded into what else there is to include: all stays.

    True of every market, and of every trait of which a slot has one value: not of genres, for a title of two
    is refused for either. Nor of placements, which say how long a creative may be.
    """
    regions = market["market"]["regions"]
    key = choices.one(
        *(
            key
            for key in registry.TargetingKey
            if len(key.columns) == 1 < len(key.words(regions)) and key != registry.TargetingKey.placement
        )
    )
    words = key.words(regions)
    excluded = choices.one(*words)
    for each, side, named in (
        (market, "exclude", [excluded]),
        (other, "include", [word for word in words if word != excluded]),
    ):
        for item in edit.items(each):
            targeting = item.setdefault("targeting", {})
            for known in targeting.values():
                known.pop(key.value, None)
            targeting.setdefault(side, {})[key.value] = list(named)


@unchanged(facts=False)
def a_cap_that_nobody_reaches_is_none(_: Draft, other: Draft, choices: Choices) -> None:
    """Add caps of 255 an hour and 60 a break to whoever has none of these: all stays but the count of leaks.

    True where fewer ads than that are met in an hour, even by all of a household.
    """
    unit, most = choices.one(("hour", 255), ("pod", 60), ("minute", 255))
    for owner in edit.owners(other):
        caps = owner.setdefault("frequency_caps", [])
        if not any((cap["unit"], cap["unit_count"]) == (unit, 1) for cap in caps):
            owner["frequency_caps"] = [*caps, {"max_impressions": most, "unit": unit, "unit_count": 1}]


@law(Scope(plenty=True, pacing=("asap",), changes=False, caps=False, pods=("structured",)))
def a_looser_cap_never_makes_fewer_slots_free(market: Draft, choices: Choices) -> str:
    """Raise the one cap of the market: its line item is free of it in at least as many slots.

    True where no budget, allowance or other cap binds. Until the tighter cap is reached in a window all is
    the same, and afterwards its line item was not free at all. What is free is what no cap, schedule or
    missing creative stops: separation comes after caps.
    """
    tight, loose = deepcopy(market), deepcopy(market)
    place = choices.integer(0, len(edit.paths(market)) - 1)
    unit, count = choices.one(
        ("day", 1), ("hour", 1), ("hour", 6), ("lifetime", 1), ("stream", 1), ("week", 1)
    )
    most = choices.integer(1, 4)
    for each, limit in ((tight, most), (loose, most + choices.integer(1, 3))):
        cap = {"max_impressions": limit, "unit": unit, "unit_count": count}
        edit.items(each)[place]["frequency_caps"] = [cap]
    before, after, path = play(tight), play(loose), edit.paths(market)[place]
    if (before.counts["requests_matched"] != after.counts["requests_matched"]).any():
        return "matched slots differ"
    blocked = ("blocked_daypart", "blocked_creative", "blocked_frequency_cap")
    at = before.paths.index(path)
    was, now = (sum(int(run.counts[name][at].sum()) for name in blocked) for run in (before, after))
    return f"{path} was kept from {was} slots, and is from {now}" if now > was else ""


@unchanged(facts=False)
def caps_that_know_nobody_are_none(blind: Draft, free: Draft, choices: Choices) -> None:
    """Match no session to an identity, or remove the caps that need one: all stays but the count of leaks.

    True of every market: caps of a pod or a stream need no identity, and stay.
    """
    counted = choices.one("person", "household", "device")
    for each in (blind, free):
        each["market"]["identity"] = {"match_rate": 0, "counted_by": counted}
    edit.drop_caps(free, lambda cap: cap["unit"] not in ("pod", "stream"))


@unchanged(facts=False)
def a_household_of_one_is_a_person(persons: Draft, households: Draft, _: Choices) -> None:
    """Count caps by households of one, or by persons: the same. True of every market."""
    for each, counted in ((persons, "person"), (households, "household")):
        each["market"]["population"]["household_size"] = 1
        each["market"]["identity"] = {**each["market"].get("identity", {}), "counted_by": counted}


@unchanged(but=(*(one.name for one in COUNTED), *CONVERSIONS))
def what_becomes_of_an_ad_changes_no_auction(_: Draft, other: Draft, choices: Choices) -> None:
    """Let more viewers stay to the end, click, mute or see the ad: who wins what at which price stays.

    True of every market: only whether an ad is rendered to a person decides what is billed and counted. Who
    converts may change.
    """
    other["market"]["outcomes"] |= {
        "started": choices.one(0.5, 0.9),
        "completion": {"tv": 0.5},
        "click": {"tv": 0.5, "phone": 0.5},
        "muted": {"tv": 0.5},
        "skipped": 0.5,
    }


@unchanged(Scope(other_settings=False, pods=("structured",)), but=("ambient_micros",))
def nobody_s_bid_moves_a_guaranteed_deal(cheap: Draft, dear: Draft, choices: Choices) -> list[str]:
    """Raise or lower everybody else's maximum: who is served ahead of the auction has the same slots.

    True of a single such line item whose advertiser and category stand alone and share no cap or budget.
    """
    if any(item.get("deal", {}).get("kind") == "guaranteed" for item in edit.items(cheap)):
        raise UnfitError
    terms = {"deal": {"kind": "guaranteed"}, "frequency_caps": [{"max_impressions": 2, "unit": "day"}]}
    for each in (cheap, dear):
        each["market"]["separation"]["categories"] = []
        path = edit.add(each, "Guaranteed", lifetime_budget="3", **terms)
    for item in edit.items(dear):
        if "deal" not in item:
            item["max_cpm"] = choices.one(40, 2, 30)
    return [path]
