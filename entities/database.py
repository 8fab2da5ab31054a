"""The SQLite database: engines, creation, version check, sessions and common look-ups."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, inspect, make_url, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.pool import NullPool

from entities.enums import CampaignStatus, EntityStatus
from entities.errors import DatabaseError, InputError
from entities.models import Advertiser, Base, Campaign, LineItem
from entities.models.base import SCHEMA_VERSION
from entities.schemas import AdvertiserCreate, CampaignCreate

__all__ = [
    "SCHEMA_VERSION",
    "active_line_items",
    "add_campaign",
    "check_advertiser",
    "check_db",
    "find_campaign",
    "init_db",
    "make_engine",
    "session",
]

APPLICATION_ID = 0x70616365
"""Marks a Paceline file among SQLite files: "pace" in ASCII."""

_OPTIONS = {"uri", "mode", "cache"}
"""What the URL of a SQLite database may carry."""
_ALLOWED = "must be a file, or a URL such as sqlite:///ads.db"


def make_engine(url_or_path: str | Path, *, wait_s: float = 30) -> Engine:
    """Return an engine for a file, a SQLite URL or `:memory:`; it waits *wait_s* for another writer.

    InputError for any other database.
    """
    url = _url(url_or_path)
    # A file is opened when it is needed and closed after: nothing holds it, or leaks, in between.
    pool = NullPool if _is_file(url) else None
    try:
        engine = create_engine(url, connect_args={"timeout": wait_s}, poolclass=pool)
    except exc.ArgumentError as error:
        raise InputError(f"database {url.render_as_string()}: {error}") from None
    event.listen(engine, "connect", _keep_rules)
    event.listen(engine, "begin", _begin)
    return engine


def _url(url_or_path: str | Path) -> URL:
    text = str(url_or_path)
    if "://" not in text:
        if not text.strip() or "\0" in text:
            raise InputError(f"database {text!r} {_ALLOWED}")
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError):
        raise InputError(f"the database URL cannot be read; it {_ALLOWED}") from None
    name = url.render_as_string()
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise InputError(f"database {name}: {url.drivername} is not supported; {_ALLOWED}")
    if url.host or url.port or url.username:
        raise InputError(f"database {name}: a file is named as sqlite:///ads.db")
    if odd := sorted({*url.query} - _OPTIONS):
        raise InputError(f"database {name}: SQLite knows no {odd[0]}; name the file alone")
    return url


def _is_file(url: URL) -> bool:
    name = url.database
    return bool(name) and name != ":memory:" and "mode=memory" not in str(url)


def _keep_rules(connection: Any, record: Any) -> None:
    del record
    # We say BEGIN ourselves: sqlite3 would leave DDL and SELECT outside of transactions.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns writer may find the file changed under it.
    writes = connection.get_execution_options().get("paceline_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def init_db(engine: Engine) -> None:
    """Create the tables where there are none; leave a database of this version as it is."""
    with _readable_errors(engine), engine.begin() as connection:
        if _version(connection) or inspect(connection).get_table_names():
            _check_version(connection, engine)
            _check_columns(connection, engine)
            return
    with _readable_errors(engine), engine.execution_options(paceline_writes=True).begin() as connection:
        Base.metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def check_db(engine: Engine) -> None:
    """Raise DatabaseError for one that is missing, not Paceline's, of another version, or lacks a column."""
    _must_exist(engine)
    with _readable_errors(engine), engine.begin() as connection:
        _check_version(connection, engine)
        _check_columns(connection, engine)


@contextmanager
def session(engine: Engine, *, writes: bool = True) -> Iterator[Session]:
    """Yield a session on a checked database: committed at the end, or not at all."""
    _must_exist(engine, "; nothing was stored" if writes else "")
    bind = engine.execution_options(paceline_writes=writes)
    with _readable_errors(engine), Session(bind, expire_on_commit=False, autoflush=writes) as opened:
        _check_version(opened.connection(), engine)
        yield opened
        if writes:
            opened.commit()
        elif opened.new or opened.dirty or opened.deleted:
            raise DatabaseError("a session opened for reading was asked to write")


_SEEN: WeakSet[Engine] = WeakSet()
"""Engines whose database existed at some time."""


def _must_exist(engine: Engine, so: str = "") -> None:
    name = engine.url.database or ""
    # SQLite would leave an empty file behind.
    if not _is_file(engine.url) or name.startswith("file:") or Path(name).exists():
        _SEEN.add(engine)
    elif engine in _SEEN:
        raise DatabaseError(f"database {name} was removed in the meantime{so}")
    else:
        raise DatabaseError(
            f"there is no database {name}; create it with: paceline init-db, or simulate into it"
        )


