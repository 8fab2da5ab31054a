"""A run as one file, which stands for itself: its row, scenario and book, who is booked, and all its rows.

A zip of Parquet and JSON, whose manifest says what is in it. Rows name line items, creatives and campaigns by
their places in the book, so that a database that takes them gives ids of its own.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl
from polars.exceptions import PolarsError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.types import TypeDecorator

from analysis.rows.places import placed_schema
from analysis.rows.results import TABLES
from entities import registry
from entities.messages import printable, quoted, reason

SUFFIX = ".run.zip"
VERSION = 1
"""Of the format. Raise it whenever a Paceline of before would read a file wrongly."""
ROWS_TOGETHER = 100_000
"""Rows of a part."""
_FORMAT, _MANIFEST = "paceline run", "manifest.json"
_TEXTS = {"scenario_text": "scenario.json", "book_text": "book.json"}
_BOOKED = "campaigns.json"
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Of every part, so that the same run makes the same bytes."""
_COLUMNS = [
    column.name
    for column in registry.SimulationRun.__table__.columns
    if column.name not in {"number", *_TEXTS}
]

Listings = Sequence[Mapping[str, Any]]
"""Campaigns, as mappings of which a `Listing` is made."""
Pieces = Iterable[tuple[str, pl.DataFrame]]
"""Rows that are `placed`, by table, in as many frames as there are."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """A part of the file."""

    sha256: str
    table: str | None = None
    """The table of whose rows it is."""
    rows: int = Field(default=0, ge=0)


class Manifest(_Strict):
    """What the file has, and the row of the run without its texts."""

    format: Literal["paceline run"]
    version: int
    paceline: str
    """The version that wrote it."""
    run: dict[str, Any]
    rows_digest: str
    """The digest of the rows and facts, in which a run's own has them."""
    parts: dict[str, Part]


@dataclass(frozen=True)
class Packed:
    """A run as its file has it."""

    row: registry.SimulationRun
    """In no session; its number is the database's that takes it."""
    listings: Listings
    """The campaigns of its book."""
    tables: Mapping[str, pl.DataFrame]
    """All rows, `placed`, by table."""
    rows_digest: str


def write(
    file: Path,
    row: registry.SimulationRun,
    listings: Listings,
    pieces: Pieces,
    digest: str,
) -> None:
    """Write a run into the new *file*, whole or not at all; *digest* is that of its rows.

    InputError where it is there already, and OSError where it cannot be written.
    """
    if file.exists():
        raise registry.InputError(f"{printable(str(file))}: is there already; name a new file")
    beside = file.with_name(f".{file.name}.part")
    try:
        with beside.open("xb") as opened:
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_STORED) as target:
                _fill(target, row, listings, pieces, digest)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _fill(
    target: zipfile.ZipFile,
    row: registry.SimulationRun,
    listings: Listings,
    pieces: Pieces,
    digest: str,
) -> None:
    parts: dict[str, Part] = {}

    def add(name: str, content: bytes, table: str | None = None, rows: int = 0) -> None:
        target.writestr(zipfile.ZipInfo(name, _MOMENT), content)
        parts[name] = Part(sha256=hashlib.sha256(content).hexdigest(), table=table, rows=rows)

    for column, name in _TEXTS.items():
        add(name, getattr(row, column).encode())
    add(_BOOKED, json.dumps(listings, default=str, ensure_ascii=False, indent=1).encode())
    for table, rows in pieces:
        for piece in rows.iter_slices(ROWS_TOGETHER):
            number = sum(part.table == table for part in parts.values())
            buffer = io.BytesIO()
            piece.write_parquet(buffer, compression="zstd")
            add(f"{table}-{number:05d}.parquet", buffer.getvalue(), table, len(piece))
    run = {name: getattr(row, name) for name in _COLUMNS}
    manifest = Manifest(
        format=_FORMAT,
        version=VERSION,
        paceline=row.paceline_version,
        run=json.loads(json.dumps(run, default=_text)),
        rows_digest=digest,
        parts=parts,
    )
    text = manifest.model_dump_json(indent=1, exclude_defaults=True)
    target.writestr(zipfile.ZipInfo(_MANIFEST, _MOMENT), text)


