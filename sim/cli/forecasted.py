"""How a forecast is printed, at 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cli import proposed, terminal
from sim.units import MICROS

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.forecast.answer import Curve, Estimate, Forecast, Point
    from analysis.forecast.preview import Preview
    from analysis.forecast.proposal import Proposal

MOST = 8
"""Line items that are shown of those that are displaced."""
WORDS = {
    "yes": "yes, it can be booked",
    "no": "no, it cannot be booked",
    "uncertain": "uncertain, more seeds may tell",
}


def preview(out: Console, asked: Proposal, found: Preview, zone: str) -> None:
    """Print what was asked, in a market of a time *zone*, and what is reckoned of it."""
    goal = _goal(asked.impressions, asked.budget_micros)
    told = f"{goal} at a CPM of {asked.bid_micros / 1000:,.2f}, {proposed.terms(asked, zone)}"
    terminal.fact(out, "Booking", told, wrap=True)
    capped = "under its caps" if proposed.caps(asked) else "without a cap"
    line = f"{found.matched:,.0f} slots match, {found.possible:,.0f} of them are possible {capped}"
    if asked.impressions is not None:
        share = asked.impressions / found.possible if found.possible else float("inf")
        line += (
            "; it asks for more than there are"
            if share > 1
            else f"; it asks for {100 * share:.1f} % of these"
        )
    terminal.fact(out, "Preview", line, wrap=True)


def answer(out: Console, found: Forecast) -> None:
    """Print the answer, but for its curves."""
    full = found.full
    terminal.fact(
        out,
        "Answer",
        f"{WORDS[found.answer]}: in full with {full.successes} of {full.seeds} seeds, a probability"
        f" of {100 * full.low:.0f} to {100 * full.high:.0f} %; yes takes {100 * found.threshold:.0f} %",
        wrap=True,
    )
    share = found.share
    delivered = (
        f"{100 * share.mean:.1f} % of its goal, {100 * share.low:.1f} to {100 * share.high:.1f} % in the mean"
    )
    paid = found.spend_micros.mean / found.delivered.mean / 1000 if found.delivered.mean else 0.0
    terminal.fact(
        out, "Delivers", f"{delivered}; {found.delivered.mean:,.0f} impressions at {paid:,.2f}", wrap=True
    )
    table = terminal.new_table(gap=2)
    table.add_column("avails", no_wrap=True)
    for name in ("mean", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    notes = {
        "matched": "by targeting and flight",
        "possible": "after caps, one ad a pod, creatives",
        "available": "at this price, without a budget",
    }
    for name, note in notes.items():
        table.add_row(name, *_cells(getattr(found.avails, name)), note)
    terminal.print_table(out, table)
    _displaced(out, found)


def _displaced(out: Console, found: Forecast) -> None:
    others = sum(one.impressions.mean for one in found.displaced)
    terminal.fact(
        out,
        "Displaces",
        f"{found.rivals.mean:,.0f} ads of outside demand, {others:,.0f} of other line items;"
        f" {found.unsold.mean:,.0f} slots would have stayed empty",
        wrap=True,
    )
    table = terminal.new_table(gap=2)
    table.add_column("line item", max_width=30)
    for name in ("fewer ads", "95 % interval", "less spent", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found.displaced[:MOST]:
        name = one.line_item.rpartition(" / ")[2]
        table.add_row(name, *_cells(one.impressions), *_cells(one.spend_micros, MICROS))
    if found.displaced:
        terminal.print_table(out, table)


def curve(out: Console, asked: Proposal, of: Forecast, found: Curve) -> None:
    """Print at which value of a term that was *asked* the answer turns, and the points that were played."""
    terminal.fact(
        out, found.term.upper() if found.term == "cpm" else found.term.title(), found.told, wrap=True
    )
    table = terminal.new_table(gap=2)
    for name in (f"{found.term}, {_unit(asked, found)}", "in full", "95 % interval", "delivers"):
        table.add_column(name, justify="right", no_wrap=True)
    for point in found.points:
        table.add_row(_value(of, found, point), *_point(point))
    terminal.print_plain(out, table)


def _unit(asked: Proposal, found: Curve) -> str:
    if found.term == "cap":
        return proposed.window(asked.item.frequency_caps[0])
    if found.term == "budget" and asked.impressions is not None:
        return "impressions"
    return asked.listing.campaign.currency


def _value(of: Forecast, found: Curve, point: Point) -> str:
    if found.term == "cpm":
        return f"{point.value / 1000:,.2f}"
    if found.term == "budget" and of.impressions is None:
        return f"{point.value / MICROS:,.2f}"
    return f"{point.value:,}"


def _point(one: Point) -> tuple[str, str, str]:
    full = one.full
    interval = f"{100 * full.low:.0f} … {100 * full.high:.0f} %"
    return f"{full.successes} of {full.seeds}", interval, f"{100 * one.delivered:.1f} %"


def _cells(one: Estimate, per: int = 1) -> tuple[str, str]:
    # The z leaves no sign before a zero.
    form = "z,.0f" if per == 1 else "z,.2f"
    return format(one.mean / per, form), f"{one.low / per:{form}} … {one.high / per:{form}}"


def _goal(impressions: int | None, budget_micros: int) -> str:
    return (
        f"a budget of {budget_micros / MICROS:,.2f}"
        if impressions is None
        else f"{impressions:,} impressions"
    )
