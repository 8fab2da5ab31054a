"""What a run delivered: per line item, hour by hour, and what stood in the way."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from analysis.delivery.campaigns import bound_by_campaign
from analysis.delivery.gaps import Share, divided, price_of, split
from analysis.rows.reasons import CAMPAIGN_BUDGET, PAUSED, behind
from analysis.rows.results import Results
from entities.enums import EntityStatus, FactKind, funnel
from entities.registry import ENDLESS, amount_micros
from sim.events import FREQUENCY_BUCKETS

ENDINGS = (*funnel.CHECKS, *funnel.LOSSES, *funnel.ENDS)
"""Where an opportunity that matched can end, in the order of the checks."""

_ENDLESS_MICROS = amount_micros(ENDLESS)
_FUNNEL = tuple(stage.column for stage in funnel.STAGES)
_TO_DATE = ("expected_cum_micros", "delivered_cum_micros")


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
    where they divide by 0; reason, that of the largest share in `gaps`, NULL where the line item spent what
    it should have by the end of the run, and PAUSED where it was so for most of its flight and did not spend
    its budget; it should have spent that, too, where its campaign's budget is spent, and that is the reason.
    Without any budget, as bidders are, budget_micros, delivery and reason are NULL.
    """
    found = {item: own[0].reason for item, own in _shares(run).items() if own}
    whole = sorted(_paused(run) | bound_by_campaign(run))
    totals = _totals(run).with_columns(pl.col("budget_micros").fill_null(pl.col("expected_cum_micros")))
    names = ("spend_micros", "expected_cum_micros", "budget_micros")
    spend, goal, budget = (totals[name].to_numpy() for name in names)
    items = totals["line_item_id"]
    late = behind(spend, goal) | (behind(spend, budget) & items.is_in(whole).to_numpy())
    reasons = [found.get(item) if off else None for item, off in zip(items, late, strict=True)]
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


def gaps(run: Results) -> pl.DataFrame:
    """Return the gap of each line item, what it should have delivered less what it did, by reason.

    line_item_id, line_item; reason, of REASONS, PAUSED or CAMPAIGN_BUDGET; micros and impressions (Int64;
    impressions are NULL where the line item never bid, so that nothing tells a price); share of its gap in
    money. The largest first; micros and impressions sum to the line item's gap. No row for a line
    item without a gap, be it ahead, and none for one without any budget. How a gap is split,
    `analysis.delivery.gaps` says.
    """
    named = dict(run.line_items.select("line_item_id", "line_item").iter_rows())
    rows = [(item, named[item], *share) for item, shares in _shares(run).items() for share in shares]
    schema = {
        "line_item_id": pl.Int64(),
        "line_item": pl.String(),
        "reason": pl.String(),
        "micros": pl.Int64(),
    }
    schema |= {"impressions": pl.Int64(), "share": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


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


def _shares(run: Results) -> dict[int, list[Share]]:
    # By line item, in the order of `summary`.
    totals, paused, bound = _totals(run), _paused(run), bound_by_campaign(run)
    hours = run.performance_extended.sort("hour_start").partition_by("line_item_id", as_dict=True)
    found = {}
    for row in totals.iter_rows(named=True):
        item, budget = row["line_item_id"], row["budget_micros"]
        budget = row["expected_cum_micros"] if budget is None else budget
        if budget >= _ENDLESS_MICROS:
            continue
        columns = {name: hours[item,][name].to_numpy() for name in (*_FUNNEL, *_TO_DATE)}
        gap = budget - row["spend_micros"]
        off = item in paused and gap > 0
        found[item] = divided(gap, price_of(columns), {PAUSED: 1.0}) if off else split(columns)
        beyond = gap - sum(share.micros for share in found[item])
        if item in bound and beyond > 0:
            weights = {share.reason: float(share.micros) for share in found[item]}
            found[item] = divided(gap, price_of(columns), weights | {CAMPAIGN_BUDGET: float(beyond)})
    return found


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
