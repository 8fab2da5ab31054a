"""The data dictionary: every table and column of the models, written to `entities/TABLES.md`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Column, Table
from sqlalchemy.dialects import sqlite

from analysis.rows.bids import BID_COLUMNS
from analysis.rows.events import EVENT_COLUMNS, READER_COLUMNS, Entry
from entities import registry
from scenarios.generated import completed
from scenarios.reference import GENERATED

PAGE = Path(inspect.getfile(registry)).with_name("TABLES.md")
_RATIO = re.compile(r"CAST\((.*) AS DOUBLE PRECISION\) / NULLIF\((.*), 0\)")


def entries(table: Table) -> list[Entry]:
    """Return every column of *table*, in order."""
    return [_entry(table, column) for column in table.columns]


def event_entries() -> list[Entry]:
    """Return every column of the event files, in order."""
    return [*EVENT_COLUMNS.values(), *READER_COLUMNS]


def bid_entries() -> list[Entry]:
    """Return every column of the files of bids, in order."""
    return [*BID_COLUMNS.values(), *(entry for entry in READER_COLUMNS if entry.source == "path")]


def page() -> str:
    """Return the dictionary as Markdown, under the introduction that the page has."""
    parts = [""]
    for model in registry.TABLES:
        table = registry.Base.metadata.tables[model.__tablename__]
        parts.append(section(table.name, first(model.__doc__), entries(table)))
    parts += [f"## Event files\n\n{_table(event_entries())}", f"## Bid files\n\n{_table(bid_entries())}"]
    return completed(PAGE, GENERATED, "\n".join(parts))


def section(name: str, what: str, rows: Iterable[Entry]) -> str:
    """Return the part of the dictionary that is about one table, as Markdown."""
    return f"## `{name}`\n\n{what}\n\n{_table(rows)}"


def _entry(table: Table, column: Column[object]) -> Entry:
    info, computed = column.info, column.computed
    formula = str(info.get("formula", ""))
    source = str(info.get("source", _source(table, column)))
    if computed is not None:
        formula, source = _RATIO.sub(r"\1 / \2", str(computed.sqltext)).replace("*", "×"), "the row"
    text = column.comment or ""
    words = getattr(column.type, "words", None)
    if words:
        text += f" One of {', '.join(words)}."
    for key in column.foreign_keys:
        text += f" → {key.target_fullname}"
    return Entry(column.name, _type(column), str(info.get("unit", "")), text, formula, source)


def _source(table: Table, column: Column[object]) -> str:
    source = str(table.info.get("source", ""))
    return "book" if column.foreign_keys and source != "booking" else source


def _type(column: Column[object]) -> str:
    name = column.type.compile(dialect=sqlite.dialect())
    marks = ("key" if column.primary_key else "", "or NULL" if column.nullable else "")
    return " ".join(filter(None, (name, *marks)))


def first(docstring: str | None) -> str:
    """Return the first paragraph of a docstring, on one line."""
    return inspect.cleandoc(docstring or "").partition("\n\n")[0].replace("\n", " ")


def _table(rows: Iterable[Entry]) -> str:
    lines = ["| column | type | unit | what it holds | formula | source |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in (f"`{row.name}`", *row[1:]))
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join([*lines, ""])


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
