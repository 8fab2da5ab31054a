"""The database: created once, checked by version, written whole or not at all, and its faults in one line."""

import hashlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from entities import registry
from entities.registry import (
    Advertiser,
    AdvertiserCreate,
    CampaignCreate,
    CampaignStatus,
    DatabaseError,
    EntityStatus,
    InputError,
    PacelineError,
    add_campaign,
    check_db,
    find_campaign,
    init_db,
    make_engine,
    session,
)
from tests.unit.entities.old_databases import in_sqlite

AUTO = AdvertiserCreate(name="Luxury Auto Co", category="automotive")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ads.db"


def names(engine: Engine) -> list[str]:
    with session(engine, writes=False) as db:
        return list(db.scalars(select(Advertiser.name)))


@pytest.mark.parametrize("as_url", [False, True])
def test_a_path_and_a_url_are_the_same_database(path: Path, as_url: bool) -> None:
    init_db(make_engine(path))
    check_db(make_engine(f"sqlite:///{path}" if as_url else str(path)))


def test_creating_again_changes_nothing(path: Path) -> None:
    engine = make_engine(path)
    init_db(engine)
    with session(engine) as db:
        db.add(Advertiser(name="A"))
    before = path.read_bytes()
    init_db(engine)
    assert path.read_bytes() == before


def test_a_connection_keeps_the_rules(path: Path) -> None:
    engine = make_engine(path)
    init_db(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "delete"


def test_tables_are_created_in_one_transaction(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(path)
    create_all = registry.Base.metadata.create_all

    def fail_at_the_end(bind: object) -> None:
        create_all(bind)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(registry.Base.metadata, "create_all", fail_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        init_db(engine)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    raw.close()


def test_a_session_is_written_whole_or_not_at_all(engine: Engine) -> None:
    def interrupted() -> None:
        with session(engine) as db:
            db.add(Advertiser(name="A"))
            db.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(engine) == []
    with session(engine) as db:
        db.add(Advertiser(name="B"))
    assert names(engine) == ["B"]


def test_a_broken_rule_is_the_callers(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique"), session(engine) as db:
        db.add_all([Advertiser(name="A"), Advertiser(name="A")])
    assert names(engine) == []


def test_a_reading_session_does_not_write(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match="opened for reading"), session(engine, writes=False) as db:
        db.add(Advertiser(name="A"))
    assert names(engine) == []


def test_readers_do_not_wait_for_a_writer_who_has_not_committed(path: Path) -> None:
    engine = make_engine(path, wait_s=0)
    init_db(engine)
    with session(engine) as db:
        db.add(Advertiser(name="A"))
        db.flush()
        assert names(engine) == []
    assert names(engine) == ["A"]


def test_a_second_writer_is_told_that_the_database_is_locked(path: Path) -> None:
    engine = make_engine(path, wait_s=0)
    init_db(engine)
    with session(engine), pytest.raises(DatabaseError, match=r"ads\.db: database is locked"), session(engine):
        pass


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("created_at", "'x' where a time belongs"),
        ("start_date", "'x' where a day belongs"),
        ("currency", "'x' where one of USD, EUR, GBP, CAD, AUD, BRL, MXN, JPY belongs"),
    ],
)
def test_a_value_that_no_check_let_in_is_told(
    path: Path, campaign: CampaignCreate, column: str, said: str
) -> None:
    engine = make_engine(path)
    init_db(engine)
    with session(engine) as db:
        add_campaign(db, AUTO, campaign)
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA ignore_check_constraints = 1")
        raw.execute(f"UPDATE campaigns SET {column} = 'x'")
    raw.close()
    with session(engine, writes=False) as db, pytest.raises(DatabaseError, match=said):
        db.scalars(select(getattr(registry.Campaign, column))).all()


def test_a_missing_database_is_named_and_not_made(path: Path) -> None:
    for use in (check_db, names):
        with pytest.raises(
            DatabaseError,
            match=r"there is no database .*ads\.db; create it with: paceline init-db, or simulate into it",
        ):
            use(make_engine(path))
    assert not path.exists()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "PRAGMA user_version = 99",
            f"this Paceline needs version {registry.SCHEMA_VERSION}; use a new file, or a newer Paceline for",
        ),
        ("PRAGMA application_id = 7", "holds other tables and no Paceline data"),
        ("PRAGMA user_version = 0", "holds other tables and no Paceline data"),
    ],
)
def test_another_version_is_refused_everywhere(path: Path, damage: str, said: str) -> None:
    engine = make_engine(path)
    init_db(engine)
    with sqlite3.connect(path) as raw:
        raw.execute(damage)
    raw.close()
    before = path.read_bytes()
    for use in (init_db, check_db, names):
        with pytest.raises(DatabaseError, match=said):
            use(engine)
    assert path.read_bytes() == before


def test_a_database_of_an_older_version_says_who_wrote_it_and_what_to_do(path: Path) -> None:
    in_sqlite(path, "04", 4)
    before = path.read_bytes()
    for use in (init_db, check_db, names):
        with pytest.raises(DatabaseError) as caught:
            use(make_engine(path))
        assert str(caught.value) == (
            f"database {path} has tables of version 4, written by Paceline 0.2.0; this Paceline needs"
            f" version {registry.SCHEMA_VERSION}; upgrade it with: paceline upgrade-db --db {path}"
        )
    assert path.read_bytes() == before


