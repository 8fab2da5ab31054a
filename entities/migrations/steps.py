"""What the steps have in common: columns of the kinds that tables have, and changes that keep the rows."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    Text,
    column,
    inspect,
    select,
    text,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.sqlite import REAL
from sqlalchemy.types import TypeEngine

# As the models have them, and written down once more: a step never changes, whatever becomes of the models.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
INTEGER = BigInteger().with_variant(Integer(), "sqlite")
FLOAT: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


class Filled(NamedTuple):
    """A column that no row may lack: its type, and the SQL of the value that older rows get."""

    type: TypeEngine[Any]
    value: str


def lacks(table: str, name: str = "") -> bool:
    """Return whether a table, or a column of that *name*, is missing: a version may have had two layouts."""
    seen = inspect(op.get_bind())
    if not seen.has_table(table):
        return True
    return bool(name) and name not in {one["name"] for one in seen.get_columns(table)}


def change(
    table: str,
    *columns: Column[Any],
    filled: Mapping[str, Filled] | None = None,
    dropped: Sequence[str] = (),
    checks: Mapping[str, str] | None = None,
) -> None:
    """Add columns to a table, and take and give it checks by their short names; its rows stay."""
    rules = {f"ck_{table}_{name}": rule for name, rule in (checks or {}).items()}
    gone = [f"ck_{table}_{name}" for name in dropped]
    in_place = op.get_bind().dialect.name != "sqlite"
    (_altered if in_place else _made_anew)(table, columns, filled or {}, gone, rules)


def _altered(
    table: str,
    columns: Sequence[Column[Any]],
    filled: Mapping[str, Filled],
    gone: Sequence[str],
    rules: Mapping[str, str],
) -> None:
    for name in gone:
        op.drop_constraint(name, table, type_="check")
    for name, (kind, _) in filled.items():
        op.add_column(table, Column(name, kind))
    if filled:
        values: dict[Any, Any] = {column(name): text(value) for name, (_, value) in filled.items()}
        op.execute(sql_table(table, *values).update().values(values))
    for name in filled:
        op.alter_column(table, name, nullable=False)
    for one in columns:
        op.add_column(table, one)
    for name, rule in rules.items():
        op.create_check_constraint(name, table, rule)


def _made_anew(
    table: str,
    columns: Sequence[Column[Any]],
    filled: Mapping[str, Filled],
    gone: Sequence[str],
    rules: Mapping[str, str],
) -> None:
    # SQLite alters no constraint, and Alembic's own copying knows no generated columns.
    bind = op.get_bind()
    old = Table(table, MetaData(), autoload_with=bind)
    kept = [one for one in old.columns if one.computed is None]
    new = old.to_metadata(old.metadata, name=f"new_{table}")
    new.indexes.clear()
    for check in [each for each in new.constraints if each.name in gone]:
        new.constraints.remove(check)
    for name, (kind, _) in filled.items():
        new.append_column(Column(name, kind, nullable=False))
    for one in columns:
        new.append_column(one)
    for name, rule in rules.items():
        new.append_constraint(CheckConstraint(rule, name=name))
    new.create(bind)
    values: list[Any] = [*kept, *(text(value) for _, value in filled.values())]
    bind.execute(new.insert().from_select([*(one.name for one in kept), *filled], select(*values)))
    old.drop(bind)
    op.rename_table(new.name, table)
    for index in old.indexes:
        index.create(bind)


def least(columns: Sequence[str], number: int = 0) -> dict[str, str]:
    """Return the checks that columns have at least that *number*."""
    return {f"{name}_least": f"{name} >= {number}" for name in columns}


def ratio(name: str, over: str, under: str) -> Column[float]:
    """Return a generated column: *over* by *under*, NULL where *under* is 0."""
    return Column(
        name, FLOAT, Computed(f"CAST({over} AS DOUBLE PRECISION) / NULLIF({under}, 0)", persisted=True)
    )


def belongs(table: str, name: str, parent: str, key: str, gone: str) -> ForeignKeyConstraint:
    """Return the rule that a column names a row of *parent*, and what happens when that one is *gone*."""
    return ForeignKeyConstraint([name], [f"{parent}.{key}"], name=f"fk_{table}_{name}", ondelete=gone)
