"""The manifest beside a run's event files: what they are, and how to tell whether they are still that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, NamedTuple, Self

import polars as pl
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

import sim
from analysis.rows.bids import BID_COLUMNS
from analysis.rows.columns import BookColumns
from analysis.rows.disk import contents, sync
from analysis.rows.events import EVENT_COLUMNS, events_folder
from analysis.rows.events_of import FORMS, EventsOf, events_of, is_form
from entities import registry
from entities.errors import InputError
from entities.messages import printable, quoted, reason, short
from scenarios.reading import reading
from sim.events import Written

NAME = "manifest.json"
"""Of the file, in the folder of the run."""
SORTED_BY = ("hour",)
"""Columns by which rows are sorted; those of an hour are as the market wrote them."""


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise ValueError(f"{quoted(path)} is not allowed; must be a path inside the folder of the run")
    return path


def _form(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not is_form(value):
        raise ValueError(f"{quoted(value)} is not allowed; must be {FORMS}")
    return events_of(value)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """A column of the files."""

    name: str
    type: str


class EventFile(_Part):
    """A file as it was written."""

    path: Annotated[str, AfterValidator(_inside)]
    """From the folder of the run."""
    rows: int
    bytes: int
    sha256: str
    first_hour: int
    last_hour: int

    @property
    def date(self) -> str:
        """Return the UTC day whose events it has."""
        return self.path.partition("/")[0].removeprefix("date=")

    @classmethod
    def of(cls, written: Written) -> Self:
        """Return what the manifest says of a file."""
        return cls(**written._asdict())


def _summed(rows: int, files: Sequence[EventFile]) -> None:
    if rows != (total := sum(file.rows for file in files)):
        raise ValueError(f"rows: {rows:,} is not allowed; its files have {total:,}")


class BidsKept(_Part):
    """The files beside those of the events that have every bid of the same viewers."""

    rows: int
    sorted_by: tuple[str, ...]
    columns: tuple[Column, ...]
    files: tuple[EventFile, ...]

    @model_validator(mode="after")
    def _sums_up(self) -> Self:
        _summed(self.rows, self.files)
        return self


class SoldCreative(_Part):
    """A creative that was in the run."""

    id: int
    name: str


class SoldLineItem(_Part):
    """A line item that was in the run, whose ids the events have."""

    id: int
    name: str
    campaign_id: int
    campaign: str
    advertiser_id: int
    advertiser: str
    creatives: tuple[SoldCreative, ...]
    in_flight: tuple[tuple[int, int], ...]
    """First and last hour of each span in which it was in flight, whatever its status."""


class Manifest(_Part):
    """What the event files of a run are."""

    run_id: str
    scenario: str
    seed: int
    paceline: str
    """Version of what wrote them."""
    schema_version: int
    """Of the database that has the run's rows."""
    start: AwareDatetime
    """Of hour 0, UTC."""
    events: Annotated[
        EventsOf,
        BeforeValidator(_form),
        PlainSerializer(str),
    ]
    """Of whom: `all`, `sample:1%` of the viewers, or `lost:1%` of them with their bids."""
    rows: int
    sorted_by: tuple[str, ...]
    columns: tuple[Column, ...]
    files: tuple[EventFile, ...]
    bids: BidsKept | None = Field(default=None, exclude_if=lambda kept: kept is None)
    line_items: tuple[SoldLineItem, ...]

    @model_validator(mode="after")
    def _sums_up(self) -> Self:
        _summed(self.rows, self.files)
        return self

    @property
    def every_file(self) -> tuple[EventFile, ...]:
        """Return the files of events, then those of bids."""
        return self.files + (self.bids.files if self.bids else ())

    def write(self, folder: Path) -> None:
        """Write it into the *folder* of the run, so that it lasts, and there is all of it or none."""
        partial = folder / f"{NAME}.partial"
        partial.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        sync(partial)
        partial.replace(folder / NAME)


class Damage(NamedTuple):
    """A file that is not as the manifest has it."""

    path: str
    found: str
    due: str


