"""How an explanation is printed: delivery, funnel, winners, what bound when, and what constraints cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from entities.enums.funnel import REASONS
from sim.cli.terminal import CENTS_BELOW, fact, money, new_table, number, print_table

if TYPE_CHECKING:
    from analysis.explain.bound import Bound, When
    from analysis.explain.explanation import Explanation
    from analysis.explain.funnel import Step
    from analysis.explain.money import Money
    from analysis.explain.replays import Delivered
    from analysis.explain.winners import Winner

WINNERS = 8
"""How many of those who won what was lost are named."""
DAYS = 14
"""How many days have a line each in the chart of hours; of more, the days of the week have."""
REASONS_SHOWN, LEAST_SHARE = 4, 0.005
"""So many reasons of the gap are named, and none with less of it."""
LETTERS = {
    "blocked_daypart": "D",
    "blocked_creative": "N",
    "blocked_budget_lifetime": "B",
    "blocked_budget_daily": "b",
    "blocked_allowance": "P",
    "blocked_frequency_cap": "C",
    "blocked_separation": "S",
    "blocked_throttle": "T",
    "lost_below_floor": "F",
    "lost_deal": "G",
    "lost_ambient": "A",
    "lost_outbid": "O",
    "ghosts": "H",
    "errors": "E",
    "invalid": "I",
}
"""The letter that stands for a reason in the chart of hours."""
NOTHING, OFF = ".", " "
"""Of an hour in which nothing was stopped, and of one that is not in flight."""
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def brief(found: Explanation) -> Iterator[str]:
    """Yield what a script needs: the names of what held it back, the largest first."""
    if found.money:
        yield from (each.name for each in found.money.relaxed if each.part_micros)
    else:
        yield from (share.reason for share in found.gap)


def explanation(out: Console, found: Explanation) -> None:
    """Print an explanation."""
    goal, currency = found.goal, found.currency
    cents = max(goal.budget_micros or 0, goal.spend_micros) < CENTS_BELOW
    spent = money(goal.spend_micros, cents=cents, currency=currency)
    fact(out, "Run", found.run_id)
    fact(out, "Line item", f"{found.advertiser} / {found.campaign} / {found.line_item}", wrap=True)
    of = "no budget"
    if goal.budget_micros is not None:
        of = f"of {money(goal.budget_micros, cents=cents, currency=currency)}, {goal.delivery or 0:.1%}"
    fact(out, "Delivered", f"{spent} {of}; {goal.impressions:,} impressions", wrap=True)
    if found.gap:
        named = [
            f"{REASONS.get(one.reason, one.reason)} {one.share:.0%}"
            for one in found.gap[:REASONS_SHOWN]
            if one.share >= LEAST_SHARE
        ]
        rest = [f"{len(found.gap) - len(named)} more"] if found.gap[len(named) :] else []
        gap = money(goal.gap_micros, cents=cents, currency=currency)
        fact(out, "Behind", f"{gap}: {', '.join([*named, *rest])}", wrap=True)
    _funnel(out, found.funnel)
    _winners(out, found.winners)
    _when(out, found.when)
    if found.money:
        _money(out, found.money, currency)


def _funnel(out: Console, steps: Sequence[Step]) -> None:
    table = new_table(gap=2)
    table.add_column("Funnel", no_wrap=True)
    for head in ("Count", "Of the step", "Of matched"):
        table.add_column(head, justify="right", no_wrap=True)
    for step in steps:
        name = Text(f"  {step.text}" if step.loss else step.text, style="dim" if step.loss else "")
        table.add_row(name, f"{step.number:,}", number(step.of_step, ".1%"), number(step.of_matched, ".1%"))
    out.print()
    print_table(out, table)


def _winners(out: Console, winners: Sequence[Winner]) -> None:
    out.print()
    if not winners:
        out.print("It lost no bid to anybody.")
        return
    table = new_table(gap=2)
    table.add_column("Who won what it lost", overflow="fold")
    for head in ("Bids", "Share"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in winners[:WINNERS]:
        deal = ", guaranteed" if one.won_by == "deal" else ""
        table.add_row(
            f"{one.winner}{deal}" if one.winner else "outside demand", f"{one.bids:,}", f"{one.share:.1%}"
        )
    if rest := winners[WINNERS:]:
        sums = sum(one.bids for one in rest), sum(one.share for one in rest)
        table.add_row(f"{len(rest)} more", f"{sums[0]:,}", f"{sums[1]:.1%}")
    print_table(out, table)


def _when(out: Console, when: When) -> None:
    days = len(when.by_day) <= DAYS
    out.print(f"\nWhat stopped most of what matched, by hour of the day ({when.timezone})", style="bold")
    out.print(f"{'':12}{'0':7}{'6':7}{'12':7}18", style="dim")
    rows = when.hours if days else when.week
    totals = {one.date: one for one in when.by_day}
    for (date, weekday), found in groupby(rows, lambda one: (one.date, one.weekday)):
        label = f"{date:%a %d %b}" if date else _WEEK[weekday or 0]
        total = f"  {_share(totals[date])}" if days else ""
        out.print(f"{label:12}{_strip(list(found))}{total}".rstrip(), soft_wrap=True)
    out.print(f"{'all':12}{_strip(when.by_hour)}", soft_wrap=True)
    used = dict.fromkeys(one.reason for one in (*rows, *when.by_hour) if one.reason)
    legend = [f"{LETTERS[reason]} {REASONS[reason]}" for reason in LETTERS if reason in used]
    fact(out, "", ", ".join(legend or [f"{NOTHING} nothing"]), wrap=True)


def _strip(hours: Sequence[Bound]) -> str:
    letters = {one.hour: LETTERS[one.reason] if one.reason else NOTHING for one in hours}
    drawn = "".join(letters.get(hour, OFF) for hour in range(24))
    return " ".join(drawn[at : at + 6] for at in range(0, 24, 6))


def _share(one: Bound) -> str:
    return f"{REASONS[one.reason]} {one.share or 0:.0%}" if one.reason else ""


def _money(out: Console, found: Money, currency: str) -> None:
    def change(micros: int) -> str:
        return f"{'−' if micros < 0 else '+'}{money(abs(micros), cents=True, currency=currency)}"

    def changes(gained: Delivered) -> tuple[str, str, str]:
        return (
            f"{gained.impressions:+,}".replace("-", "−"),
            change(gained.spend_micros),
            change(gained.value_micros),
        )

    out.print()
    if not found.binds:
        fact(out, "What if", "nothing bound: without any of its constraints it delivers no more", wrap=True)
        return
    table = new_table(gap=2)
    table.add_column("What if, on the same luck", overflow="fold")
    for head in ("Impressions", "Spend", "Value", "Part"):
        table.add_column(head, justify="right", no_wrap=True)
    divided = [one for one in found.relaxed if one.part_micros is not None]
    for one in divided:
        table.add_row(one.text, *changes(one.gained), change(one.part_micros or 0))
    table.add_row(f"these {len(divided)} together", *changes(found.together), change(found.gap_micros))
    table.add_section()
    for one in found.relaxed[len(divided) :]:
        table.add_row(one.text, *changes(one.gained), "")
    print_table(out, table)
    less = [one for one in found.relaxed if min(one.gained[:2]) < 0]
    for one in less:
        out.print(Text(f"› {one.text}: {one.loses}", "dim"), soft_wrap=True)
    overlap = found.interaction_micros
    alone = found.gap_micros - overlap
    text = f"one by one they bring {change(alone)}, together {change(found.gap_micros)}"
    if overlap:
        said = "brought by several alike" if overlap < 0 else "only brought together"
        text += f": {money(abs(overlap), cents=True, currency=currency)} is {said}"
    fact(out, "Parts", text, wrap=True)
    span = "day" if found.days == 1 else f"{found.days} days"
    cut = f", the first {span} alone" if found.days else ""
    fact(out, "Played", f"{found.runs} times{cut}", wrap=True)
