"""Nothing in a foreign database is run by a terminal: not ESC, not other control characters, not marks of direction."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from rich.text import Text

from entities.messages import as_json, visible
from sim.cli import completion
from sim.cli.terminal import console, fact, new_table, print_table
from tests.unit.cli.small import TINY, Headline, Paceline, change

EVIL = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\u2066\u200f\u200e\u2069\x7f\r"
HIDDEN = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)))  # fmt: skip
ALLOWED = {"\n"}


def odd(text: str) -> set[str]:
    return {char for char in text if not char.isprintable()} - ALLOWED


@pytest.fixture
def foreign(paceline: Paceline, headline: Headline) -> str:
    """Return the id of a run in a database in whose every free text there is evil."""
    run = str(headline(*TINY)["run_id"])
    evil = "char(" + ", ".join(str(ord(char)) for char in EVIL) + ")"
    change(
        "PRAGMA ignore_check_constraints = ON",
        f"UPDATE advertisers SET name = name || {evil}, category = category || {evil}",
        f"UPDATE campaigns SET name = name || {evil}, timezone = timezone || {evil}",
        f"UPDATE line_items SET name = name || {evil}",
        f"UPDATE creatives SET name = name || {evil}",
        f"UPDATE delivery_events SET detail = detail || {evil}",
        f"UPDATE simulation_runs SET notes = {evil}, tags = {evil}, platform = {evil}, scenario = {evil}",
        f"UPDATE simulation_runs SET paceline_version = {evil}, digest = digest || {evil}",
    )
    return run


COMMANDS = (
    "runs",
    "runs --json",
    "runs --quiet",
    "status",
    "status --json",
    "audit",
    "audit --json",
    "reproduce",
    "export RUN --to out",
    "runs export RUN",
    "runs tag RUN a",
    "runs delete RUN --preview",
    "runs delete nope --preview",
    "create-profile",
    "simulate smoke --set market.population.viewers=50 --set market.days=1 --json",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_nothing_odd_of_a_foreign_database_reaches_a_terminal(
    paceline: Paceline, foreign: str, line: str
) -> None:
    done = paceline(*(foreign if word == "RUN" else word for word in line.split()))
    assert odd(done.stdout) | odd(done.stderr) == set()


def test_what_is_there_is_seen_and_json_gives_it_back(paceline: Paceline, foreign: str) -> None:
    assert "#\\x1b]0;title" in paceline("runs").stdout
    (run,) = json.loads(paceline("runs", "--json").stdout)["runs"]
    assert run["note"] == EVIL


def test_a_console_of_colours_prints_nothing_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    out = console(io.StringIO())
    fact(out, "Run", HIDDEN)
    out.print(Text(HIDDEN, "bold"))
    table = new_table()
    table.add_column(HIDDEN)
    table.add_row(Text(HIDDEN, "red"))
    print_table(out, table)
    shown = out.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO
    assert "\x1b[1m" in shown  # a style of ours
    for own in ("\x1b[1m", "\x1b[31m", "\x1b[0m", "\x1b[1;31m"):
        shown = shown.replace(own, "")
    assert odd(shown) == set()


def test_lines_stay_lines_and_json_stays_json() -> None:
    assert visible("a\nb\x1bc") == "a\nb\\x1bc"
    text = json.dumps({"a": f"né {HIDDEN}\U000e0001"}, ensure_ascii=False)
    assert odd(as_json(text)) == set()
    assert json.loads(as_json(text)) == json.loads(text)
    assert "né" in as_json(text)


def test_a_shell_is_offered_nothing_odd(foreign: str) -> None:
    change("UPDATE simulation_runs SET tags = 'good ' || char(27) || '[2J'")

    assert completion.tags(SimpleNamespace(params={"db": "ads.db"}), "") == ["good"]
