"""The verb that runs a pacing policy alone on a recorded log."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from entities.messages import printable
from sim.cli import completion
from sim.cli.commands import terms
from sim.cli.errors import choice, no_option, reason, unheard, warn, whole
from sim.cli.options import Debug, Json, Quiet, listener, print_json, say

if TYPE_CHECKING:
    from analysis.replay.hindsight import Hindsight
    from analysis.replay.log import Log
    from analysis.replay.replay import Replayed

UNITS = ("cpm", "micros", "impression")
MINUTES = (1, 5, 15, 30, 60)


def _money(text: str) -> Decimal:
    from decimal import InvalidOperation

    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and Decimal(10) ** -6 <= amount <= Decimal(10) ** 9):
        raise typer.BadParameter(f'"{text}" is not allowed; must be an amount, such as 120000')
    return amount


def replay(
    log: Annotated[
        Path,
        typer.Argument(metavar="LOG", readable=False, help="Auctions in order, as .parquet or .csv."),
    ],
    pacing: Annotated[
        str,
        typer.Option(
            "--pacing",
            metavar="NAME",
            callback=no_option,
            autocompletion=completion.kinds("pacers"),
            help="See paceline list pacers. Parameters follow: pid,k_i=0.1.",
        ),
    ],
    budget: Annotated[
        Decimal,
        typer.Option("--budget", parser=_money, metavar="AMOUNT", help="For the whole log, in currency."),
    ],
    auction: Annotated[
        str,
        typer.Option(
            "--auction",
            metavar="NAME",
            callback=no_option,
            autocompletion=completion.kinds("auctions"),
            help="See paceline list auctions. Parameters follow: soft_floor,soft_floor_cpm=5.",
        ),
    ] = "second_price",
    value_column: Annotated[
        str, typer.Option("--value-column", metavar="NAME", help="What an auction is worth to the bidder.")
    ] = "value",
    price_column: Annotated[
        str, typer.Option("--price-column", metavar="NAME", help="The highest bid against it, or the floor.")
    ] = "price",
    unit: Annotated[
        str,
        typer.Option(
            "--unit",
            parser=choice(UNITS),
            metavar="NAME",
            autocompletion=completion.of(UNITS),
            help="Of both: cpm; micros of an impression; or impression, its price in currency.",
        ),
    ] = "cpm",
    tick_column: Annotated[
        str | None,
        typer.Option("--tick-column", metavar="NAME", help="Rows that share a value of it are one tick."),
    ] = None,
    rows_per_tick: Annotated[
        int | None,
        typer.Option("--rows-per-tick", parser=whole(1, 10**9), metavar="N", help="Instead; usually 1."),
    ] = None,
    tick_minutes: Annotated[
        int | None,
        typer.Option(
            "--tick-minutes",
            parser=whole(1, 60),
            metavar="N",
            help="1, 5, 15, 30 or 60, for policies that know days; else the log is one day.",
        ),
    ] = None,
    max_cpm: Annotated[
        Decimal | None,
        typer.Option(
            "--max-cpm",
            parser=_money,
            metavar="CPM",
            help="Cuts bids after the multiplier; without it they are not cut.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", parser=whole(0, 2**63 - 1), metavar="N", help="Of the draws of throttling; usually 0."
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace", callback=no_option, readable=False, metavar="FILE", help="A row per tick, as Parquet."
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Run a pacing policy alone on a recorded log of values and market prices.

    A row is an auction: what it was worth, and the highest bid against it. By default each is a tick, which
    is how most policies that steer the bid were published.
    """
    if tick_column is not None and rows_per_tick is not None:
        raise InputError("--rows-per-tick: instead of --tick-column, not beside it")
    if tick_minutes is not None and tick_minutes not in MINUTES:
        raise InputError(f"--tick-minutes: {tick_minutes} is not allowed; must be 1, 5, 15, 30 or 60")
    if trace is not None and not trace.parent.is_dir():
        raise InputError(printable(f"--trace {trace}: there is no folder {trace.parent}"))
    from analysis.replay import hindsight
    from analysis.replay import log as replay_log
    from analysis.replay.replay import ReplayTerms
    from analysis.replay.replay import replay as replayed
    from sim.auction import AuctionFormat
    from sim.pacing import PacingPolicy

    policy = PacingPolicy.adapter().validate_python(terms.part("--pacing", PacingPolicy, pacing))
    sold_by = AuctionFormat.adapter().validate_python(terms.part("--auction", AuctionFormat, auction))
    columns = replay_log.LogColumns(
        value_column, price_column, tick_column, unit, rows_per_tick or 1, tick_minutes
    )
    read = replay_log.read(log, columns, unheard if quiet else warn)
    micros = int(budget * 1_000_000)
    say(listener(as_json, quiet), f"Replaying {len(read.values):,} auctions in {read.ticks:,} ticks")
    done = replayed(
        read,
        policy,
        ReplayTerms(
            budget_micros=micros,
            auction=sold_by,
            max_bid_micros=None if max_cpm is None else max(int(max_cpm * 1000), 1),
            tick_minutes=tick_minutes,
            seed=seed or 0,
        ),
    )
    if trace is not None:
        try:
            done.trace().write_parquet(trace)
        except OSError as error:
            raise InputError(f"--trace {printable(str(trace))}: {reason(error)}") from None
    best = hindsight.best(read, micros, sold_by)
    figures = _figures(pacing.partition(",")[0], auction.partition(",")[0], read, done, best)
    if as_json:
        print_json(figures)
    elif quiet:
        typer.echo(str(figures["spend_micros"]))
    else:
        _told(figures, trace)


