"""Bidders and campaigns: pacing curves, budgets at both levels, pauses, cuts and the facts they leave."""

import numpy as np
import pytest

from analysis.runs.book_text import read_book
from entities.errors import InputError
from tests.bookings import ZONE, book, campaign, line_item, market, play

PLENTY = 10**6


def _cheap(**settings: object) -> object:
    return market(ambient="none", **settings)


def test_asap_is_done_first_and_even_spends_the_same_every_hour() -> None:
    asap = play([campaign([line_item(lifetime_budget=60, pacing="asap")])], _cheap()).by_hour(
        0, "spend_micros"
    )
    pacing = {"kind": "even", "ahead": 0}
    even = play([campaign([line_item(lifetime_budget=60, pacing=pacing)])], _cheap()).by_hour(
        0, "spend_micros"
    )
    assert sum(asap[:12]) >= 60_000_000 - 4 * 25_000
    goal = 60_000_000 / 48
    # Where there is enough traffic an hour's spend is its goal, up to a bid a shard that rolls over.
    assert all(abs(spend - goal) <= 5 * 25_000 for spend in even)


def test_traffic_shaped_follows_the_forecast() -> None:
    played = play([campaign([line_item(lifetime_budget=300, pacing="traffic_shaped")])], _cheap())
    spend = np.array(played.by_hour(0, "spend_micros"))
    avails = np.array([hour.inventory[..., 0].sum() for hour in played.hours])
    # A share of the whole in each hour like the traffic's: the forecast is a mean, the traffic a draw.
    difference = np.abs(spend / spend.sum() - avails / avails.sum())
    assert difference.max() < 6 / np.sqrt(avails.min()) * (avails / avails.sum()).max()


def test_missed_goals_roll_over_the_hours_that_remain() -> None:
    dayparts = [{"hours": "18-23"}]
    played = play([campaign([line_item(lifetime_budget=60, dayparts=dayparts, pacing="even")])], _cheap())
    spend = played.by_hour(0, "spend_micros")
    local = range(48)
    assert all(spend[h] == 0 for h in local if h % 24 < 18)
    assert sum(spend) > 60_000_000 - 4 * 25_000
    assert played.of(0, "blocked_daypart") > 0
    goals = [int(hour.pacing.goal_micros[0]) for hour in played.hours]
    # The first day's six hours mean to spend half of it, and five percent more.
    assert goals[18] == 1.05 * 5_000_000


@pytest.mark.parametrize("tick_minutes", [60, 20])
def test_who_sleeps_from_one_open_hour_to_the_next_misses_none(tick_minutes: int) -> None:
    # In the hours between nobody can deliver, and nobody answers.
    dayparts = [{"hours": "3-4"}, {"hours": "6-6"}, {"hours": "20-20"}]
    items = [line_item(dayparts=dayparts), line_item("other", dayparts=[{"hours": "6-6"}])]
    played = play([campaign(items, lifetime_budget=PLENTY)], _cheap(tick_minutes=tick_minutes))
    for place, hours in enumerate(({3, 4, 6, 20}, {6})):
        spend = played.by_hour(place, "spend_micros")
        assert {hour % 24 for hour in range(48) if spend[hour]} == hours
        assert len(np.flatnonzero(spend)) == 2 * len(hours)


def test_a_daily_budget_holds_in_every_local_day_and_begins_anew() -> None:
    played = play([campaign([line_item(lifetime_budget=100, daily_budget=20, pacing="asap")])], _cheap())
    spend = played.by_hour(0, "spend_micros")
    for day in (spend[:24], spend[24:]):
        assert 20_000_000 - 4 * 25_000 < sum(day) <= 20_000_000
    assert played.of(0, "blocked_budget_daily") > 0
    assert [fact.second for fact in played.facts("daily_reset")] == [24 * 3600]


def test_a_campaigns_budget_is_shared_by_its_line_items_and_never_passed() -> None:
    items = [line_item("one"), line_item("two"), line_item("three", lifetime_budget=5)]
    played = play([campaign(items, lifetime_budget=60)], _cheap())
    spends = [played.of(place, "spend_micros") for place in range(3)]
    assert 60_000_000 - 12 * 25_000 < sum(spends) <= 60_000_000
    three = [item.name for item in played.book.line_items].index("three")
    assert spends[three] <= 5_000_000
    others = [spend for place, spend in enumerate(spends) if place != three]
    assert abs(others[0] - others[1]) < 3_000_000


