"""What holds for every verb because it is one: its options, and help that a newcomer can read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from sim.cli.app import app


def _verbs(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield (*path, name), command
        yield from _verbs(command, *path, name)


ALL = dict(_verbs(typer.main.get_command(app)))
GROUPS = {("scenario",)}
SHOWS = {("scenario", "show"), ("scenario", "schema")}
"""What quiet would leave nothing of."""


SERVES = {("notebook",)}
"""What prints nothing but an address, and that is marimo's."""


def _options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("verb", sorted(ALL.keys() - GROUPS - SERVES), ids=" ".join)
def test_every_verb_has_json_quiet_and_debug(verb: tuple[str, ...]) -> None:
    wanted = {"--json", "--debug"} | (set() if verb in SHOWS else {"--quiet", "-q"})
    assert wanted <= _options(ALL[verb])


@pytest.mark.parametrize("verb", [(), *ALL], ids=lambda verb: " ".join(verb) or "paceline")
def test_help_is_plain_and_whole(monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = CliRunner().invoke(app, [*verb, "--help"], prog_name="paceline")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(" ".join(["Usage: paceline", *verb]))
    odd = ("...\n", "…", "[[", "<bool>", "\x1b")  # cut short, doubled brackets, the types of flags, colours
    assert [one for one in odd if one in done.stdout.partition("\n")[2]] == []


def test_exit_codes_are_told() -> None:
    text = " ".join(CliRunner().invoke(app, ["--help"], prog_name="paceline").stdout.split())
    assert text.endswith(
        "Exit codes: 0 good; 1 a failed run, or one broken off with Ctrl-C; 2 bad input; 3 an audit, reproduction, scorecard, verification or contract found something."
    )


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_no_character_of_a_difference_is_lost(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ask = ["scenario", "diff", "smoke", "golden-changes"]
    text = " ".join(CliRunner().invoke(app, ask).stdout.split())
    for one in json.loads(CliRunner().invoke(app, [*ask, "--json"]).stdout)["differences"]:
        assert one["path"] in text
        assert isinstance(one["second"], dict | None) or str(one["second"]) in text


@pytest.mark.parametrize("verb", [("list",), ("scenario", "diff", "smoke", "full"), ("demo",)], ids=" ".join)
def test_no_line_in_a_pipe_ends_with_blanks(verb: tuple[str, ...], tmp_path: Path) -> None:
    options = ["--db", str(tmp_path / "demo.db")] if verb == ("demo",) else []
    done = CliRunner().invoke(app, [*verb, *options])
    assert done.exit_code == 0
    assert [line for line in done.stdout.splitlines() if line != line.rstrip()] == []


def test_no_letter_of_a_name_is_lost_in_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = CliRunner().invoke(app, ["demo", "--db", str(tmp_path / "demo.db")]).stdout
    assert "…" not in text
    assert "Everywhere" in text
