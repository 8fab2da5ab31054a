"""How a forecast is printed, at 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cli import terminal

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.forecast.answer import Estimate, Forecast


def answer(out: Console, found: Forecast) -> None:
    """Print the answer."""
    full = found.full
    terminal.fact(
        out,
        "Answer",
        f"{found.answer}: delivered in full in {full.successes} of {full.seeds} seeds, a probability of"
        f" {100 * full.low:.0f} to {100 * full.high:.0f} %, where {100 * found.threshold:.0f} % is asked for",
        wrap=True,
    )
    table = terminal.new_table(gap=2)
    table.add_column("avails", no_wrap=True)
    table.add_column("mean", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    for name in ("matched", "possible", "available"):
        table.add_row(name, *_cells(getattr(found.avails, name)))
    table.add_row("delivered", *_cells(found.delivered))
    terminal.print_plain(out, table)


def _cells(one: Estimate, per: int = 1) -> tuple[str, str]:
    return f"{one.mean / per:,.0f}", f"{one.low / per:,.0f} … {one.high / per:,.0f}"
