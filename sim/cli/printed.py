"""How campaigns, runs, differences, audits and verifications are printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from entities.enums import Weekday
from entities.enums.funnel import REASONS
from sim.cli.terminal import (
    CENTS_BELOW,
    NAME,
    WIDE,
    fact,
    money,
    new_table,
    number,
    print_plain,
    print_table,
    size,
)
from sim.units import MICROS

if TYPE_CHECKING:
    import polars as pl

    from analysis.audit.report import Audit
    from analysis.delivery.forecasts import ForecastError
    from analysis.delivery.report import Overspend
    from analysis.realism.card import Scorecard
    from analysis.runs.reproduce import Reproduction
    from analysis.runs.stored import StoredRun
    from analysis.verify.rows import Comparison
    from analysis.verify.run import Verified

LEAST_SHARE = 0.005
MOST_LINES = 40
"""Line items of which each has a line; of more the largest half of so many, and what the others add up to."""
"""A second reason with less of the gap is not named."""
FINDINGS = 5
"""How many findings on a law, or budgets that were passed, are shown."""
WEEK, HOURS = tuple(Weekday), tuple(range(24))
USUAL = {"deal": "open", "pacing": "", "bidding": "fixed_cpm", "valuation": "constant"}
"""The parts of a line item, each with the kind that is not printed."""


def campaign(out: Console, made: Mapping[str, Any]) -> None:
    """Print a campaign with its ids, its line items and their creatives."""
    fact(out, "Advertiser", f"{made['advertiser_id']}  {made['advertiser']}")
    fact(out, "Campaign", f"{made['campaign_id']}  {made['name']}", wrap=True)
    fact(out, "Objective", made["objective"])
    fact(out, "Flight", f"{made['start_date']} to {made['end_date']}, {made['timezone']}")
    if made["budgets"]:
        fact(out, "Budget", ", ".join(_budgets(made["budgets"], made["currency"])))
    if made["pacing"]:
        fact(out, "Pacing", f"{_part(made['pacing'])}, for all line items together")
    for item in made["line_items"]:
        bid = money(item["max_bid_micros"] * 1000, cents=True, currency=made["currency"])
        sides = [
            f"{'not ' if side == 'exclude' else ''}{key} {', '.join(values)}"
            for side in ("include", "exclude")
            for key, values in item["targeting"].get(side, {}).items()
        ]
        parts = [
            f"{what} {_part(item[what])}"
            for what, usual in USUAL.items()
            if item[what]["kind"] != usual and not (what == "pacing" and made["pacing"])
        ]
        when = [
            " ".join([*_spans(one["weekdays"], WEEK), *(f"{h} o'clock" for h in _spans(one["hours"], HOURS))])
            for one in item["dayparts"]
        ]
        if item["slot_in_pod"] != "any":
            sides.append(f"slot_in_pod {item['slot_in_pod']}")
        if item["holdout"]:
            sides.append(f"{100 * item['holdout']:g}% held out")
        spends = f"{', '.join(_budgets(item['budgets'], made['currency']))} at up to {bid} CPM".strip()
        terms = [spends, *sides, *item["frequency_caps"], *when, *parts]
        fact(out, "Line item", f"{item['line_item_id']}  {item['name']}: {'; '.join(terms)}", wrap=True)
        for one in item["creatives"]:
            fact(out, "Creative", f"{one['creative_id']}  {one['name']}, {one['seconds']} s", wrap=True)


def _budgets(budgets: Mapping[str, int], currency: str) -> list[str]:
    return [
        f"{money(micros, cents=micros < CENTS_BELOW, currency=currency)}{' a day' if kind == 'daily' else ''}"
        for kind, micros in budgets.items()
    ]


def _part(part: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in ({"kind": part["kind"]} | dict(part)).values())


def _spans(found: Sequence[object], order: Sequence[object]) -> list[str]:
    # `mon-fri, sun`; nothing where all are found.
    if len(found) == len(order):
        return []
    places = sorted(order.index(one) for one in found)
    spans = [[place for _, place in run] for _, run in groupby(enumerate(places), lambda at: at[1] - at[0])]
    parts = [f"{order[span[0]]}-{order[span[-1]]}" if span[1:] else f"{order[span[0]]}" for span in spans]
    return [", ".join(parts)]


def compared(out: Console, heads: tuple[str, str, str], rows: Iterable[Iterable[str]]) -> None:
    """Print paths with their two values: a table where it fits, else the values below their path."""
    table, pairs = new_table(gap=2), [tuple(row) for row in rows]
    for head in heads:
        table.add_column(head, no_wrap=True)
    for row in pairs:
        table.add_row(*row)
    if Measurement.get(out, out.options.update(width=1000), table).maximum <= out.width:
        print_plain(out, table)
        return
    for path, *values in pairs:
        out.print(Text(path, "bold"), soft_wrap=True)
        grid = Table.grid(padding=(0, 0, 0, 2))
        for head, value in zip(heads[1:], values, strict=True):
            grid.add_row(Text(f"  {head}", no_wrap=True), Text(value, overflow="fold"))
        print_plain(out, grid)


def reproduced(out: Console, found: Reproduction) -> None:
    """Print whether a run came out the same, and what has changed since."""
    fact(out, "Run", found.run_id)
    fact(out, "Digest", found.then.digest)
    fact(out, "Again", found.now.digest)
    for name, then, now in zip(found.then._fields[1:], found.then[1:], found.now[1:], strict=True):
        if then != now:
            fact(out, "Differs", f"{name.replace('_', ' in ')}: {then:,} then, {now:,} now")
    if found.difference:
        fact(out, "Row", found.difference)
    if not found.compared:
        fact(out, "Rows", "not compared: the registry has other names by now")
    for one in found.versions:
        fact(out, "Version", f"{one.name}: {one.then} then, {one.now} now")
    rest = "" if found.versions else ", though all versions are the same"
    result = "the same bytes" if found.same else f"not the same{rest}"
    fact(out, "Result", f"{result}; {found.now.auctions:,} auctions in {found.seconds:.1f} s")


def realism(out: Console, found: Scorecard) -> None:
    """Print a scorecard: each figure with its range and verdict, and what those are that are not inside."""
    fact(out, "Run", found.run_id)
    if found.code_changed:
        fact(out, "Code", "has changed since: these are the figures of today's")
    table = new_table(gap=2)
    for head in ("Figure", "Measured", "Range", "Verdict"):
        table.add_column(head, justify="right" if head in {"Measured", "Range"} else "left", no_wrap=True)
    for row in found.rows:
        one = row.range
        figure = "–" if row.figure is None else _measured(row.figure, one.unit)
        ends = f"{_measured(one.least, one.unit)} – {_measured(one.most, one.unit)}"
        style = "red" if row in found.out else ""
        table.add_row(one.name.replace("_", " "), figure, ends, Text(row.verdict.value, style))
    print_plain(out, table)
    for row in found.rows:
        if row.verdict != "inside":
            why = f"; {row.note}" if row.note else ""
            text = f"{row.range.name.replace('_', ' ')}: {row.range.text}{why}"
            out.print(Text(text), soft_wrap=True)
            out.print(Text(f"  range: {row.range.source}"), style="dim", soft_wrap=True)
    held = sum(row.verdict in {"inside", "out"} for row in found.rows)
    count = f"{len(found.out) or 'no'} figure{'s are' if len(found.out) > 1 else ' is'} out of range"
    fact(out, "Result", f"{count}; {held} of {len(found.rows)} held; played again in {found.seconds:.1f} s")


def _measured(figure: float, unit: str) -> str:
    return f"{100 * figure:.1f}%" if unit == "%" else f"{figure:.2f}"


def verified(out: Console, rows: Iterable[Verified]) -> Iterator[Verified]:
    """Yield the rows of a verification, each printed as it comes, below its subject and setting."""
    for subject, below in groupby(rows, lambda one: one.check.subject.title):
        out.print(f"\n{subject}", style="bold")
        heads = f"{'exact':>12}{'simulated':>12}{'tolerance':>12}"
        out.print(f"{'':{_MEASURED}}{heads}", style="dim", soft_wrap=True)
        for setting, found in groupby(below, lambda one: one.check.setting):
            out.print(f"  {setting}", soft_wrap=True)
            for one in found:
                _verified(out, one.row)
                yield one


def _verified(out: Console, row: Comparison) -> None:
    from analysis.verify.rows import shown

    numbers = "".join(f"{shown(number):>12}" for number in (row.exact, row.simulated, row.tolerance))
    name = f"    {row.name}"
    if len(name) >= _MEASURED:
        out.print(name, soft_wrap=True)
        name = ""
    result, style = ("pass", None) if row.passes else ("FAIL", "bold red")
    out.print(f"{name:{_MEASURED}}{numbers}  {result}", style=style, soft_wrap=True)


_MEASURED = 38
"""Columns for what is measured: with three numbers and the result the table has 80."""


def overspent(out: Console, found: Sequence[Overspend], currency: str = "USD", run: str = "") -> None:
    """Print by how much budgets were passed in a *run*, the largest first; nothing where none was."""
    if not found:
        return
    largest = sorted(found, key=lambda one: -one.micros)
    parts = [
        f"{money(one.micros, cents=True, currency=currency)} beyond the {one.budget} budget of {one.owner}"
        for one in largest[:FINDINGS]
    ]
    more = [f"and {len(found) - FINDINGS} more"] if len(found) > FINDINGS else []
    where = f"{run}: " if run else ""
    fact(out, "Overspent", f"{where}{'; '.join([*parts, *more])}; spent between two syncs", wrap=True)


def forecast(out: Console, error: ForecastError, run: str) -> None:
    """Print how far the forecast of a *run* was off; nothing where nothing came."""
    if error.by_hour is not None and error.by_day is not None:
        fact(out, "Forecast", f"{run}: {error.by_hour:.1%} off an hour, {error.by_day:.1%} a day", wrap=True)


def delivery(out: Console, rows: pl.DataFrame, gaps: pl.DataFrame, currency: str = "USD") -> None:
    """Print what each line item delivered, from `summary` and `gaps` of `analysis.delivery.report`.

    Of many only the largest.
    """
    lines, shares = rows.to_dicts(), _shares(gaps)
    wide = out.width >= WIDE
    late = any(row["reason"] for row in lines)
    most = max((row["budget_micros"] or row["spend_micros"] for row in lines), default=0)
    cents = most < CENTS_BELOW
    table = new_table(gap=1 if wide else 0, footer=len(lines) > 1)
    below = "\n› why it is behind" if late and not wide else ""
    table.add_column(f"Line item{below}", min_width=NAME, overflow="fold")
    for name in ("Budget", "Spend", "Impressions", "Delivery", "eCPM", "Reach", "Freq."):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("Why it is behind")
    shown, others = _largest(lines)
    for row in shown:
        reasons = shares[row["line_item_id"]] if row["reason"] else []
        label = _labelled(row["line_item"], *([] if wide else reasons))
        figures = (*_sold(row, cents, currency), f"{row['reach']:,}", number(row["frequency"], ".2f"))
        table.add_row(label, *figures, *([", ".join(reasons)] if wide else []))
    if others:
        table.add_row(f"{len(others)} others", *_sold(_total(others), cents, currency))
    if len(lines) > 1:
        totals = ("Total", *_sold(_total(lines), cents, currency))
        for column, text in zip(table.columns, totals, strict=False):
            column.footer = text
    out.print()
    print_table(out, table)
    out.print()


def _largest(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    # Those that are shown, and all others, in their order.
    if len(lines) <= MOST_LINES:
        return lines, []
    sizes = [row["budget_micros"] or row["spend_micros"] for row in lines]
    order = sorted(range(len(lines)), key=lambda place: -sizes[place])
    large = {*order[: MOST_LINES // 2]}
    return [lines[at] for at in sorted(large)], [row for at, row in enumerate(lines) if at not in large]


def _shares(gaps: pl.DataFrame) -> dict[int, list[str]]:
    # The two largest reasons of each line item, and how much of its gap each has.
    found: dict[int, list[str]] = {}
    for row in gaps.iter_rows(named=True):
        told = found.setdefault(row["line_item_id"], [])
        if not told or (len(told) == 1 and row["share"] >= LEAST_SHARE):
            told.append(f"{REASONS.get(row['reason'], row['reason'])} {row['share']:.0%}")
    return found


def _sold(row: Mapping[str, Any], cents: bool, currency: str) -> tuple[str, ...]:
    budget = row["budget_micros"]
    return (
        "–" if budget is None else money(budget, cents=cents, currency=currency),
        money(row["spend_micros"], cents=cents, currency=currency),
        f"{row['impressions']:,}",
        number(row["delivery"], ".1%"),
        "–" if row["ecpm"] is None else money(round(row["ecpm"] * MICROS), cents=True, currency=currency),
    )


def _total(lines: list[dict[str, Any]]) -> dict[str, Any]:
    budgets = [row["budget_micros"] for row in lines]
    budget = None if None in budgets else sum(budgets)
    spend, impressions = (sum(row[name] for row in lines) for name in ("spend_micros", "impressions"))
    return {
        "budget_micros": budget,
        "spend_micros": spend,
        "impressions": impressions,
        "delivery": spend / budget if budget else None,
        "ecpm": spend / impressions / 1000 if impressions else None,
    }


def database(out: Console, name: str, taken: int, rows: Mapping[str, int]) -> None:
    """Print where a database is, its size, and how many rows each table has."""
    fact(out, "Database", f"{name}, {size(taken)}")
    pairs = 3 if out.width >= WIDE else 2
    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(min_width=8, no_wrap=True)
    for _ in range(pairs):
        grid.add_column(no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
    height = -(-len(rows) // pairs)
    for place in range(height):
        here = list(rows.items())[place::height]
        cells = [cell for table, count in here for cell in (table, f"{count:,}")]
        grid.add_row(Text("Rows" if place == 0 else "", style="bold"), *cells)
    print_table(out, grid)


def finished(out: Console, runs: Iterable[StoredRun]) -> None:
    """Print the headline figures of each run, a line each."""
    wide = out.width >= WIDE
    table = new_table(gap=1 if wide else 0)
    table.add_column("Run", overflow="fold", min_width=NAME)
    for name in (*(["Seed"] if wide else []), "Auctions", "Impressions", "Spend", "Seconds", "Digest"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in runs:
        tags = (f"#{tag}" for tag in run.row.tags.split())
        table.add_row(
            _labelled(run.run_id, " ".join([*tags, run.row.notes]).strip()),
            *([str(run.row.seed)] if wide else []),
            f"{run.auctions:,}",
            f"{run.impressions:,}",
            money(run.spend_micros, cents=False, currency=run.currency),
            f"{run.seconds:.1f}",
            run.digest[: 16 if wide else 8],
        )
    print_table(out, table)


def _labelled(name: str, *below: str) -> Text:
    return Text(name).append("".join(f"\n› {line}" for line in below if line), style="dim")


def audit(out: Console, found: Audit) -> None:
    """Print one line for each law, then the first findings on broken ones, and the result."""
    table = new_table()
    for head in ("Law", "Name", "Status", "Checked"):
        table.add_column(head, justify="right" if head in {"Law", "Checked"} else "left", no_wrap=True)
    table.add_column("Note")
    for law in found.laws:
        status = f"{law.status} {law.broken:,}×" if law.broken else law.status.value
        style = "bold red" if law.broken else "dim" if law.status == "not checked" else ""
        table.add_row(
            str(law.number), law.name, Text(status, style), f"{law.checked:,}", Text(law.note, "dim")
        )
    print_table(out, table)
    for law in found.broken:
        out.print(Text(f"Law {law.number}, {law.name}: {law.text}", "bold"), soft_wrap=True)
        shown = law.findings[:FINDINGS]
        for finding in shown:
            out.print(f"  {finding.where}: {finding.value}; allowed: {finding.allowed}", soft_wrap=True)
        if law.broken > len(shown):
            out.print(f"  and {law.broken - len(shown):,} more", soft_wrap=True)
    fact(out, "Run", found.run_id)
    fact(out, "Result", found.result)
