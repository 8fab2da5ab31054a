"""A file that is damaged: nobody writes into it, an audit says so, and what it costs to look is bounded."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from entities import registry
from tests.faults.conftest import RUN, Machine
from tests.laws.finished import Finished, broken, finish

PAGE = 4096
TABLES = [table.name for table in registry.Base.metadata.sorted_tables]
WRITERS = [RUN, ("create-profile",), ("runs", "note", "RUN", "text"), ("runs", "tag", "RUN", "a")]


def pages(file: Path) -> dict[str, int]:
    """Return the first page of each table and index, by its name."""
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0"))


def overwritten(file: Path, page: int, content: bytes) -> None:
    whole = bytearray(file.read_bytes())
    whole[(page - 1) * PAGE : page * PAGE] = content
    file.write_bytes(whole)


@pytest.fixture
def run_id(stocked: Machine) -> str:
    return stocked.right("runs", "--quiet").stdout.strip()


DAMAGE = {
    "zeros": bytes(PAGE),
    "ones": b"\xff" * PAGE,
    "text": b"all is well " * 341 + b"....",
}
PLACES = (
    "performance",
    "performance_extended",
    "inventory_hourly",
    "ix_performance_creative_id",
    "creatives",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("command", WRITERS, ids=lambda command: " ".join(command[:2]))
def test_nothing_is_written_into_a_damaged_file(
    stocked: Machine, run_id: str, place: str, damage: str, command: tuple[str, ...]
) -> None:
    overwritten(stocked.file, pages(stocked.file)[place], DAMAGE[damage])
    before = stocked.file.read_bytes()
    done = stocked.run(*(run_id if word == "RUN" else word for word in command))
    assert done.exit_code in {1, 2}
    assert len(done.stderr.splitlines()) == 1
    assert "database ads.db" in done.stderr
    assert stocked.file.read_bytes() == before


def test_the_message_says_what_is_left_to_do(stocked: Machine) -> None:
    overwritten(stocked.file, pages(stocked.file)["performance"], bytes(PAGE))
    done = stocked.run(*RUN)
    assert done.stderr.startswith("error: database ads.db is damaged, and nothing is written into it: ")
    assert done.stderr.endswith(
        "; take a copy of it from before, or what can be read of it with: paceline runs export\n"
    )


def test_a_file_that_was_cut_off_is_not_written_into(stocked: Machine) -> None:
    whole = stocked.file.read_bytes()
    stocked.file.write_bytes(whole[: len(whole) // 2 // PAGE * PAGE])
    before = stocked.file.read_bytes()
    done = stocked.run("create-profile")
    assert done.exit_code in {1, 2}
    assert stocked.file.read_bytes() == before


def test_a_look_is_over_when_its_time_is(stocked: Machine) -> None:
    engine = registry.make_engine(stocked.file)
    overwritten(stocked.file, pages(stocked.file)["performance"], bytes(PAGE))
    assert registry.damage(engine, within_s=60)
    assert registry.damage(engine, within_s=0) == []
    assert registry.damage(engine, thorough=True)
    engine.dispose()


def test_a_locked_file_is_left_to_whoever_waits_for_it(stocked: Machine) -> None:
    engine = registry.make_engine(stocked.file)
    with closing(sqlite3.connect(stocked.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert registry.damage(engine, within_s=60) == []
    engine.dispose()


# ------------------------------------------------------------------------------------------- audits


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(
        tmp_path_factory.mktemp("sound") / "run", "smoke", "market.days=1", "market.population.viewers=100"
    )


@pytest.fixture
def copied(sound: Finished, tmp_path: Path) -> Finished:
    return sound.copy(tmp_path / "run")


def test_an_audit_finds_an_index_that_leaves_out_a_row(copied: Finished) -> None:
    file, name = copied.database, "ix_line_items_campaign_id"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"CREATE INDEX {name} ON line_items (campaign_id) WHERE id > 1")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            f"UPDATE sqlite_master SET sql = 'CREATE INDEX {name} ON line_items (campaign_id)' WHERE name = '{name}'"
        )
    found = copied.audit(events=False)
    assert 14 in broken(found)
    assert {one.where for one in found.laws[13].findings} == {f"database {file}"}
    assert any("missing from index" in str(one.value) for one in found.laws[13].findings)


BOOKED = {
    "text that is no JSON": "UPDATE line_items SET bidding = '{kind' WHERE id = 1",
    "a policy that is none": 'UPDATE line_items SET pacing = \'{"kind":"traffic_sheped"}\' WHERE id = 1',
    "a key that is none": "UPDATE line_items SET targeting = '{\"inclode\":{}}' WHERE id = 1",
    "a moment that is none": "UPDATE campaigns SET created_at = '2026-11,22 18:21:38' WHERE id = 1",
}


@pytest.mark.parametrize("name", BOOKED)
def test_an_audit_finds_what_is_sold_and_cannot_be_read(copied: Finished, name: str) -> None:
    copied.sql(BOOKED[name])
    assert broken(copied.audit(events=False)) == {11}


def test_an_audit_finds_what_is_sold_and_breaks_a_rule(copied: Finished) -> None:
    copied.sql("UPDATE creatives SET weight = 0 WHERE id = 1")
    assert broken(copied.audit(events=False)) == {14}


def test_an_audit_finds_the_last_bit_of_a_ratio(copied: Finished) -> None:
    # Generated columns cannot be updated: the byte is changed where it lies.
    with closing(sqlite3.connect(copied.database)) as connection:
        (ratio,) = connection.execute(
            "SELECT win_rate FROM performance_extended WHERE win_rate > 0 LIMIT 1"
        ).fetchone()
    bits, whole = struct.pack(">d", ratio), bytearray(copied.database.read_bytes())
    whole[whole.index(bits) + 7] ^= 1
    copied.database.write_bytes(whole)
    assert 11 in broken(copied.audit(events=False))


def said(file: Path, table: str) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [table]).fetchone()[0])


@pytest.mark.parametrize("table", TABLES)
def test_an_audit_finds_a_rule_that_a_table_has_lost(copied: Finished, table: str) -> None:
    # In the text that SQLite keeps of the table, as one flipped bit may do; its rows and their digest are as they were.
    text = said(copied.database, table)
    at = text.index("CONSTRAINT ") + len("CONSTRAINT ")
    change = chr(ord(text[at]) ^ 1)
    with closing(sqlite3.connect(copied.database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = substr(sql, 1, ?) || ? || substr(sql, ? + 2) WHERE name = ?",
            [at, change, at, table],
        )
        connection.commit()
    found = copied.audit()
    assert broken(found) == {14}
    (finding,) = found.laws[13].findings
    assert str(finding.value).startswith(f"table {table} does not say: CONSTRAINT ")


def test_an_audit_finds_a_table_that_is_no_longer_strict(copied: Finished) -> None:
    with closing(sqlite3.connect(copied.database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '') WHERE name = 'flights'"
        )
        connection.commit()
    found = copied.audit()
    assert broken(found) == {14}
    assert [str(one.value) for one in found.laws[13].findings] == ["table flights is of another sort"]
