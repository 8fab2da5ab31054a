"""`paceline notebook`: which call of marimo it makes, what it writes for Jupyter, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.cli.commands import notebook as command
from sim.cli.commands.notebook import HERE

Call = tuple[list[str], dict[str, str]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    made: list[Call] = []
    monkeypatch.setattr(os, "execve", lambda program, words, environment: made.append((words, environment)))
    return made


@pytest.fixture(scope="session")
def ads(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("notebook") / "ads.db")
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
            (["studies", "--db", ads], f"there is no study in {ads}; `paceline study caps` makes one"),
            (["playground", "--run", "x"], "--run x: the notebook playground shows no run"),
            (["--db", ads, "--ipynb", str(tmp_path)], "is a folder; name a file"),
            (["--db", ads, "--ipynb", str(tmp_path / "no" / "a.ipynb")], "there is no folder"),
            (["--db", ads, "--ipynb", ads], "is there already; name another one"),
            (["--db", ads, "--ipynb", "a.ipynb", "--edit"], "opens neither an editor nor a browser"),
        ):
            done = CliRunner().invoke(app, ["notebook", *words])
            assert done.exit_code == 2, words
            assert re.search(rf"^error: .*{re.escape(message)}", done.stderr), done.stderr
            assert done.stderr.count("\n") == 1
    assert calls == []


def test_what_needs_no_run_is_shown_without_a_database(calls: list[Call], tmp_path: Path) -> None:
    none = str(tmp_path / "none.db")
    assert CliRunner().invoke(app, ["notebook", "playground", "--db", none]).exit_code == 0
    assert calls[0][0][-1] == str(HERE / "playground.py")


def test_jupyter_gets_the_cells_with_what_they_show(ads: str, tmp_path: Path) -> None:
    def left() -> set[tuple[Path, int]]:
        return {(path, path.stat().st_mtime_ns) for path in command.HERE.glob("__marimo__/**/*")}

    before = left()
    file = tmp_path / "delivery.ipynb"
    done = CliRunner().invoke(app, ["notebook", "--db", ads, "--ipynb", str(file)])
    assert (done.exit_code, done.stdout) == (0, f"Written    {file}\n")
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    drawn = [data["application/vnd.vegalite.v6+json"] for data in shown if len(data) > 1]
    assert len(drawn) == 4
    assert all(each["title"]["text"] for each in drawn)
    assert left() == before


def test_jupyter_needs_a_package_of_its_own(
    ads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    done = CliRunner().invoke(app, ["notebook", "--db", ads, "--ipynb", str(tmp_path / "a.ipynb")])
    assert done.stderr == "error: --ipynb: needs nbformat; pip install 'paceline[ipynb]'\n"


def test_what_marimo_cannot_write_is_told_in_one_line(
    ads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "something\nno room left\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    file = tmp_path / "a.ipynb"
    done = CliRunner().invoke(app, ["notebook", "--db", ads, "--ipynb", str(file)])
    assert (done.exit_code, done.stderr) == (2, f"error: --ipynb {file}: no room left\n")


def test_each_is_listed_with_what_it_needs() -> None:
    listed = json.loads(CliRunner().invoke(app, ["list", "notebooks", "--json"]).stdout)["notebooks"]
    found = {each["name"]: each["needs"] for each in listed}
    assert (found["delivery"], found["studies"], found["playground"]) == ("a run", "a study", "nothing")


def test_marimo_knows_every_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("run", "edit"):
        monkeypatch.setattr(sys, "argv", ["marimo", verb, "--help"])
        with pytest.raises(SystemExit, match="0"):
            runpy.run_module("marimo", run_name="__main__")
        told = capsys.readouterr().out
        assert {"--host", "--port", "--headless"} <= set(re.findall(r"--[a-z-]+", told))
