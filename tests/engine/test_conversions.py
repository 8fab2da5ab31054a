"""Conversions against a plain telling of them, and against theory where theory has a number."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.audience.conversions import Conversions
from sim.book.records import Book
from sim.engine.conversions import ConversionTracker
from sim.events import CONVERSIONS, EVENT, FUNNEL, Hour
from sim.streams import GOLDEN, Purpose, mix, salts
from tests.bookings import Played, book, campaign, line_item, market, play
from tests.statistical.chance import expect_chi_square, expect_rate, expect_standard

SALTS = salts(20261102)
PPM = 1_000_000
AT = {name: place for place, name in enumerate(CONVERSIONS)}


@cache
def booked() -> Book:
    """Return a book of two campaigns, of two line items and of one."""
    both = campaign([line_item("a", lifetime_budget=9), line_item("b", lifetime_budget=9)])
    other = campaign([line_item("c", lifetime_budget=9)], advertiser="Other", name="Other")
    return book([both, other], market())


def hour_of(number: int, **columns: Any) -> Hour:
    """Return an hour whose EVENT records, all of them billed, have these *columns*."""
    events = np.zeros(len(columns["viewer_id"]), EVENT)
    events["rendered"] = 1
    for name, values in columns.items():
        events[name] = values
    nothing: Any = None
    return Hour(number, (events,), nothing, nothing, nothing, nothing)


def random_hours(rng: np.random.Generator, hours: int, viewers: int, most: int) -> list[Hour]:
    found = []
    for number in range(hours):
        n = int(rng.integers(most + 1))
        seen = {name: rng.random(n) < 0.7 for name in ("rendered", "viewable", "completed")}
        slots = rng.choice(1 << 40, n, replace=False) if n else []
        found.append(
            hour_of(
                number,
                **seen,
                viewer_id=rng.integers(viewers, size=n),
                line_item=rng.integers(3, size=n),
                ts=number * 3600 + rng.integers(0, 5, n),
                slot_id=slots,
                invalid=rng.random(n) < 0.1,
                clicked=rng.random(n) < 0.3,
            )
        )
    return found


def told(terms: Conversions, hours: list[Hour]) -> list[list[list[int]]]:
    """Return the same as a plain story: every touch remembered, every conversion looked at on its own."""
    items = booked().line_items
    chances, delays = terms.chances().tolist(), terms.delays().tolist()
    history: dict[tuple[int, int], list[tuple[int, int, int, int, bool]]] = defaultdict(list)
    exposures: Counter[tuple[int, int]] = Counter()
    due: dict[int, list[tuple[int, int]]] = defaultdict(list)
    story = []
    for hour in hours:
        found = [[0] * len(CONVERSIONS) for _ in items]
        for event in sorted(hour.events.tolist(), key=lambda one: (one[NAMES["ts"]], one[NAMES["slot_id"]])):
            one = dict(zip(EVENT.names or (), event, strict=True))
            item = items[one["line_item"]]
            if not one["rendered"] or one["invalid"]:
                continue
            exposed = terms.exposure == "billed" or bool(one[terms.exposure])
            if not exposed and not one["clicked"]:
                continue
            found[one["line_item"]][AT["touches"]] += 1
            whom = one["viewer_id"], item.campaign
            history[whom].append(
                (hour.hour, one["ts"], one["slot_id"], one["line_item"], bool(one["clicked"]))
            )
            slot = mix(one["slot_id"] * GOLDEN + int(SALTS[Purpose.slot]))
            draw = mix(slot ^ item.key ^ int(SALTS[Purpose.conversion]))
            if exposed:
                if draw % 2**32 < chances[min(exposures[whom], 255)]:
                    due[hour.hour + late(delays, draw >> 32)].append(whom)
                exposures[whom] += 1
            draw = mix(draw)
            if one["clicked"] and draw % 2**32 < round(terms.click_rate * 2**32):
                due[hour.hour + late(delays, draw >> 32)].append(whom)
        for whom in due.pop(hour.hour, []):
            touches = [touch for touch in history[whom] if touch[0] > hour.hour - terms.lookback_hours]
            clicks = [touch for touch in touches if touch[4]]
            last = max(clicks or touches)
            found[last[3]][AT["click_through" if clicks else "view_through"]] += 1
            for rank, touch in enumerate(sorted(touches, reverse=True)):
                part = PPM // len(touches) + (rank < PPM % len(touches))
                found[touch[3]][AT["multi_touch_click_ppm" if clicks else "multi_touch_view_ppm"]] += part
        story.append(found)
    return story


NAMES = {name: place for place, name in enumerate(EVENT.names or ())}


def late(delays: list[int], draw: int) -> int:
    return next(hours for hours, share in enumerate(delays) if draw < share)


@pytest.mark.parametrize("seed", range(12))
def test_conversions_are_as_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    terms = Conversions(
        view_rate=float(rng.choice([0.0, 0.3, 1.0])),
        click_rate=float(rng.choice([0.2, 1.0])),
        exposure=["billed", "viewable", "completed"][seed % 3],
        saturation=float(rng.choice([0.0, 0.5])),
        wear_out=float(rng.choice([0.0, 0.4])),
        wear_out_after=int(rng.choice([1, 3])),
        mean_hours=float(rng.choice([0.5, 4.0, 1000.0])),
        lookback_hours=int(rng.choice([1, 2, 7, 30])),
    )
    viewers = int(rng.choice([1, 3, 20]))
    hours = random_hours(rng, 25, viewers, int(rng.choice([5, 40])))
    followed = ConversionTracker(terms, booked(), np.arange(viewers), SALTS)
    ref = told(terms, hours)
    assert [followed.add(hour.hour, hour.events).tolist() for hour in hours] == ref
    assert np.sum(ref, axis=(0, 1))[1:].sum() > 0


def test_a_viewer_s_exposures_are_told_apart_to_the_last_of_the_table() -> None:
    terms = Conversions(view_rate=1.0, saturation=1.0, lookback_hours=1)
    hours = [
        hour_of(number, viewer_id=[0] * 200, line_item=0, viewable=1, slot_id=number * 200 + np.arange(200))
        for number in range(3)
    ]
    followed = ConversionTracker(terms, booked(), np.arange(1), SALTS)
    assert [followed.add(hour.hour, hour.events).tolist() for hour in hours] == told(terms, hours)


# Theory.


def once_each(n: int, times: int = 1) -> Hour:
    """Return an hour in which each of *n* viewers sees the first line item as many *times*."""
    return hour_of(
        0, viewer_id=np.repeat(np.arange(n), times), line_item=0, viewable=1, slot_id=np.arange(n * times)
    )


def run_of(terms: Conversions, first: Hour, viewers: int, hours: int) -> NDArray[np.int64]:
    """Return the conversions of the first line item hour by hour, when nothing follows the *first* hour."""
    followed = ConversionTracker(terms, booked(), np.arange(viewers), SALTS)
    quiet = [hour_of(number, viewer_id=[]) for number in range(1, hours)]
    return np.array([followed.add(hour.hour, hour.events)[0] for hour in (first, *quiet)])


def test_conversions_come_as_often_and_as_late_as_they_should() -> None:
    n, mean, lookback = 200_000, 5.0, 24
    terms = Conversions(view_rate=0.3, mean_hours=mean, lookback_hours=lookback)
    found = run_of(terms, once_each(n), n, 30)[:, AT["view_through"]]
    expect_rate(found.sum(), n, 0.3, 2)
    assert found[lookback:].sum() == 0
    # A geometric delay of that mean, cut at the lookback.
    stay = mean / (1 + mean)
    shares = np.array([(1 - stay) * stay**hours for hours in range(lookback)]) / (1 - stay**lookback)
    expect_chi_square(found[:lookback].astype(float), found.sum() * shares, lookback - 1, 2)


@pytest.mark.parametrize(
    ("saturation", "wear_out", "after"), [(0.0, 0.0, 1), (0.25, 0.0, 1), (0.25, 0.3, 2), (0.0, 1.0, 3)]
)
def test_each_exposure_works_as_its_response_says(saturation: float, wear_out: float, after: int) -> None:
    n, times, rate = 40_000, 6, 0.2
    terms = Conversions(
        view_rate=rate, saturation=saturation, wear_out=wear_out, wear_out_after=after, lookback_hours=1
    )
    response = [(1 - wear_out) ** max(0, k - after) / (1 + saturation * (k - 1)) for k in range(1, times + 1)]
    chances = rate * np.array(response)
    found = run_of(terms, once_each(n, times), n, 1)[:, AT["view_through"]].sum()
    spread = math.sqrt(n * (chances * (1 - chances)).sum())
    expect_standard((found - n * chances.sum()) / spread, 4)


def test_saturation_lowers_conversions_and_wear_out_lowers_them_further() -> None:
    def total(**terms: float) -> int:
        made = Conversions(view_rate=0.2, lookback_hours=1, wear_out_after=2, **terms)
        return int(run_of(made, once_each(5000, 6), 5000, 1)[:, AT["view_through"]].sum())

    # The same draws: whoever converts with less effect does so with more.
    assert total() > total(saturation=0.2) > total(saturation=0.2, wear_out=0.2) > 0


def test_a_click_converts_on_its_own() -> None:
    n = 50_000
    first = once_each(n)
    first.events["clicked"] = np.arange(n) % 2
    found = run_of(Conversions(click_rate=0.4, lookback_hours=1), first, n, 1)[0]
    assert found[AT["view_through"]] == 0
    expect_rate(found[AT["click_through"]], n // 2, 0.4)
    assert found[AT["multi_touch_click_ppm"]] == PPM * found[AT["click_through"]]


# Whole runs.

RATES = {"view_rate": 0.2, "click_rate": 0.5, "exposure": "completed", "mean_hours": 6, "lookback_hours": 20}


def competing(**settings: Any) -> Any:
    return market(
        population={"viewers": 4000}, ambient="none", floors={"cpm": 0}, conversions=RATES, **settings
    )


def campaigns() -> list[Any]:
    items = [line_item(name, lifetime_budget=100, pacing="asap") for name in ("one", "two")]
    return [campaign(items), campaign([line_item(lifetime_budget=80)], advertiser="Other", name="Other")]


def total_of(played: Played) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.sum([hour.conversions for hour in played.hours], axis=0)
    return found


def test_early_enough_impressions_convert_at_their_rate() -> None:
    played = play(campaigns(), competing())
    delays = Conversions.model_validate(RATES).delays() / (1 << 32)
    chances = []
    for hour in played.hours:
        left = len(played.hours) - hour.hour
        due = delays[min(left, len(delays)) - 1]
        billed = hour.events[(hour.events["rendered"] == 1) & (hour.events["invalid"] == 0)]
        chances += [RATES["view_rate"] * due] * int(billed["completed"].sum())
        chances += [RATES["click_rate"] * due] * int(billed["clicked"].sum())
    each = np.array(chances)
    found = total_of(played)[:, 1:3].sum()
    assert each.sum() > 1000
    expect_standard((found - each.sum()) / math.sqrt((each * (1 - each)).sum()))


def test_conversions_do_not_depend_on_workers() -> None:
    one, two = (play(campaigns(), competing(), workers=workers) for workers in (1, 2))
    for ours, theirs in zip(one.hours, two.hours, strict=True):
        np.testing.assert_array_equal(ours.conversions, theirs.conversions)
    assert one.outcome == two.outcome


def test_conversions_change_nothing_else_and_are_off_by_default() -> None:
    with_, without = (
        play(campaigns(), competing()),
        play(campaigns(), competing().model_copy(update={"conversions": Conversions()})),
    )
    assert with_.outcome.events_digest == without.outcome.events_digest
    assert all(hour.conversions is None for hour in without.hours)
    touches = total_of(with_)[:, AT["touches"]]
    assert (touches <= with_.funnel[:, FUNNEL.index("impressions")]).all()
    assert (touches > 0).all()