LAYOUT = "99c96a4bb3c6e06669cd4d1f8cf1e66b2eeac480553ff65efca0fe6ada4c8c96"
"""The SHA-256 of all tables as SQLite is told to make them."""


def test_other_tables_are_another_version() -> None:
    made = "".join(
        f"{CreateTable(table).compile(dialect=sqlite.dialect())}"  # type: ignore[no-untyped-call] # SQLAlchemy's
        for table in registry.Base.metadata.sorted_tables
    )
    found = hashlib.sha256(made.encode()).hexdigest()
    assert found == LAYOUT, (
        "the tables changed: raise SCHEMA_VERSION in entities/models/base.py, write a step to it in"
        " entities/migrations/versions, then the new hash here, as LAYOUT"
    )


def test_an_empty_file_asks_to_be_created(path: Path) -> None:
    path.touch()
    with pytest.raises(DatabaseError, match="is empty; create the tables with: paceline init-db"):
        check_db(make_engine(path))
    init_db(make_engine(path))
    check_db(make_engine(path))


@pytest.mark.parametrize("use", [init_db, check_db, names])
def test_a_file_that_is_no_database_is_told_in_one_line(path: Path, use: object) -> None:
    path.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(DatabaseError, match=r"ads\.db: file is not a database$") as caught:
        use(make_engine(path))  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_missing_or_in_the_way_is_told(tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "none" / "ads.db"):
        with pytest.raises(DatabaseError, match="unable to open database file"):
            init_db(make_engine(wrong))


@pytest.mark.parametrize(
    "wrong", ["", "  ", "nosuch://x", "sqlite://host/x", "://", "a\0b", "postgresql://u:secret@:x/y"]
)
def test_a_url_that_cannot_be_read_is_bad_input(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        make_engine(wrong)
    assert "secret" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_errors_are_one_line_and_of_one_family() -> None:
    assert str(PacelineError("two\n  lines")) == "two lines"
    assert issubclass(InputError, PacelineError)
    assert issubclass(DatabaseError, PacelineError)
    assert [error.exit_code for error in (PacelineError, DatabaseError, InputError)] == [1, 1, 2]


# ------------------------------------------------------------------------------------------- look-ups


@pytest.mark.usefixtures("booked")
def test_a_campaign_is_found_by_its_names(db: Session) -> None:
    found = find_campaign(db, "Luxury Auto Co", "EV Awareness Launch")
    assert found is not None
    assert found.advertiser.name == "Luxury Auto Co"
    assert find_campaign(db, "Luxury Auto Co", "other") is None
    assert find_campaign(db, "other", "EV Awareness Launch") is None


@pytest.mark.usefixtures("booked")
def test_an_advertiser_is_reused_by_name(db: Session, campaign: CampaignCreate) -> None:
    second = campaign.model_copy(update={"name": "Second"})
    add_campaign(db, AdvertiserCreate(name="Luxury Auto Co"), second)
    assert list(db.scalars(select(Advertiser.name))) == ["Luxury Auto Co"]
    assert find_campaign(db, "Luxury Auto Co", "Second") is not None


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("advertiser", "name", "said"),
    [
        ({"name": "Luxury Auto Co"}, "EV Awareness Launch", "exists already"),
        (
            {"name": "Luxury Auto Co", "category": "travel"},
            "New",
            "has the category 'automotive', not 'travel'",
        ),
        ({"name": "Luxury Auto Co", "frequency_caps": []}, "New", "other frequency caps"),
    ],
)
def test_a_booking_that_contradicts_the_database_is_refused(
    db: Session, campaign: CampaignCreate, advertiser: dict[str, str], name: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        add_campaign(
            db, AdvertiserCreate.model_validate(advertiser), campaign.model_copy(update={"name": name})
        )


def test_line_items_come_loaded_and_by_name_whatever_the_order_of_entry(
    engine: Engine, campaign: CampaignCreate
) -> None:
    with session(engine) as db:
        for advertiser, name in (("b", "x"), ("B", "x"), ("a", "y"), ("a", "x")):
            add_campaign(db, AdvertiserCreate(name=advertiser), campaign.model_copy(update={"name": name}))
    with session(engine, writes=False) as db:
        found = registry.active_line_items(db)
    # The session is closed: what was not loaded would be an error.
    assert [(item.campaign.advertiser.name, item.campaign.name) for item in found] == [
        ("B", "x"),
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
    ]
    for item in found:
        assert [creative.name for creative in item.creatives] == ["long", "short"]
        assert len(item.flights) == 2
        assert len(item.budgets) == 2
        assert len(item.frequency_caps) == 1
        assert len(item.campaign.budgets) == 1
        assert len(item.campaign.frequency_caps) == 1
        assert item.campaign.advertiser.frequency_caps == []


@pytest.mark.parametrize("level", ["line item", "campaign", "advertiser"])
def test_only_what_is_active_at_every_level_bids(db: Session, booked: registry.Campaign, level: str) -> None:
    assert len(registry.active_line_items(db)) == 1
    if level == "line item":
        booked.line_items[0].status = EntityStatus.paused
    elif level == "campaign":
        booked.status = CampaignStatus.completed
    else:
        booked.advertiser.status = EntityStatus.archived
    assert registry.active_line_items(db) == []