def _figures(kind: str, auction: str, log: Log, done: Replayed, best: Hindsight) -> dict[str, Any]:
    auctions, spend, value = len(log.values), done.of("spend_micros"), done.of("value_micros")
    wins = done.of("wins")
    return {
        "pacing": kind,
        "auction": auction,
        "auctions": auctions,
        "ticks": log.ticks,
        "budget_micros": done.budget_micros,
        "spend_micros": spend,
        "bids": done.of("bids"),
        "wins": wins,
        "win_rate": wins / auctions,
        "value_micros": value,
        "utility_micros": value - spend,
        "return_on_spend": value / spend if spend else None,
        "last_multiplier": done.of("multiplier_ppm", slice(-1, None)) / 1_000_000,
        "hindsight": {
            "multiplier": best.multiplier,
            "utility_micros": best.utility_micros,
            "spend_micros": best.spend_micros,
            "wins": best.wins,
        },
        "regret_micros": best.utility_micros - (value - spend),
    }


def _told(figures: dict[str, Any], trace: Path | None) -> None:
    from sim.cli import terminal

    out, best = terminal.console(sys.stdout), figures["hindsight"]

    def currency(micros: int) -> str:
        return f"{micros / 1_000_000:,.2f}"

    used = figures["spend_micros"] / figures["budget_micros"]
    terminal.fact(
        out,
        "Spend",
        f"{currency(figures['spend_micros'])}, {used:.2%} of {currency(figures['budget_micros'])}",
    )
    terminal.fact(out, "Wins", f"{figures['wins']:,}, {figures['win_rate']:.2%} of the auctions")
    value, gained = currency(figures["value_micros"]), currency(figures["utility_micros"])
    terminal.fact(out, "Value", f"{value}, {gained} more than was paid")
    terminal.fact(out, "Multiplier", f"{figures['last_multiplier']:.6f} in the last tick")
    terminal.fact(
        out,
        "Hindsight",
        f"{currency(best['utility_micros'])} more than is paid, with {best['multiplier']:.6f} all along",
    )
    terminal.fact(out, "Regret", currency(figures["regret_micros"]))
    if trace is not None:
        terminal.fact(out, "Trace", str(trace))
