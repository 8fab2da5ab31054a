"""The declarative base of the tables: column types, and a CHECK for every vocabulary and count."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Double, Integer, MetaData, Table
from sqlalchemy.dialects.sqlite import REAL
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from entities import enums
from entities.enums import EntityStatus, Word
from entities.models.types import TEXT, IsoDate, LocalDateTime, UtcDateTime, WordText

SCHEMA_VERSION = 14
"""The version of the tables, stored in every database. Raise it whenever a table changes."""

# Whole numbers have 64 bits on both; SQLite's STRICT knows no BIGINT.
INTEGER = BigInteger().with_variant(Integer(), "sqlite")
FLOAT: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")

WORDS = {word: WordText(word) for name in enums.__all__ if (word := getattr(enums, name)) is not Word}

Count = Annotated[int, mapped_column(info={"least": 0, "unit": "count"})]
"""A whole number that is never negative, checked by the database."""
Micros = Annotated[int, mapped_column(info={"least": 0, "unit": "micros"})]
"""Millionths of a currency unit, never negative."""
Ppm = Annotated[int, mapped_column(info={"least": 0, "unit": "ppm"})]
"""Millionths of one, never negative."""
Positive = Annotated[int, mapped_column(info={"least": 1})]
"""A whole number of at least 1."""
LocalHour = Annotated[datetime, mapped_column(LocalDateTime(), info={"unit": "local time"})]
"""A wall-clock time without a zone; the campaign says which zone."""


def documented(
    text: str, *args: Any, unit: str = "", formula: str = "", source: str = "", **options: Any
) -> MappedColumn[Any]:
    """Return a mapped column with a comment, unit, formula and source for `entities/TABLES.md`.

    Other arguments are those of `mapped_column`.
    """
    info = {"unit": unit, "formula": formula, "source": source, **options.pop("info", {})}
    return mapped_column(
        *args, comment=text, info={key: value for key, value in info.items() if value != ""}, **options
    )


class Base(DeclarativeBase):
    """The base of every table: STRICT on SQLite, with a CHECK for every vocabulary and count."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        str: TEXT,
        int: INTEGER,
        float: FLOAT,
        datetime: UtcDateTime(),
        date: IsoDate(),
        **WORDS,
    }

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> Table:
        table = Table(*args, sqlite_strict=True, **options)
        for column in table.columns:
            if isinstance(column.type, WordText):
                words = ", ".join(f"'{word}'" for word in column.type.words)
                _check(table, f"{column.name} IN ({words})", f"{column.name}_known")
            if (least := column.info.get("least")) is not None:
                _check(table, f"{column.name} >= {least}", f"{column.name}_least")
        return table

    def __repr__(self) -> str:
        keys = ", ".join(f"{key.name}={getattr(self, key.name)!r}" for key in self.__table__.primary_key)
        name = getattr(self, "name", None)
        return f"{type(self).__name__}({keys}{'' if name is None else f', name={name!r}'})"


def _check(table: Table, rule: str, name: str) -> None:
    table.append_constraint(CheckConstraint(rule, name=name))


def utc_now() -> datetime:
    """Return the time now in UTC; only timestamps of rows depend on it."""
    return datetime.now(UTC)


def _as_created(context: DefaultExecutionContext) -> Any:
    return context.get_current_parameters()["created_at"]  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this method untyped


class EntityBase:
    """The columns of every booked entity: id, name, status and timestamps."""

    id: Mapped[int] = documented(
        "Number of the row in this database; runs never depend on it.",
        source="database",
        primary_key=True,
        sort_order=-3,
    )
    name: Mapped[str] = documented(
        "Its name, 1 to 120 characters, unique among its siblings.",
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name_length"),
        sort_order=-2,
    )
    status: Mapped[EntityStatus] = documented(
        "Whether it takes part; only an active one does.", default=EntityStatus.active, sort_order=-1
    )
    created_at: Mapped[datetime] = documented(
        "When the row was written.", unit="UTC", source="clock", default=utc_now, sort_order=1
    )
    updated_at: Mapped[datetime] = documented(
        "When the row was last changed.",
        unit="UTC",
        source="clock",
        default=_as_created,
        onupdate=utc_now,
        sort_order=2,
    )
