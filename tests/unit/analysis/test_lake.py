"""All runs of a database as a data lake: DuckDB and Polars read it, and later runs only add to it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from analysis.export.lake import Lake
from analysis.rows.results import TABLES
from analysis.runs.exporting import export_all
from analysis.runs.simulate import simulate
from analysis.runs.stored import StoredRun, runs
from entities import registry
from scenarios.loader import load
from tests.unit.cli.small import tree

SMALL = ("market.days=1", "market.population.viewers=60")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[StoredRun], dict[str, str]]:
    """Return a lake of two runs and then a third, the runs, and what was in it before the third."""
    folder = tmp_path_factory.mktemp("lake")
    registry.init_db(engine := registry.make_engine(folder / "ads.db"))
    for seed in (1, 2):
        simulate(engine, load("smoke", [*SMALL, f"seed={seed}"]))
    lake = folder / "lake"
    added, before = export_all(engine, lake)
    assert (len(added), before) == (2, 0)
    then = tree(lake)
    simulate(engine, load("exact", [*SMALL, "name=other"]))
    added, before = export_all(engine, lake)
    assert (len(added), before) == (1, 2)
    assert export_all(engine, lake) == ([], 3)
    engine.dispose()
    return lake, runs(engine)[::-1], then


Made = tuple[Path, list[StoredRun], dict[str, str]]
SUMS = {"performance": "spend_micros", "performance_extended": "bids", "inventory_hourly": "avails"}


def due(found: list[StoredRun], table: str) -> list[tuple[Any, ...]]:
    return sorted(
        (run.row.scenario, run.run_id, run.table(table)[SUMS[table]].sum(), len(run.table(table)))
        for run in found
    )


@pytest.mark.parametrize("table", SUMS)
def test_duckdb_reads_it(made: Made, table: str) -> None:
    lake, found, _ = made
    files = f"{lake}/{table}/**/*.parquet"
    query = (
        f"SELECT scenario, run_id, sum({SUMS[table]})::BIGINT, count(*)"
        f" FROM read_parquet('{files}', hive_partitioning = true) GROUP BY ALL ORDER BY ALL"
    )
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == due(found, table)


@pytest.mark.parametrize("table", SUMS)
def test_polars_reads_it(made: Made, table: str) -> None:
    lake, found, _ = made
    rows = pl.scan_parquet(lake / table, hive_partitioning=True)
    summed = rows.group_by("scenario", "run_id").agg(pl.col(SUMS[table]).sum(), pl.len())
    assert sorted(summed.collect().iter_rows()) == due(found, table)


def test_one_run_is_one_partition_of_every_table(made: Made) -> None:
    lake, found, _ = made
    run = found[2]
    for table in TABLES:
        rows = pl.scan_parquet(lake / table, hive_partitioning=True).filter(pl.col("run_id") == run.run_id)
        own = run.table(table)
        assert rows.drop("scenario").collect().select(own.columns).equals(own)
    assert {path.name for path in lake.iterdir()} == {
        *TABLES,
        "simulation_runs",
        "line_items",
        "manifest.json",
    }


def test_later_runs_add_partitions_and_change_none(made: Made) -> None:
    lake, _, then = made
    now = tree(lake)
    del then["manifest.json"]
    assert {name: now[name] for name in then} == then
    new = {name for name in now if name not in then and name.endswith(".parquet")}
    assert all("/scenario=other/run_id=other-" in name for name in new)
    assert len(new) == len(TABLES) + 2


def test_the_manifest_has_every_file_as_it_is(made: Made) -> None:
    lake, found, _ = made
    manifest = json.loads((lake / "manifest.json").read_text())
    assert [*manifest["runs"]] == [run.run_id for run in found]
    files = {path: told for run in manifest["runs"].values() for path, told in run["files"].items()}
    assert {*files} == {path.relative_to(lake).as_posix() for path in lake.rglob("*.parquet")}
    for path, told in files.items():
        content = (lake / path).read_bytes()
        assert (told["bytes"], told["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert told["rows"] == len(pl.read_parquet(lake / path, hive_partitioning=False))
    columns = {column["name"]: column for column in manifest["tables"]["performance"]["columns"]}
    assert columns["spend_micros"]["unit"] == "micros"
    assert "run_id" not in columns


def test_what_broke_off_is_written_anew(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, found, _ = made
    lake = tmp_path / "lake"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            export_all(found[0].engine, lake)
    assert [*tmp_path.iterdir()] == []
    added, _ = export_all(found[0].engine, lake)
    assert len(added) == 3


def _file(to: Path) -> None:
    to.touch()


def _strange(to: Path) -> None:
    to.mkdir()
    (to / "mine.txt").touch()


def _of_another(to: Path) -> None:
    to.mkdir()
    (to / "manifest.json").write_text("[]")


def _newer(to: Path) -> None:
    to.mkdir()
    (to / "manifest.json").write_text('{"format": "paceline lake", "version": 9}')


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_file, "is there already and is no folder; name another"),
        (_strange, "has something else in it; name a new folder"),
        (_of_another, "its manifest.json is none of ours; name a new folder"),
        (_newer, "is of format 9; this Paceline writes 1"),
    ],
)
def test_a_folder_that_is_something_else_is_refused(tmp_path: Path, make: Any, message: str) -> None:
    to = tmp_path / "there"
    make(to)
    before = tree(tmp_path)
    with pytest.raises(registry.InputError) as caught:
        Lake(to)
    assert str(caught.value) == f"{to}: {message}"
    assert tree(tmp_path) == before


def test_another_run_of_that_id_is_refused(made: Made) -> None:
    lake, found, _ = made
    with pytest.raises(registry.InputError, match="has another run"):
        Lake(lake).has(found[0].run_id, "ab")