def test_a_campaigns_daily_budget_is_never_passed() -> None:
    played = play([campaign([line_item("one"), line_item("two")], daily_budget=30)], _cheap())
    totals = np.array([played.by_hour(place, "spend_micros") for place in range(2)]).sum(axis=0)
    for day in (totals[:24], totals[24:]):
        assert 25_000_000 < day.sum() <= 30_000_000


def _changed(**terms: object) -> object:
    return _cheap(changes=[{"at": "2026-11-02 12:00", "line_item": "item", **terms}])


def test_a_pause_stops_a_line_item_and_is_told() -> None:
    played = play([campaign([line_item(lifetime_budget=PLENTY)])], _changed(status="paused"))
    spend = played.by_hour(0, "spend_micros")
    assert min(spend[:12]) > 0
    assert sum(spend[12:]) == 0
    assert sum(played.by_hour(0, "requests_matched")[12:]) == 0
    assert [(fact.second, fact.detail) for fact in played.facts("status_changed")] == [
        (43200, "status = paused")
    ]


def test_a_cut_budget_is_kept_to_and_what_is_spent_stays_spent() -> None:
    whole = play([campaign([line_item(lifetime_budget=100)])], _cheap())
    before = sum(whole.by_hour(0, "spend_micros")[:12])
    cut = play([campaign([line_item(lifetime_budget=100)])], _changed(lifetime_budget=40))
    assert sum(cut.by_hour(0, "spend_micros")[:12]) == before
    assert 39_000_000 < cut.of(0, "spend_micros") <= 40_000_000
    below = play([campaign([line_item(lifetime_budget=100)])], _changed(lifetime_budget=1))
    assert below.of(0, "spend_micros") == before


def test_a_new_cpm_is_bid_from_its_tick_on() -> None:
    played = play([campaign([line_item(lifetime_budget=PLENTY)])], _changed(max_cpm=12))
    bids = [set(hour.events["bid_micros"].tolist()) for hour in played.hours]
    assert set().union(*bids[:12]) == {25_000}
    assert set().union(*bids[12:]) == {12_000}


@pytest.mark.parametrize("level", ["line_item", "campaign"])
def test_who_begins_paused_is_woken_by_a_change(level: str) -> None:
    own, whole = ({"status": "paused"} if level == one else {} for one in ("line_item", "campaign"))
    sleeper = campaign([line_item(lifetime_budget=PLENTY, **own)], **whole)
    target = {level: "item" if level == "line_item" else "Campaign"}
    woken = play([sleeper], _cheap(changes=[{"at": "2026-11-02 12:00", **target, "status": "active"}]))
    spend = woken.by_hour(0, "spend_micros")
    assert sum(spend[:12]) == 0
    assert min(spend[12:24]) > 0
    details = [(fact.second, fact.detail) for fact in woken.facts("status_changed")]
    assert details == [(0, "status = paused"), (43200, "status = active")]
    # It is as if a change had paused it at the start.
    pauses = [{"at": "2026-11-02 00:00", **target, "status": "paused"}]
    wakes = [{"at": "2026-11-02 12:00", **target, "status": "active"}]
    again = play([campaign([line_item(lifetime_budget=PLENTY)])], _cheap(changes=pauses + wakes))
    assert woken.outcome.events_digest == again.outcome.events_digest
    # What is stored of the book is read back with it; a book in which nobody sleeps is told as ever.
    assert read_book(woken.book.text).text == woken.book.text
    assert '"paused":true' in woken.book.text
    assert "paused" not in again.book.text


def test_who_is_paused_and_never_woken_has_no_place_in_the_book() -> None:
    awake, asleep = line_item(lifetime_budget=1), line_item("other", lifetime_budget=1, status="paused")
    where = _cheap(changes=[{"at": "2026-11-02 12:00", "line_item": "item", "status": "active"}])
    assert [item.name for item in book([campaign([awake, asleep])], where).line_items] == ["item"]
    both = campaign([line_item(lifetime_budget=1, status="paused")], status="paused")
    assert book([both], where).line_items == ()


