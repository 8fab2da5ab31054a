"""What a terminal shows of progress, from before anything is known to the end."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from analysis.booking.books import book_scenario
from analysis.explain.replays import Progress as Replays
from analysis.runs.playing import play
from analysis.study.run import Progress as Replications
from scenarios.loader import load
from sim.cli.options import Output
from sim.cli.progress import ReplayProgress, RunProgress, StudyProgress, Taken


@pytest.fixture
def out() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80)


def printed(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_a_study_on_a_terminal_begins_without_a_total(out: Console) -> None:
    with StudyProgress(out) as progress:
        progress(Replications(total=0))
        progress(Replications(total=180, done=22, before=22))
        progress(Replications(total=180, done=40, before=22))
    assert "starting" in printed(out)
    assert "40 of 180" in printed(out)


def test_replays_on_a_terminal_say_which_run_it_is(out: Console) -> None:
    with ReplayProgress(out, 1.5) as progress:
        progress(Replays(run=1, runs=3, share=0.5))
    assert "up to 3 runs, about 1.5 s each" in printed(out)
    assert "run 1 of 3" in printed(out)


@pytest.mark.parametrize("output", [Output(quiet=True), Output(as_json=True)], ids=["--quiet", "--json"])
@pytest.mark.parametrize(("each_s", "told"), [(10, 1), (0.5, 0)], ids=["long", "short"])
def test_a_long_run_tells_what_it_takes_on_stderr_where_nothing_else_is_said(
    capsys: pytest.CaptureFixture[str], output: Output, each_s: float, told: int
) -> None:
    # A day of so small a market comes at once; the first of them is cold.
    loaded = load("smoke", ["market.population.viewers=50", "market.days=6"])
    moments = iter(range(1000))
    progress = RunProgress(
        output.progress, "", lambda: next(moments) * each_s, lambda: Taken(2 * 10**9, None)
    )
    with progress:
        play(loaded.scenario, book_scenario(loaded), progress=progress)
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert len(lines) == told
    for line in lines:
        assert re.fullmatch(
            r"note: about \d+:\d\d:\d\d left; at the end it has taken 2\.3 GB of memory and .*B of disk", line
        )


def test_no_line_of_a_slow_run_ends_with_blanks() -> None:
    # Of which nothing is known yet when the first tenth is over: neither how fast it is nor what is left.
    out = Console(file=io.StringIO(), force_terminal=False, width=80)
    loaded = load("smoke", ["market.population.viewers=50"])
    moments = iter(range(0, 100_000, 10))
    with RunProgress(out, "first", lambda: next(moments)) as progress:
        play(loaded.scenario, book_scenario(loaded), progress=progress)
    lines = printed(out).splitlines()
    assert len(lines) > 2
    assert [line for line in lines if line != line.rstrip()] == []
