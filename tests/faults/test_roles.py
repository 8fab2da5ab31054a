"""Who may do what in a database on a server, what is told of it, and no secret with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from entities import registry
from tests.faults.conftest import RUN, Machine, Office
from tests.faults.test_databases import READERS, WRITERS
from tests.postgres import Server

GRANT = "its owner can GRANT it to the role of this address"
TABLES = [table.name for table in registry.Base.metadata.sorted_tables]

PAGE = Path(registry.__file__).with_name("TABLES.md")
AS_SUPERUSER, AS_OWNER = (
    [line for line in block.splitlines() if line and not line.startswith("--")]
    for block in re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
)
"""What the page says."""


@pytest.fixture(scope="session")
def roles(server: Server) -> None:
    server.sql("postgres", "CREATE ROLE reader LOGIN", "CREATE ROLE simulator LOGIN PASSWORD 'geheim'")


GRANTS = (
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO simulator",
    "GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO simulator",
)


def test_the_roles_of_the_page(machine: Machine, server: Server) -> None:
    server.sql("postgres", *AS_SUPERUSER)
    server.sql("ads", *AS_OWNER, user="ads_owner")
    owner, simulator, reader = (
        server.url("ads", f"ads_{name}", f"{name}-secret") for name in ("owner", "simulator", "reader")
    )
    machine.right("init-db", "--db", owner)
    machine.right(*RUN, "--db", simulator)
    machine.right("audit", "--db", reader)
    refused = machine.run(*RUN, "--db", reader)
    assert refused.stderr == (
        f"error: database postgresql://ads_reader:***@127.0.0.1:{server.port}/ads: the role ads_reader may read"
        " and not write; its owner can GRANT it to\n"
    )
    # An upgrade is the owner's, and leaves everybody's rights as they are.
    server.sql("ads", "UPDATE paceline_version SET version_num = '13'", *UNDO_14, user="ads_owner")
    told = machine.run("status", "--db", reader)
    assert f"paceline upgrade-db --db postgresql://ads_reader@127.0.0.1:{server.port}/ads" in told.stderr
    assert machine.run("upgrade-db", "--db", simulator).exit_code == 2
    machine.right("upgrade-db", "--db", owner)
    machine.right(*RUN, "--db", simulator)
    machine.right("status", "--db", reader)
    server.drop("ads")


UNDO_14 = [f"ALTER TABLE simulation_runs DROP COLUMN {name}" for name in ("number", "events_digest", "seal")]


@pytest.fixture(scope="session")
def ran_granted(server: Server, ran: str, roles: None) -> Iterator[str]:
    """Return a database that holds a run, and that both roles may use."""
    name = server.create(ran)
    server.sql(name, *GRANTS)
    yield name
    server.drop(name)


@pytest.fixture
def granted(machine: Machine, server: Server, copies: Callable[[str], str], ran_granted: str) -> Office:
    return Office(machine.folder, machine._monkeypatch).at(server, copies(ran_granted))


@pytest.mark.parametrize(
    "command", [*WRITERS, ("init-db",), ("runs", "note", "smoke", "mine")], ids=lambda command: command[0]
)
def test_a_reader_is_told_before_anything_runs_that_it_cannot_write(
    granted: Office, command: tuple[str, ...]
) -> None:
    granted.at(granted.server, granted.database, "reader")
    granted.fails(
        "the role reader may read and not write; its owner can GRANT it to",
        *command,
        code=2 if command in (RUN, ("init-db",)) else 1,
    )


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_a_reader_reads(granted: Office, command: tuple[str, ...]) -> None:
    granted.at(granted.server, granted.database, "reader").right(*command)


def test_a_reader_cannot_write_around_the_command(granted: Office) -> None:
    for table in (*TABLES, "paceline_version"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            granted.server.sql(granted.database, f"DELETE FROM {table}", user="reader")


def test_a_simulator_who_owns_nothing_simulates(granted: Office) -> None:
    granted.at(granted.server, granted.database, "simulator").right(*RUN)
    granted.right("create-profile")
    assert len(granted.server.dump(granted.database)["simulation_runs"]) == 2


def test_a_simulator_makes_no_tables(machine: Machine, server: Server, postgres: str, roles: None) -> None:
    office = Office(machine.folder, machine._monkeypatch).at(server, postgres, "simulator")
    office.fails(f"permission denied for schema public; {GRANT}", "init-db", code=2)


def test_whom_nobody_lets_read_is_not_told_of_writing(granted: Office) -> None:
    granted.server.sql(granted.database, "REVOKE SELECT ON paceline_version FROM reader")
    office = granted.at(granted.server, granted.database, "reader")
    office.fails(f"permission denied for table paceline_version; {GRANT}", "status", code=2)


def test_a_server_that_takes_no_rows_says_so(granted: Office) -> None:
    granted.server.sql(
        "postgres", f"ALTER DATABASE {granted.database} SET default_transaction_read_only = on"
    )
    granted.fails("transactions are read-only here", *RUN, code=2)


# ----------------------------------------------------------------------------------------- addresses


SECRET = "gehe1m"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://simulator:{SECRET}@127.0.0.1:{{port}}/{{name}}",
        f"postgresql://127.0.0.1:{{port}}/{{name}}?user=simulator&password={SECRET}",
        f"postgresql+psycopg://simulator@127.0.0.1:{{port}}/{{name}}?password={SECRET}&connect_timeout=5",
        f"postgresql://simulator:{SECRET}@127.0.0.1:{{port}}/{{name}}?nosuch={SECRET}",
        f"postgresql://simulator@127.0.0.1:{{port}}/{{name}}?options={SECRET}",
        f"postgresql://simulator:{SECRET}@127.0.0.1:1/{{name}}",
    ],
)  # fmt: skip
def test_no_error_of_the_driver_shows_a_secret(granted: Office, roles: None, address: str) -> None:
    address = address.format(port=granted.server.port, name=granted.database)
    for command in (*READERS, *WRITERS, ("status", "--debug")):
        done = granted.run(*command, "--db", address)
        assert done.exit_code in (1, 2)
        assert SECRET not in done.output
        assert "error: database postgresql://simulator" in done.stderr


def test_a_password_in_the_query_is_heard_and_never_shown(granted: Office, roles: None) -> None:
    where = f"127.0.0.1:{granted.server.port}/{granted.database}"
    address = f"postgresql://{where}?user=simulator&password=geheim"
    for command in (
        *READERS,
        RUN,
        ("simulate", "smoke", "--set", "market.days=1"),
        ("init-db",),
        ("upgrade-db",),
    ):
        done = granted.right(*command, "--db", address)
        assert "geheim" not in done.output
        if command in (("status",), ("init-db",)):
            assert f"postgresql://simulator:***@{where}" in done.output
