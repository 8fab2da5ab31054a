"""A run in one file: it comes out of another database as it was, and whatever was done to the file is told."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, func, select

from analysis.rows import frames
from analysis.rows.results import TABLES
from analysis.runs.moving import pack, unpack
from analysis.runs.stored import StoredRun, find
from entities import registry
from tests.laws.finished import EVERYTHING, IN_EVERY_COLUMN, Finished, broken, finish


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("whole") / "run", EVERYTHING, *IN_EVERY_COLUMN)


@pytest.fixture(scope="module")
def packed(whole: Finished) -> Path:
    with whole.run() as run:
        return pack(run, whole.folder / "run.run.zip")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Engine]:
    """Yield a database in which other ids are taken."""
    engine = registry.make_engine(tmp_path / "there.db")
    registry.init_db(engine)
    with registry.session(engine) as opened:
        for name in ("Zebra", "Aardvark"):
            item = registry.LineItemCreate(name="Line", max_cpm=5)
            terms = {"start_date": "2026-10-30", "end_date": "2026-11-30", "lifetime_budget": 10}
            campaign = registry.CampaignCreate.model_validate({"name": "C", "line_items": [item], **terms})
            registry.add_campaign(opened, registry.AdvertiserCreate(name=name), campaign)
    yield engine
    engine.dispose()


def changed(file: Path, to: Path, change: Callable[[dict[str, bytes]], None], *, sealed: bool = True) -> Path:
    """Write a file with other parts; *sealed* writes the checksums of the manifest anew."""
    with zipfile.ZipFile(file) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    if sealed:
        manifest = json.loads(parts["manifest.json"])
        for name, part in manifest["parts"].items():
            if name in parts:
                part["sha256"] = hashlib.sha256(parts[name]).hexdigest()
        parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(to, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return to


def rows_of(engine: Engine, run_id: str) -> dict[str, pl.DataFrame]:
    with registry.session(engine, writes=False) as reader:
        return {name: frames.stored(reader, name, run_id) for name in TABLES}


def count(engine: Engine, model: type[registry.Base]) -> int:
    with registry.session(engine, writes=False) as reader:
        return reader.scalar(select(func.count()).select_from(model)) or 0


def test_it_has_something_in_every_table(whole: Finished, packed: Path) -> None:
    with whole.run() as run:
        assert all(len(run.table(name)) for name in TABLES)
    with zipfile.ZipFile(packed) as source:
        names = {name.partition("-")[0] for name in source.namelist()}
    assert names == {*TABLES, "manifest.json", "scenario.json", "book.json", "campaigns.json"}


def test_a_run_is_the_same_under_other_ids(
    whole: Finished, packed: Path, there: Engine, tmp_path: Path
) -> None:
    warned: list[str] = []
    run = unpack(there, packed, warned.append)
    assert warned == []
    assert broken(run.audit()) == set()
    with whole.run() as before:
        assert min(item.id for item in run.book.line_items) > min(item.id for item in before.book.line_items)
        assert (run.digest, run.totals, run.texts) == (before.digest, before.totals, before.texts)
        assert (run.row.seal, run.row.started_at) == (before.row.seal, before.row.started_at)
        assert {name: len(rows) for name, rows in rows_of(there, run.run_id).items()} == {
            name: len(before.table(name)) for name in TABLES
        }
    assert find(there).run_id == run.run_id
    again = pack(StoredRun(there, run.row), tmp_path / "again.run.zip")
    assert again.read_bytes() == packed.read_bytes()


def test_its_events_are_read_under_the_ids_that_it_has_there(
    whole: Finished, packed: Path, there: Engine
) -> None:
    unpack(there, packed)
    run = find(there, whole.run_id, whole.events)
    assert broken(run.audit()) == set()
    with whole.run() as before:
        now, then = (each.events.collect() for each in (run, before))
        names = [{item.id: item.path for item in each.book.line_items} for each in (run, before)]
    paths = [
        [named[key] for key in rows["line_item_id"]] for named, rows in zip(names, (now, then), strict=True)
    ]
    assert paths[0] == paths[1]
    assert min(now["line_item_id"]) > 2


def test_a_run_that_is_there_already_is_refused(whole: Finished, packed: Path, there: Engine) -> None:
    unpack(there, packed)
    with pytest.raises(registry.InputError, match=f"run {whole.run_id} is in this database already"):
        unpack(there, packed)
    assert count(there, registry.SimulationRun) == 1


def test_a_file_that_is_there_is_not_written_over(whole: Finished, packed: Path) -> None:
    before = packed.read_bytes()
    with whole.run() as run, pytest.raises(registry.InputError, match="is there already; name a new file"):
        pack(run, packed)
    assert packed.read_bytes() == before


def test_what_the_registry_has_with_other_terms_is_told(packed: Path, there: Engine) -> None:
    first = unpack(there, packed)
    with registry.session(there) as opened:
        opened.delete(opened.get_one(registry.SimulationRun, first.run_id))
        item = opened.scalars(select(registry.LineItem).where(registry.LineItem.name == "Tea at night")).one()
        item.max_bid_micros += 1000
    warned: list[str] = []
    run = unpack(there, packed, warned.append)
    (line,) = warned
    assert "is in the registry with other terms: line_items.Tea at night.max_cpm:" in line
    assert broken(run.audit()) == set()


def test_a_line_item_that_the_registry_lacks_of_a_campaign_is_refused(packed: Path, there: Engine) -> None:
    first = unpack(there, packed)
    with registry.session(there) as opened:
        opened.delete(opened.get_one(registry.SimulationRun, first.run_id))
        item = opened.scalars(select(registry.LineItem).where(registry.LineItem.name == "Tea at night")).one()
        item.name = "Coffee at night"
    with pytest.raises(registry.InputError, match="'Tea at night', which that of the registry has not"):
        unpack(there, packed)
    assert count(there, registry.SimulationRun) == 0


def test_a_damaged_run_is_not_exported(whole: Finished, tmp_path: Path) -> None:
    copied = whole.copy(tmp_path / "copy")
    copied.sql("UPDATE performance SET clicks = clicks + 1 WHERE rowid = 1")
    with (
        copied.run() as run,
        pytest.raises(registry.InputError, match="its rows are not those of its digest"),
    ):
        pack(run, tmp_path / "no.run.zip")
    assert not (tmp_path / "no.run.zip").exists()


def _flipped(parts: dict[str, bytes]) -> None:
    content = bytearray(parts["performance-00000.parquet"])
    content[len(content) // 2] ^= 1
    parts["performance-00000.parquet"] = bytes(content)


def _lost(parts: dict[str, bytes]) -> None:
    del parts["lift-00000.parquet"]


def _surplus(parts: dict[str, bytes]) -> None:
    parts["mine.txt"] = b"mine"


def _manifest(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | values).encode()

    return change


def _run(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        manifest["run"] |= values
        parts["manifest.json"] = json.dumps(manifest).encode()

    return change


def _column(table: str, column: str, more: int = 1) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        name = f"{table}-00000.parquet"
        rows = pl.read_parquet(io.BytesIO(parts[name]))
        here = pl.int_range(pl.len()) == pl.col(column).is_not_null().arg_max()
        rows = rows.with_columns(
            pl.when(here).then(pl.col(column) + more).otherwise(pl.col(column)).alias(column)
        )
        rows.write_parquet(buffer := io.BytesIO())
        parts[name] = buffer.getvalue()

    return change


def _text(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)

    return change


DAMAGE: dict[str, tuple[Callable[[dict[str, bytes]], None], bool, str]] = {
    "a flipped bit": (_flipped, False, "performance-00000.parquet is damaged: it is not what was written"),
    "a lost part": (_lost, False, "lift-00000.parquet is missing"),
    "a part too many": (_surplus, False, "has 'mine.txt', which its manifest does not name"),
    "a newer format": (_manifest(version=2, paceline="9.9"), True, "is of format 2, written by Paceline 9.9; this one reads up to 1, use a newer Paceline"),
    "another format": (_manifest(format="mine"), True, "is no file of `paceline runs export`"),
    "rows of nobody": (_column("performance", "creative", 99), True, "was changed after it was written"),
    "another line item": (_column("lift", "line_item"), True, "its rows are not those of its digest"),
    "another creative": (_column("performance", "creative"), True, "its rows are not those of its digest"),
    "more clicks": (_column("performance", "clicks"), True, "its rows are not those of its digest"),
    "another bid": (_column("performance_extended", "bid_sum_micros"), True, "its rows are not those of its digest"),
    "another fact": (_column("delivery_events", "count"), True, "its rows are not those of its digest"),
    "another digest": (_run(digest="ab"), True, "its rows are not those of its digest"),
    "more impressions": (_run(impressions=1), True, "not as it was sealed"),
    "another machine": (_run(platform="elsewhere"), True, "not as it was sealed"),
    "another seed": (_text("scenario.json", '"seed":', '"seed":1'), True, "not that of its fingerprint"),
    "a column too many": (_run(mine=1), True, "its run has other columns than here, such as 'mine'"),
    "a figure that is none": (_run(workers="many"), True, "workers is many"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_whatever_was_done_to_the_file_is_told(
    name: str, packed: Path, there: Engine, tmp_path: Path
) -> None:
    change, sealed, message = DAMAGE[name]
    file = changed(packed, tmp_path / "other.run.zip", change, sealed=sealed)
    with pytest.raises(registry.InputError) as caught:
        unpack(there, file)
    assert str(caught.value).startswith(f"{file}: ")
    assert message in str(caught.value)
    assert count(there, registry.SimulationRun) == 0
    assert count(there, registry.Campaign) == 2


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 99])
def test_another_file_is_refused(content: bytes, there: Engine, tmp_path: Path) -> None:
    file = tmp_path / "x.run.zip"
    file.write_bytes(content)
    with pytest.raises(registry.InputError, match="is damaged, or no file of `paceline runs export`"):
        unpack(there, file)


def test_every_byte_of_the_file_counts(packed: Path, there: Engine, tmp_path: Path) -> None:
    content = packed.read_bytes()
    file = tmp_path / "x.run.zip"
    for at in range(0, len(content), max(1, len(content) // 60)):
        file.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        try:
            run = unpack(there, file)
        except registry.InputError:
            assert count(there, registry.SimulationRun) == 0
        else:  # a date, or a flag that nobody reads
            assert broken(run.audit()) == set()
            with registry.session(there) as opened:
                opened.delete(opened.get_one(registry.SimulationRun, run.run_id))
