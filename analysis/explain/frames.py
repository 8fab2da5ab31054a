"""An explanation as small frames, to be drawn, and what they say in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analysis.delivery import report
from analysis.explain.bound import Bound
from analysis.explain.funnel import Step
from analysis.explain.winners import Winner
from analysis.rows.results import Results
from entities.enums import WonBy
from entities.enums.funnel import REASONS

OUTSIDE = "outside demand"
REST = "all others"
MOST_WINNERS = 9
"""By name; the others are taken together."""
MOST_LOSERS = 30
MOST_COLOURS = 7
"""As many winners as there are colours."""


def funnel_frame(steps: Sequence[Step]) -> pl.DataFrame:
    """Return a funnel from top to bottom: place, step, loss, number, of_step, of_matched; see `Step`.

    *step* is unique: a second of the same words has its column behind it.
    """
    schema = {"place": pl.Int64(), "name": pl.String(), "step": pl.String(), "loss": pl.Boolean()}
    schema |= {"number": pl.Int64(), "of_step": pl.Float64(), "of_matched": pl.Float64()}
    return pl.DataFrame([(place, *step) for place, step in enumerate(steps)], schema=schema, orient="row")


def winners_frame(winners: Sequence[Winner], most: int = MOST_WINNERS) -> pl.DataFrame:
    """Return who won what was lost, the largest first: winner, won_by, bids, share; see `Winner`.

    After *most* of them the others are one row, REST, whose won_by is NULL.
    """
    named, others = winners[:most], winners[most:]
    rows: list[tuple[str, str | None, int, float]]
    rows = [(_called(one), one.won_by, one.bids, one.share) for one in named]
    if others:
        rows.append((REST, None, sum(one.bids for one in others), sum(one.share for one in others)))
    schema = {"winner": pl.String(), "won_by": pl.String(), "bids": pl.Int64(), "share": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def losses(run: Results, winners: int = MOST_COLOURS, losers: int = MOST_LOSERS) -> pl.DataFrame:
    """Return who won what each line item lost: line_item, winner, bids (Int64), share of what it lost.

    Line items that lost nothing are left out, and all but so many *losers* that lost most. Who won little,
    beyond so many *winners*, is REST.
    """
    rows = report.contention(run).with_columns(pl.col("winner").fill_null(OUTSIDE))
    ranked = (
        rows.group_by("winner").agg(pl.col("bids").sum()).sort("bids", "winner", descending=[True, False])
    )
    named = ranked["winner"].head(winners).to_list()
    lost = rows.group_by("line_item").agg(pl.col("bids").sum())
    most = lost.sort("bids", "line_item", descending=[True, False])["line_item"].head(losers).to_list()
    return (
        rows.filter(pl.col("line_item").is_in(most))
        .with_columns(pl.when(pl.col("winner").is_in(named)).then("winner").otherwise(pl.lit(REST)))
        .group_by("line_item", "winner")
        .agg(pl.col("bids").sum())
        .with_columns((pl.col("bids") / pl.col("bids").sum().over("line_item")).alias("share"))
        .sort("line_item", "bids", "winner", descending=[False, True, False])
    )


def bound_frame(spans: Sequence[Bound]) -> pl.DataFrame:
    """Return what bound in some hours: date, weekday, hour, matched, reason, stopped, share; see `Bound`.

    *reason* is as a person reads it, "nothing" where nothing was stopped.
    """
    schema = {"date": pl.Date(), "weekday": pl.Int64(), "hour": pl.Int64(), "matched": pl.Int64()}
    schema |= {"reason": pl.String(), "stopped": pl.Int64(), "share": pl.Float64()}
    rows = [one._replace(reason=REASONS[one.reason] if one.reason else "nothing") for one in spans]
    return pl.DataFrame(rows, schema=schema, orient="row")


def funnel_found(funnel: pl.DataFrame, line_item: str) -> str:
    """Return in a sentence what became of the slots that matched *line_item*."""
    numbers = dict(funnel.select("name", "number").iter_rows())
    matched, shown = numbers.get("requests_matched", 0), numbers.get("impressions", 0)
    if not matched:
        return f"No slot matched {line_item}"
    told = f"{_of(shown, matched)} of the slots that matched {line_item} became impressions"
    lost = funnel.filter("loss", pl.col("name") != "not_matched").sort(
        "number", "place", descending=[True, False]
    )
    for reason, number in lost.select("step", "number").head(1).iter_rows():
        told += f"; {reason} stopped the most, {_of(number, matched)}"
    return told


def winners_found(winners: pl.DataFrame, line_item: str) -> str:
    """Return in a sentence who won most of what *line_item* lost."""
    named = winners.filter(pl.col("winner") != REST)
    if named.is_empty():
        return f"{line_item} lost no auction to anybody"
    most, lost = max(named["bids"].to_list()), int(winners["bids"].sum())
    first = named.filter(pl.col("bids") == most)["winner"].to_list()
    if len(first) > 1:
        return f"{', '.join(first[:-1])} and {first[-1]} each won {_of(most, lost)} of what {line_item} lost"
    return f"{first[0][:1].upper()}{first[0][1:]} won {_of(most, lost)} of what {line_item} lost"


def losses_found(losses: pl.DataFrame) -> str:
    """Return in a sentence who won most of what all line items lost."""
    if losses.is_empty():
        return "No line item lost an auction to anybody"
    by_winner = losses.filter(pl.col("winner") != REST).group_by("winner").agg(pl.col("bids").sum())
    most, lost = max(by_winner["bids"].to_list()), int(losses["bids"].sum())
    first = by_winner.filter(pl.col("bids") == most)["winner"].sort().to_list()
    if len(first) > 1:
        return f"{', '.join(first[:-1])} and {first[-1]} each won {_of(most, lost)} of what line items lost"
    named = f"{first[0][:1].upper()}{first[0][1:]}"
    return f"{named} won more of what line items lost than anybody else: {_of(most, lost)}"


def bound_found(bound: pl.DataFrame, line_item: str) -> str:
    """Return in a sentence what stopped most in most hours of *line_item*."""
    hours = bound.filter(pl.col("reason") != "nothing")
    if hours.is_empty():
        return f"Nothing was stopped of what matched {line_item}"
    ranked = hours.group_by("reason").agg(pl.len()).sort("len", "reason", descending=[True, False])
    reason, count = ranked.row(0)
    every = f"all {count:,} hours" if count == bound.height else f"{count:,} of {bound.height:,} hours"
    return f"In {every} {reason} stopped more slots of {line_item} than anything else"


def _called(one: Winner) -> str:
    if one.winner is None:
        return OUTSIDE
    return f"{one.winner} (deal)" if one.won_by == WonBy.deal else one.winner


def _of(part: int, whole: int) -> str:
    return f"{part / whole:.0%}"