def _text(value: Any) -> str:
    return str(value.isoformat())


def read(file: Path) -> Packed:
    """Return the run in *file*, each part held to the manifest.

    InputError where it is no such file, of a newer format, or damaged.
    """
    shown = printable(str(file))
    try:
        with zipfile.ZipFile(file) as source:
            manifest = _manifest(source, shown)
            contents = dict(_parts(source, manifest, shown))
    except OSError as error:
        raise registry.InputError(f"{shown}: {reason(error)}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # zipfile raises NotImplementedError for a compression that it does not know, RuntimeError for what is
        # encrypted: files that are not ours, or damaged ones.
        raise registry.InputError(f"{shown}: is damaged, or no file of `paceline runs export`") from None
    try:
        texts = {column: contents.pop(name).decode() for column, name in _TEXTS.items()}
        listings = json.loads(contents.pop(_BOOKED))
        row = _row(manifest.run | texts)
        return Packed(row, listings, _tables(contents, manifest), manifest.rows_digest)
    except (KeyError, ValueError, TypeError, PolarsError, ValidationError) as error:
        raise registry.InputError(f"{shown}: {_why(error)}") from None


def _manifest(source: zipfile.ZipFile, shown: str) -> Manifest:
    try:
        text = json.loads(source.read(_MANIFEST))
        named = text.get("format") if isinstance(text, dict) else None
    except (KeyError, ValueError):
        named = None
    if named != _FORMAT:
        raise registry.InputError(f"{shown}: is no file of `paceline runs export`")
    version = text.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise registry.InputError(
            f"{shown}: is of format {printable(str(version))}, written by Paceline"
            f" {printable(str(text.get('paceline')))}; this one reads up to {VERSION}, use a newer Paceline"
        )
    try:
        return Manifest.model_validate(text)
    except ValidationError as error:
        raise registry.InputError(f"{shown}: {_MANIFEST}: {_why(error)}") from None


def _parts(source: zipfile.ZipFile, manifest: Manifest, shown: str) -> Iterator[tuple[str, bytes]]:
    there = [name for name in source.namelist() if name != _MANIFEST]
    if surplus := sorted({*there} - {*manifest.parts}):
        raise registry.InputError(f"{shown}: has {quoted(surplus[0])}, which its manifest does not name")
    for name, part in manifest.parts.items():
        if name not in there:
            raise registry.InputError(f"{shown}: {printable(name)} is missing")
        content = source.read(name)
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise registry.InputError(f"{shown}: {printable(name)} is damaged: it is not what was written")
        yield name, content


def _tables(contents: Mapping[str, bytes], manifest: Manifest) -> dict[str, pl.DataFrame]:
    schemas = {name: placed_schema(name) for name in TABLES}
    found = {name: [pl.DataFrame(schema=schema)] for name, schema in schemas.items()}
    for name, content in contents.items():
        part = manifest.parts[name]
        rows = pl.read_parquet(io.BytesIO(content))
        if part.table not in found or dict(rows.schema) != schemas[part.table] or len(rows) != part.rows:
            raise ValueError(f"{printable(name)} has other rows than its manifest says")
        found[part.table].append(rows)
    return {name: pl.concat(frames) for name, frames in found.items()}


def _row(values: Mapping[str, Any]) -> registry.SimulationRun:
    columns = registry.SimulationRun.__table__.columns
    needed = {*_TEXTS, *(name for name in _COLUMNS if columns[name].default is None)}
    if strange := sorted({*values} - {*_COLUMNS, *_TEXTS} | needed - {*values}):
        raise ValueError(f"{_MANIFEST}: its run has other columns than here, such as {quoted(strange[0])}")
    # As a database gives them back.
    dialect: Any = None
    found: dict[str, Any] = {}
    for name, value in values.items():
        kind: Any = columns[name].type
        if isinstance(kind, TypeDecorator):
            found[name] = kind.process_result_value(kind.process_bind_param(value, dialect), dialect)
            continue
        if not isinstance(value, kind.python_type):
            raise registry.RefusedError(f"{_MANIFEST}: {name} is {printable(str(value))}")
        found[name] = value
    return registry.SimulationRun(**found)


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"{printable(str(error.args[0]))} is missing"
    return printable(str(error))
