"""A run as files of other tools: every row as it is, what it means, and nothing half written."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

import paceline
from analysis.export import folder as exporting
from analysis.export.formats import FORMATS, NEUTRAL, RUNS_AS_FORMULA, Csv
from analysis.rows.results import TABLES
from entities.errors import InputError
from paceline import Run
from sim.cli.app import app

NAMES = (*TABLES, "line_items")
REQUIRED = {"@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished", "distribution"}  # fmt: skip
"""Of the Croissant Format Specification 1.0, "Dataset-level Information"."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    database = tmp_path_factory.mktemp("export") / "ads.db"
    changes = {"market.population.viewers": 600, "market.forecast.weeks": 1}
    return paceline.simulate("smoke", set=changes, db=database)


def rows_of(run: Run, name: str) -> pl.DataFrame:
    return run.table(name) if name in TABLES else run.line_items


def same(found: pl.DataFrame, run: Run, name: str) -> bool:
    expected = rows_of(run, name)
    return found.equals(expected.select(found.columns)) and found.height == expected.height


def from_csv(file: Path, schema: Any) -> pl.DataFrame:
    text = dict.fromkeys(schema, pl.String)
    read = pl.read_csv(file, schema=text)
    parsed = []
    for name, dtype in schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.Datetime):
            parsed.append(column.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC"))
        elif dtype == pl.String:
            parsed.append(column.str.strip_prefix(NEUTRAL))
        else:
            parsed.append(column.cast(dtype) if dtype != pl.Date else column.str.to_date())
    return read.select(parsed)


def from_duckdb(file: Path, name: str) -> pl.DataFrame:
    copy = file.with_name(f"{name}.copy")
    with duckdb.connect(str(file), read_only=True) as database:
        database.execute(f"COPY {name} TO '{copy}' (FORMAT parquet)")
    found = pl.read_parquet(copy)
    copy.unlink()
    return found


def of_a_table(file: Path, name: str, run: Run) -> pl.DataFrame:
    schema = rows_of(run, name).schema
    with file.open(newline="") as opened:
        columns = next(csv.reader(opened))
    return from_csv(file, {column: schema[column] for column in columns})


READ: dict[str, Callable[[Path, str, Run], pl.DataFrame]] = {
    "parquet": lambda folder, name, run: pl.read_parquet(folder / f"{name}.parquet"),
    "arrow": lambda folder, name, run: pl.read_ipc(folder / f"{name}.arrow"),
    "csv": lambda folder, name, run: of_a_table(folder / f"{name}.csv", name, run),
    "duckdb": lambda folder, name, run: from_duckdb(folder / "run.duckdb", name),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_rows_of_the_database_back(run: Run, kind: str, tmp_path: Path) -> None:
    run.export(tmp_path / "run", kind)
    for name in NAMES:
        assert same(READ[kind](tmp_path / "run", name, run), run, name), name
    assert len(run.performance) > 0


@pytest.mark.parametrize("kind", FORMATS)
def test_terms_dictionary_and_sidecar_go_with_the_rows(run: Run, kind: str, tmp_path: Path) -> None:
    files = {one.name: one for one in run.export(tmp_path / "run", kind)}
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(files)
    for name, one in files.items():
        data = (tmp_path / "run" / name).read_bytes()
        assert (one.bytes, one.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    texts = [(tmp_path / "run" / name).read_text() for name in ("scenario.json", "book.json")]
    named = json.loads(texts[0])
    for word in ("name", "description"):
        del named[word]
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert paceline.load(json.loads(texts[0])) == run.scenario
    assert texts[1] == run.book.text
    assert (facts["digest"], facts["fingerprint"]) == (run.digest, run.spec.fingerprint)
    told = (tmp_path / "run" / "dictionary.md").read_text()
    for name in NAMES:
        section = told.partition(f"## `{name}`\n")[2].partition("\n## ")[0]
        columns = rows_of(run, name).columns
        assert [column for column in columns if f"\n| `{column}` |" not in section] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_the_sidecar_has_what_croissant_requires(run: Run, kind: str, tmp_path: Path) -> None:
    to = tmp_path / "run"
    files = run.export(to, kind, license="https://spdx.org/licenses/CC-BY-4.0.html", creator="A lab")
    told = json.loads((to / "croissant.json").read_text())
    assert set(told) >= REQUIRED
    assert told["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert told["@type"] == "sc:Dataset"
    assert (told["license"], told["creator"]["name"]) == ("https://spdx.org/licenses/CC-BY-4.0.html", "A lab")
    ids = [one["@id"] for one in told["distribution"]]
    assert ids == [one.name for one in files if one.name != "croissant.json"]
    for one in told["distribution"]:
        assert one["@type"] == "cr:FileObject"
        assert one["sha256"] == hashlib.sha256((to / one["contentUrl"]).read_bytes()).hexdigest()
        assert one["encodingFormat"]
        assert one["contentSize"] == f"{(to / one['contentUrl']).stat().st_size} B"
    assert [each["@id"] for each in told["recordSet"]] == (list(NAMES) if FORMATS[kind].by_table else [])
    for each in told["recordSet"]:
        fields = {field["@id"]: field for field in each["field"]}
        assert {key["@id"] for key in each["key"]} <= set(fields)
        assert [field["name"] for field in fields.values()] == READ[kind](to, each["name"], run).columns
        for field in fields.values():
            assert field["@type"] == "cr:Field"
            assert field["dataType"] in {"sc:Integer", "sc:Float", "sc:Text", "sc:Date", "sc:DateTime"}
            assert field["source"]["fileObject"]["@id"] in ids
            assert field["source"]["extract"] == {"column": field["name"]}
            assert field["description"]
        unknown = {word for field in fields.values() for word in field} - set(told["@context"])
        assert unknown <= {"@type", "@id", "name", "description"}


def test_a_duckdb_column_says_what_it_holds(run: Run, tmp_path: Path) -> None:
    run.export(tmp_path / "run", "duckdb")
    with duckdb.connect(str(tmp_path / "run" / "run.duckdb"), read_only=True) as database:
        found = database.execute("SELECT count(*), count(comment) FROM duckdb_columns() WHERE NOT internal")
        columns, told = found.fetchall()[0]
    assert columns == told > 50


@pytest.mark.parametrize("sign", [*RUNS_AS_FORMULA, NEUTRAL])
def test_no_text_of_a_csv_runs_and_every_number_stays_one(sign: str, tmp_path: Path) -> None:
    rows = pl.DataFrame({"text": [f"{sign}cmd|' /C calc'!A0", "plain", None, "", "a=b"], "n": [-1, 2, None, 0, 1], "x": [-0.5, 1e-7, None, 0.1 + 0.2, 1.0]})  # fmt: skip
    Csv().write_table(rows, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as opened:
        cells = list(csv.reader(opened))[1:]
    assert not any(row[0].startswith(RUNS_AS_FORMULA) for row in cells)
    assert [row[1] for row in cells] == ["-1", "2", "", "0", "1"]
    assert [float(row[2]) if row[2] else None for row in cells] == rows["x"].to_list()
    assert from_csv(tmp_path / "rows.csv", rows.schema).equals(rows)


def test_what_is_there_is_not_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    run.export(tmp_path / "empty")
    for to, told in (
        ("full", "full: has something in it; name a new folder, or an empty one"),
        ("empty", "empty: has something in it"),
        ("file", "file: is there already and is no folder; name a new one"),
        ("nowhere/run", "nowhere/run: there is no folder "),
    ):
        with pytest.raises(InputError) as caught:
            run.export(tmp_path / to)
        assert told in str(caught.value)
    assert (tmp_path / "full" / "mine.txt").read_text() == (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()], ids=["disk", "ctrl-c"])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_failure_half_way_leaves_nothing(
    run: Run, kind: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(of: Run) -> Iterator[Any]:
        found = whole(of)
        yield next(found)
        raise error

    whole = exporting.tables_of
    monkeypatch.setattr(exporting, "tables_of", broken)
    with pytest.raises(type(error)):
        run.export(tmp_path / "run", kind)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_one_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"^format duckdb: needs DuckDB; pip install 'paceline\[duckdb\]'$"):
        run.export(tmp_path / "run", "duckdb")
    with pytest.raises(InputError, match=r"^format parkuet: is not known; did you mean parquet\?$"):
        run.export(tmp_path / "run", "parkuet")
    assert list(tmp_path.iterdir()) == []


def test_a_run_in_memory_is_exported_like_a_stored_one(run: Run, tmp_path: Path) -> None:
    again = paceline.reproduce(run)
    again.export(tmp_path / "memory")
    run.export(tmp_path / "stored")
    for name in (*(f"{table}.parquet" for table in NAMES), "scenario.json", "book.json"):
        assert (tmp_path / "memory" / name).read_bytes() == (tmp_path / "stored" / name).read_bytes(), name


def test_the_command_writes_a_folder_named_like_the_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = str(run.engine.url.database)  # type: ignore[attr-defined]
    done = CliRunner().invoke(app, ["export", "--db", database, "--format", "csv", "--json"])
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["folder"], told["format"]) == (run.run_id, "csv")
    assert {one["name"] for one in told["files"]} == {path.name for path in Path(run.run_id).iterdir()}
    done = CliRunner().invoke(app, ["export", run.run_id, "--db", database, "--to", "two", "-q"])
    assert done.stdout == "two\n"
    done = CliRunner().invoke(app, ["export", "--db", database, "--to", "two"])
    assert (done.exit_code, done.stderr) == (
        2,
        "error: two: has something in it; name a new folder, or an empty one\n",
    )
