"""The declarative base: types for STRICT SQLite and for PostgreSQL, and the checks that go with them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Double, Integer, MetaData, Table, Text
from sqlalchemy.dialects.sqlite import REAL
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from entities import enums
from entities.enums import EntityStatus, Word
from entities.models.types import Flag, IsoDate, LocalDateTime, UtcDateTime, WordText

SCHEMA_VERSION = 1
"""The version of the tables; another one is refused."""

# PostgreSQL sorts text by the server's language unless told otherwise; bytes are the same everywhere.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite's INTEGER holds 64 bits and STRICT knows no BIGINT; PostgreSQL's holds 32, too few for micros.
INTEGER = BigInteger().with_variant(Integer(), "sqlite")
FLOAT: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")

WORDS = {word: WordText(word) for name in enums.__all__ if (word := getattr(enums, name)) is not Word}

Count = Annotated[int, mapped_column(info={"least": 0})]
"""A whole number that is never negative, checked by the database."""
LocalHour = Annotated[datetime, mapped_column(LocalDateTime())]
"""A wall-clock time without a zone; the campaign says which zone."""


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
        bool: Flag(),
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
    """Return the present moment; only the timestamps of rows are taken from it."""
    return datetime.now(UTC)


def _as_created(context: DefaultExecutionContext) -> Any:
    return context.get_current_parameters()["created_at"]  # type: ignore[no-untyped-call]


class EntityBase:
    """What every booked thing has: an id, a name, a status and its timestamps."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-3)
    name: Mapped[str] = mapped_column(
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name_length"), sort_order=-2
    )
    status: Mapped[EntityStatus] = mapped_column(default=EntityStatus.active, sort_order=-1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(default=_as_created, onupdate=utc_now, sort_order=2)
