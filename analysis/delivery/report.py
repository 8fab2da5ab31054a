"""What a run delivered: per line item, hour by hour, and what stood in the way."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from analysis.rows.reasons import ON_SCHEDULE, PAUSED, REASONS, behind, reason_codes
from analysis.rows.results import Results
from entities.enums import EntityStatus, FactKind, funnel
from entities.registry import ENDLESS, amount_micros
from sim.events import FREQUENCY_BUCKETS

ENDINGS = (*funnel.CHECKS, *funnel.LOSSES, *funnel.ENDS)
"""Where an opportunity that matched can end, in the order of the checks."""

_ENDLESS_MICROS = amount_micros(ENDLESS)
_FUNNEL = tuple(stage.column for stage in funnel.STAGES)


class Overspend(NamedTuple):
    """By how much one run passed one budget."""

    owner: str
    """The name of the budget's line item or campaign."""
    budget: str
    """`lifetime`, or `daily` for the days together."""
    micros: int


def summary(run: Results) -> pl.DataFrame:
    """Return one row per line item that was in flight, by advertiser, campaign and name.

    line_item_id, line_item, campaign, advertiser; budget_micros (its own for the lifetime, else what its
    daily budgets and its part of the campaign's let it spend), spend_micros, impressions, reach;
    delivery (share of the budget), ecpm (currency units), frequency (impressions per viewer reached), NULL
    where they divide by 0; reason, NULL where the line item spent what it should have by the end of the run,
    and PAUSED where it was so for most of its flight and did not spend its budget. Without any budget, as
    bidders are, budget_micros, delivery and reason are NULL.
    """
    totals = _totals(run).with_columns(pl.col("budget_micros").fill_null(pl.col("expected_cum_micros")))
    names = ("spend_micros", "expected_cum_micros", "budget_micros")
    spend, goal, budget = (totals[name].to_numpy() for name in names)
    codes = reason_codes(totals.select(_FUNNEL).to_numpy(), goal, behind(spend, goal))
    reasons = [None if code == ON_SCHEDULE else REASONS[code] for code in codes]
    short = behind(spend, budget)
    paused = totals["line_item_id"].is_in(sorted(_paused(run))).to_numpy()
    reasons = [PAUSED if off else reason for off, reason in zip(short & paused, reasons, strict=True)]
    totals = totals.with_columns(pl.Series("reason", reasons, dtype=pl.String))
    budgeted = pl.col("budget_micros") < _ENDLESS_MICROS
    return totals.with_columns(pl.when(budgeted).then(pl.col("budget_micros", "reason"))).select(
        "line_item_id",
        "line_item",
        "campaign",
        "advertiser",
        "budget_micros",
        "spend_micros",
        "impressions",
        "reach",
        _share("spend_micros", "budget_micros").alias("delivery"),
        (_share("spend_micros", "impressions") / 1000).alias("ecpm"),
        _share("impressions", "reach").alias("frequency"),
        "reason",
    )


def outcomes(run: Results) -> pl.DataFrame:
    """Return where matched opportunities ended: line_item, stage (of ENDINGS), opportunities (Int64)."""
    ends = _totals(run).select("line_item", *ENDINGS)
    return ends.unpivot(index="line_item", variable_name="stage", value_name="opportunities")


def leaks(run: Results) -> pl.DataFrame:
    """Return what went beyond caps whose viewers were not recognised: line_item, beyond, impressions (Int64).

    Only line items that are capped, and only in a market where caps can leak.
    """
    facts = run.delivery_events.filter(pl.col("kind") == FactKind.caps_leaked)
    named = facts.join(run.line_items, on="line_item_id")
    return named.select("line_item", beyond="count", impressions="total").sort("line_item")


def conversions(run: Results) -> pl.DataFrame:
    """Return the conversions of each line item that has any: line_item, view_through, click_through (Int64).

    By the last touch; without a row where the market has no conversions.
    """
    return (
        run.conversions.group_by("line_item_id")
        .agg(pl.col("view_through", "click_through").sum())
        .join(run.line_items, on="line_item_id")
        .filter(pl.col("view_through") + pl.col("click_through") > 0)
        .sort("advertiser", "campaign", "line_item")
        .select("line_item", "view_through", "click_through")
    )


def contention(run: Results) -> pl.DataFrame:
    """Return who won what each line item lost: date (UTC), line_item, won_by, winner, bids (Int64).

    *won_by* is a word of WonBy, and *winner* the winning line item's name, NULL for outside demand. The bids
    of a line item and day sum up to its lost_outbid, lost_deal and lost_ambient.
    """
    names = run.line_items.select("line_item_id", "line_item")
    winners = names.rename({"line_item_id": "winner_line_item_id", "line_item": "winner"})
    return (
        run.contention.join(names, on="line_item_id")
        .join(winners, on="winner_line_item_id", how="left")
        .sort("date", "line_item", "won_by", "winner")
        .select("date", "line_item", "won_by", "winner", "bids")
    )


