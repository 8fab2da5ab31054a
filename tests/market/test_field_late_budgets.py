"""Spend that becomes known late: what passes a budget is what is spent between syncs, and is told."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis.delivery.report import Overspend
from analysis.runs.reproduce import compare
from entities.errors import InputError
from sim import laws
from sim.cli.app import app
from sim.market.market import Market
from sim.pacing import PacingPolicy
from tests.bookings import campaign, line_item, market, play
from tests.laws.finished import Finished, broken, finish
from tests.market.field import facts, field, place, spend

BID = 25_000
FIVE, TWO, SIX = "Phones for five dollars", "Tea for two dollars a day", "Contoso together"


def _dollars(micros: int) -> float:
    return micros / 1_000_000


def test_three_plans_between_two_syncs_spend_the_same_money_three_times() -> None:
    played, _ = field("late-budgets")
    five, two = spend(played, FIVE), spend(played, TWO)
    evening = {18: 1, 19: 1, 20: 1}
    assert [_dollars(x) for x in five] == [5 * evening.get(hour, 0) for hour in range(48)]
    assert [_dollars(x) for x in two] == [2 * evening.get(hour % 24, 0) for hour in range(48)]
    six = sum(spend(played, f"Tyres for {season}") for season in ("winter", "summer"))
    assert [_dollars(x) for x in six] == [6 * evening.get(hour, 0) for hour in range(48)]


def test_what_was_passed_is_told_at_the_sync_that_finds_it() -> None:
    played, _ = field("late-budgets")
    nine, day = 21 * 3600, 24 * 3600
    beyond = "{} micros beyond the {} budget of {} micros"
    assert facts(played, "budget_overspent") == [
        (FIVE, nine, beyond.format(10_000_000, "lifetime", 5_000_000)),
        (TWO, nine, beyond.format(4_000_000, "daily", 2_000_000)),
        (SIX, nine, beyond.format(12_000_000, "lifetime", 6_000_000)),
        (TWO, nine + day, beyond.format(4_000_000, "daily", 2_000_000)),
    ]
    assert [(whose, second) for whose, second, _ in facts(played, "budget_exhausted")] == [
        (FIVE, nine),
        (SIX, nine),
    ]


def test_the_columns_of_pacing_tell_what_was_delivered_and_what_was_meant() -> None:
    played, _ = field("late-budgets")
    five, pacing = place(played, FIVE), [hour.pacing for hour in played.hours]
    delivered = [int(hour.delivered_cum_micros[five]) for hour in pacing]
    assert delivered[18:22] == [5_000_000, 10_000_000, 15_000_000, 15_000_000]
    # Its budget is five dollars before and after: what was passed is no part of the goal.
    assert [int(pacing[hour].expected_cum_micros[five]) for hour in (20, 21, 47)] == [
        500_000,
        666_666,
        5_000_000,
    ]
    assert [int(hour.goal_micros[five]) for hour in pacing[18:22]] == [5_000_000] * 3 + [0]


@pytest.mark.parametrize("sync", [0, 60])
def test_with_a_sync_at_every_tick_nothing_is_passed_by_a_micro(sync: int) -> None:
    played, _ = field("late-budgets", f"market.sync_minutes={sync}")
    assert spend(played, FIVE).sum() == 5_000_000
    assert spend(played, TWO).sum() == 4_000_000
    assert sum(spend(played, f"Tyres for {season}").sum() for season in ("winter", "summer")) == 6_000_000
    assert facts(played, "budget_overspent") == []


@pytest.mark.parametrize("kind", sorted(PacingPolicy.members()))
def test_a_sync_at_every_tick_changes_no_byte(kind: str) -> None:
    items = [line_item(lifetime_budget=30, pacing=kind), line_item("two", daily_budget=9, pacing=kind)]
    one, two = (
        play([campaign(items, daily_budget=12)], market(ambient="none", tick_minutes=20, sync_minutes=sync))
        for sync in (0, 20)
    )
    assert one.outcome == two.outcome
    for before, after in zip(one.hours, two.hours, strict=True):
        assert all((a == b).all() for a, b in zip(before.pacing, after.pacing, strict=True))


@pytest.mark.parametrize("ticks", [2, 3, 6])
def test_even_pacing_on_stale_state_passes_its_budget_by_the_harmonic_numbers(ticks: int) -> None:
    # The last ticks mean to spend 1/n of what is left, then 1/(n - 1) of the same, and at last all of it.
    flight = {"start": "2026-11-02 12:00", "end": f"2026-11-02 {12 + ticks}:00"}
    item = line_item(lifetime_budget=10, pacing={"kind": "even", "ahead": 0}, flights=[flight])
    where = market(ambient="none", days=1, shards=1, sync_minutes=60 * ticks, population={"viewers": 4000})
    played = play([campaign([item])], where)
    goals = [-(-10_000_000 // left) for left in range(ticks, 0, -1)]
    assert played.by_hour(0, "spend_micros")[12 : 12 + ticks] == [goal // BID * BID for goal in goals]


def test_at_the_campaigns_midnight_the_day_is_new_though_its_spend_is_not_known() -> None:
    # London's midnight is at 19:00 in New York, and syncs are at 18:00 and 24:00 there: five plans of the new
    # day know of no spend. The old day's sixth hour, 18:00, was planned with a sync just before it.
    item = line_item(
        daily_budget=2, pacing="asap", flights=[{"start": "2026-11-02 23:00", "end": "2026-11-04 00:00"}]
    )
    where = market(ambient="none", days=1, sync_minutes=360)
    played = play([campaign([item], timezone="Europe/London", end="2026-11-04")], where)
    assert [_dollars(x) for x in played.by_hour(0, "spend_micros")] == [0] * 18 + [2] * 6
    told = [(second // 3600, detail.split()[0]) for _, second, detail in facts(played, "budget_overspent")]
    assert told == [(24, str(4 * 2_000_000))]


def test_a_scripted_change_is_known_at_once_and_spend_is_not() -> None:
    # Two dollars an hour are known from noon on; at 13:00 the budget is cut to three, of which, as far as
    # anybody knows, all is left.
    changes = [{"at": "2026-11-02 13:00", "line_item": "item", "lifetime_budget": 3}]
    where = market(ambient="none", days=1, sync_minutes=180, changes=changes)
    item = line_item(
        lifetime_budget=4, pacing="asap", flights=[{"start": "2026-11-02 12:00", "end": "2026-11-03 00:00"}]
    )
    played = play([campaign([item])], where)
    assert [_dollars(x) for x in played.by_hour(0, "spend_micros")[12:]] == [4, 3, 3, *[0] * 9]
    assert [detail.split()[0] for _, _, detail in facts(played, "budget_overspent")] == ["6000000"]


kinds = st.sampled_from(sorted(PacingPolicy.members()))
amounts = st.sampled_from([None, "0.02", "0.5", 3, 20])


@settings(max_examples=25)
@given(
    sync=st.sampled_from([60, 120, 300, 1440]),
    terms=st.lists(st.tuples(kinds, amounts, st.sampled_from([None, "0.5", 2])), min_size=1, max_size=3),
    whole=st.tuples(amounts, st.sampled_from([None, 1])),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Australia/Sydney"]),
    seed=st.integers(0, 99),
)
def test_no_tick_spends_more_than_budgets_leave_of_what_is_known(
    sync: int,
    terms: list[tuple[str, object, object]],
    whole: tuple[object, object],
    zone: str,
    seed: int,
) -> None:
    items = [
        line_item(
            f"item {n}", pacing=kind, lifetime_budget=life or 500, **({"daily_budget": day} if day else {})
        )
        for n, (kind, life, day) in enumerate(terms)
        if not day or float(day) <= float(life or 500)  # type: ignore[arg-type]
    ] or [line_item("item", lifetime_budget=5)]
    where = market(ambient="none", sync_minutes=sync, population={"viewers": 300})
    life, day = whole if not (whole[0] and whole[1]) else (whole[0], None)
    played = play([campaign(items, lifetime_budget=life, daily_budget=day, timezone=zone)], where, seed=seed)
    spends = np.array([played.by_hour(n, "spend_micros") for n in range(len(items))])
    hours = np.arange(48)
    synced, every = hours // (sync // 60) * (sync // 60), np.zeros((1, 48), np.int64)
    days = laws.local_days(laws.local_hours(where.horizon.start, 48, zone))[None]
    for owners, drawn in ((played.book.line_items, spends), (played.book.campaigns, [spends.sum(axis=0)])):
        for owner, spent in zip(owners, drawn, strict=True):
            for budget, periods in ((owner.lifetime_micros, every), (owner.daily_micros, days)):
                limit = np.full((1, 48), laws.NO_LIMIT if budget is None else budget)
                found = laws.budgets(spent[None], limit, periods, str, synced)
                assert found.holds, found.findings


def test_an_interval_is_whole_ticks() -> None:
    with pytest.raises(InputError) as refused:
        Market(tick_minutes=60, sync_minutes=90)
    assert "sync_minutes: 90 is not a multiple of tick_minutes, 60; allowed are 0, 60 or 120" in str(
        refused.value
    )
    with pytest.raises(InputError, match="allowed are 0, 60 or 120"):
        Market(tick_minutes=60, sync_minutes=15)


# ---------------------------------------------------------------------------------------- as it is stored


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("late") / "run", "field-late-budgets")


def test_a_run_tells_what_was_passed(late: Finished) -> None:
    with late.run() as run:
        found = run.overspends
    assert found == [
        Overspend(FIVE, "lifetime", 10_000_000),
        Overspend(TWO, "daily", 8_000_000),
        Overspend(SIX, "lifetime", 12_000_000),
    ]


def test_status_and_summary_have_a_line_for_it(late: Finished, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["status", "--db", str(late.database)])
    said = " ".join(told.stdout.split())
    assert f"Overspent {late.run_id}: $12.00 beyond the lifetime budget of {SIX}; $10.00 beyond" in said
    again = ["simulate", "field-late-budgets", "--db", str(tmp_path / "b.db")]
    summary = " ".join(CliRunner().invoke(app, again).stdout.split())
    assert f"$8.00 beyond the daily budget of {TWO}; spent between two syncs" in summary
    strict = " ".join(
        CliRunner()
        .invoke(app, [*again[:2], "--set", "market.sync_minutes=0", "--db", str(tmp_path / "c.db")])
        .stdout.split()
    )
    assert "Digest" in strict
    assert "Overspent" not in strict


@pytest.mark.parametrize("events", [True, False])
def test_the_audit_binds_budgets_by_what_was_known(late: Finished, tmp_path: Path, events: bool) -> None:
    found = late.audit(events)
    assert found.broken == ()
    assert found.laws[1].note.startswith("spend is known every 180 minutes")
    # By the strict law the same run is broken: at every tick that the sync came too late for.
    strict = late.copy(tmp_path / "strict")
    strict.text("scenario_text", lambda scenario: scenario["market"].update(sync_minutes=0))
    found = strict.audit(events)
    assert broken(found) == {2, 12, 16, 17}  # and so are the plans, and the facts that tell of it
    assert found.laws[1].broken == (2 + 4 + 2) * (1 + events)  # by the hour, and with events by the tick too
    # And with a sync every two hours it is, where a third plan had the same money.
    strict.text("scenario_text", lambda scenario: scenario["market"].update(sync_minutes=120))
    assert 2 in broken(strict.audit(events))


def test_it_comes_out_the_same_again(late: Finished) -> None:
    with late.engine() as engine:
        assert compare(engine, late.run_id).same
