"""Several simulators on one database with one folder of events: all are stored, whole, and nothing is left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.at_once import Job, at_once, whole
from tests.postgres import Server

JOBS = {
    "four of three seeds": [Job(1), Job(1), Job(2), Job(3)],
    "two beside creates": [Job(1), Job(2), Job(profile="mobile_consideration"), Job(profile="high_cpm_tv_awareness")],
}  # fmt: skip


@pytest.mark.parametrize("name", JOBS)
def test_all_are_stored_and_whole(name: str, tmp_path: Path) -> None:
    at_once(tmp_path, JOBS[name])
    whole(tmp_path, JOBS[name])


def test_so_they_are_on_a_server(tmp_path: Path, server: Server, with_tables: str) -> None:
    jobs = JOBS["four of three seeds"]
    at_once(tmp_path, jobs, server.url(with_tables))
    whole(tmp_path, jobs, server.url(with_tables))
