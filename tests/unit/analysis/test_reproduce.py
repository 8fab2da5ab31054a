"""A run comes out again, from what is stored with it alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analysis.runs.reproduce import Version, compare
from analysis.runs.simulate import simulate
from analysis.runs.stored import StoredRun, find
from analysis.runs.versions import version
from entities import registry
from scenarios.loader import load

TINY = ("market.population.viewers=200", "market.days=1")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    """Return a stored run, of whose database every test has a copy."""
    engine = registry.make_engine(tmp_path_factory.mktemp("run") / "ads.db")
    registry.init_db(engine)
    return simulate(engine, load("smoke", TINY))


@pytest.fixture
def empty(tmp_path: Path) -> Engine:
    made = registry.make_engine(tmp_path / "empty.db")
    registry.init_db(made)
    return made


@pytest.fixture
def engine(run: StoredRun, tmp_path: Path) -> Engine:
    shutil.copy(str(run.engine.url.database), tmp_path / "ads.db")
    return registry.make_engine(tmp_path / "ads.db")


def audit(engine: Engine, run_id: str) -> object:
    return find(engine, run_id).audit()


def change(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_run_comes_out_the_same_whatever_became_of_the_registry(engine: Engine, run: StoredRun) -> None:
    change(engine, "UPDATE line_items SET name = 'renamed ' || id, max_bid_micros = 1")
    found = compare(engine, run.run_id, workers=2)
    assert found.same
    assert found.now == (run.digest, run.auctions, run.impressions, run.spend_micros)
    assert found.versions == ()


def test_the_multipliers_of_a_campaign_that_plans_come_out_to_the_last_bit(empty: Engine) -> None:
    paced = ("campaigns.0.campaign.pacing=adaptive", "campaigns.0.campaign.lifetime_budget=1")
    run = simulate(empty, load("smoke", (*TINY, *paced)))
    multipliers = run.table("performance_extended")["bid_multiplier_ppm"]
    assert multipliers.n_unique() > 10
    assert compare(empty, run.run_id).same


def test_nothing_is_stored_by_it(engine: Engine, run: StoredRun, tmp_path: Path) -> None:
    before = (tmp_path / "ads.db").read_bytes()
    compare(engine, run.run_id)
    assert (tmp_path / "ads.db").read_bytes() == before


def test_the_latest_run_is_meant_where_none_is_named(engine: Engine, run: StoredRun) -> None:
    assert compare(engine).run_id == run.run_id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE simulation_runs SET digest = 'f' || substr(digest, 2) || 'f'",
        "UPDATE simulation_runs SET impressions = impressions + 1",
        "UPDATE simulation_runs SET book_text = replace(book_text, '25000', '24000')",
        "UPDATE simulation_runs SET scenario_text = replace(scenario_text, '\"seed\":7', '\"seed\":8')",
    ],
)
def test_what_differs_is_found(engine: Engine, run: StoredRun, statement: str) -> None:
    change(engine, statement)
    assert not compare(engine, run.run_id).same


FIRST = "rowid = (SELECT min(rowid) FROM {table})"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("performance", name) for name in ("impressions", "mutes", "watch_seconds")),
        *(("performance_extended", name) for name in ("freq_10_plus", "expected_cum_micros", "goal_micros_hour", "bid_multiplier_ppm")),
        *(("inventory_hourly", name) for name in ("avails", "sold_seconds")),
    ],
)  # fmt: skip
def test_the_first_row_that_differs_is_named(engine: Engine, run: StoredRun, table: str, column: str) -> None:
    change(engine, f"UPDATE {table} SET {column} = {column} + 1 WHERE {FIRST.format(table=table)}")
    found = compare(engine, run.run_id)
    assert not found.same
    assert found.then == found.now
    where = rf"{table}, hour_start 2026-11-02 05:00:00\+00:00, \w+ \w+.*"
    told = re.fullmatch(rf"{where}: {column} is (\d+), and comes out as (\d+)", found.difference)
    assert told
    assert int(told[1]) == int(told[2]) + 1


@pytest.mark.parametrize("table", ["performance", "performance_extended", "inventory_hourly"])
def test_a_row_that_is_gone_and_one_besides_are_named(engine: Engine, run: StoredRun, table: str) -> None:
    first = FIRST.format(table=table)
    change(engine, f"UPDATE {table} SET hour_start = '2026-11-01 00:00:00' WHERE {first}")
    found = compare(engine, run.run_id).difference
    assert re.fullmatch(rf"{table}, hour_start 2026-11-01 00:00:00\+00:00, .*: comes out no more", found)
    change(engine, f"DELETE FROM {table} WHERE hour_start < '2026-11-02'")
    found = compare(engine, run.run_id).difference
    assert re.fullmatch(rf"{table}, hour_start 2026-11-02 05:00:00\+00:00, .*: there is no such row", found)


def test_what_happened_now_and_then_is_compared_too(engine: Engine, run: StoredRun) -> None:
    change(engine, "UPDATE delivery_events SET detail = 'invented' WHERE id = 2")
    found = compare(engine, run.run_id).difference
    assert found.startswith("delivery_events, row 2: detail is invented, and comes out as ")
    rows = run.table("delivery_events").height
    change(engine, f"DELETE FROM delivery_events WHERE id IN (2, {rows})")
    assert compare(engine, run.run_id).difference.startswith("delivery_events, row 2: ")


def test_what_happened_last_is_missed(engine: Engine, run: StoredRun) -> None:
    rows = run.table("delivery_events").height
    change(engine, f"DELETE FROM delivery_events WHERE id = {rows}")
    assert compare(engine, run.run_id).difference == f"delivery_events, row {rows}: there is no such row"


def test_rows_are_not_compared_where_the_registry_has_other_names(engine: Engine, run: StoredRun) -> None:
    assert compare(engine, run.run_id).compared
    change(
        engine, "UPDATE line_items SET name = 'renamed ' || id", "UPDATE performance SET clicks = clicks + 1"
    )
    found = compare(engine, run.run_id)
    assert (found.same, found.compared, found.difference) == (True, False, "")


def test_versions_that_differ_are_named(engine: Engine, run: StoredRun) -> None:
    change(
        engine,
        """UPDATE simulation_runs SET python_version = '3.1', packages = '{"numpy": "1.0", "gone": "2"}'""",
    )
    found = compare(engine, run.run_id)
    assert [(one.name, one.then) for one in found.versions] == [
        ("python", "3.1"),
        ("numpy", "1.0"),
        ("gone", "2"),
    ]
    assert found.versions[-1] == Version("gone", "2", "none")


def test_other_code_under_the_same_version_is_told(engine: Engine, run: StoredRun) -> None:
    change(engine, f"UPDATE simulation_runs SET code = '{64 * 'a'}'")
    assert compare(engine, run.run_id).versions == (Version("code", 12 * "a", version("code")[:12]),)


@pytest.mark.parametrize(
    ("column", "value"), [("book_text", ""), ("scenario_text", "{}"), ("book_text", "[[1],[],[],[]]")]
)
def test_what_cannot_be_read_is_refused(engine: Engine, run: StoredRun, column: str, value: str) -> None:
    change(engine, f"UPDATE simulation_runs SET {column} = '{value}', paceline_version = '0.0.1'")
    with pytest.raises(registry.InputError, match=r"cannot be read: .*; paceline 0\.0\.1 then, "):
        compare(engine, run.run_id)


@pytest.mark.parametrize("check", [compare, audit])
@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"campaign":0', '"campaign":9'),
        ('"line_item":0', '"line_item":9'),
        ('"line_items":[0]', '"line_items":[]'),
    ],
)
def test_what_no_longer_fits_together_is_told(
    engine: Engine, run: StoredRun, check: Callable[..., object], was: str, becomes: str
) -> None:
    change(engine, f"UPDATE simulation_runs SET book_text = replace(book_text, '{was}', '{becomes}')")
    with pytest.raises(
        registry.InputError, match=r"was changed after it ran, and they do not fit together now"
    ):
        check(engine, run.run_id)


@pytest.mark.parametrize("check", [compare, audit])
@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("scenario_text", "", "Invalid JSON: EOF"),
        ("scenario_text", '{"name": 3}', "name: Input should be a valid string"),
        ("book_text", "[3,4,5,6]", "'int' object is not iterable"),
        ("book_text", "[[1],[],[],[]]", "'int' object is not a mapping"),
    ],
)
def test_what_somebody_wrote_into_it_is_told_in_short(
    engine: Engine, run: StoredRun, check: Callable[..., object], column: str, text: str, told: str
) -> None:
    change(engine, f"UPDATE simulation_runs SET {column} = '{text}'")
    with pytest.raises(registry.InputError) as refused:
        check(engine, run.run_id)
    assert str(refused.value).startswith(f"run {run.run_id}: its scenario or book cannot be read: {told}")
    assert len(str(refused.value)) < 200


def test_a_changed_scenario_is_named_before_what_came_of_it(engine: Engine, run: StoredRun) -> None:
    change(
        engine,
        "UPDATE simulation_runs SET scenario_text = replace(scenario_text, '\"seed\":7', '\"seed\":8')",
    )
    assert [one.name for one in compare(engine, run.run_id).versions] == ["fingerprint"]


@pytest.mark.parametrize("packages", ["", "x", "[1]", "null", '{"": 1}'])
def test_packages_that_say_nothing_keep_nobody_from_it(engine: Engine, run: StoredRun, packages: str) -> None:
    change(engine, f"UPDATE simulation_runs SET packages = '{packages}'")
    found = compare(engine, run.run_id)
    assert found.same
    assert [one.now for one in found.versions] == ["none"]


@pytest.mark.parametrize("check", [compare, audit])
def test_the_run_that_was_meant_is_named(
    engine: Engine, run: StoredRun, check: Callable[..., object]
) -> None:
    for told in ("smoke", run.run_id[:-1], run.run_id.replace("smoke", "smok")):
        with pytest.raises(
            registry.InputError, match=f"there is no run '{told}'; did you mean {run.run_id}[?]"
        ):
            check(engine, told)
    with pytest.raises(registry.InputError, match=f"there is no run 'nope'; runs are {run.run_id}"):
        check(engine, "nope")


def test_a_run_that_is_not_there(empty: Engine) -> None:
    with pytest.raises(registry.InputError, match="there is no finished run"):
        compare(empty)
    with pytest.raises(registry.InputError, match="there is no run 'nope'"):
        compare(empty, "nope")