def test_a_change_for_nobody_names_the_nearest() -> None:
    where = _cheap(changes=[{"at": "2026-11-02 12:00", "line_item": "itm", "max_cpm": 3}])
    with pytest.raises(
        Exception,
        match=r"market.changes.0.line_item: 'itm' is no active line item of the market; did you mean 'item'\?",
    ):
        play([campaign([line_item(lifetime_budget=1)])], where)


def test_flights_are_told_and_dust_is_exhaustion() -> None:
    played = play([campaign([line_item(lifetime_budget="0.06", pacing="asap")], end="2026-11-02")], _cheap())
    assert played.of(0, "spend_micros") == 50_000
    assert [fact.detail for fact in played.facts("budget_exhausted")] == ["10000 micros left"]
    assert [fact.second for fact in played.facts("flight_started")] == [0]
    assert [fact.second for fact in played.facts("flight_ended")] == [24 * 3600]


@pytest.mark.parametrize("minutes", [30, 15, 5])
def test_shorter_ticks_see_the_same_traffic(minutes: int) -> None:
    hourly = play([campaign([line_item(lifetime_budget=40)])], _cheap(days=1))
    finer = play([campaign([line_item(lifetime_budget=40)])], _cheap(days=1, tick_minutes=minutes))
    for one, other in zip(hourly.hours, finer.hours, strict=True):
        assert (one.inventory[..., 0] == other.inventory[..., 0]).all()
        assert (one.funnel[:, 0] == other.funnel[:, 0]).all()
    assert abs(hourly.of(0, "spend_micros") - finer.of(0, "spend_micros")) <= 4 * 25_000


def test_line_items_that_are_over_leave_their_part_of_a_campaign_to_the_others() -> None:
    early = line_item("early", flights=[{"start": "2026-11-02", "end": "2026-11-02 06:00"}])
    late = line_item("late", flights=[{"start": "2026-11-02 06:00", "end": "2026-11-04 00:00"}])
    played = play([campaign([early, late], lifetime_budget=60, timezone=ZONE)], _cheap())
    assert sum(played.of(place, "spend_micros") for place in range(2)) > 60_000_000 - 12 * 25_000


def test_changes_take_effect_at_the_next_tick_in_the_order_of_their_moments() -> None:
    changes = [
        {"at": "2026-11-02 15:50", "line_item": "item", "status": "paused"},
        {"at": "2026-11-02 15:20", "line_item": "item", "status": "active"},
        {"at": "2026-11-02 20:00:30", "line_item": "item", "status": "active"},
    ]
    played = play([campaign([line_item(lifetime_budget=PLENTY)])], _cheap(changes=changes))
    spend = played.by_hour(0, "spend_micros")
    assert spend[15] > 0
    assert sum(spend[16:21]) == 0
    assert spend[21] > 0


def test_a_line_item_paused_on_its_own_stays_so_when_its_campaign_goes_on() -> None:
    changes = [
        {"at": "2026-11-02 06:00", "line_item": "one", "status": "paused"},
        {"at": "2026-11-02 08:00", "campaign": "Campaign", "status": "paused"},
        {"at": "2026-11-02 10:00", "campaign": "Campaign", "status": "active"},
    ]
    items = [line_item("one", lifetime_budget=PLENTY), line_item("two", lifetime_budget=PLENTY)]
    played = play([campaign(items)], _cheap(changes=changes))
    one, two = (played.by_hour(place, "spend_micros") for place in range(2))
    assert sum(one[6:]) == 0
    assert sum(two[8:10]) == 0
    assert two[10] > 0


def test_a_change_that_no_tick_follows_is_refused() -> None:
    for at in ("2026-11-03 23:30", "2026-11-01 12:00"):
        where = _cheap(changes=[{"at": at, "line_item": "item", "max_cpm": 3}])
        with pytest.raises(InputError, match="to its last tick, 2026-11-03 23:00"):
            play([campaign([line_item(lifetime_budget=1)])], where)
