"""Runs: their figures, and the notes and tags by which people know them."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.small import TINY, Headline, Paceline


def test_no_runs_yet(paceline: Paceline) -> None:
    paceline("init-db")
    assert paceline("runs").stdout == "no runs yet; start one with: paceline simulate\n"
    assert json.loads(paceline("runs", "--json").stdout) == {"runs": []}


def test_runs_are_listed_with_notes_and_tags(paceline: Paceline, headline: Headline) -> None:
    first = headline(*TINY, "--note", "as it was", "--tag", "small", "--tag", "base")["run_id"]
    second = headline(*TINY, "--seed", "8")["run_id"]
    assert paceline("runs", "--quiet").stdout.splitlines() == [second, first]
    told = json.loads(paceline("runs", "--json").stdout)["runs"]
    assert [(run["run_id"], run["note"], run["tags"]) for run in told] == [
        (second, "", []),
        (first, "as it was", ["base", "small"]),
    ]
    text = paceline("runs").stdout
    assert "› #base #small as it was" in text
    assert max(map(len, text.splitlines())) <= 80
    assert paceline("runs", "--tag", "base", "--quiet").stdout == f"{first}\n"
    assert paceline("runs", "--tag", "other").stdout == "no run has the tag other\n"


def test_notes_and_tags_are_changed_later(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)["run_id"]
    assert paceline("runs", "note", run, "kept for the talk").stdout == f"{run}: kept for the talk\n"
    assert paceline("runs", "tag", run, "b", "a").stdout == f"{run}: a b\n"
    assert paceline("runs", "tag", run, "a", "--remove").stdout == f"{run}: b\n"
    assert paceline("runs", "note", run, "").stdout == f"{run}: no note\n"
    assert paceline("runs", "tag", run, "b", "--remove").stdout == f"{run}: no tags\n"
    assert paceline("audit", run, "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("note nope text", "there is no run 'nope'; there are none"),
        ("tag nope x", "there is no run 'nope'; there are none"),
        ("--db ads.db note nope text", "--db: belongs after note"),
        (
            "tag nope Big",
            'TAGS: "Big" is not allowed; must be a word of up to 40 lowercase letters, digits, `_`, `.` and `-`',
        ),
        (
            "note nope a\nb",
            r'TEXT: "a\nb" is not allowed; must be one line of at most 500 printable characters',
        ),
    ],
)
def test_what_cannot_be_noted(paceline: Paceline, line: str, message: str) -> None:
    paceline("init-db")
    done = paceline("runs", *line.split(" "))
    assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {message}\n", "")
