"""`paceline notebook`: which call of marimo it makes, and what it refuses before."""

from __future__ import annotations

import os
import re
import runpy
import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.cli.commands.notebook import HERE

Call = tuple[list[str], dict[str, str]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    made: list[Call] = []
    monkeypatch.setattr(os, "execve", lambda program, words, environment: made.append((words, environment)))
    return made


@pytest.fixture
def ads(tmp_path: Path) -> str:
    path = str(tmp_path / "ads.db")
    assert CliRunner().invoke(app, ["simulate", "smoke", "--db", path, "--quiet"]).exit_code == 0
    return path


def test_it_looks_first_and_edits_by_choice_on_this_machine_only(calls: list[Call], ads: str) -> None:
    for words in ([], ["--edit", "--port", "27999", "--headless"]):
        assert CliRunner().invoke(app, ["notebook", "delivery", "--db", ads, *words]).exit_code == 0
    (run, environment), (edit, _) = calls
    notebook = str(HERE / "delivery.py")
    marimo = [sys.executable, "-m", "marimo"]
    assert run == [*marimo, "run", "--host", "127.0.0.1", notebook]
    assert edit == [*marimo, "edit", "--host", "127.0.0.1", "--port", "27999", "--headless", notebook]
    assert environment["DATABASE_URL"] == ads


def test_a_run_that_is_asked_for_is_handed_on(calls: list[Call], ads: str) -> None:
    found = CliRunner().invoke(app, ["runs", "--db", ads, "--quiet"]).stdout.strip()
    assert CliRunner().invoke(app, ["notebook", "--db", ads, "--run", found]).exit_code == 0
    assert calls[0][0][-3:] == ["--", "--run", found]


def test_what_cannot_be_shown_is_refused_in_one_line(calls: list[Call], ads: str, tmp_path: Path) -> None:
    empty = str(tmp_path / "empty.db")
    assert CliRunner().invoke(app, ["init-db", "--db", empty]).exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for words, message in (
            (["--db", str(tmp_path / "none.db")], "there is no database"),
            (["--db", empty], "there is no finished run"),
            (["--db", ads, "--run", "smoke-1"], "there is no run 'smoke-1'"),
            (["--db", ads, "--port", str(port)], f"--port {port}: address already in use; name another one"),
            (["delivered", "--db", ads], "did you mean delivery"),
        ):
            done = CliRunner().invoke(app, ["notebook", *words])
            assert done.exit_code == 2, words
            assert re.search(rf"^error: .*{re.escape(message)}", done.stderr), done.stderr
            assert done.stderr.count("\n") == 1
    assert calls == []


def test_marimo_knows_every_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("run", "edit"):
        monkeypatch.setattr(sys, "argv", ["marimo", verb, "--help"])
        with pytest.raises(SystemExit, match="0"):
            runpy.run_module("marimo", run_name="__main__")
        told = capsys.readouterr().out
        assert {"--host", "--port", "--headless"} <= set(re.findall(r"--[a-z-]+", told))
