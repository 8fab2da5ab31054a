"""The database: engines, creation, version check, sessions and common look-ups."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Table, exc, inspect, select
from sqlalchemy.orm import Session, joinedload, selectinload

from entities.dialects import addresses, dialect_of, postgresql
from entities.enums import CampaignStatus, EntityStatus
from entities.errors import DatabaseError, InputError
from entities.models import Advertiser, Base, Campaign, LineItem, SimulationRun
from entities.models.base import SCHEMA_VERSION
from entities.schemas import AdvertiserCreate, CampaignCreate

__all__ = [
    "SCHEMA_VERSION",
    "active_line_items",
    "add_campaign",
    "address_of",
    "check_advertiser",
    "check_db",
    "check_sound",
    "compact",
    "copy_rows",
    "damage",
    "find_campaign",
    "init_db",
    "is_locked",
    "is_server",
    "make_engine",
    "name_of",
    "session",
    "shown",
    "size_of",
    "undo_init",
]


def make_engine(url_or_path: str | Path, *, wait_s: float = 30) -> Engine:
    """Return an engine for a file, `:memory:` or a URL; it waits *wait_s* for another writer.

    InputError for databases other than SQLite and PostgreSQL, and where the driver of one is missing.
    """
    url = addresses.read(url_or_path)
    return dialect_of(url).engine(url, wait_s)


def is_server(bind: Engine | Connection) -> bool:
    """Return whether the database is on a server, and not a file."""
    return bind.dialect.name == addresses.POSTGRESQL


def name_of(engine: Engine) -> str:
    """Return the name of a database for people: its file, or its address with *** for a password."""
    return addresses.shown(engine.url)


def address_of(engine: Engine) -> str:
    """Return what to name a database by in a command: its file, or its address without a password."""
    return addresses.typed(engine.url)


def shown(url_or_path: str | Path) -> str:
    """Return what a database is called where people read it: never with a password."""
    return addresses.shown(addresses.read(url_or_path))


def size_of(engine: Engine) -> int:
    """Return the bytes that a database takes: its file, or our tables on a server; 0 where it is missing."""
    if is_server(engine):
        with readable_errors(engine), engine.begin() as connection:
            return postgresql.size(connection, Base.metadata.sorted_tables)
    file = Path(engine.url.database or "")
    return file.stat().st_size if file.is_file() else 0


def init_db(engine: Engine) -> bool:
    """Create the tables where there are none, and return whether it did; leave those of this version."""
    with readable_errors(engine), engine.begin() as connection:
        if dialect_of(engine.url).version(connection) or inspect(connection).get_table_names():
            _check_version(connection, engine)
            _check_columns(connection, engine)
            _check_rights(connection, engine)
            return False
    with readable_errors(engine), engine.execution_options(paceline_writes=True).begin() as connection:
        if dialect_of(engine.url).version(connection):  # somebody else was faster
            return False
        Base.metadata.create_all(connection)
        dialect_of(engine.url).mark(connection, SCHEMA_VERSION)
    return True


def undo_init(engine: Engine) -> None:
    """Remove the tables from a server that have just been made there, unless somebody has rows in them."""
    used = select(Advertiser.id).limit(1), select(SimulationRun.run_id).limit(1)
    with readable_errors(engine), engine.execution_options(paceline_writes=True).begin() as connection:
        if not any(connection.execute(query).first() for query in used):
            postgresql.unmake(connection, Base.metadata)


def check_db(engine: Engine) -> None:
    """Raise DatabaseError for one that is missing, not Paceline's, of another version, or lacks a column."""
    _must_exist(engine)
    with readable_errors(engine), engine.begin() as connection:
        _check_version(connection, engine)
        _check_columns(connection, engine)


@contextmanager
def session(engine: Engine, *, writes: bool = True, wait_s: float | None = None) -> Iterator[Session]:
    """Yield a session on a checked database: committed at the end, or not at all.

    A writer waits *wait_s* for its turn, as long as the engine does where left out.
    """
    _must_exist(engine, "; nothing was stored" if writes else "")
    if writes:
        check_sound(engine)
    waits = {} if wait_s is None else {"paceline_wait_s": wait_s}
    bind = engine.execution_options(paceline_writes=writes, **waits)
    with readable_errors(engine), Session(bind, expire_on_commit=False, autoflush=writes) as opened:
        _check_version(opened.connection(), engine)
        if writes:
            _check_rights(opened.connection(), engine)
            dialect_of(engine.url).align_ids(opened.connection(), Base.metadata.sorted_tables)
        yield opened
        if writes:
            opened.commit()
        elif opened.new or opened.dirty or opened.deleted:
            raise DatabaseError("a session opened for reading was asked to write")


