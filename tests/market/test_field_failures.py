"""What goes wrong in the field comes out right: each failure a scenario, held against arithmetic."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from analysis.booking import guards
from analysis.delivery import report as delivery
from scenarios.loader import MARKETS, load, names
from sim.events import FREQUENCY_BUCKETS
from sim.pacing import PacingPolicy
from tests.bookings import Played, book
from tests.laws.finished import finish
from tests.market.field import billed, campaigns, exposures, facts, field, local, place, spend

MICROS = 1_000_000
LONDON = "Europe/London"


def pacing_of(campaign: int, kind: str) -> str:
    return f"campaigns.{campaign}.campaign.line_items.0.pacing={kind}"


def column(played: Played, name: str, of: str) -> np.ndarray:
    """Return a column of a line item's pacing, hour by hour, micros."""
    here = place(played, name)
    return np.array([getattr(hour.pacing, of)[here] for hour in played.hours], np.int64)


@pytest.mark.parametrize("name", [name for name in names(MARKETS) if name.startswith("field-")])
def test_every_scenario_of_the_field_keeps_the_laws(name: str, tmp_path: Path) -> None:
    assert finish(tmp_path / "run", name, "market.days=2").audit().broken == ()


# ------------------------------------------------------------------------------- a small one beside large ones


def test_a_small_campaign_beside_large_ones_gets_all_that_its_budget_buys() -> None:
    bid, days, shards = 50_000, 28, 16
    played, _ = field("small-beside-large", f"market.shards={shards}")
    spent = spend(played, "Small")
    assert 500 * MICROS // bid < 24 * days * shards, "an hour's part is less than an ad a shard"
    assert 500 * MICROS - bid < spent.sum() <= 500 * MICROS
    # Day by day as Google Ad Manager defines it, five percent ahead; a bid a shard may wait until tomorrow.
    left, goals = 500.0 * MICROS, []
    for day in range(days):
        goals.append(left if day == days - 1 else 1.05 * left / (days - day))
        left -= goals[-1]
    by_day = spent.reshape(days, 24).sum(axis=1)
    assert np.abs(np.cumsum(by_day) - np.cumsum(goals)).max() <= shards * bid
    # The large ones are there, and take thirty times as much in the same slots.
    assert min(spend(played, name).sum() for name in ("Large", "Larger")) > 10 * spent.sum()


def test_it_does_where_its_part_of_a_tick_is_less_than_half_a_bid() -> None:
    # $18 in a day of five-minute ticks are 1.25 ads a tick, for 64 shards.
    last = "campaigns.0.campaign.end_date=2026-11-02"
    budget = "campaigns.0.campaign.line_items.0.lifetime_budget=18"
    fine = ["market.tick_minutes=5", "market.days=1", "market.shards=64", last, budget]
    played, _ = field("small-beside-large", *fine)
    assert 18 * MICROS - 50_000 < spend(played, "Small").sum() <= 18 * MICROS


# ------------------------------------------------------------------------------------------------------- dust

AD = 25_000
DUST = 10_000
ADS = {
    "Two ads and dust at once": 2,
    "Two ads and dust evenly": 2,
    "Two ads and dust a day": 4,
}
SHARED = ("North", "South", "West")


@pytest.fixture(scope="module")
def dust() -> Played:
    return field("dust")[0]


def test_budgets_buy_whole_ads_and_leave_dust(dust: Played) -> None:
    for name, ads in ADS.items():
        assert spend(dust, name).sum() == ads * AD
    # Four ads of $0.11 among three line items: a part that pays no ad goes where it does.
    assert sum(spend(dust, name).sum() for name in SHARED) == 4 * AD


