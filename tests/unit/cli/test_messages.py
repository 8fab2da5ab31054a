"""Every mistake gets one message that says what, where and how to mend it, the right exit code, and no more."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest
from typer.main import get_command

from entities import registry
from sim.cli.app import app
from tests.unit.cli.small import TINY, Headline, Paceline, change, tree

MISTAKES = {
    "smoek": "no scenario 'smoek'; did you mean smoke?",
    "none.yml": "none.yml: no such file; did you mean two.yml?",
    "./folder": "folder: is a directory; name a YAML file in it",
    "broken.yml": "broken.yml:1: `[` is not closed",
    "typo.yml": "typo.yml:3: sed: unknown key; did you mean seed?",
    "two.yml": "two.yml:2: seed: -1 is not allowed; must be at least 0\n"
    "       two.yml:3: market.days: 0 is not allowed; must be at least 1",
    "smoke --set market.dayz=3": "--set market.dayz: no such parameter; did you mean market.days?",
    "smoke --set seed=-1": "--set: seed: -1 is not allowed; must be at least 0",
    "smoke --seed -1": '--seed: "-1" is not allowed; must be a whole number from 0 to 9223372036854775807',
    "smoke --seed 9223372036854775808": '--seed: "9223372036854775808" is not allowed;'
    " must be a whole number from 0 to 9223372036854775807",
    "smoke --seed 1.5": '--seed: "1.5" is not allowed; must be a whole number from 0 to 9223372036854775807',
    "smoke --workers 0": '--workers: "0" is not allowed; must be a whole number from 1 to 256',
    "smoke --workers 4000": '--workers: "4000" is not allowed; must be a whole number from 1 to 256',
    "smoke --wrkers 2": "no such option: --wrkers; did you mean --workers?",
    "smoke full": "got unexpected extra argument(s) (full); see: paceline simulate --help",
    "smoke --events --json": '--events: "--json" is an option; a file of that name is written ./--json',
    "smoke --events typo.yml": "events typo.yml: is not a folder",
    "smoke --events typo.yml/deep": "events typo.yml/deep: is not a folder",
    "smoke --db folder": "database folder: is a folder; name a file",
    "smoke --db none/ads.db": "database none/ads.db: there is no folder none",
    "smoke --db :memory:": "database :memory: is gone when the process ends; name a file",
    "smoke --db nosuch://host/name": "database nosuch://host/name: nosuch is not supported;"
    " must be a file, or a URL such as sqlite:///ads.db or postgresql://user@host/ads",
}


def _with_db() -> list[str]:
    commands = get_command(app).commands  # type: ignore[attr-defined] # Typer's group
    return [name for name, one in commands.items() if any("--db" in option.opts for option in one.params)]


@pytest.mark.parametrize("command", _with_db())
@pytest.mark.parametrize("how", ["--db", "DATABASE_URL"])
def test_what_nobody_tried_is_no_database(paceline: Paceline, here: Path, command: str, how: str) -> None:
    if (command, how) == ("demo", "DATABASE_URL"):
        pytest.skip("a demo has a database of its own")
    url = "mysql://me:secret@host/ads?ssl_key=secret"
    needed = {
        "create-advertiser": ["--name", "A"],
        "create-campaign": ["--advertiser-id", "1", "--auto"],
        "study": ["policies"],
    }
    options = [*needed.get(command, []), *(["--db", url] if how == "--db" else [])]
    done = paceline(command, *options, env={"DATABASE_URL": url})
    assert done.stderr == (
        "error: database mysql://me:***@host/ads: mysql is not supported;"
        " must be a file, or a URL such as sqlite:///ads.db or postgresql://user@host/ads\n"
    )
    assert (done.exit_code, done.stdout, tree(here)) == (2, "", {})


@pytest.fixture
def mistakes(here: Path) -> Path:
    (here / "folder").mkdir()
    (here / "broken.yml").write_text("seed: [1\n")
    (here / "typo.yml").write_text("extends: smoke\nname: typo\nsed: 3\n")
    (here / "two.yml").write_text("extends: smoke\nseed: -1\nmarket: {days: 0}\n")
    return here


@pytest.mark.parametrize("line", MISTAKES)
def test_bad_input_is_refused_with_its_reason(paceline: Paceline, mistakes: Path, line: str) -> None:
    before = tree(mistakes)
    done = paceline("simulate", *line.split(), "--json")
    assert done.stderr == f"error: {MISTAKES[line]}\n"
    assert (done.exit_code, done.stdout) == (2, "")
    assert tree(mistakes) == before


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("simulat", 2, "no such command 'simulat'; did you mean 'simulate'?"),
        ("frobnicate", 2, "no such command 'frobnicate'; see: paceline --help"),
        ("--debg", 2, "no such option: --debg; did you mean --debug?"),
        ("status", 2, "there is no database ads.db; create it with: paceline init-db, or simulate into it"),
        ("status --db typo.yml", 2, "database typo.yml: file is not a database"),
        ("init-db --db typo.yml", 2, "database typo.yml: file is not a database"),
        (
            "create-example",
            2,
            "there is no database ads.db; create it with: paceline init-db, or simulate into it",
        ),
        ("create-example --template none.yml", 2, "none.yml: no such file"),
        (
            "create-profile --name mobile_considerations",
            2,
            "no profile 'mobile_considerations'; did you mean mobile_consideration?",
        ),
        ("audit", 2, "there is no database ads.db; create it with: paceline init-db, or simulate into it"),
    ],
)
def test_every_command_tells_what_is_wrong(
    paceline: Paceline, mistakes: Path, line: str, code: int, message: str
) -> None:
    before = tree(mistakes)
    done = paceline(*line.split())
    assert (done.exit_code, done.stderr, done.stdout) == (code, f"error: {message}\n", "")
    assert tree(mistakes) == before


def test_an_example_that_is_not_there(paceline: Paceline) -> None:
    done = paceline("create-example", "--example", "nexbank_conversions")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith("no example 'nexbank_conversions'; did you mean nexbank_conversion?\n")


def test_a_run_that_is_not_there(paceline: Paceline) -> None:
    paceline("init-db")
    assert paceline("audit", "nope").stderr.startswith("error: there is no run 'nope'; ")
    none = paceline("audit")
    assert (none.exit_code, none.stderr.startswith("error: there is no finished run; ")) == (2, True)


def test_a_database_of_another_version(paceline: Paceline, here: Path) -> None:
    paceline("init-db")
    change("PRAGMA user_version = 99")
    before = tree(here)
    for command in ("status", "simulate"):
        done = paceline(command)
        ours = registry.SCHEMA_VERSION
        told = (
            f"database ads.db has tables of version 99; this Paceline needs version {ours};"
            " use a new file, or a newer Paceline for this one"
        )
        assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {told}\n", "")
    assert tree(here) == before


@pytest.mark.parametrize("name", ["sqlite://", ""])
def test_a_database_that_is_no_file_is_refused_before_anything_is_said(
    paceline: Paceline, here: Path, name: str
) -> None:
    done = paceline("simulate", "smoke", "--db", name)
    assert (done.exit_code, done.stdout, tree(here)) == (2, "", {})
    assert done.stderr.startswith("error: database ")


def test_someone_elses_database(paceline: Paceline, here: Path) -> None:
    change("CREATE TABLE recipes (name TEXT)", file="theirs.db")
    before = tree(here)
    done = paceline("simulate", "smoke", "--db", "theirs.db")
    told = "database theirs.db holds other tables and no Paceline data; use another file"
    assert (done.exit_code, done.stderr) == (2, f"error: {told}\n")
    assert tree(here) == before


def test_a_locked_database(
    paceline: Paceline, headline: Headline, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    headline(*TINY)
    before = tree(here)
    monkeypatch.setattr(registry, "make_engine", partial(registry.make_engine, wait_s=0.05))
    lock = sqlite3.connect("ads.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    done = paceline("simulate", *TINY)
    lock.close()
    assert (done.exit_code, done.stderr) == (1, "error: database ads.db: database is locked\n")
    assert tree(here) == before


def test_debug_shows_the_traceback_before_the_message(paceline: Paceline) -> None:
    for done in (
        paceline("simulate", "smoek", "--debug"),
        paceline("--debug", "simulate", "smoek"),
        paceline("simulate", "smoek", env={"PACELINE_DEBUG": "1"}),
    ):
        assert done.exit_code == 2
        assert "Traceback" in done.stderr
        assert done.stderr.endswith("error: no scenario 'smoek'; did you mean smoke?\n")
    assert "Traceback" not in paceline("simulate", "smoek", env={"PACELINE_DEBUG": "0"}).stderr


def test_a_password_is_never_shown(paceline: Paceline) -> None:
    done = paceline("simulate", "smoke", "--db", "nosuch://me:secret@host/name")
    assert done.exit_code == 2
    assert "secret" not in done.output


def test_control_characters_are_made_visible(paceline: Paceline) -> None:
    done = paceline("simulate", "a\x1b[31m\nb")
    assert done.exit_code == 2
    assert "\x1b" not in done.output
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "line",
    ["scenario show {}", "scenario new {}", "{} runs", "study caps --executor {}", "runs delete --tag {}", "simulate {}"],
)  # fmt: skip
def test_an_address_in_the_wrong_place_keeps_its_password(paceline: Paceline, line: str) -> None:
    done = paceline(*line.format("postgresql://me:s3cret@host/ads").split())
    assert done.exit_code == 2
    assert "s3cret" not in done.output
    assert ":***@host" in done.output
