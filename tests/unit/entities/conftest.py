"""A fresh database, and the smallest booking that has everything in it."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from entities import registry
from tests.postgres import Server
from tests.unit.entities.old_databases import in_postgresql, in_sqlite


@pytest.fixture(scope="session")
def fresh() -> bytes:
    made = registry.make_engine(":memory:")
    registry.init_db(made)
    return sqlite3_of(made).serialize()


def sqlite3_of(engine: Engine) -> sqlite3.Connection:
    connection = engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, fresh: bytes) -> Iterator[Engine]:
    if request.param == "postgresql":
        server, name = request.getfixturevalue("server"), request.getfixturevalue("with_tables")
        yield registry.make_engine(server.url(name))
        return
    made = registry.make_engine(":memory:")
    sqlite3_of(made).deserialize(fresh)
    yield made
    made.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    with registry.session(engine) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def item() -> dict[str, Any]:
    """The least that a line item needs."""
    return {"name": "TV drama", "max_cpm": Decimal("25.00")}


@pytest.fixture
def campaign() -> registry.CampaignCreate:
    return registry.CampaignCreate.model_validate(
        {
            "name": "EV Awareness Launch",
            "start_date": date(2026, 11, 2),
            "end_date": date(2026, 11, 21),
            "timezone": "America/New_York",
            "lifetime_budget": 200_000,
            "frequency_caps": [{"max_impressions": 20, "unit": "week"}],
            "line_items": [
                {
                    "name": "TV drama",
                    "max_cpm": "25.00",
                    "lifetime_budget": 120_000,
                    "daily_budget": 10_000,
                    "targeting": {"include": {"device": ["tv"], "genre": ["drama"]}},
                    "dayparts": [{"hours": "18-23"}],
                    "flights": [
                        {"start": "2026-11-02", "days": 10},
                        {"start": "2026-11-15", "end": "2026-11-21"},
                    ],
                    "frequency_caps": [{"max_impressions": 6, "unit": "day"}],
                    "creatives": [
                        {"asset_url": "https://cdn.example.com/long.mp4", "mime_type": "mp4"},
                        {
                            "asset_url": "https://cdn.example.com/short.mp4",
                            "mime_type": "mp4",
                            "duration_s": 15,
                        },
                    ],
                }
            ],
        }
    )


@pytest.fixture
def booked(db: Session, campaign: registry.CampaignCreate) -> registry.Campaign:
    advertiser = registry.AdvertiserCreate.model_validate(
        {
            "name": "Luxury Auto Co",
            "category": "automotive",
            "frequency_caps": [{"max_impressions": 10, "unit": "day"}],
        }
    )
    return registry.add_campaign(db, advertiser, campaign)


@pytest.fixture
def run(db: Session) -> registry.SimulationRun:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    made = registry.SimulationRun(
        run_id="run-1",
        scenario="smoke",
        scenario_text="{}",
        fingerprint="f",
        seed=7,
        start=datetime(2026, 11, 2, tzinfo=UTC),
        horizon_hours=24,
        shards=4,
        workers=1,
        paceline_version="0.1.0",
        python_version="3.11",
        platform="linux",
        digest="d",
        started_at=noon,
        finished_at=noon,
        seconds=0.5,
        auctions=0,
        impressions=0,
        spend_micros=0,
    )
    db.add(made)
    db.flush()
    return made


# ------------------------------------------------------------------------------------- of older versions


@pytest.fixture(params=["sqlite", "postgresql"])
def sort(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old(sort: str, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return what makes an engine of a database as a version left it."""

    def make(layout: str, version: int) -> Engine:
        if sort == "sqlite":
            in_sqlite(tmp_path / "ads.db", layout, version)
            return registry.make_engine(tmp_path / "ads.db")
        server: Server = request.getfixturevalue("server")
        database: str = request.getfixturevalue("postgres")
        server.sql(database, ";".join(in_postgresql(layout, version)))
        return registry.make_engine(server.url(database))

    return make


@pytest.fixture(scope="session")
def current_server(server: Server) -> Iterator[Engine]:
    name = server.create()
    registry.init_db(engine := registry.make_engine(server.url(name)))
    yield engine
    server.drop(name)


@pytest.fixture
def current(sort: str, request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if sort == "postgresql":
        engine: Engine = request.getfixturevalue("current_server")
        return engine
    registry.init_db(engine := registry.make_engine(tmp_path / "fresh.db"))
    return engine