def _version(connection: Connection) -> int:
    # 0 where the file is not ours
    if connection.exec_driver_sql("PRAGMA application_id").scalar_one() != APPLICATION_ID:
        return 0
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _check_version(connection: Connection, engine: Engine) -> None:
    version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    name = _name(engine)
    if version:
        raise DatabaseError(
            f"database {name} has tables of version {version}{_writer(connection)}; this Paceline needs"
            f" version {SCHEMA_VERSION}; use a new file, "
            + (
                "or a newer Paceline for this one"
                if version > SCHEMA_VERSION
                else "or the Paceline that wrote this one: there is no conversion yet"
            )
        )
    if inspect(connection).get_table_names():
        raise DatabaseError(f"database {name} holds other tables and no Paceline data; use another file")
    raise DatabaseError(f"database {name} is empty; create the tables with: paceline init-db")


def _writer(connection: Connection) -> str:
    latest = "SELECT paceline_version FROM simulation_runs ORDER BY started_at DESC LIMIT 1"
    # A layout that we do not know may have no such table or column.
    with suppress(exc.DBAPIError):
        if wrote := connection.exec_driver_sql(latest).scalar():
            return f", written by Paceline {wrote}"
    return ""


def _check_columns(connection: Connection, engine: Engine) -> None:
    # Now, not when a run that took a minute is to be stored.
    has = {table: columns for (_, table), columns in inspect(connection).get_multi_columns().items()}
    for table in Base.metadata.sorted_tables:
        lost = {column.name for column in table.columns} - {
            column["name"] for column in has.get(table.name, ())
        }
        if lost:
            what = f"the column {table.name}.{min(lost)}" if table.name in has else f"the table {table.name}"
            raise DatabaseError(
                f"database {_name(engine)} has lost {what}; use another file, or a copy of this one"
            )


@contextmanager
def _readable_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except exc.IntegrityError:
        raise  # a broken rule is the caller's, not the database's
    except exc.DatabaseError as error:
        raise DatabaseError(f"database {_name(engine)}: {error.orig}") from error


def _name(engine: Engine) -> str:
    return engine.url.database or "in memory"


def find_campaign(opened: Session, advertiser_name: str, campaign_name: str) -> Campaign | None:
    """Return the campaign of that name of the advertiser of that name, if there is one."""
    return opened.scalar(
        select(Campaign)
        .join(Campaign.advertiser)
        .where(Advertiser.name == advertiser_name, Campaign.name == campaign_name)
    )


def add_campaign(opened: Session, advertiser: AdvertiserCreate, campaign: CampaignCreate) -> Campaign:
    """Return the new campaign, added under the advertiser of that name, who is created if need be."""
    if find_campaign(opened, advertiser.name, campaign.name):
        raise InputError(f"campaign {campaign.name!r} of {advertiser.name!r} exists already")
    owner = opened.scalar(select(Advertiser).where(Advertiser.name == advertiser.name))
    if owner is None:
        owner = advertiser.row()
        opened.add(owner)
    else:
        check_advertiser(owner, advertiser)
    row = campaign.row()
    row.advertiser = owner
    opened.add(row)
    opened.flush()
    return row


def check_advertiser(owner: Advertiser, given: AdvertiserCreate) -> None:
    """Refuse a category or caps that are *given* and are not those of *owner*, with InputError."""
    caps = {(cap.max_impressions, cap.unit, cap.unit_count) for cap in owner.frequency_caps}
    wanted = {(cap.max_impressions, cap.unit, cap.unit_count) for cap in given.frequency_caps}
    if "category" in given.model_fields_set and given.category != owner.category:
        raise InputError(
            f"advertiser {owner.name!r} has the category {owner.category!r}, not {given.category!r}"
        )
    if "frequency_caps" in given.model_fields_set and caps != wanted:
        raise InputError(f"advertiser {owner.name!r} exists already with other frequency caps")


def active_line_items(opened: Session, *, or_paused: bool = False) -> list[LineItem]:
    """Return the line items that bid, active at all three levels, fully loaded and ordered by names.

    With *or_paused* also those that are paused, or whose campaign is: a scripted change may start them.
    """
    campaign = joinedload(LineItem.campaign)
    item_may = [EntityStatus.active, EntityStatus.paused][: 1 + or_paused]
    campaign_may = [CampaignStatus.active, CampaignStatus.paused][: 1 + or_paused]
    found = opened.scalars(
        select(LineItem)
        .join(LineItem.campaign)
        .join(Campaign.advertiser)
        .where(
            LineItem.status.in_(item_may),
            Campaign.status.in_(campaign_may),
            Advertiser.status == EntityStatus.active,
        )
        .options(
            selectinload(LineItem.creatives),
            selectinload(LineItem.flights),
            selectinload(LineItem.budgets),
            selectinload(LineItem.frequency_caps),
            campaign.selectinload(Campaign.budgets),
            campaign.selectinload(Campaign.frequency_caps),
            campaign.joinedload(Campaign.advertiser).selectinload(Advertiser.frequency_caps),
        )
    )
    # Sorted here, by code point: databases sort text each in its own way.
    return sorted(found, key=lambda item: (item.campaign.advertiser.name, item.campaign.name, item.name))