def test_dust_keeps_nobody_alive(dust: Played) -> None:
    told = {whose: (second // 3600, detail) for whose, second, detail in facts(dust, "budget_exhausted")}
    assert set(told) == {"Two ads and dust at once", "Two ads and dust evenly", "Blue Yonder shares"}
    together = np.sum([spend(dust, name) for name in SHARED], axis=0)
    spends = {name: spend(dust, name) for name in ADS} | {"Blue Yonder shares": together}
    for whose, (hour, detail) in told.items():
        assert detail == f"{DUST} micros left"
        assert hour == np.flatnonzero(spends[whose])[-1] + 1
        # No bid is made for it, and what stops it is the budget.
        for name in SHARED if whose == "Blue Yonder shares" else (whose,):
            here = place(dust, name)
            assert sum(dust.by_hour(here, "bids")[hour:]) == 0
            matched = dust.by_hour(here, "requests_matched")[hour:]
            assert dust.by_hour(here, "blocked_budget_lifetime")[hour:] == matched


def test_dust_is_no_under_delivery(dust: Played, tmp_path: Path) -> None:
    for name in (*ADS, *SHARED):
        delivered, expected = (
            column(dust, name, f"{which}_cum_micros") for which in ("delivered", "expected")
        )
        assert delivered[-1] == expected[-1] == spend(dust, name).sum()
    run = finish(tmp_path / "run", "field-dust")
    with run.run() as found:
        rows = found.summary
        last = delivery.curves(found).group_by("line_item", maintain_order=True).last()
    assert rows["reason"].to_list() == [None] * 6
    assert last["osi"].to_list() == [1.0] * 6
    assert last["primary_underdelivery_reason"].to_list() == [None] * 6


# ------------------------------------------------------------------------------------------ a cut at noon

CUT = {"Cut for the day": "daily", "Cut for the flight": "lifetime"}
NEW = 55 * MICROS


@pytest.mark.parametrize("minutes", [60, 5])
@pytest.mark.parametrize("kind", sorted(PacingPolicy.members()))
def test_a_budget_that_is_cut_at_noon_does_not_black_out_the_rest_of_the_day(kind: str, minutes: int) -> None:
    pacing = [pacing_of(campaign, kind) for campaign in (0, 1)]
    played, _ = field("budget-cut", f"market.tick_minutes={minutes}", *pacing)
    for name in CUT:
        spent = spend(played, name)
        morning, rest = int(spent[:12].sum()), int(spent[12:].sum())
        if morning > NEW - AD:  # who has spent it already may spend no more
            assert rest == 0
            continue
        assert rest <= NEW - morning
        if not morning:  # planned once an hour, a policy of the minute has not begun by noon
            assert minutes > PacingPolicy.members()[kind].published_minutes
            continue
        # Until the money is gone, or 22:00, when the fastest of them may finish, nobody is without ads for
        # more than three hours: on the schedule of the new budget `even` would be until 18:00. But who is
        # published auction by auction and steers by the hour is dark now and then in the morning too.
        gone = int((np.cumsum(spent) < NEW - 4 * AD).sum())
        if (spent[:12] > 0).all():
            assert _dark(spent[12 : min(gone, 22)]) <= 3, spent // AD
        assert rest >= (NEW - morning) / 2


def _dark(spent: np.ndarray) -> int:
    return max(len(hours) for hours in "".join("." if hour else "D" for hour in spent).split("."))


@pytest.mark.parametrize("minutes", [60, 5])
def test_what_the_cut_leaves_is_spread_over_the_hours_that_are_left(minutes: int) -> None:
    for kind in ("even", "traffic_shaped"):
        pacing = [pacing_of(campaign, kind) for campaign in (0, 1)]
        played, _ = field("budget-cut", f"market.tick_minutes={minutes}", *pacing)
        for name in CUT:
            spent = spend(played, name)
            room = NEW - int(spent[:12].sum())
            assert 0 < room < NEW
            if kind == "even":  # five percent ahead, at every tick
                left, curve = 1.0, []
                ticks = 12 * 60 // minutes
                for tick in range(ticks):
                    left -= min(1.05 * left / (ticks - tick), left)
                    curve.append(1 - left)
                shares = np.array(curve[60 // minutes - 1 :: 60 // minutes])
            else:
                uncut, _ = field("budget-cut", "market.changes=[]", *pacing)
                traffic = np.diff([0, *column(uncut, name, "expected_cum_micros")])[12:]
                shares = np.cumsum(traffic / traffic.sum())
            # Up to a bid a shard is carried over.
            assert np.abs(np.cumsum(spent[12:]) - room * shares).max() <= 2 * 4 * AD
            assert (spent[12:] > 0).all()


# ----------------------------------------------------------------------------------------- a slow morning


def test_a_slow_morning_is_on_schedule_for_who_expects_it_and_not_for_the_even() -> None:
    played, _ = field("slow-morning")
    shaped, even = "Traffic-shaped", "Even"
    delivered, expected = (
        column(played, shaped, f"{which}_cum_micros") for which in ("delivered", "expected")
    )
    # Up to a bid a shard is carried over, and what the last minute of an hour released.
    carried = 2 * 4 * 26_000 + np.diff(expected).max() / 60
    assert np.abs(delivered - expected).max() <= carried
    # No hour makes up for another: goals are what the forecast gave them before the first hour.
    goals, forecast = column(played, shaped, "goal_micros"), np.diff([0, *expected])
    assert np.abs(goals - forecast).max() <= carried
    assert forecast[3:10].mean() < 0.6 * forecast.mean(), "the mornings are slow"

    delivered, expected = (column(played, even, f"{which}_cum_micros") for which in ("delivered", "expected"))
    osi, goals = delivered / expected, column(played, even, "goal_micros")
    hourly = 900 * MICROS / 48
    assert (osi[2:12] < 0.8).all()
    # What is missing at noon of the first day is more than a quarter of what it should have; the day's last
    # hours mean to make it good at more than half as fast again.
    assert delivered[11] < 0.75 * 12 * hourly
    assert goals[18:24].min() > 1.5 * hourly
    assert delivered[47] > delivered[11]


def test_only_the_even_is_told_a_reason(tmp_path: Path) -> None:
    run = finish(tmp_path / "run", "field-slow-morning")
    with run.run() as found:
        rows = delivery.curves(found)
    reasons = {
        name: part["primary_underdelivery_reason"].to_list() for (name,), part in rows.group_by("line_item")
    }
    assert set(reasons["Traffic-shaped"]) == {None}
    assert None not in reasons["Even"][2:12]


# --------------------------------------------------------------------------------- the clocks are changed

CLOCKS = {
    # The scenario; when flights begin, in hours from New York's midnight; hours of the Sunday on which London's
    # clocks change. New York is four hours behind UTC in both weeks; London one ahead until October's Sunday,
    # and none ahead until March's.
    "clocks-back": {"eve": 18, "day": 24 + 19, "sunday": 25},
    "clocks-forward": {"eve": 19, "day": 24 + 18, "sunday": 23},
}
clocks = pytest.mark.parametrize("name", CLOCKS)


@clocks
def test_flights_have_the_hours_of_their_own_zone(name: str) -> None:
    played, _ = field(name)
    eve, day, sunday = CLOCKS[name].values()
    flights = {"From the eve": (eve, 1 + sunday), "From the day": (day, 1 + 24)}
    for item, (first, hours) in flights.items():
        live = [bool(hour.pacing.live[place(played, item)]) for hour in played.hours]
        assert [n for n, flying in enumerate(live) if flying] == list(range(first, first + hours))
    told = {whose: (second // 3600, detail) for whose, second, detail in facts(played, "flight_started")}
    assert told["From the eve"] == (eve, f"{1 + sunday} hours")
    assert told["From the day"] == (day, "25 hours")


@clocks
def test_every_local_day_has_its_whole_daily_budget_even_that_of_an_hour(name: str) -> None:
    played, where = field(name)
    for item in ("From the eve", "From the day"):
        ads = billed(played, item)
        days = Counter(moment.date() for moment in local(where, LONDON, ads["ts"]))
        # A pod that begins before midnight ends after it: what is counted is the hour of the row.
        assert sum(days.values()) == 80
        assert sorted(spend(played, item)[spend(played, item) > 0].tolist()) == [MICROS, MICROS]
    eve, day, sunday = CLOCKS[name].values()
    resets = [(whose, second // 3600) for whose, second, _ in facts(played, "daily_reset")]
    assert sorted(resets) == [
        ("From the day", day + 1),
        ("From the day", day + 1 + 24),
        ("From the eve", eve + 1),
        ("From the eve", eve + 1 + sunday),
    ]


@clocks
def test_the_sunday_is_divided_by_the_hours_that_it_has(name: str) -> None:
    # With a lifetime budget that asks for more than the daily one in every hour, the day decides.
    budget = "campaigns.0.campaign.line_items.0.lifetime_budget=100"
    played, _ = field(name, pacing_of(0, "{kind: even, ahead: 0}"), budget)
    eve, _, sunday = CLOCKS[name].values()
    goals = column(played, "From the eve", "goal_micros")
    assert goals[eve] == MICROS
    assert goals[eve + 1] == -(-MICROS // sunday)
    left = MICROS - spend(played, "From the eve")[eve + 1 : eve + sunday].sum()
    assert goals[eve + sunday] == left


@clocks
def test_a_cap_of_the_day_begins_anew_at_the_campaigns_midnight(name: str) -> None:
    free = "campaigns.2.campaign.line_items.0.frequency_caps=[]"
    capped, uncapped = (billed(field(name, *more)[0], "Once a day") for more in ([], [free]))
    _, where = field(name)
    eve, _, sunday = CLOCKS[name].values()
    midnights = np.array([eve + 1, eve + 1 + sunday])

    def pairs(events: np.ndarray) -> list[tuple[int, int]]:
        # By the hour in which the pod began, as caps have it; the day by London's midnights.
        hours = (events["ts"] - 30 * events["pod_position"].astype(np.int64)) // 3600
        return list(
            zip(
                events["viewer_id"].tolist(), np.searchsorted(midnights, hours, "right").tolist(), strict=True
            )
        )

    once = pairs(capped)
    assert len(once) == len(set(once))
    # Without the cap the same line item wins whatever is left to it: each viewer and day of those, once.
    assert set(once) == set(pairs(uncapped))
    assert {day for _, day in once} == {0, 1, 2}
    assert local(where, LONDON, midnights * 3600)[0].hour == 0


# --------------------------------------------------------------------------- a cap that binds the goal

TWICE = "Twice in a lifetime"
RICH = "campaigns.0.campaign.line_items.0.lifetime_budget=100000"
FREE = "campaigns.0.campaign.line_items.0.frequency_caps=[]"


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_tight_cap_delivers_what_each_viewer_could_see_and_no_more(limit: int) -> None:
    caps = FREE.replace("[]", f"[{{max_impressions: {limit}, unit: lifetime}}]")
    capped, _ = field("tight-cap", caps, RICH)
    uncapped, _ = field("tight-cap", FREE, RICH)
    met = exposures(billed(uncapped, TWICE))
    assert capped.of(0, "impressions") == sum(min(seen, limit) for seen in met.values())
    assert int(capped.hours[-1].frequency.sum()) == len(met)
    if limit <= 2:
        exactly = dict(zip(FREQUENCY_BUCKETS, capped.hours[-1].frequency[0].tolist(), strict=True))
        assert exactly["freq_1"] == sum(min(seen, limit) == 1 for seen in met.values())


def test_the_reason_is_the_cap_and_it_was_told_before_the_run(tmp_path: Path) -> None:
    run = finish(tmp_path / "run", "field-tight-cap")
    with run.run() as found:
        (row,) = found.summary.to_dicts()
    played, where = field("tight-cap")
    assert row["reason"] == "blocked_frequency_cap"
    assert row["impressions"] == played.of(0, "impressions") <= 2 * 2000
    (told,) = guards.warnings(where, played.book)
    assert told.startswith(
        f"line item Lakeside Watches / Lakeside for few / {TWICE}: a cap of 2 per lifetime "
    )
    assert "leaves 2,000 viewers at most 4,000 ads, 100.00 of its lifetime_budget 400.00;" in told
    assert told.endswith("a cap of 8 or more would leave enough")


@pytest.mark.parametrize(
    ("cap", "doubted"),
    [
        ("max_impressions: 7, unit: lifetime", True),
        ("max_impressions: 8, unit: lifetime", False),
        # A week may lie in two windows, and seven days in eight.
        ("max_impressions: 3, unit: week", True),
        ("max_impressions: 4, unit: week", False),
        ("max_impressions: 1, unit: day", False),
        ("max_impressions: 1, unit: hour", False),
    ],
)
def test_only_a_cap_that_cannot_leave_enough_is_doubted(cap: str, doubted: bool) -> None:
    scenario = load("field-tight-cap", [FREE.replace("[]", f"[{{{cap}}}]")]).scenario
    found = guards.warnings(scenario.market, book(campaigns(scenario), scenario.market))
    assert any("leaves 2,000 viewers" in line for line in found) == doubted
    leaky = scenario.market.model_copy(
        update={"identity": scenario.market.identity.model_copy(update={"match_rate": 0.5})}
    )
    assert not any(
        "leaves 2,000" in line for line in guards.warnings(leaky, book(campaigns(scenario), leaky))
    )
