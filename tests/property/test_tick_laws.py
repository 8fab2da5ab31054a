"""The laws of a tick, checked on what the compiled kernel did, by code that knows nothing of how it works."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim import kernels, layout
from sim.auction import AuctionFormat
from sim.events import FREQUENCY_BUCKETS, FUNNEL, INVENTORY, POD_SHIFT
from tests.property.markets import (
    billed,
    by_item,
    column,
    floor_for,
    free,
    in_place,
    kinds,
    laws,
    seeds,
    served,
    shapes,
    targeted,
)
from tests.shapes import Shape
from tests.worlds import SLOT_SECONDS, Outcome, World, play, random_world


@laws
@given(shapes, seeds, kinds)
def test_every_opportunity_has_one_end(shape: Shape, seed: int, kind: str) -> None:
    for tick in served(shape, seed, kind)[1]:
        got = {name: column(tick.funnel, name) for name in FUNNEL}
        blocked = sum(got[name] for name in FUNNEL if name.startswith("blocked_"))
        lost = sum(got[name] for name in FUNNEL if name.startswith("lost_"))
        np.testing.assert_array_equal(got["requests_matched"], blocked + got["bids"])
        np.testing.assert_array_equal(got["bids"], lost + got["wins"])
        np.testing.assert_array_equal(got["wins"], got["impressions"] + got["errors"] + got["invalid"])
        assert tick.funnel.min(initial=0) >= 0


@laws
@given(shapes, seeds, kinds)
def test_the_funnel_counts_the_events(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    for tick in ticks:
        events = tick.events
        unseen = events[events["rendered"] == 0]
        fake = events[(events["rendered"] == 1) & (events["invalid"] == 1)]
        for name, counted in {
            "wins": by_item(world, events),
            "errors": by_item(world, unseen),
            "invalid": by_item(world, fake),
            "impressions": by_item(world, billed(events)),
            "clearing_sum_micros": by_item(world, events, events["price_micros"]),
            "floor_sum_micros": by_item(world, events, events["floor_micros"]),
            "impression_bid_sum_micros": by_item(world, billed(events), billed(events)["bid_micros"]),
            "worth_sum_micros": by_item(world, billed(events), billed(events)["worth_micros"]),
            "spend_micros": by_item(world, events, events["charged_micros"]),
        }.items():
            assert column(tick.funnel, name).tolist() == counted, name


@laws
@given(shapes, seeds, kinds)
def test_requests_matched_are_the_slots_a_line_item_is_sold_for(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    for step, tick in zip(world.steps, ticks, strict=True):
        for i, matched in enumerate(column(tick.funnel, "requests_matched")):
            pods = [pod for pod in step.pods if targeted(world, step.tick, pod, i)]
            assert matched == sum(in_place(world, pod, k, i) for pod in pods for k in range(pod["slots"]))


@laws
@given(shapes, seeds, kinds)
def test_no_ad_outside_flight_targeting_daypart_or_length(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    for step, tick in zip(world.steps, ticks, strict=True):
        pods = {int(pod["id"]): pod for pod in step.pods}
        for event in tick.events:
            i, creative = int(event["line_item"]), int(event["creative"])
            item, pod = world.book.line_items[i], pods[int(event["slot_id"]) >> POD_SHIFT]
            person = world.memory.viewers[pod["viewer"]]
            assert targeted(world, step.tick, pod, i)
            assert step.tick.quotes[0]["open"][i]
            assert step.tick.quotes[0]["participation"][i] > 0
            assert item["first_creative"] <= creative < item["first_creative"] + item["creatives"]
            assert event["duration_s"] == world.book.creatives["seconds"][creative] <= SLOT_SECONDS
            position = int(event["slot_id"]) % (1 << POD_SHIFT)
            assert event["pod_position"] == position < pod["slots"]
            assert event["ts"] == pod["second"] + position * SLOT_SECONDS
            assert event["viewer_id"] == person["id"]
            for name in ("region", "age_band", "gender"):
                assert event[name] == person[name]
            for name in ("device", "placement", "genre", "second_genre", "title_tier"):
                assert event[name] == pod[name]
            assert event["session_id"] == pod["session"]
            assert in_place(world, pod, position, i)
            assert event["pod_slots"] == pod["slots"]
            assert event["floor_micros"] == floor_for(world, pod, i)


@laws
@given(shapes, seeds, kinds)
def test_floor_price_bid_and_maximum_are_in_order(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    for step, tick in zip(world.steps, ticks, strict=True):
        for event in tick.events:
            most = step.tick.quotes[0]["max_bid"][event["line_item"]]
            assert event["floor_micros"] <= event["price_micros"] <= event["bid_micros"] <= most
            ahead = world.book.line_items["priority"][event["line_item"]] > 0
            assert event["bid_micros"] > 0
            assert ahead or event["ambient_micros"] <= event["bid_micros"]
            if ahead or kind == "first_price":
                assert event["price_micros"] == event["bid_micros"]


@laws
@given(shapes, seeds, kinds)
def test_nobody_is_lost_to_a_deal_but_where_one_won(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    priority = world.book.line_items["priority"]
    for tick in ticks:
        deals = int((priority[tick.events["line_item"]] > 0).sum())
        lost = column(tick.funnel, "lost_deal")
        outbid = column(tick.funnel, "lost_outbid") + column(tick.funnel, "lost_ambient")
        assert (lost <= deals).all()
        assert (outbid[priority > 0] == 0).all()


@laws
@given(seeds, st.sampled_from(["none", "ties", "log_normal"]), st.sampled_from([1, 2, 3, 50]))
def test_the_highest_bid_wins_at_what_others_would_have_paid(
    seed: int, ambient: str, advertisers: int
) -> None:
    shape = replace(free, ambient=ambient, advertisers=advertisers)
    world, ticks = served(shape, seed)
    items = world.book.line_items
    fits = [
        any(world.book.creatives["seconds"][c] <= SLOT_SECONDS for c in range(first, first + count))
        for first, count in zip(items["first_creative"], items["creatives"], strict=True)
    ]
    for step, tick in zip(world.steps, ticks, strict=True):
        bids = step.tick.quotes[0]["bid"]
        won = {int(event["slot_id"]): event for event in tick.events}
        for pod in step.pods:
            floor = world.market.floors[pod["device"], pod["placement"]]
            shown: list[Any] = []
            for position in range(pod["slots"]):
                event = won.get((int(pod["id"]) << POD_SHIFT) + position)
                bidders = [
                    i
                    for i in range(len(items))
                    if targeted(world, step.tick, pod, i)
                    and fits[i]
                    and bids[i] >= floor
                    and all(ad["advertiser"] != items[i]["advertiser"] for ad in shown)
                    and all(ad["category"] != items[i]["category"] or ad["category"] < 0 for ad in shown)
                ]
                if event is None:
                    assert not bidders or ambient != "none"
                    continue
                winner = items[event["line_item"]]
                others = [bids[i] for i in bidders if items[i]["advertiser"] != winner["advertiser"]]
                assert event["bid_micros"] == max(bids[i] for i in bidders)
                assert event["line_item"] in bidders
                assert event["price_micros"] == max([*others, event["ambient_micros"], floor])
                shown.append(winner)


@laws
@given(shapes, seeds, kinds)
def test_what_is_charged_is_what_is_drawn_and_no_lease_is_overdrawn(
    shape: Shape, seed: int, kind: str
) -> None:
    world, ticks = served(shape, seed, kind)
    for step, tick in zip(world.steps, ticks, strict=True):
        events = tick.events
        is_billed = (events["rendered"] == 1) & (events["invalid"] == 0)
        np.testing.assert_array_equal(
            events["charged_micros"], np.where(is_billed, events["price_micros"], 0)
        )
        charged = by_item(world, events, events["charged_micros"])
        begun = step.tick.parts <= step.pods["second"].max(initial=-1)
        released = {"allowance": step.tick.releases[0, begun].sum(axis=0)}
        for name in ("lifetime", "daily", "allowance"):
            leased = step.tick.quotes[0][name] + released.get(name, 0)
            assert (leased - tick.quotes[0][name]).tolist() == charged, name
            assert tick.quotes[0][name].min() >= 0, name
        for name in ("max_bid", "bid", "participation", "open"):
            np.testing.assert_array_equal(step.tick.quotes[0][name], tick.quotes[0][name])
        assert column(tick.inventory, "revenue_micros").sum() == sum(charged)


def assert_no_window_holds_more_than_its_cap(world: World, ticks: list[Outcome]) -> None:
    book, had = world.book, Counter[tuple[int, ...]]()
    for step, tick in zip(world.steps, ticks, strict=True):
        begun = {int(pod["id"]): int(pod["second"]) for pod in step.pods}
        for event in billed(tick.events):
            item = book.line_items[event["line_item"]]
            for c in book.cap_links[item["first_cap"] : item["first_cap"] + item["caps"]]:
                slot_id, session = int(event["slot_id"]), int(event["session_id"])
                key = (
                    int(c),
                    int(event["viewer_id"]),
                    window(book.caps[c], c, step.tick, slot_id, begun[slot_id >> POD_SHIFT], session),
                )
                had[key] += 1
                assert had[key] <= book.caps["limit"][c]


@laws
@given(shapes, seeds, kinds)
def test_no_window_of_a_cap_holds_more_than_the_cap(shape: Shape, seed: int, kind: str) -> None:
    assert_no_window_holds_more_than_its_cap(*served(shape, seed, kind))


@laws
@given(seeds, kinds, st.integers(0, 3), st.sampled_from([(1,), (1, 2), (2, 3, 4)]))
def test_caps_shared_by_advertisers_hold_within_a_pod(
    seed: int, kind: str, clock: int, limits: tuple[int, ...]
) -> None:
    shape = replace(
        free, items=8, advertisers=50, categories=0, slots=15, caps=2, linked=True, clocks=(clock,), limits=limits
    )  # fmt: skip
    assert_no_window_holds_more_than_its_cap(*served(replace(shape, cold=True), seed, kind))


def window(
    cap: np.void, number: int, tick: layout.TickArrays, slot_id: int, second: int, session: int
) -> int:
    """Return the window of a cap that a slot falls into, named by what it is."""
    if cap["clock"] == layout.CLOCK_TICK:
        return int(tick.windows[number])
    if cap["clock"] == layout.CLOCK_MINUTE:
        return (second // 60 + int(tick.windows[number])) // int(cap["length"])
    return {layout.CLOCK_POD: slot_id >> POD_SHIFT, layout.CLOCK_STREAM: session}[int(cap["clock"])]


@laws
@given(seeds, st.integers(1, 5) | st.integers(1, 255), st.integers(0, 3), st.integers(1, 2), st.booleans())
def test_a_cap_lets_through_exactly_its_number(
    seed: int, limit: int, clock: int, items: int, still: bool
) -> None:
    shape = replace(
        free, items=items, advertisers=50, viewers=2, pods=150, slots=1, bids=(10_000,), floors=(0,), ticks=2,
        caps=1, linked=True, clocks=(clock,), limits=(limit,), refused=0.0, live=1.0, outcomes=(0.0,), cold=True,
    )  # fmt: skip
    world = random_world(shape, seed)
    wanted = Counter[tuple[int, int]]()
    for step in world.steps:
        if still:
            step.tick.windows[:] = step.pods["session"] = 7
        for pod in step.pods:
            if any(targeted(world, step.tick, pod, i) for i in range(items)):
                slot_id = int(pod["id"]) << POD_SHIFT
                now = window(
                    world.book.caps[0], 0, step.tick, slot_id, int(pod["second"]), int(pod["session"])
                )
                wanted[int(pod["viewer"]), now] += 1
    ticks = play(world, kernels.serve_slots, AuctionFormat.members()["first_price"]().price)
    assert sum(len(tick.events) for tick in ticks) == sum(min(limit, n) for n in wanted.values())


@laws
@given(shapes, seeds, kinds)
def test_a_pod_holds_no_two_ads_of_a_kind_and_no_more_than_its_seconds(
    shape: Shape, seed: int, kind: str
) -> None:
    world, ticks = served(shape, seed, kind)
    for step, tick in zip(world.steps, ticks, strict=True):
        room = {int(pod["id"]): int(pod["slots"]) * SLOT_SECONDS for pod in step.pods}
        ads = defaultdict(list)
        for event in tick.events:
            ads[int(event["slot_id"]) >> POD_SHIFT].append(event)
        for pod, shown in ads.items():
            items = [world.book.line_items[event["line_item"]] for event in shown]
            advertisers = [int(item["advertiser"]) for item in items]
            categories = [int(item["category"]) for item in items if item["category"] >= 0]
            assert len(set(advertisers)) == len(advertisers)
            assert len(set(categories)) == len(categories)
            assert sum(int(event["duration_s"]) for event in shown) <= room[pod]
            assert len({int(event["slot_id"]) for event in shown}) == len(shown)


@laws
@given(shapes, seeds, kinds)
def test_outcomes_nest(shape: Shape, seed: int, kind: str) -> None:
    for tick in served(shape, seed, kind)[1]:
        for event in tick.events:
            marks = [int(event[name]) for name in ("started", "q25", "q50", "q75", "completed")]
            impression = int(event["rendered"] and not event["invalid"])
            assert [impression, *marks] == sorted([impression, *marks], reverse=True)
            assert event["rendered"] >= event["invalid"]
            assert impression >= event["measurable"] >= event["viewable"]
            for name in ("measurable", "viewable", "skipped", "muted", "clicked", "qr_scanned"):
                assert event["started"] >= event[name], name
            assert not (event["skipped"] and event["completed"])
            # Four times the seconds lie between the mark that was passed and the next one.
            quarters = max(sum(marks) - 1, 0)
            watched, whole = int(event["watch_seconds"]), int(event["duration_s"])
            assert quarters * whole // 4 <= watched <= min(quarters + marks[0], 4) * whole // 4
            assert (watched == whole) == bool(event["completed"])


@laws
@given(shapes, seeds, kinds)
def test_reach_is_the_new_viewers_and_frequency_counts_them_once(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    reach = np.zeros(len(world.book.line_items), np.int64)
    had: list[Counter[int]] = [Counter() for _ in world.book.line_items]
    places = {int(viewer): v for v, viewer in enumerate(world.memory.viewers["id"])}
    for tick in ticks:
        reach += column(tick.funnel, "new_viewers")
        for event in billed(tick.events):
            had[event["line_item"]][int(event["viewer_id"])] += 1
        assert reach.tolist() == [len(viewers) for viewers in had]
        np.testing.assert_array_equal(tick.frequency.sum(axis=1), reach)
        for i, viewers in enumerate(had):
            buckets = Counter(
                "freq_1" if n == 1 else "freq_2" if n == 2 else "freq_3_5" if n <= 5 else "freq_6_9" if n <= 9
                else "freq_10_plus" for n in viewers.values()
            )  # fmt: skip
            assert tick.frequency[i].tolist() == [buckets[name] for name in FREQUENCY_BUCKETS]
            for viewer, n in viewers.items():
                assert tick.seen[places[viewer], i] == n
        assert (tick.seen > 0).sum() == reach.sum()


@laws
@given(shapes, seeds, kinds)
def test_every_avail_is_filled_or_not(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    for step, tick in zip(world.steps, ticks, strict=True):
        got = {name: column(tick.inventory, name) for name in INVENTORY}
        np.testing.assert_array_equal(got["avails"], got["filled"] + got["filled_ambient"] + got["unfilled"])
        np.testing.assert_array_equal(got["ad_seconds"], got["avails"] * SLOT_SECONDS)
        taken = got["filled_ambient"] * SLOT_SECONDS
        np.add.at(taken, (tick.events["device"], tick.events["placement"]), tick.events["duration_s"])
        np.testing.assert_array_equal(got["sold_seconds"], taken)
        offered = np.zeros_like(got["avails"])
        sold, revenue = offered.copy(), offered.copy()
        np.add.at(offered, (step.pods["device"], step.pods["placement"]), step.pods["slots"])
        np.add.at(sold, (tick.events["device"], tick.events["placement"]), 1)
        where = (tick.events["device"], tick.events["placement"])
        np.add.at(revenue, where, tick.events["charged_micros"])
        np.testing.assert_array_equal(got["avails"], offered)
        np.testing.assert_array_equal(got["filled"], sold)
        np.testing.assert_array_equal(got["revenue_micros"], revenue)
        assert (got["revenue_ambient_micros"] >= got["filled_ambient"] * world.market.floors).all()
        assert world.market.ambient.max() > 0 or got["filled_ambient"].sum() == 0
