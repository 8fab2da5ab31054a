"""The command in this process, in an empty folder of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.cli.app import app
from tests.unit.cli.small import Headline, Paceline


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder to work in; temporary files go beside it."""
    for name in ("work", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("PACELINE_DEBUG", raising=False)
    return tmp_path / "work"


@pytest.fixture
def paceline(here: Path) -> Paceline:
    """Run a command line: `paceline("status", "--db", "x.db")`."""

    def run(*args: str, **options: Any) -> Result:
        return CliRunner().invoke(app, list(args), prog_name="paceline", **options)

    return run


_played: dict[tuple[str, ...], tuple[dict[str, Any], dict[Path, bytes]]] = {}
"""What runs in an empty folder said and left there, by their words: no two of them differ but in when they were."""


@pytest.fixture
def headline(paceline: Paceline) -> Headline:
    """Simulate with --json and return what it says; the first run of a folder is played once for all tests."""

    def run(*args: str) -> dict[str, Any]:
        empty = not any(Path().iterdir())
        if empty and args in _played:
            for file, content in _played[args][1].items():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            return dict(_played[args][0])
        done = paceline("simulate", *args, "--json")
        assert done.exit_code == 0, done.stderr
        told = dict(json.loads(done.stdout))
        if empty:
            _played[args] = told, {file: file.read_bytes() for file in Path().rglob("*.*") if file.is_file()}
        return told

    return run
