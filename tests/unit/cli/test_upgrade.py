"""`paceline upgrade-db`: what an older database is told, what is done to it, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

from entities import registry
from tests.unit.cli.small import Paceline, change, tree
from tests.unit.entities.old_databases import in_sqlite

NOW = registry.SCHEMA_VERSION


def test_an_older_database_is_told_the_command_that_mends_it(paceline: Paceline, here: Path) -> None:
    in_sqlite(here / "my ads.db", "09", 9)
    told = paceline("status", "--db", "my ads.db")
    assert (told.exit_code, told.stdout) == (2, "")
    command = told.stderr.rpartition("upgrade it with: ")[2]
    assert command == "paceline upgrade-db --db 'my ads.db'\n"
    done = paceline("upgrade-db", "--db", "my ads.db")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"Database   my ads.db, upgraded from version 9 to {NOW}",
        "Copy       my ads.v9.db, as it was",
        "Older rows performance_extended.forecast_avails is 0: what was expected is not",
        "           known",
    ]
    assert (
        json.loads(paceline("status", "--db", "my ads.db", "--json").stdout)["runs"][0]["run_id"] == "smoke-1"
    )
    assert paceline("simulate", "smoke", "--db", "my ads.db", "--quiet").exit_code == 0


def test_json_and_quiet(paceline: Paceline, here: Path) -> None:
    in_sqlite(here / "ads.db", "13", 13)
    told = json.loads(paceline("upgrade-db", "--json").stdout)
    expected = {"database": "ads.db", "before": 13, "after": NOW, "unknown": [], "copy": "ads.v13.db"}
    assert told == expected
    before = tree(here)
    again = paceline("upgrade-db")
    assert (again.exit_code, again.stdout) == (0, f"Database   ads.db is of version {NOW} already\n")
    assert paceline("upgrade-db", "--quiet").stdout == ""
    assert tree(here) == before


def test_what_cannot_be_upgraded(paceline: Paceline, here: Path) -> None:
    missing = paceline("upgrade-db")
    assert (missing.exit_code, tree(here)) == (2, {})
    assert missing.stderr.startswith("error: there is no database ads.db; ")
    paceline("init-db")
    change("PRAGMA user_version = 99")
    newer = paceline("upgrade-db")
    assert newer.exit_code == 2
    assert newer.stderr.endswith("use a new file, or a newer Paceline for this one\n")
