"""An export as a whole: every table of a run, its terms and their meaning, in one folder or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.export.croissant import About, sidecar
from analysis.export.formats import FORMATS, Format
from analysis.export.tables import Table, tables_of
from analysis.rows.disk import sum_of
from analysis.rows.results import Results
from entities.errors import InputError
from entities.messages import hint, printable, reason

_MARKDOWN, _JSON = "text/markdown", "application/json"
DICTIONARY, SIDECAR = "dictionary.md", "croissant.json"
_TITLE = "# What the columns hold\n"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of an export."""

    name: str
    bytes: int
    sha256: str
    rows: Mapping[str, int]
    """Of each table that is in it."""


def export(
    run: Results, about: About, texts: Mapping[str, str], facts: Mapping[str, Any], kind: str, to: Path
) -> list[Exported]:
    """Return the files of *run* in the new folder *to*: its tables, *texts* by file, and *facts* in run.json.

    It is written beside *to* and renamed when it is complete. InputError where *to* has something in it or
    cannot be made, and for a format that is unknown or not installed.
    """
    chosen = _chosen(kind)
    found: list[Table] = []
    rows: dict[str, int] = {}

    def tables() -> Iterator[Table]:
        for table in tables_of(run):
            rows[table.name] = len(table.rows)
            yield table
            found.append(replace(table, rows=table.rows.clear()))

    with _new(to) as folder:
        files = chosen.write(tables(), folder)
        texts = {**texts, "run.json": json.dumps(facts, indent=2, ensure_ascii=False, default=str) + "\n"}
        texts[DICTIONARY] = "\n".join([_TITLE, *(table.section for table in found)])
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        media = dict.fromkeys(files.values(), chosen.media_type)
        media |= {name: _MARKDOWN if name == DICTIONARY else _JSON for name in texts}
        described = [(table, files[table.name]) for table in found] if chosen.by_table else []
        (folder / SIDECAR).write_text(sidecar(about, folder, media, described), encoding="utf-8")
        return _exported(folder, (*media, SIDECAR), files, rows)


def export_table(table: Table, kind: str, to: Path) -> list[Exported]:
    """Return the files of one table in the new folder *to*: its rows, and what its columns hold.

    InputError as for `export`.
    """
    chosen, rows = _chosen(kind), {table.name: len(table.rows)}
    with _new(to) as folder:
        files = chosen.write([table], folder)
        (folder / DICTIONARY).write_text(f"{_TITLE}\n{table.section}", encoding="utf-8")
        return _exported(folder, (*files.values(), DICTIONARY), files, rows)


def _chosen(kind: str) -> Format:
    if kind not in FORMATS:
        raise InputError(f"format {printable(kind)}: is not known; {hint(kind, FORMATS)}")
    FORMATS[kind].check()
    return FORMATS[kind]


def _exported(
    folder: Path, names: Iterable[str], files: Mapping[str, str], rows: Mapping[str, int]
) -> list[Exported]:
    return [
        Exported(
            name,
            (folder / name).stat().st_size,
            sum_of(folder / name),
            {table: rows[table] for table, file in files.items() if file == name},
        )
        for name in names
    ]


@contextmanager
def _new(to: Path) -> Iterator[Path]:
    """Yield a folder that becomes *to* when the block ends, and is removed if it fails."""
    shown = printable(str(to))
    try:
        if to.is_symlink() or (to.exists() and not to.is_dir()):
            raise InputError(f"{shown}: is there already and is no folder; name a new one")
        if to.is_dir() and any(to.iterdir()):
            raise InputError(f"{shown}: has something in it; name a new folder, or an empty one")
        if not to.absolute().parent.is_dir():
            raise InputError(f"{shown}: there is no folder {printable(str(to.absolute().parent))}")
        beside = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.absolute().parent))
    except OSError as error:
        raise InputError(f"{shown}: {reason(error)}") from None
    try:
        yield beside
        beside.chmod(0o777 & ~_umask())
        beside.replace(to.absolute())  # over nothing, or an empty folder
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
