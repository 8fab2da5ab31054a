"""Two runs held against each other at the command line: what is printed, and what is refused."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.small import TINY, Headline, Paceline


def test_what_is_printed_fits_80_columns(paceline: Paceline, headline: Headline) -> None:
    one, same = headline(*TINY)["run_id"], headline(*TINY)["run_id"]
    other = headline(*TINY, "--set", "market.auction=second_price", "--set", "seed=8")["run_id"]
    equal = paceline("compare", one, same)
    assert (equal.exit_code, equal.stdout.count("\n")) == (0, 1)
    assert equal.stdout.startswith("the same to the byte, digest ")
    done = paceline("compare", one, other)
    assert paceline("compare", one).stdout == done.stdout
    assert f"A          {same}" in paceline("compare").stdout
    lines = done.stdout.splitlines()
    assert (done.exit_code, done.stderr) == (0, "")
    assert max(map(len, lines)) <= 80
    assert [line.split() for line in lines if line.startswith(("A  ", "B  ", "seed", "market."))] == [
        ["A", one],
        ["B", other],
        ["seed", "7", "8"],
        ["market.auction.kind", "first_price", "second_price"],
    ]
    assert any(line.startswith("They part  2026-11-02 05:00 UTC, ") for line in lines)
    assert any(
        line.startswith("Supply     other slots on offer from 2026-11-02 05:00 UTC on") for line in lines
    )
    assert paceline("compare", one, other, "-q").stdout == "seed\nmarket.auction.kind\n"
    told = json.loads(paceline("compare", one, other, "--json").stdout)
    assert [each["path"] for each in told["asked"]] == ["seed", "market.auction.kind"]
    assert (told["same"], told["run_id"], told["other_id"]) == (False, one, other)
    assert set(told["parting"]) == {"hour_start", "line_item", "column", "first", "second"}


def test_long_names_fit_as_well(paceline: Paceline, headline: Headline) -> None:
    small = ("full", "--set", "market.population.viewers=300", "--set", "market.days=1")
    one = headline(*small)["run_id"]
    other = headline(*small, "--set", "market.floors.cpm=9")["run_id"]
    assert max(map(len, paceline("compare", one, other).stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("smok", "smoke"), "error: there is no run 'smok'; did you mean smoke-"),
        ((), "error: {} is the only run; name two, or simulate another\n"),
        (("{}",), "error: {} is the latest itself; name two, or simulate another\n"),
        (("{}", "{}"), "error: {} is one run; name two, or simulate another\n"),
        (("{}", "nobody"), "error: there is no run 'nobody'; runs are smoke-"),
    ],
)
def test_bad_input_gets_one_line(
    paceline: Paceline, headline: Headline, words: tuple[str, ...], line: str
) -> None:
    run = headline(*TINY)["run_id"]
    refused = paceline("compare", *(word.format(run) for word in words))
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith(line.format(run))
