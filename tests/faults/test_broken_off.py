"""A command broken off in the midst of a transaction: its database is as it was, whoever still holds it."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import Connection

from analysis.runs.rollback import database
from tests.faults.conftest import RUN, Machine


def test_a_connection_that_is_still_held_keeps_no_new_database(machine: Machine) -> None:
    held: list[Connection] = []

    def broken_off() -> None:
        with database("ads.db", create=True) as (engine, _):
            held.append(engine.execution_options(paceline_writes=True).connect())
            held[0].begin()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert not machine.file.exists()
    held[0].detach()


@pytest.mark.parametrize("command", [RUN, ("status",), ("init-db",)], ids=lambda command: command[0])
def test_a_pipe_is_no_database(machine: Machine, command: tuple[str, ...]) -> None:
    os.mkfifo(machine.file)
    done = machine.run(*command)
    told = "error: database ads.db: is a device or a pipe; name a file\n"
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", told)
