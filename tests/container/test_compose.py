"""The services beside each other: what each may do, what it waits for, and where the password is not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from entities.dialects import addresses
from sim.cli.app import COMMANDS, app
from tests.architecture.project import ROOT
from tests.container.files import HERE, compose, environment, of

SERVICES: dict[str, Any] = compose()["services"]
OURS = [name for name in SERVICES if name != "database"]


def test_they_are_a_server_its_tables_and_a_run_and_each_waits_for_the_one_before() -> None:
    assert list(SERVICES) == ["database", "tables", "simulate"]
    assert "depends_on" not in SERVICES["database"]
    assert SERVICES["tables"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["simulate"]["depends_on"]["tables"] == {"condition": "service_completed_successfully"}
    assert SERVICES["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_is_kept_small(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert not one.keys() & {"cap_add", "privileged", "network_mode", "pid", "ipc", "devices", "env_file"}
    assert {"mem_limit", "cpus", "pids_limit"} <= one.keys()
    assert any(mount.partition(":")[0] == "/tmp" for mount in one["tmpfs"])
    user = one.get("user") or of("USER")[0].text
    assert not user.startswith(("0", "root"))
    for port in one.get("ports", []):
        assert port.startswith("127.0.0.1:")
    # Only volumes of their own are mounted, and no folder of the machine.
    assert {mount.partition(":")[0] for mount in one["volumes"]} <= set(compose()["volumes"])


def test_what_is_written_is_in_a_volume() -> None:
    for name in OURS:
        assert [mount.partition(":")[2] for mount in SERVICES[name]["volumes"]] == [of("VOLUME")[0].text]
    assert environment(2)["PGPASSFILE"].startswith("/tmp/")


def test_the_server_is_pinned_and_one_that_paceline_is_tested_with() -> None:
    found = re.fullmatch(r"postgres:(\d+)\.\d+-[a-z]+", SERVICES["database"]["image"])
    assert found
    page = (ROOT / "entities/TABLES.md").read_text(encoding="utf-8")
    assert f"tested\nwith {found[1]})" in page


def test_the_password_is_in_a_file_and_nowhere_else() -> None:
    assert list(compose()["secrets"]) == ["password"]
    for name, one in SERVICES.items():
        assert one["secrets"] == ["password"], name
        for variable, value in one["environment"].items():
            assert "PASSWORD" not in variable or (
                variable.endswith("_FILE") and value == "/run/secrets/password"
            )
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    file = compose()["secrets"]["password"]["file"]
    assert f"/{HERE.name}/{file.removeprefix('./')}" in ignored


def test_they_mean_one_database() -> None:
    server = SERVICES["database"]["environment"]
    for name in OURS:
        told = SERVICES[name]["environment"]
        url = make_url(told["DATABASE_URL"])
        assert (url.host, url.database, url.username) == (
            "database",
            server["POSTGRES_DB"],
            server["POSTGRES_USER"],
        )
        assert url.password is None
        assert addresses.read(told["DATABASE_URL"]).drivername == "postgresql+psycopg"
        assert told.keys() <= environment(2).keys()
        assert "inside" in SERVICES[name]["networks"]
    assert compose()["networks"]["inside"] == {"internal": True}
    check = SERVICES["database"]["healthcheck"]["test"]
    assert f"--username={server['POSTGRES_USER']}" in check
    assert f"--dbname={server['POSTGRES_DB']}" in check


@pytest.mark.parametrize("name", OURS)
def test_the_commands_are_the_command_s(name: str) -> None:
    words = SERVICES[name]["command"]
    assert words[0] in COMMANDS
    shown = CliRunner().invoke(app, [words[0], "--help"]).output
    assert all(word in shown for word in words if word.startswith("--"))


def test_both_are_built_from_here() -> None:
    for name in OURS:
        build = SERVICES[name]["build"]
        assert (HERE / build["context"]).resolve() == ROOT
        assert (HERE / build["context"] / build["dockerfile"]).is_file()
