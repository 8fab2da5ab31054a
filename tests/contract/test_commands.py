"""What holds for every verb because it is one: its options, and help that a newcomer can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from sim.cli import app


def _verbs(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield (*path, name), command
        yield from _verbs(command, *path, name)


ALL = dict(_verbs(typer.main.get_command(app)))
GROUPS = {("scenario",)}
SHOWS = {("scenario", "show"), ("scenario", "schema")}
"""What quiet would leave nothing of."""


def _options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("verb", ALL.keys() - GROUPS, ids=" ".join)
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
        "Exit codes: 0 good; 1 a failed run; 2 bad input; 3 an audit or reproduction found something."
    )