def overspends(run: Results) -> list[Overspend]:
    """Return the budgets that were passed in a run, in the order in which they first were.

    Only where spend is synced less often than planned: `market.sync_minutes`.
    """
    items = run.line_items.select("line_item_id", "name")
    campaigns = run.line_items.select("campaign_id", "campaign").unique()
    found = (
        run.delivery_events.filter(pl.col("kind") == FactKind.budget_overspent)
        .sort("ts", maintain_order=True)
        .group_by("line_item_id", "campaign_id", "budget", maintain_order=True)
        .agg(pl.col("amount_micros").sum())
        .join(items, on="line_item_id", how="left", maintain_order="left")
        .join(campaigns, on="campaign_id", how="left", maintain_order="left")
        .select(pl.coalesce("name", "campaign"), "budget", "amount_micros")
    )
    return [Overspend._make(row) for row in found.iter_rows()]


def frequency(run: Results) -> pl.DataFrame:
    """Return how often viewers were reached: line_item, bucket (freq_1 to freq_10_plus), viewers (Int64)."""
    buckets = _totals(run).select("line_item", *FREQUENCY_BUCKETS)
    return buckets.unpivot(index="line_item", variable_name="bucket", value_name="viewers")


def curves(run: Results) -> pl.DataFrame:
    """Return every line item hour by hour, to date.

    hour_start (UTC), line_item; delivered_cum_micros, expected_cum_micros, spend_micros of the hour,
    reach_to_date, impressions_to_date (Int64); osi (Float64), primary_underdelivery_reason (String). Without
    any budget nothing is expected: NULL.
    """
    budgeted = pl.col("budget_micros").fill_null(0) < _ENDLESS_MICROS
    measured = ("expected_cum_micros", "osi", "primary_underdelivery_reason")
    return (
        run.performance_extended.join(run.line_items, on="line_item_id", maintain_order="left")
        .with_columns(pl.when(budgeted).then(pl.col(measured)))
        .select(
            "hour_start",
            "line_item",
            "delivered_cum_micros",
            "expected_cum_micros",
            "spend_micros",
            "reach_to_date",
            "impressions_to_date",
            "osi",
            "primary_underdelivery_reason",
        )
        .sort("line_item", "hour_start")
    )


def _totals(run: Results) -> pl.DataFrame:
    last = pl.col("reach_to_date", "expected_cum_micros", *FREQUENCY_BUCKETS).last()
    return (
        run.performance_extended.sort("hour_start")
        .group_by("line_item_id", maintain_order=True)
        .agg(pl.col(_FUNNEL).sum(), last)
        .rename({"reach_to_date": "reach"})
        .join(run.line_items, on="line_item_id")
        .sort("advertiser", "campaign", "line_item")
    )


def _paused(run: Results) -> set[int]:
    # Line items that were paused, or whose campaign was, for half of their hours or more.
    facts = run.delivery_events.filter(pl.col("kind") == FactKind.status_changed)
    if facts.is_empty():
        return set()
    ordered = facts.sort("ts", maintain_order=True)
    events = ordered.select("ts", "line_item_id", "campaign_id", "status").rows()
    rows = run.performance_extended.join(run.line_items, on="line_item_id")
    paused: dict[int, list[bool]] = {}
    for item, campaign, hour in rows.select("line_item_id", "campaign_id", "hour_start").iter_rows():
        # The latest status of the line item, and of its campaign, whose own events name no line item.
        last = {own or -parent: status for ts, own, parent, status in events if ts <= hour}
        active = EntityStatus.active
        off = any(last.get(owner, active) != active for owner in (item, -campaign))
        paused.setdefault(item, []).append(off)
    return {item for item, found in paused.items() if 2 * sum(found) >= len(found)}


def in_full(line_items: pl.DataFrame) -> pl.DataFrame:
    """Return *line_items* with `line_item`: the name, or all three where two of the names are alike."""
    full = pl.concat_str("advertiser", "campaign", "name", separator=" / ")
    alike = pl.col("name").is_duplicated()
    return line_items.with_columns(pl.when(alike).then(full).otherwise("name").alias("line_item"))


def _share(over: str, under: str) -> pl.Expr:
    return pl.when(pl.col(under) > 0).then(pl.col(over) / pl.col(under))
