"""Replay: a policy alone on a log, its figures, its trace, and what a file may be refused for."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.auction import AuctionFormat
from sim.pacing import pid
from tests.logs import UNIT, uniform
from tests.unit.cli.small import Paceline

T = 600


@pytest.fixture
def log(here: Path) -> Path:
    """Return a file of 600 auctions, whose amounts are prices of an impression."""
    made = uniform(T)
    start = datetime(2026, 11, 2)  # noqa: DTZ001 - wall-clock times, as logs have them
    frame = pl.DataFrame(
        {
            "value": made.values / UNIT,
            "price": made.prices / UNIT,
            "minute": [row // 10 for row in range(T)],
            "time": [start + timedelta(minutes=row // 10) for row in range(T)],
            "who": ["x"] * T,
        }
    )
    frame.write_parquet("log.parquet")
    frame.write_csv("log.csv")
    return here / "log.parquet"


def figures(paceline: Paceline, *args: str) -> dict[str, Any]:
    done = paceline("replay", *args, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


USUAL = ("log.parquet", "--unit", "impression", "--budget", "25")


@pytest.mark.usefixtures("log")
def test_figures_are_those_of_the_log(paceline: Paceline) -> None:
    told = figures(paceline, *USUAL, "--pacing", "asap")
    spend, wins, value = 0, 0, 0
    made = uniform(T)
    for v, d in zip(made.values.tolist(), made.prices.tolist(), strict=True):
        if min(v, 25 * UNIT - spend) >= d:
            spend, wins, value = spend + d, wins + 1, value + v
    assert (told["spend_micros"], told["wins"], told["value_micros"]) == (spend, wins, value)
    assert told["utility_micros"] == value - spend
    assert told["win_rate"] == wins / T
    assert told["last_multiplier"] == 1.0
    assert told["regret_micros"] == told["hindsight"]["utility_micros"] - told["utility_micros"] > 0
    assert told["budget_micros"] == told["hindsight"]["spend_micros"] == 25 * UNIT
    assert told["ticks"] == told["auctions"] == T


@pytest.mark.usefixtures("log")
def test_what_is_told_and_what_a_script_needs(paceline: Paceline) -> None:
    told = paceline("replay", *USUAL, "--pacing", "adaptive,epsilon=0.05", "--trace", "t.parquet").stdout
    words = [line.split()[0] for line in told.splitlines()]
    assert words == ["Replaying", "Spend", "Wins", "Value", "Multiplier", "Hindsight", "Regret", "Trace"]
    spend = figures(paceline, *USUAL, "--pacing", "adaptive,epsilon=0.05")["spend_micros"]
    quiet = paceline("replay", *USUAL, "--pacing", "adaptive,epsilon=0.05", "--quiet")
    assert quiet.output == f"{spend}\n"
    trace = pl.read_parquet("t.parquet")
    assert trace.height == T
    assert trace["spend_micros"].sum() == spend
    assert trace["left_micros"][-1] == 25 * UNIT - spend


@pytest.mark.usefixtures("log")
def test_the_same_from_a_csv_and_from_ticks_of_either_kind(paceline: Paceline) -> None:
    usual = ("--pacing", "pid", *USUAL[1:])
    one = figures(paceline, "log.parquet", *usual, "--rows-per-tick", "10")
    for file, ticks in (("log.csv", "minute"), ("log.parquet", "time")):
        assert figures(paceline, file, *usual, "--tick-column", ticks) == one
    assert one["ticks"] == T // 10


@pytest.mark.usefixtures("log")
def test_units_are_thousandths_of_each_other(paceline: Paceline) -> None:
    usual = ("log.parquet", "--pacing", "asap")
    cpm = figures(paceline, *usual, "--budget", "0.025")
    whole = figures(paceline, *usual, "--unit", "impression", "--budget", "25")
    assert cpm["wins"] == pytest.approx(whole["wins"], abs=2)
    assert 1000 * cpm["spend_micros"] == pytest.approx(whole["spend_micros"], rel=0.01)


@pytest.mark.usefixtures("log")
def test_bids_are_cut_at_a_maximum_cpm(paceline: Paceline) -> None:
    cut = figures(paceline, *USUAL, "--pacing", "asap", "--auction", "first_price", "--max-cpm", "1")
    assert cut["spend_micros"] == 1000 * cut["wins"] < 25 * UNIT


@pytest.mark.usefixtures("log")
def test_any_format_of_the_family_sells_the_log(paceline: Paceline) -> None:
    usual = (*USUAL[:3], "--budget", "1000", "--pacing", "fixed_multiplier,multiplier=0.5", "--auction")
    by_kind = {
        kind: figures(paceline, *usual, f"{kind},soft_floor_cpm=200" if kind == "soft_floor" else kind)
        for kind in AuctionFormat.members()
    }
    assert {kind: told["auction"] for kind, told in by_kind.items()} == {kind: kind for kind in by_kind}
    second, soft, first = (
        by_kind[kind]["spend_micros"] for kind in ("second_price", "soft_floor", "first_price")
    )
    assert second < soft < first


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("no.parquet",), "error: no.parquet: there is no such file"),
        (("log.txt",), "error: log.txt: is not known by its ending; a log is a .parquet or .csv file"),
        (
            (*USUAL, "--price-column", "prize"),
            'error: log.parquet: has no column "prize", which --price-column names; it has value, price, minute, time, who; did you mean price?',
        ),
        (
            (*USUAL, "--value-column", "who"),
            'error: log.parquet: column "who" is String; --value-column must name numbers',
        ),
        (
            ("log.parquet", "--unit", "micros"),
            'error: log.parquet: row 1: "value" is 0.822462; must be whole micros',
        ),
        (
            (*USUAL, "--tick-column", "who"),
            'error: log.parquet: column "who" must be whole numbers or times without gaps',
        ),
        (
            (*USUAL, "--tick-column", "minute", "--rows-per-tick", "2"),
            "error: --rows-per-tick: instead of --tick-column, not beside it",
        ),
        (
            (*USUAL, "--tick-minutes", "7"),
            "error: --tick-minutes: 7 is not allowed; must be 1, 5, 15, 30 or 60",
        ),
        (
            (*USUAL, "--budget", "-1"),
            'error: --budget: "-1" is not allowed; must be an amount, such as 120000',
        ),
        (
            (*USUAL, "--auction", "third_price"),
            'error: --auction: "third_price" is not known; did you mean first_price?',
        ),
        (
            (*USUAL, "--pacing", "adaptiv"),
            'error: --pacing: "adaptiv" is not known; did you mean adaptive?',
        ),
        (
            (*USUAL, "--pacing", "adaptive,epsilon=none of it"),
            'error: --pacing: epsilon: "none of it" is not allowed; must be a number',
        ),
        ((*USUAL, "--trace", "no/t.parquet"), "error: --trace no/t.parquet: there is no folder no"),
    ],
)
@pytest.mark.usefixtures("log")
def test_what_is_refused(paceline: Paceline, args: tuple[str, ...], message: str) -> None:
    budget = () if "--budget" in args else ("--budget", "25")
    pacing = () if "--pacing" in args else ("--pacing", "asap")
    done = paceline("replay", *args, *budget, *pacing)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("value", -0.5, 'row 3: "value" is -0.5; must be an amount from 0 to 67,108 with --unit cpm'),
        ("value", None, 'row 3: "value" is None; must be an amount'),
        ("price", float("nan"), 'row 3: "price" is nan; must be an amount'),
        ("price", 70_000.0, 'row 3: "price" is 70000.0; must be an amount from 0 to 67,108'),
        ("tick", 0, 'row 3: "tick" goes back; rows must be in the order of their ticks'),
    ],
)
def test_a_row_that_cannot_be_is_named(
    paceline: Paceline, here: Path, column: str, value: float | None, why: str
) -> None:
    rows: dict[str, list[Any]] = {"value": [1.0] * 4, "price": [0.5] * 4, "tick": [1, 1, 1, 2]}
    rows[column][2] = value
    pl.DataFrame(rows).write_parquet(here / "bad.parquet")
    done = paceline(
        "replay", "bad.parquet", "--pacing", "asap", "--budget", "1", "--tick-column", "tick", "--json"
    )
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: bad.parquet: {why}")


def test_amounts_that_are_next_to_nothing_are_asked_about(paceline: Paceline, here: Path) -> None:
    pl.DataFrame({"value": [0.02, 0.03], "price": [0.01, 0.02]}).write_csv(here / "small.csv")
    done = paceline("replay", "small.csv", "--pacing", "asap", "--budget", "1", "--json")
    assert done.exit_code == 0
    assert done.stderr == (
        "warning: small.csv: no amount is above 30 micros an impression, 0.03 CPM; --unit is cpm, and can be"
        " cpm, micros, impression\n"
    )
    assert paceline("replay", "small.csv", "--pacing", "asap", "--budget", "1", "--quiet").stderr == ""


def test_a_file_that_is_none_or_has_no_rows(paceline: Paceline, here: Path) -> None:
    (here / "none.parquet").write_text("nothing of the kind")
    (here / "empty.csv").write_text("value,price\n")
    for name, why in (("none.parquet", "is not a PARQUET file: "), ("empty.csv", "has no rows")):
        done = paceline("replay", name, "--pacing", "asap", "--budget", "1")
        assert done.exit_code == 2
        assert done.stderr.startswith(f"error: {name}: {why}")


@pytest.mark.usefixtures("log")
def test_a_policy_of_one_s_own_is_replayed_where_it_is_allowed(paceline: Paceline, here: Path) -> None:
    source = Path(str(pid.__file__)).read_text(encoding="utf-8")
    (here / "my_module.py").write_text(source)
    ours = figures(paceline, *USUAL, "--pacing", "pid,k_i=0.1")
    named = ("--pacing", "my_module:Pid,k_i=0.1")
    theirs = figures(paceline, *USUAL, *named, "--allow-code")
    assert {**theirs, "pacing": "pid"} == ours
    refused = paceline("replay", *USUAL, *named)
    told = "error: --pacing: my_module:Pid is code; --allow-code lets it run\n"
    assert (refused.exit_code, refused.stderr) == (2, told)
