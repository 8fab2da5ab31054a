"""The command that runs a pacing policy alone on a recorded log."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from entities.messages import printable, reason
from sim.cli import completion, options
from sim.cli.commands import terms
from sim.cli.errors import integer, no_option
from sim.cli.options import SEED, Output, argument, one_of, option

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.replay.hindsight import Hindsight
    from analysis.replay.log import Log
    from analysis.replay.replay import Replayed
    from sim.pacing import PacingPolicy

UNITS = ("cpm", "micros", "impression")
MINUTES = (1, 5, 15, 30, 60)


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and Decimal(10) ** -6 <= amount <= Decimal(10) ** 9):
        raise typer.BadParameter(f'"{text}" is not allowed; must be an amount, such as 120000')
    return amount


def _part(family: str, example: str) -> Any:
    own = " Your own: module:Class, with --allow-code." if family == "pacers" else ""
    text = f"See paceline list {family}. Parameters follow: {example}.{own}"
    return option("NAME", text, callback=no_option, autocompletion=completion.kinds(family))


def _own(pacing: str, *, allow_code: bool) -> PacingPolicy:
    from analysis.contracts.policies import policy_of
    from sim import pacing as pacers

    name = pacing.partition(",")[0]
    if not allow_code:
        raise InputError(f"--pacing: {printable(name)} is code; --allow-code lets it run")
    policy = policy_of(name, terms.parameters("--pacing", pacing))
    if not isinstance(policy, pacers.PacingPolicy):
        raise InputError(f"--pacing: {name} is no PacingPolicy, which it must extend")
    return policy


def replay(
    log: Annotated[Path, argument("LOG", "Auctions in order, as .parquet or .csv.", readable=False)],
    pacing: Annotated[str, _part("pacers", "pid,k_i=0.1")],
    budget: Annotated[Decimal, option("AMOUNT", "For the whole log, in currency.", parser=_money)],
    auction: Annotated[str, _part("auctions", "soft_floor,soft_floor_cpm=5")] = "second_price",
    value_column: Annotated[str, option("NAME", "What an auction is worth to the bidder.")] = "value",
    price_column: Annotated[str, option("NAME", "The highest bid against it, or the floor.")] = "price",
    outcome_column: Annotated[
        str | None, option("NAME", "Clicks or completed views that it brings; for the cost of one.")
    ] = None,
    unit: Annotated[
        str,
        option("NAME", "Of both: cpm; micros of an impression; or impression, in currency.", **one_of(UNITS)),
    ] = "cpm",
    tick_column: Annotated[str | None, option("NAME", "Rows that share a value of it are one tick.")] = None,
    rows_per_tick: Annotated[int | None, option("N", "Instead; usually 1.", parser=integer(1, 10**9))] = None,
    tick_minutes: Annotated[
        int | None,
        option(
            "N",
            "1, 5, 15, 30 or 60, for policies that know days; else the log is one day.",
            parser=integer(1, 60),
        ),
    ] = None,
    max_cpm: Annotated[
        Decimal | None,
        option("CPM", "Cuts bids after the multiplier; without it they are not cut.", parser=_money),
    ] = None,
    seed: Annotated[int | None, option("N", "Of the draws of throttling; usually 0.", parser=SEED)] = None,
    trace: Annotated[
        Path | None, option("FILE", "A row per tick, as Parquet.", callback=no_option, readable=False)
    ] = None,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
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
    from analysis.replay import log as logs
    from analysis.replay import replay as replays
    from sim.auction import AuctionFormat
    from sim.pacing import PacingPolicy

    if ":" in pacing.partition(",")[0]:
        policy = _own(pacing, allow_code=allow_code)
    else:
        policy = PacingPolicy.adapter().validate_python(terms.part("--pacing", pacing, "pacers"))
    sold_by = AuctionFormat.adapter().validate_python(terms.part("--auction", auction, "auctions"))
    columns = logs.LogColumns(
        value_column, price_column, outcome_column, tick_column, unit, rows_per_tick or 1, tick_minutes
    )
    read = logs.read(log, columns, output.warn)
    output.say(f"Replaying {len(read.values):,} auctions in {read.ticks:,} ticks")
    bounds = replays.ReplayTerms(
        budget_micros=int(budget * 1_000_000),
        auction=sold_by,
        max_bid_micros=None if max_cpm is None else max(int(max_cpm * 1000), 1),
        tick_minutes=tick_minutes,
        seed=seed or 0,
    )
    done = replays.replay(read, policy, bounds)
    if trace is not None:
        try:
            done.trace().write_parquet(trace)
        except OSError as error:
            raise InputError(f"--trace {printable(str(trace))}: {reason(error)}") from None
    best = hindsight.best(read, done.budget_micros, sold_by)
    figures = _figures(pacing.partition(",")[0], auction.partition(",")[0], read, done, best)
    output.answer(figures, lambda out: _print(out, figures, trace), [figures["spend_micros"]])


def _figures(kind: str, auction: str, log: Log, done: Replayed, best: Hindsight) -> dict[str, Any]:
    auctions, spend, value = len(log.values), done.of("spend_micros"), done.of("value_micros")
    return {
        "pacing": kind,
        "auction": auction,
        "auctions": auctions,
        "ticks": log.ticks,
        "budget_micros": done.budget_micros,
        "spend_micros": spend,
        "bids": done.of("bids"),
        "wins": done.of("wins"),
        "win_rate": done.of("wins") / auctions,
        "value_micros": value,
        **({} if log.outcomes is None else {"outcomes": done.of("outcomes")}),
        "utility_micros": value - spend,
        "return_on_spend": value / spend if spend else None,
        "last_multiplier": done.of("multiplier_ppm", slice(-1, None)) / 1_000_000,
        "hindsight": asdict(best),
        "regret_micros": best.utility_micros - (value - spend),
    }


def _print(out: Console, figures: dict[str, Any], trace: Path | None) -> None:
    from sim.cli.terminal import fact

    best = figures["hindsight"]
    amounts = {
        name: f"{micros / 1_000_000:,.2f}" for name, micros in figures.items() if name.endswith("_micros")
    }
    used = figures["spend_micros"] / figures["budget_micros"]
    fact(out, "Spend", f"{amounts['spend_micros']}, {used:.2%} of {amounts['budget_micros']}")
    fact(out, "Wins", f"{figures['wins']:,}, {figures['win_rate']:.2%} of the auctions")
    if figures.get("outcomes"):
        each = figures["spend_micros"] / figures["outcomes"] / 1_000_000
        fact(out, "Outcomes", f"{figures['outcomes']:,}, for {each:,.4f} each")
    fact(out, "Value", f"{amounts['value_micros']}, {amounts['utility_micros']} more than was paid")
    fact(out, "Multiplier", f"{figures['last_multiplier']:.6f} in the last tick")
    gained = f"{best['utility_micros'] / 1_000_000:,.2f}"
    fact(out, "Hindsight", f"{gained} more than is paid, with {best['multiplier']:.6f} all along")
    fact(out, "Regret", amounts["regret_micros"])
    if trace is not None:
        fact(out, "Trace", str(trace))