LOOK_S = 2.0
"""How long a file is looked at for damage before it is first written into: enough for some 500 MB of it."""
_SOUND: WeakSet[Engine] = WeakSet()
"""Engines whose database was looked at."""


def check_sound(engine: Engine, within_s: float = LOOK_S) -> None:
    """Raise DatabaseError for a damaged file, as far as *within_s* seconds show, once for an engine."""
    if engine in _SOUND:
        return
    if found := damage(engine, within_s=within_s):
        raise DatabaseError(
            f"database {name_of(engine)} is damaged, and nothing is written into it: {found[0]};"
            " take a copy of it from before, or what can be read of it with: paceline runs export"
        )
    _SOUND.add(engine)


def damage(engine: Engine, *, thorough: bool = False, within_s: float | None = None) -> list[str]:
    """Return what is damaged in the file of a database, as far as it is seen *within_s* seconds.

    *thorough* also holds indexes to their tables, what is booked to its rules, and what the file says of its
    tables to the models. Nothing for one on a server.
    """
    booked = [table.name for table in Base.metadata.sorted_tables if "run_id" not in table.columns]
    rules_of = booked if thorough else ()
    dialect = dialect_of(engine.url)
    found = dialect.damage(engine, thorough=thorough, rules_of=rules_of, within_s=within_s)
    return found + dialect.altered(engine, Base.metadata) if thorough else found


def compact(engine: Engine) -> None:
    """Give back the space of a file in which nothing stands; DatabaseError where it cannot be."""
    with readable_errors(engine):
        dialect_of(engine.url).compact(engine)


_SEEN: WeakSet[Engine] = WeakSet()
"""Engines whose database existed at some time."""


def _must_exist(engine: Engine, so: str = "") -> None:
    name = name_of(engine)
    if dialect_of(engine.url).must_exist(engine):
        _SEEN.add(engine)
    elif engine in _SEEN:
        raise DatabaseError(f"database {name} was removed in the meantime{so}")
    else:
        raise DatabaseError(
            f"there is no database {name}; create it with: paceline init-db, or simulate into it"
        )


def version_of(engine: Engine) -> int:
    """Return the version of the tables; DatabaseError where they are not ours, or of a newer version."""
    _must_exist(engine)
    with readable_errors(engine), engine.begin() as connection:
        version = dialect_of(engine.url).version(connection)
        if not 0 < version < SCHEMA_VERSION:
            _check_version(connection, engine)
    return version


def _check_version(connection: Connection, engine: Engine) -> None:
    version = dialect_of(engine.url).version(connection)
    if version == SCHEMA_VERSION:
        return
    name = name_of(engine)
    if version:
        older = f"upgrade it with: {shlex.join(['paceline', 'upgrade-db', '--db', address_of(engine)])}"
        raise DatabaseError(
            f"database {name} has tables of version {version}{_writer(connection)}; this Paceline needs"
            f" version {SCHEMA_VERSION}; "
            + (older if version < SCHEMA_VERSION else "use a new file, or a newer Paceline for this one")
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
                f"database {name_of(engine)} has lost {what}; use another file, or a copy of this one"
            )


def _check_rights(connection: Connection, engine: Engine) -> None:
    # Now, too: a role may read and not write, and a file says so where it is opened.
    if is_server(connection):
        why = postgresql.why_not_written(connection, SimulationRun.__tablename__)
        if why:
            raise DatabaseError(f"database {name_of(engine)}: {why}")


@contextmanager
def readable_errors(engine: Engine) -> Iterator[None]:
    """Make a DatabaseError of one line of what the driver raises; broken rules stay as they are."""
    try:
        yield
    except exc.IntegrityError:
        raise  # a broken rule is the caller's, not the database's
    except exc.DatabaseError as error:
        raise DatabaseError(
            f"database {name_of(engine)}: {dialect_of(engine.url).told(error.orig)}"
        ) from error


def is_locked(error: DatabaseError, engine: Engine) -> bool:
    """Return whether *error* of the database of *engine* says that another process holds it, now."""
    return dialect_of(engine.url).is_locked(getattr(error.__cause__, "orig", None))


def copy_rows(opened: Session, table: Table, columns: Sequence[str], csv: bytes) -> None:
    """Add rows to *table* of a database on a server, by COPY: CSV without a header, NULL as nothing."""
    postgresql.copy(opened.connection(), table, columns, csv)


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
