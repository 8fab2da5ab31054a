"""What a person sees: progress on a terminal and in a pipe, numbers, tables at any width."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from rich.console import Console

from analysis.runs.expected import Expected, Work
from analysis.runs.playing import Progress
from sim.cli import printed, terminal
from sim.cli.progress import RunProgress, Taken

START = datetime(2026, 11, 2, tzinfo=UTC)


def progress(hours: int = 100, together: int = 1) -> Iterator[Progress]:
    for hour in range(1, hours + 1):
        share, later = hour / hours, hour if together == 1 else (-(-hour // together) + 1) * together
        played = Work(*[min(later / hours, 1.0)] * 3)
        about = hour * 1_000_000, hour * 1000, 0, START + timedelta(hours=hour)
        yield Progress(hour, hours, *about, Expected(share, share, share, 10_000, played))


def watched(*, tty: bool, seconds: float, taken: Taken | None = None) -> str:
    out, now = io.StringIO(), iter(range(10_000))
    console = Console(file=out, force_terminal=tty, width=80, markup=False, highlight=False)
    clock, taking = (lambda: next(now) * seconds), (lambda: taken) if taken else None
    with RunProgress(console, "preparing", clock=clock, taken=taking) as watch:
        for step in progress():
            watch(step)
    return out.getvalue()


def test_a_pipe_gets_a_line_for_every_tenth() -> None:
    lines = watched(tty=False, seconds=1).splitlines()
    assert lines[0] == "preparing"
    assert len(lines) == 10
    assert lines[1] == " 10 %  2026-11-02  1.0 M auctions/s"  # a day has passed before time is foretold
    assert lines[3] == " 30 %  2026-11-03  1.0 M auctions/s, 0:01:10 left"
    assert lines[-1] == " 90 %  2026-11-05  1.0 M auctions/s, 0:00:10 left"


def test_the_pace_of_hours_that_come_together_is_that_of_those_played_meanwhile() -> None:
    out, passed = io.StringIO(), 0.0
    console = Console(file=out, force_terminal=False, width=80, markup=False, highlight=False)
    with RunProgress(console, "preparing", clock=lambda: passed) as watch:
        for step in progress(together=10):
            # A million auctions an hour, a second each; those of a stretch come at once.
            passed = step.expected.played.hours * 100
            watch(step)
    lines = [line for line in out.getvalue().splitlines()[1:] if "auctions/s" in line]
    assert len(lines) == 7
    assert all("  1.0 M auctions/s" in line for line in lines)


def test_a_long_run_says_once_what_it_takes() -> None:
    plain = watched(tty=False, seconds=1, taken=Taken(200_000_000, None))
    assert "about 0:01:15 left; at the end it has taken 230.0 MB of memory and 2.8 MB of disk\n" in plain
    # The first midnight has its file two hours later, and 24 of 100 hours were in it.
    events = watched(tty=False, seconds=1, taken=Taken(200_000_000, 24_000))
    assert "about 0:01:14 left; at the end it has taken 2.8 MB of disk, and 100.0 kB for events\n" in events
    assert (plain + events).count("at the end") == 2


def test_a_short_run_is_not_talked_about() -> None:
    assert watched(tty=False, seconds=0.001, taken=Taken(200_000_000, None)) == "preparing\n"


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    text = watched(tty=True, seconds=1)
    assert "storing the rows" in text
    assert text.rstrip("\r\n").endswith("\x1b[2K")


def test_nobody_is_told_where_nobody_watches() -> None:
    with RunProgress(terminal.console(None), "preparing") as watch:
        for step in progress():
            watch(step)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1000, "1.0 k"), (22_140_000, "22.1 M"), (3e9, "3.0 G")]
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert terminal.short(number) == text


def test_amounts_are_rounded_from_micros() -> None:
    assert terminal.money(1_234_567_890, cents=True) == "$1,234.57"
    assert terminal.money(249_999_500_000, cents=False) == "$250,000"
    assert terminal.money(1_500_000, cents=False, currency="CAD") == "CAD 2"
    assert terminal.size(999) == "999 B"
    assert terminal.size(5_678_901) == "5.7 MB"


@pytest.mark.parametrize("width", [30, 60, 80, 110, 200])
def test_numbers_are_never_cut(width: int) -> None:
    out = io.StringIO()
    frame = pl.DataFrame(
        {
            "line_item_id": [1, 2],
            "line_item": ["A line item with a name that is much too long for a table", "[b]x[/b]"],
            "budget_micros": [12_345_678_000_000, None],
            "spend_micros": [12_000_000_000_000, 0],
            "impressions": [480_000_000, 0],
            "delivery": [0.97, None],
            "ecpm": [25.0, None],
            "reach": [20_500_000, 0],
            "frequency": [23.41, None],
            "reason": [None, "blocked_frequency_cap"],
        }
    )
    gaps = pl.DataFrame(
        {
            "line_item_id": [2, 2, 2],
            "reason": ["blocked_frequency_cap", "lost_outbid", "lost_ambient"],
            "share": [0.62, 0.24, 0.14],
        }
    )
    printed.delivery(Console(file=out, width=width, markup=False, highlight=False), frame, gaps)
    text = out.getvalue()
    for number in ("$12,345,678", "$12,000,000", "480,000,000", "97.0%", "$25.00", "20,500,000", "23.41"):
        assert number in text
    assert "[b]x[/b]" in text
    # The two largest reasons with their shares.
    told = " ".join(text.split())
    assert [part in told for part in ("frequency cap 62%", "outbid 24%", "outside demand")] == [
        True,
        True,
        False,
    ]
    if width >= 80:
        assert max(map(len, text.splitlines())) <= width


def test_of_many_line_items_the_largest_have_a_line() -> None:
    out, count = io.StringIO(), printed.MOST_LINES + 5
    budgets = [1_000_000 * (1 + place * 7 % count) for place in range(count)]
    frame = pl.DataFrame(
        {
            "line_item_id": range(count),
            "line_item": [f"item {place}" for place in range(count)],
            "budget_micros": budgets,
            "spend_micros": [budget // 2 for budget in budgets],
            "impressions": [100] * count,
            "delivery": [0.5] * count,
            "ecpm": [1.0] * count,
            "reach": [10] * count,
            "frequency": [1.0] * count,
            "reason": pl.Series([None] * count, dtype=pl.String()),
        }
    )
    gaps = pl.DataFrame(schema={"line_item_id": pl.Int64(), "reason": pl.String(), "share": pl.Float64()})
    console = Console(file=out, width=120, markup=False, highlight=False)
    printed.delivery(console, frame, gaps)
    lines = out.getvalue().splitlines()
    large = sorted(sorted(range(count), key=lambda place: -budgets[place])[: printed.MOST_LINES // 2])
    assert [line.split()[1] for line in lines if line.startswith("item")] == [str(place) for place in large]
    rest = sum(budgets) - sum(budgets[place] for place in large)
    (others,) = (line.split() for line in lines if "others" in line)
    assert others[:4] == ["25", "others", f"${rest / 1e6:,.2f}", f"${rest / 2e6:,.2f}"]
    assert f"${sum(budgets) / 1e6:,.2f}" in lines[-2]
