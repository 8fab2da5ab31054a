"""The command that explains a line item: what it prints, what it refuses, and what it tells while it plays."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from analysis.explain.bound import Bound, When
from analysis.explain.explanation import Explanation, Goal
from analysis.explain.money import Money, Relaxed
from analysis.explain.replays import Delivered, Progress
from analysis.explain.winners import Winner
from analysis.rows.reasons import COUNTED
from sim.cli import explained
from sim.cli.progress import ReplayProgress
from tests.unit.cli.small import TINY, Headline, Paceline, change

COMEDY = "Everywhere, comedy"


def test_rows_are_told_in_80_columns(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)["run_id"]
    done = paceline("explain", run, COMEDY)
    assert (done.exit_code, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for words in (
        f"Run        {run}\nLine item  Smoke Snacks / Smoke Snack / Everywhere, comedy\nDelivered  $",
        "\nBehind     $",
        "\nmatched  ",
        "\n  frequency cap  ",
        "\ncompleted  ",
        "\nWho won what it lost",
        "\noutside demand",
        "by hour of the day (America/New_York)\n            0      6      12     18\nMon 02 Nov  ",
        "\nall         ",
    ):
        assert words in done.stdout
    assert "What if" not in done.stdout
    assert paceline("explain", COMEDY).stdout == done.stdout  # of the latest run
    alone = paceline("explain", run)
    assert alone.stderr == f"error: line item: name one of run {run}: 'TV drama', 'Everywhere, comedy'\n"
    told = json.loads(paceline("explain", COMEDY, "--json").stdout)
    assert (told["run_id"], told["line_item"], told["money"]) == (run, COMEDY, None)
    brief = paceline("explain", COMEDY, "--quiet").stdout.split()
    assert brief == [share["reason"] for share in told["gap"]]


def test_money_is_told_beside_its_progress(paceline: Paceline, headline: Headline) -> None:
    headline(*TINY)
    done = paceline("explain", COMEDY, "--money", "--workers", "1")
    assert done.exit_code == 0
    assert done.stdout.startswith("up to 19 runs, about ")
    assert "\nWhat if, on the same luck   Impressions" in done.stdout
    assert "\nthese 4 together" in done.stdout
    assert "\nParts      one by one they bring " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    change("UPDATE simulation_runs SET digest = 'f' || substr(digest, 2) || ''")
    change("UPDATE simulation_runs SET digest = replace(digest, 'a', 'b')")
    first = paceline("explain", COMEDY, "--money", "--json")
    money = json.loads(first.stdout)["money"]
    assert (money["reproduced"], money["days"]) == (False, None)
    assert sum(one["part_micros"] or 0 for one in money["relaxed"]) == money["gap_micros"]
    (line,) = first.stderr.splitlines()
    assert line.startswith("warning: run smoke-")
    assert line.endswith(" comes out differently with this code; compared is what comes out now")


def test_bad_input_is_refused_in_one_line(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)["run_id"]
    for words, line in (
        ((), f"error: line item: name one of run {run}: 'TV drama', 'Everywhere, comedy'\n"),
        (("nobody", COMEDY), "error: there is no run 'nobody'; runs are smoke-"),
        (
            ("TV dramas",),
            f"error: line item 'TV dramas': run {run} has none of that name; did you mean 'TV drama'?\n",
        ),
        ((COMEDY, "--days", "1"), "error: --days: belongs to --money, which plays them again\n"),
        ((COMEDY, "--money", "--days", "9"), "error: days 9: must be from 1 to 1, which the run has\n"),
    ):
        refused = paceline("explain", *words)
        assert refused.exit_code == 2, words
        assert refused.stderr.startswith(line), words
        assert refused.stderr.count("\n") == 1
    change("UPDATE simulation_runs SET scenario_text = '{}'")
    refused = paceline("explain", COMEDY)
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr == f"error: run {run}: its scenario or book cannot be read: name: Field required\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_replays_say_at_once_how_long_they_take_and_then_how_far_they_are(terminal: bool) -> None:
    out, clock = io.StringIO(), iter([0.0, 0.0, 30.0, 60.0, 60.1])
    console = Console(file=out, width=80, force_terminal=terminal, highlight=False)
    with ReplayProgress(console, 30.0, clock.__next__) as progress:
        progress(Progress(1, 20, 1.0))
        progress(Progress(3, 20, 1.0))
        progress(Progress(4, 20, 0.1))
    first, *rest = out.getvalue().splitlines()
    assert "up to 20 runs, about 30.0 s each as it took then, 0:10:00 in all" in out.getvalue()
    if not terminal:
        assert first.startswith("up to 20 runs")
        assert rest == [" 15 %  run 3 of 20, 0:05:40 left"]


def test_every_reason_has_a_letter_of_its_own() -> None:
    assert set(explained.LETTERS) == set(COUNTED)
    assert len(set(explained.LETTERS.values())) == len(COUNTED)


def _told(**more: object) -> str:
    out = io.StringIO()
    nothing = When("UTC", (), (), (Bound(None, None, None, 0, None, 0, None),), ())
    goal = Goal(None, 5_000_000, 9, None, 0)
    parts = {"goal": goal, "gap": (), "funnel": (), "winners": (), "when": nothing, "money": None, **more}
    found = Explanation("run", "A", "B", "C", "EUR", **parts)  # type: ignore[arg-type]  # as they are given
    explained.explanation(Console(file=out, width=80), found)
    return out.getvalue()


def test_what_is_not_there_is_said() -> None:
    text = _told()
    assert "Delivered  €5.00 no budget; 9 impressions" in text
    assert "It lost no bid to anybody." in text
    assert ". nothing" in text
    assert "Behind" not in text


def test_many_winners_and_deals() -> None:
    winners = [
        Winner("deal", "Takeover", 50, 0.5),
        *(Winner("line_item", f"R{n}", 5, 0.05) for n in range(10)),
    ]
    text = _told(winners=tuple(winners))
    assert "Takeover, guaranteed" in text
    assert "3 more" in text
    assert "R7" not in text


def test_nothing_bound_is_one_line_and_a_loss_has_its_reason() -> None:
    dearer = Relaxed("bid", "max CPM +10%", Delivered(0, 7, 0), "it pays more", 7)
    money = Money(Delivered(9, 5, 5), (dearer,), Delivered(0, 7, 0), 2)
    assert "What if    nothing bound: without any of its constraints it delivers no more" in _told(
        money=money
    )
    fewer = Relaxed(
        "pacing", "pacing: asap", Delivered(-1, 9_000_000, -5), "what is early is missing", 3_000_000
    )
    more = Relaxed("daypart", "no dayparts", Delivered(4, 1_000_000, 5), "more hours", -1_000_000)
    both = Money(Delivered(9, 5, 5), (fewer, more), Delivered(3, 2_000_000, 1), 4, days=1)
    text = _told(money=both)
    assert "› pacing: asap: what is early is missing" in text
    assert "no dayparts" in text
    assert "−€1.00" in text
    assert "one by one they bring +€10.00, together +€2.00: €8.00 is brought by" in text
    assert "Played     4 times, the first day alone" in text
