"""The databases that Paceline runs on: what their addresses are, and what each does in a way of its own."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, MetaData, Table

from entities.dialects import addresses, postgresql, sqlite
from entities.dialects.postgresql import VERSION_TABLE

__all__ = ["VERSION_TABLE", "Dialect", "addresses", "dialect_of", "postgresql", "sqlite"]


class Dialect(Protocol):
    """What differs between databases."""

    def engine(self, url: URL, wait_s: float) -> Engine:
        """Return an engine whose writers come one after another, each waiting *wait_s* for its turn."""

    def must_exist(self, engine: Engine) -> bool:
        """Return whether the database is there, as far as it can be told without opening it."""

    def version(self, connection: Connection) -> int:
        """Return the version of the tables, 0 where they are not ours."""

    def mark(self, connection: Connection, version: int) -> None:
        """Write down that the tables are ours, and of that version."""

    def rebuilding(self, engine: Engine) -> AbstractContextManager[Connection]:
        """Yield a writer's connection on which tables may be made anew, with Alembic's VERSION_TABLE."""

    def copied(self, engine: Engine, mark: str) -> Path | None:
        """Return a new copy of the database beside it, *mark* in its name; None for one on a server."""

    def align_ids(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Let the next row of each table have the least id above all others."""

    def damage(
        self,
        engine: Engine,
        *,
        thorough: bool = False,
        rules_of: Iterable[str] = (),
        within_s: float | None = None,
    ) -> list[str]:
        """Return what is damaged, as far as it is seen *within_s* seconds."""

    def altered(self, engine: Engine, metadata: MetaData) -> list[str]:
        """Return where tables and indexes are said to be others than those of the models."""

    def compact(self, engine: Engine) -> None:
        """Give back the space in which nothing stands."""

    def is_locked(self, error: Any) -> bool:
        """Return whether the driver says that another process holds the database, now."""

    def told(self, error: Any) -> str:
        """Return in one line what the driver says of *error*."""


def dialect_of(url: URL) -> Dialect:
    """Return what the database of an address does in a way of its own."""
    return sqlite if url.get_backend_name() == addresses.SQLITE else postgresql
