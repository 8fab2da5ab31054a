"""How two runs are printed side by side: what was asked, what came of it, and where they part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from entities.enums.funnel import REASONS
from scenarios.scalars import text_of
from scenarios.show import name_of
from sim.cli.printed import LEAST_SHARE, compared
from sim.cli.terminal import CENTS_BELOW, NAME, fact, money, new_table, number, print_table
from sim.units import MICROS

if TYPE_CHECKING:
    from analysis.compare.comparison import Comparison

HOURS = 5
"""How many of the hours that differ are shown."""
ITEMS = 12
"""How many of the line items that differ are shown."""
_DIGITS = 12
"""How many digits of a hash stand for it."""
_HASHES = ("code",)


def brief(found: Comparison) -> Iterator[str]:
    """Yield what a script needs: the paths at which something else was asked."""
    yield from (each.path for each in found.asked)


def comparison(out: Console, found: Comparison) -> None:
    """Print a comparison; that of equal runs is one line."""
    if found.same and not found.asked:
        out.print(f"the same to the byte, digest {found.digest[:_DIGITS]}…", soft_wrap=True)
        return
    fact(out, "A", found.run_id)
    fact(out, "B", found.other_id)
    rows = [(each.path, _said(each.first), _said(each.second)) for each in found.asked]
    rows += [(name, _version(name, first), _version(name, second)) for name, first, second in found.ran_by]
    out.print()
    if rows:
        compared(out, ("Asked", "A", "B"), rows)
    else:
        fact(out, "Asked", "the same, of the same code and versions")
    if found.same:
        fact(out, "Came out", f"the same to the byte, digest {found.digest[:_DIGITS]}…")
        return
    out.print()
    _line_items(out, found)
    _parting(out, found)
    _hours(out, found)


def _said(value: Any) -> str:
    if name_of(value) is not None:  # the path has its name
        return "only here"
    return "–" if value is None else text_of(value)


def _version(name: str, value: str | None) -> str:
    return "–" if value is None else value[:_DIGITS] if name in _HASHES else value


def _line_items(out: Console, found: Comparison) -> None:
    rows = [row for row in found.line_items.to_dicts() if _differs(row)]
    every = {each.path: (each.first, each.second) for each in found.figures}
    cents = max(every["spend_micros"]) < CENTS_BELOW
    currency = found.currency
    table = new_table(gap=0)
    table.add_column("Line item\n› why it is behind", min_width=NAME, overflow="fold")
    table.add_column("", no_wrap=True)
    for head in ("Impressions", "Spend", "eCPM", "Reach", "Delivery"):
        table.add_column(head, justify="right", no_wrap=True)
    shown = rows if len(rows) <= ITEMS + 1 else rows[:ITEMS]
    for row in shown:
        why = [
            f"› {side}: {text}"
            for side, text in zip("AB", map(_why, _sides(row, "reasons")), strict=True)
            if text
        ]
        label = Text(_name(row["line_item"], found)).append("".join(f"\n{line}" for line in why), style="dim")
        figures = {
            name: _sides(row, name) for name in ("impressions", "spend_micros", "ecpm", "reach", "delivery")
        }
        table.add_row(label, *_cells(figures, cents, currency))
    figures = {**every, "reach": (None, None), "delivery": (None, None)}
    table.add_row(Text("All of the run"), *_cells(figures, cents, currency))
    print_table(out, table)
    if len(shown) < len(rows):
        out.print(f"and {len(rows) - len(shown)} line items more that differ; --json has all", soft_wrap=True)
    if same := len(found.line_items) - len(rows):
        out.print(f"{same} line item{'s are' if same > 1 else ' is'} the same in both", soft_wrap=True)
    out.print()


def _sides(row: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    return row[name], row[f"{name}_other"]


def _differs(row: Mapping[str, Any]) -> bool:
    return any(
        row[name] != row[f"{name}_other"] for name in ("impressions", "spend_micros", "reach", "reasons")
    )


def _cells(figures: Mapping[str, tuple[Any, Any]], cents: bool, currency: str) -> list[str]:
    def amount(micros: int) -> str:
        return money(micros, cents=cents, currency=currency)

    def price(value: float) -> str:
        return money(round(value * MICROS), cents=True, currency=currency)

    forms = {
        "impressions": "{:,}".format,
        "spend_micros": amount,
        "ecpm": price,
        "reach": "{:,}".format,
        "delivery": "{:.1%}".format,
    }
    columns = ["A\nB\nB − A"]
    for name, form in forms.items():
        first, second = figures[name]
        sides = ["–" if value is None else form(value) for value in (first, second)]
        columns.append("\n".join([*sides, _difference(first, second, form)]))
    return columns


def _difference(first: Any, second: Any, form: Any) -> str:
    if first is None or second is None:
        return "–"
    if first == second:
        return "0"
    return f"{'+' if second > first else '−'}{form(abs(second - first))}"


def _why(reasons: Sequence[Mapping[str, Any]] | None) -> str:
    largest = [each for place, each in enumerate(reasons or ()) if not place or each["share"] >= LEAST_SHARE][
        :2
    ]
    return ", ".join(f"{REASONS.get(each['reason'], each['reason'])} {each['share']:.0%}" for each in largest)


def _name(path: str, found: Comparison) -> str:
    name = path.rpartition(" / ")[2]
    alike = [each for each in found.line_items["line_item"] if each.rpartition(" / ")[2] == name]
    return name if len(alike) == 1 else path


def _parting(out: Console, found: Comparison) -> None:
    if not found.common_hours:
        fact(out, "They part", "from the first: they have no hour in common")
        return
    since, supply = found.supply_parts, "the same slots on offer in every hour"
    if since is not None:
        first, second = next(each[1:] for each in found.figures if each.path == "auctions")
        supply = f"other slots on offer from {_hour(since)} UTC on; {first:,} auctions in A, {second:,} in B"
    fact(out, "Supply", supply, wrap=True)
    if parts := found.parting:
        values = (number(value, ",") for value in (parts.first, parts.second))
        where = f"{_hour(parts.hour_start)} UTC, {_name(parts.line_item, found)}"
        text = "{}: {} {} in A, {} in B".format(where, parts.column, *values)
    else:
        text = "in no whole number of an hour that both have; in single events, or in other line items"
    fact(out, "They part", text, wrap=True)


def _hours(out: Console, found: Comparison) -> None:
    rows = found.hours.head(HOURS).to_dicts()
    if not rows:
        return
    cents = max(row["spend_micros"] for row in rows) < CENTS_BELOW

    def amount(micros: int) -> str:
        return money(micros, cents=cents, currency=found.currency)

    table = new_table(gap=1)
    table.add_column("Largest hours (UTC)", no_wrap=True)
    for head in ("Spend A", "Spend B", "B − A"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("Most of it", overflow="fold", min_width=NAME)
    for row in rows:
        sides = _sides(row, "spend_micros")
        item = _difference(*_sides(row, "item_spend_micros"), amount)
        most = f"{_name(row['line_item'], found)}, {item}"
        table.add_row(_hour(row["hour_start"]), *map(amount, sides), _difference(*sides, amount), most)
    out.print()
    print_table(out, table)
    if len(found.hours) > len(rows):
        fact(out, "", f"of {len(found.hours):,} hours that differ in spend, {found.common_hours:,} in all")


def _hour(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
