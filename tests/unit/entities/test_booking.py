"""The tables of what is sold: relations, constraints, timestamps, cascades and STRICT columns."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from entities import registry
from entities.registry import Advertiser, Budget, Campaign, Creative, Flight, FrequencyCap, LineItem

local = datetime.fromisoformat
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def count(db: Session, table: type[registry.Base]) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_booking_comes_back_whole(db: Session, booked: Campaign) -> None:
    db.expire_all()
    assert (booked.advertiser.name, booked.advertiser.category) == ("Luxury Auto Co", "automotive")
    assert (booked.start_date, booked.end_date) == (date(2026, 11, 2), date(2026, 11, 21))
    assert booked.currency is registry.Currency.usd
    assert [budget.amount_micros for budget in booked.budgets] == [200_000_000_000]
    item = booked.line_items[0]
    assert item.campaign is booked
    assert item.max_bid_micros == 25_000
    assert [(b.budget_type.value, b.amount_micros) for b in item.budgets] == [
        ("lifetime", 120_000_000_000),
        ("daily", 10_000_000_000),
    ]
    assert [(f.starts_at, f.ends_at) for f in item.flights] == [
        (local("2026-11-02"), local("2026-11-12")),
        (local("2026-11-15"), local("2026-11-22")),
    ]
    assert [(c.name, c.duration_s, c.qa_status.value) for c in item.creatives] == [
        ("long", 30, "approved"),
        ("short", 15, "approved"),
    ]
    caps = [booked.advertiser.frequency_caps, booked.frequency_caps, item.frequency_caps]
    assert [(cap.max_impressions, cap.unit.value) for level in caps for cap in level] == [
        (10, "day"),
        (20, "week"),
        (6, "day"),
    ]


def test_children_go_with_their_parent_and_shared_rows_do_not(db: Session, booked: Campaign) -> None:
    db.delete(booked)
    db.flush()
    assert count(db, Advertiser) == 1
    assert [count(db, table) for table in (LineItem, Creative, Flight, Budget)] == [0, 0, 0, 0]
    assert db.scalars(select(FrequencyCap.advertiser_id)).all() == [booked.advertiser_id]


@pytest.mark.usefixtures("booked")
def test_the_database_cascades_without_the_orm(db: Session) -> None:
    db.execute(text("DELETE FROM advertisers"))
    for table in (Campaign, LineItem, Creative, Flight, Budget, FrequencyCap):
        assert count(db, table) == 0, table


def test_a_child_taken_out_is_deleted(db: Session, booked: Campaign) -> None:
    booked.line_items[0].flights.pop()
    db.flush()
    assert count(db, Flight) == 1


def test_timestamps_are_utc_and_move_with_changes(db: Session) -> None:
    row = Advertiser(name="A", created_at=LONG_AGO, updated_at=LONG_AGO)
    fresh = Advertiser(name="B")
    db.add_all([row, fresh])
    db.flush()
    assert fresh.created_at.utcoffset() == LONG_AGO.utcoffset()
    assert fresh.created_at > LONG_AGO
    assert fresh.updated_at == fresh.created_at
    row.category = "finance"
    db.flush()
    db.expire_all()
    assert row.created_at == LONG_AGO
    assert row.updated_at > LONG_AGO


def test_defaults_of_a_bare_advertiser(db: Session) -> None:
    row = Advertiser(name="A")
    db.add(row)
    db.flush()
    assert (row.status, row.category) == (registry.EntityStatus.active, "general")
    assert repr(row) == "Advertiser(id=1, name='A')"


BROKEN: list[tuple[str, str]] = [
    ("UPDATE advertisers SET name = ''", "name_length"),
    ("UPDATE advertisers SET status = 'asleep'", "ck_advertisers_status_known"),
    ("UPDATE campaigns SET status = 'Active'", "ck_campaigns_status_known"),
    ("UPDATE campaigns SET end_date = '2026-11-01'", "dates_forward"),
    ("UPDATE campaigns SET name = NULL", "not.null"),
    ("UPDATE advertisers SET category = ''", "category_length"),
    (f"UPDATE line_items SET name = '{'x' * 121}'", "name_length"),
    ("UPDATE line_items SET max_bid_micros = 0", "max_bid_micros_least"),
    ("UPDATE line_items SET campaign_id = 99", "FOREIGN KEY"),
    ("UPDATE creatives SET duration_s = 0", "duration_s_least"),
    ("UPDATE creatives SET weight = 0", "weight_least"),
    ("UPDATE creatives SET name = 'same'", "UNIQUE"),
    ("UPDATE creatives SET mime_type = 'video/avi'", "mime_type_known"),
    ("UPDATE flights SET ends_at = starts_at", "hours_forward"),
    ("UPDATE flights SET ends_at = '2026-12-01 10:30:00'", "hours_whole"),
    ("UPDATE budgets SET amount_micros = -1", "amount_micros_least"),
    ("UPDATE budgets SET campaign_id = 1, line_item_id = 1", "one_owner"),
    ("UPDATE budgets SET campaign_id = NULL, line_item_id = NULL", "one_owner"),
    ("UPDATE budgets SET budget_type = 'daily'", "UNIQUE"),
    ("UPDATE frequency_caps SET advertiser_id = 1, campaign_id = 1", "one_owner"),
    ("UPDATE frequency_caps SET max_impressions = 256", "max_impressions_byte"),
    ("UPDATE frequency_caps SET max_impressions = 0", "max_impressions_byte"),
    ("UPDATE frequency_caps SET unit_count = 0", "unit_count_least"),
    ("UPDATE frequency_caps SET unit = 'pod', unit_count = 2", "unit_count_of_a_clock"),
]
STRICT = [
    # SQLite would take text for an integer, and turn NaN (inf - inf) into NULL.
    ("UPDATE line_items SET max_bid_micros = 'much'", "cannot store TEXT"),
    ("UPDATE budgets SET amount_micros = 1.5", "cannot store REAL"),
    ("UPDATE budgets SET amount_micros = 9e999 - 9e999", "NOT NULL"),
    ("UPDATE creatives SET name = x'00'", "cannot store BLOB"),
]
TYPED = [
    # PostgreSQL rounds 1.5, as its assignments do; anything else that is no whole number is refused.
    ("UPDATE line_items SET max_bid_micros = 'much'", "invalid input syntax for type bigint"),
    ("UPDATE budgets SET amount_micros = 'NaN'::float", "bigint out of range"),
    ("UPDATE budgets SET amount_micros = 9223372036854775808", "bigint out of range"),
    ("UPDATE creatives SET duration_s = TRUE", "is of type bigint but expression is of type boolean"),
]


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(("statement", "rule"), BROKEN)
def test_the_database_refuses(db: Session, statement: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=f"(?i){rule}"):
        db.execute(text(statement))


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("engine", "statement", "rule"),
    [*(("sqlite", *case) for case in STRICT), *(("postgresql", *case) for case in TYPED)],
    indirect=["engine"],
)
def test_the_database_refuses_other_types(db: Session, statement: str, rule: str) -> None:
    with pytest.raises(DBAPIError, match=rule):
        db.execute(text(statement))


def test_names_are_unique_within_their_parent_only(db: Session, booked: Campaign) -> None:
    db.add(Campaign(name=booked.name, advertiser=Advertiser(name="B"), start_date=date(2026, 1, 1),
                    end_date=date(2026, 1, 1)))  # fmt: skip
    db.flush()
    item = booked.line_items[0]
    for twin in (
        Advertiser(name="Luxury Auto Co"),
        Campaign(
            name=booked.name,
            advertiser_id=booked.advertiser_id,
            start_date=booked.start_date,
            end_date=booked.end_date,
        ),
        LineItem(name=item.name, campaign_id=booked.id, max_bid_micros=1),
        Flight(line_item_id=item.id, starts_at=item.flights[0].starts_at, ends_at=item.flights[1].ends_at),
        FrequencyCap(line_item_id=item.id, max_impressions=7, unit=registry.CapUnit.day),
    ):
        with pytest.raises(IntegrityError, match=r"(?i)unique"), db.begin_nested():
            db.add(twin)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"created_at": local("2026-01-01")}, "no time zone"),
        ({"status": "asleep"}, "is not one of draft, active"),
    ],
)
def test_a_column_refuses_what_it_cannot_mean(db: Session, values: dict[str, Any], why: str) -> None:
    db.add(Advertiser(name="A", **values))
    with pytest.raises(StatementError, match=why):
        db.flush()


def test_a_flight_refuses_a_time_zone_and_a_campaign_a_time(db: Session, booked: Campaign) -> None:
    with db.no_autoflush:
        booked.line_items[0].flights[0].ends_at = datetime(2026, 11, 12, tzinfo=UTC)
        with pytest.raises(StatementError, match="wall-clock"):
            db.flush()
    db.rollback()
    with pytest.raises(StatementError, match="is a time, not a date"):
        db.execute(select(Campaign).where(Campaign.start_date == local("2026-01-01")))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_table_is_strict_and_every_word_and_count_is_checked(engine: Engine) -> None:
    with engine.connect() as connection:
        listed = connection.execute(text("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
        tables = {row.name: row.sql for row in listed}
    assert set(tables) == {
        *("advertisers", "campaigns", "line_items", "creatives", "flights", "budgets", "frequency_caps"),
        *("simulation_runs", "performance", "performance_extended", "inventory_hourly", "delivery_events"),
        *("conversions_hourly", "contention_daily", "study_results", "lift"),
    }
    for name, ddl in tables.items():
        assert ddl.rstrip().endswith("STRICT"), name
        for column in registry.Base.metadata.tables[name].columns:
            if hasattr(column.type, "vocabulary"):
                assert f"{name}_{column.name}_known CHECK" in ddl
            if "least" in column.info:
                assert f"{name}_{column.name}_least CHECK ({column.name} >= {column.info['least']})" in ddl


def test_the_tables_compile_for_postgresql_with_wide_integers_and_bytewise_text() -> None:
    for table in registry.Base.metadata.sorted_tables:
        types = {column.type.compile(dialect=postgresql.dialect()) for column in table.columns}
        assert types <= {"BIGINT", "DOUBLE PRECISION", "TEXT", 'TEXT COLLATE "C"'}, table.name
        names = [str(getattr(rule, "name", "")) for rule in (*table.constraints, *table.indexes)]
        assert all(0 < len(name) <= 63 for name in names), names  # PostgreSQL cuts longer ones
    items = registry.Base.metadata.tables["line_items"]
    ddl = str(CreateTable(items).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert "max_bid_micros BIGINT NOT NULL" in ddl
    assert 'name TEXT COLLATE "C" NOT NULL' in ddl
