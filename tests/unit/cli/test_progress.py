"""What a terminal shows of progress, from before anything is known to the end."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from analysis.explain.replays import Progress as Replays
from analysis.study.run import Progress as Replications
from sim.cli.progress import ReplayProgress, StudyProgress


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
