"""Runs as the folders of a data lake: Parquet by table, scenario and run, to which later runs add their own.

DuckDB, Polars, Spark and a lake's tables read them as they are: `scenario` and `run_id` are in the paths.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from analysis.export.tables import Table
from analysis.rows.disk import sum_of
from entities.errors import InputError
from entities.messages import printable, reason

MANIFEST, FORMAT, VERSION = "manifest.json", "paceline lake", 1
FILE = "rows.parquet"
PARTITIONED = ("scenario", "run_id")
"""Columns that are in the paths and not in the files."""


@dataclass(frozen=True, slots=True)
class Added:
    """A run that was added."""

    run_id: str
    files: Mapping[str, Mapping[str, Any]]
    """By path in the folder: bytes, rows and SHA-256."""


class Lake:
    """A folder of runs, new or of before."""

    def __init__(self, to: Path) -> None:
        """InputError where *to* is something else, or of a newer format."""
        self.folder, shown = to, printable(str(to))
        try:
            if to.is_symlink() or (to.exists() and not to.is_dir()):
                raise InputError(f"{shown}: is there already and is no folder; name another")
            if not to.absolute().parent.is_dir():
                raise InputError(f"{shown}: there is no folder {printable(str(to.absolute().parent))}")
            has = to.is_dir() and any(to.iterdir())
            found = json.loads((to / MANIFEST).read_text(encoding="utf-8")) if has else {}
        except FileNotFoundError:
            raise InputError(f"{shown}: has something else in it; name a new folder") from None
        except OSError as error:
            raise InputError(f"{shown}: {reason(error)}") from None
        except ValueError:
            found = None
        if found != {} and (not isinstance(found, dict) or found.get("format") != FORMAT):
            raise InputError(f"{shown}: its {MANIFEST} is none of ours; name a new folder")
        if found and found["version"] > VERSION:
            raise InputError(f"{shown}: is of format {found['version']}; this Paceline writes {VERSION}")
        self._tables: dict[str, Any] = found.get("tables", {})
        self._runs: dict[str, Any] = found.get("runs", {})

    def has(self, run_id: str, digest: str) -> bool:
        """Return whether that run is there; InputError where another run of that id is."""
        there = self._runs.get(run_id)
        if there and there["digest"] != digest:
            raise InputError(
                f"{printable(str(self.folder))}: has another run {printable(run_id)}; name a new folder"
            )
        return there is not None

    def add(self, run_id: str, scenario: str, digest: str, tables: Iterable[Table]) -> Added:
        """Return a run that was added with its *tables*, all or nothing; what is there is left alone."""
        with self._staged() as staged:
            paths, rows = [], []
            for table in tables:
                path = Path(table.name, f"scenario={_part(scenario)}", f"run_id={_part(run_id)}", FILE)
                (staged / path).parent.mkdir(parents=True)
                own = table.rows.drop(PARTITIONED, strict=False)
                own.write_parquet(staged / path, compression="zstd")
                self._tables[table.name] = _described(table, own)
                paths.append(path)
                rows.append(len(own))
            files = {
                path.as_posix(): {
                    "rows": count,
                    "bytes": (staged / path).stat().st_size,
                    "sha256": sum_of(staged / path),
                }
                for path, count in zip(paths, rows, strict=True)
            }
            self._runs[run_id] = {"scenario": scenario, "digest": digest, "files": files}
            self._show(staged, [path.parent for path in paths])
        return Added(run_id, files)

    def _show(self, staged: Path, partitions: Iterable[Path]) -> None:
        # The manifest comes last: what it does not name was broken off, and is written anew.
        for partition in partitions:
            there = self.folder / partition
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(there, ignore_errors=True)
            (staged / partition).replace(there)
        text = {
            "format": FORMAT,
            "version": VERSION,
            "partitioned_by": PARTITIONED,
            "tables": self._tables,
            "runs": self._runs,
        }
        new = staged / MANIFEST
        new.write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        new.replace(self.folder / MANIFEST)

    @contextmanager
    def _staged(self) -> Iterator[Path]:
        # Beside the folder: whoever reads it meanwhile looks into everything in it.
        parent = self.folder.absolute().parent
        try:
            staged = Path(tempfile.mkdtemp(prefix=f".{self.folder.name}-", dir=parent))
        except OSError as error:
            raise InputError(f"{printable(str(self.folder))}: {reason(error)}") from None
        new = not self.folder.exists()
        try:
            yield staged
        except BaseException:
            if new:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _part(value: str) -> str:
    return quote(value, safe=" ")


def _described(table: Table, rows: pl.DataFrame) -> dict[str, Any]:
    columns = [
        {"name": entry.name, "type": str(rows.schema[entry.name]), "unit": entry.unit, "text": entry.text}
        for entry in table.entries
        if entry.name in rows.columns
    ]
    return {"what": table.what, "columns": columns}
