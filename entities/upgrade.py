"""Older databases made those of today: the steps of `entities/migrations`, in one transaction."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from entities import database
from entities.dialects import VERSION_TABLE, dialect_of
from entities.errors import DatabaseError
from entities.models.base import SCHEMA_VERSION

__all__ = ["upgrade_db"]

HERE = Path(__file__).with_name("migrations")


class Upgrade(NamedTuple):
    """What was done to a database."""

    before: int
    """The version that it had."""
    after: int
    copy: Path | None
    """The file as it was; None where nothing was to be done, and for a database on a server."""
    unknown: tuple[str, ...]
    """What older rows do not tell, and what stands in its place."""


def upgrade_db(engine: Engine) -> Upgrade:
    """Return what was done to make the tables of *engine* those of this version; its rows stay.

    A file is copied first, to a new file beside it. Whatever goes wrong leaves the database as it was.
    DatabaseError for one that is missing, not Paceline's, or of a newer version.
    """
    dialect = dialect_of(engine.url)
    with database.readable_errors(engine):
        before = database.version_of(engine)
        if before == SCHEMA_VERSION:
            return Upgrade(before, before, None, ())
        with dialect.rebuilding(engine) as connection:
            if dialect.version(connection) != before:
                raise DatabaseError(f"database {database.name_of(engine)} was upgraded by somebody else")
            copy = dialect.copied(engine, f"v{before}")
            try:
                unknown = _migrate(connection, before)
                dialect.mark(connection, SCHEMA_VERSION)
                connection.commit()
            except BaseException:
                if copy:
                    copy.unlink(missing_ok=True)
                raise
    database.check_db(engine)
    return Upgrade(before, SCHEMA_VERSION, copy, unknown)


def _migrate(connection: Connection, before: int) -> tuple[str, ...]:
    from alembic import command  # noqa: PLC0415 - of all commands only this one needs Alembic, which loads slowly
    from alembic.config import Config  # noqa: PLC0415 - as command
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as command

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "version_table": VERSION_TABLE}
    command.stamp(config, str(before))
    command.upgrade(config, str(SCHEMA_VERSION))
    steps: list[Any] = [
        ScriptDirectory.from_config(config).get_revision(str(version))
        for version in range(before + 1, SCHEMA_VERSION + 1)
    ]
    rows = connection.exec_driver_sql("SELECT 1 FROM simulation_runs LIMIT 1").first()
    return tuple(step.module.UNKNOWN for step in steps if rows and hasattr(step.module, "UNKNOWN"))