def manifest_of(
    columns: BookColumns,
    files: Sequence[EventFile],
    in_flight: Sequence[Sequence[tuple[int, int]]],
    *,
    run_id: str,
    scenario: str,
    seed: int,
    events: EventsOf,
    bids: Sequence[EventFile] = (),
) -> Manifest:
    """Return the manifest of *files*; *in_flight* has the spans of each line item.

    *bids* are the files of bids, where *events* says that they are kept.
    """
    creatives: list[list[SoldCreative]] = [[] for _ in columns.line_items]
    for one in columns.creatives:
        creatives[one.line_item].append(SoldCreative(id=one.id, name=one.name))
    sold = [
        SoldLineItem(
            id=item.id,
            name=item.name,
            campaign_id=item.campaign_id,
            campaign=item.campaign_name,
            advertiser_id=item.advertiser_id,
            advertiser=item.advertiser_name,
            creatives=tuple(its),
            in_flight=tuple(spans),
        )
        for item, its, spans in zip(columns.line_items, creatives, in_flight, strict=True)
    ]
    return Manifest(
        run_id=run_id,
        scenario=scenario,
        seed=seed,
        paceline=sim.__version__,
        schema_version=registry.SCHEMA_VERSION,
        start=columns.start,
        events=events,
        rows=sum(file.rows for file in files),
        sorted_by=SORTED_BY,
        columns=tuple(Column(name=one.name, type=one.type) for one in EVENT_COLUMNS.values()),
        files=tuple(files),
        bids=_bids_kept(bids) if events.bids else None,
        line_items=tuple(sold),
    )


def _bids_kept(files: Sequence[EventFile]) -> BidsKept:
    return BidsKept(
        rows=sum(file.rows for file in files),
        sorted_by=SORTED_BY,
        columns=tuple(Column(name=one.name, type=one.type) for one in BID_COLUMNS.values()),
        files=tuple(files),
    )


def read_manifest(folder: Path, run_id: str) -> Manifest:
    """Return the manifest of a run's events below *folder*; InputError where it is missing or unreadable."""
    where = events_folder(folder, run_id)
    if not where.is_dir():
        raise InputError(f"{printable(str(folder))}: no events of run {run_id}")
    return read(where)


def read(where: Path) -> Manifest:
    """Return the manifest in the folder of a run; InputError where it is missing, unreadable or another's."""
    found = parsed(where)
    if where.name != events_folder(where.parent, found.run_id).name:
        raise InputError(f"{printable(str(where / NAME))}: is of run {short(found.run_id)}")
    return found


def parsed(where: Path) -> Manifest:
    """Return the manifest in a folder, whatever its name; InputError where it is missing or unreadable."""
    file, shown = where / NAME, printable(str(where / NAME))
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        raise InputError(
            f"{shown}: is missing; events without a manifest are of an older version or were copied in part;"
            " simulate the run again, or copy the whole folder"
        ) from None
    except OSError as error:
        raise InputError(f"{shown}: {reason(error)}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"{part}: " for part in (".".join(map(str, first["loc"])),) if part)
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] not in {"value_error", "missing", "json_invalid"}:
            said = f"{said}, not {short(str(first['input']))}"
        raise InputError(f"{shown}: is no manifest that this version reads: {place}{said}") from None


def intact(where: Path, files: Sequence[EventFile]) -> list[Path]:
    """Return the paths of *files* in the folder of a run.

    InputError names the first that is missing, or has another size or other rows than the manifest says.
    """
    found = [where / file.path for file in files]
    for path, kept in zip(found, files, strict=True):
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            now = "is missing"
        elif size != kept.bytes:
            now = f"has {size:,} bytes in place of {kept.bytes:,}"
        elif (rows := _rows(path)) != kept.rows:
            now = _counted(rows) + (f" in place of {kept.rows:,}" if rows >= 0 else "")
        else:
            continue
        raise InputError(f"{printable(str(path))}: {now}; copy the whole folder again")
    return found


def _rows(file: Path) -> int:
    # By the file's own footer; -1 where it has none.
    try:
        with reading(str(file)):
            return int(
                pl.scan_parquet(file, hive_partitioning=False, glob=False).select(pl.len()).collect().item()
            )
    except InputError:
        return -1


def _counted(rows: int) -> str:
    return f"has {rows:,} rows" if rows >= 0 else "is no Parquet file"


def damages(where: Path, manifest: Manifest) -> Iterator[Damage]:
    """Yield the files in the folder of a run that are missing, surplus, or not what was written."""
    known = {file.path: file for file in manifest.every_file}
    for path, file in known.items():
        due = f"{file.rows:,} rows, SHA-256 {file.sha256[:12]}…"
        try:
            size, sha256 = contents(where / path)
        except FileNotFoundError:
            yield Damage(path, "missing", due)
        except OSError as error:
            yield Damage(path, reason(error), due)
        else:
            if size != file.bytes:
                yield Damage(path, f"damaged, {size:,} bytes", f"{file.bytes:,} bytes")
            elif sha256 != file.sha256:
                yield Damage(path, f"damaged, SHA-256 {sha256[:12]}…", due)
            elif (rows := _rows(where / path)) != file.rows:
                yield Damage(path, _counted(rows), f"{file.rows:,} rows, as the manifest says")
    found = {file.relative_to(where).as_posix() for file in where.rglob("*.parquet")}
    for path in sorted(found - known.keys()):
        yield Damage(path, "surplus, for the manifest does not list it", "removed")
