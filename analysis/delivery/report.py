"""What a run delivered, read from the database: per line item, hour by hour, and what stood in the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import polars as pl
from sqlalchemy import Engine, Table, func, select
from sqlalchemy.orm import Session

from analysis.runs.reasons import ON_SCHEDULE, PAUSED, REASONS, behind, reason_codes
from entities import registry
from entities.enums import funnel
from sim.events import FREQUENCY_BUCKETS

ENDINGS = (*funnel.CHECKS, *funnel.LOSSES, *funnel.ENDS)
"""Where an opportunity that matched can end, in the order of the checks."""

_MOMENTS = ("hour_start", "ts", "start", "started_at", "finished_at")
_FUNNEL = tuple(stage.column for stage in funnel.STAGES)


def load(engine: Engine, table: str, run_id: str) -> pl.DataFrame:
    """Return a run's rows of *table* as stored: Int64 counts and micros, Float64 ratios, UTC times."""
    with Session(engine) as session:
        return _load(session, table, run_id)


def runs(session: Session) -> pl.DataFrame:
    """Return every finished run, the latest first, without its scenario's text."""
    table = _table("simulation_runs")
    columns = [column for column in table.columns if column.name != "scenario_text"]
    order = table.c.started_at.desc(), table.c.run_id.desc()
    rows = session.execute(
        select(*columns).where(table.c.status == registry.RunStatus.complete).order_by(*order)
    )
    return _frame(rows, {column.name: _dtype(column.name, column.type.python_type) for column in columns})


def table_rows(session: Session) -> dict[str, int]:
    """Return how many rows each table has, what is sold first."""
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
        for model in registry.TABLES
    }


def currency(session: Session, run_id: str) -> registry.Currency:
    """Return the currency of a run: a market has one."""
    campaign, shown = registry.Campaign, registry.PerformanceExtended
    query = (
        select(campaign.currency)
        .join(registry.LineItem, registry.LineItem.campaign_id == campaign.id)
        .join(shown, shown.line_item_id == registry.LineItem.id)
        .where(shown.run_id == run_id)
    )
    return session.scalar(query.limit(1)) or registry.Currency.usd


def summary(session: Session, run_id: str) -> pl.DataFrame:
    """Return one row per line item that was in flight, by advertiser, campaign and name.

    line_item_id, line_item, campaign, advertiser; budget_micros (its own for the lifetime, else what its
    daily budgets and its part of the campaign's meant it to spend), spend_micros, impressions, reach;
    delivery (share of the budget), ecpm (currency units), frequency (impressions per viewer reached), NULL
    where they divide by 0; reason, NULL where the line item spent what it should have by the end of the run,
    and PAUSED where it was so for most of its flight and did not spend its budget.
    """
    totals = _totals(session, run_id)
    totals = totals.with_columns(pl.col("budget_micros").fill_null(pl.col("expected_cum_micros")))
    goal = totals["expected_cum_micros"].to_numpy()
    late = behind(totals["spend_micros"].to_numpy(), goal)
    codes = reason_codes(totals.select(_FUNNEL).to_numpy(), goal, late)
    reasons = [None if code == ON_SCHEDULE else REASONS[code] for code in codes]
    short = behind(totals["spend_micros"].to_numpy(), totals["budget_micros"].to_numpy())
    paused = totals["line_item_id"].is_in(sorted(_paused(session, run_id))).to_numpy()
    reasons = [PAUSED if off else reason for off, reason in zip(short & paused, reasons, strict=True)]
    return totals.select(
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
        pl.Series("reason", reasons, dtype=pl.String),
    )


def outcomes(session: Session, run_id: str) -> pl.DataFrame:
    """Return where matched opportunities ended: line_item, stage (of ENDINGS), opportunities (Int64)."""
    return (
        _totals(session, run_id)
        .select("line_item", *ENDINGS)
        .unpivot(index="line_item", variable_name="stage", value_name="opportunities")
    )


def leaks(session: Session, run_id: str) -> pl.DataFrame:
    """Return what went beyond caps that did not know their viewers: line_item, beyond, impressions (Int64).

    Only line items that are capped, and only in a market where caps can leak.
    """
    found = registry.DeliveryEvent
    query = select(found.line_item_id, found.count, found.total).where(
        found.run_id == run_id, found.kind == registry.FactKind.caps_leaked
    )
    schema: dict[str, pl.DataType] = dict.fromkeys(("line_item_id", "beyond", "impressions"), pl.Int64())
    rows = _frame(session.execute(query), schema).join(_line_items(session), on="line_item_id")
    return rows.select("line_item", "beyond", "impressions").sort("line_item")


def conversions(session: Session, run_id: str) -> pl.DataFrame:
    """Return the conversions of each line item that has any: line_item, view_through, click_through (Int64).

    By the last touch; without a row where the market has no conversions.
    """
    return (
        _load(session, "conversions_hourly", run_id)
        .group_by("line_item_id")
        .agg(pl.col("view_through", "click_through").sum())
        .join(_line_items(session), on="line_item_id")
        .filter(pl.col("view_through") + pl.col("click_through") > 0)
        .sort("advertiser", "campaign", "line_item")
        .select("line_item", "view_through", "click_through")
    )


def frequency(session: Session, run_id: str) -> pl.DataFrame:
    """Return how often viewers were reached: line_item, bucket (freq_1 to freq_10_plus), viewers (Int64)."""
    return (
        _totals(session, run_id)
        .select("line_item", *FREQUENCY_BUCKETS)
        .unpivot(index="line_item", variable_name="bucket", value_name="viewers")
    )


def curves(session: Session, run_id: str) -> pl.DataFrame:
    """Return every line item hour by hour, to date.

    hour_start (UTC), line_item; delivered_cum_micros, expected_cum_micros, spend_micros of the hour,
    reach_to_date, impressions_to_date (Int64); osi (Float64), primary_underdelivery_reason (String).
    """
    return (
        _load(session, "performance_extended", run_id)
        .join(_line_items(session), on="line_item_id", maintain_order="left")
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


def _totals(session: Session, run_id: str) -> pl.DataFrame:
    last = pl.col("reach_to_date", "expected_cum_micros", *FREQUENCY_BUCKETS).last()
    return (
        _load(session, "performance_extended", run_id)
        .sort("hour_start")
        .group_by("line_item_id", maintain_order=True)
        .agg(pl.col(_FUNNEL).sum(), last)
        .rename({"reach_to_date": "reach"})
        .join(_line_items(session), on="line_item_id")
        .sort("advertiser", "campaign", "line_item")
    )


def _paused(session: Session, run_id: str) -> set[int]:
    """Return the line items that were paused, or whose campaign was, for half of their hours or more."""
    told, hours = _table("delivery_events").c, _table("performance_extended").c
    events = session.execute(
        select(told.ts, told.line_item_id, told.campaign_id, told.status)
        .where(told.run_id == run_id, told.kind == registry.FactKind.status_changed)
        .order_by(told.ts, told.id)
    ).all()
    if not events:
        return set()
    rows = session.execute(
        select(hours.line_item_id, registry.LineItem.campaign_id, hours.hour_start)
        .join(registry.LineItem, registry.LineItem.id == hours.line_item_id)
        .where(hours.run_id == run_id)
    )
    paused: dict[int, list[bool]] = {}
    for item, campaign, hour in rows:
        # The last word on the line item, and on its campaign, whose own events name no line item.
        last = {own or -whole: status for ts, own, whole, status in events if ts <= hour}
        active = registry.EntityStatus.active
        paused.setdefault(item, []).append(
            any(last.get(whose, active) != active for whose in (item, -campaign))
        )
    return {item for item, found in paused.items() if 2 * sum(found) >= len(found)}


def _line_items(session: Session) -> pl.DataFrame:
    item, campaign, advertiser = registry.LineItem, registry.Campaign, registry.Advertiser
    budget = registry.Budget
    lifetime = (budget.line_item_id == item.id) & (budget.budget_type == registry.BudgetType.lifetime)
    query = (
        select(item.id, item.name, campaign.name, advertiser.name, budget.amount_micros)
        .join(campaign, item.campaign_id == campaign.id)
        .join(advertiser, campaign.advertiser_id == advertiser.id)
        .outerjoin(budget, lifetime)
    )
    names = dict.fromkeys(("line_item", "campaign", "advertiser"), pl.String())
    items = _frame(session.execute(query), {"line_item_id": pl.Int64(), **names, "budget_micros": pl.Int64()})
    # A name is unique in its campaign only; where two are alike, each is told in full.
    full = pl.concat_str("advertiser", "campaign", "line_item", separator=" / ")
    alike = pl.col("line_item").is_duplicated()
    return items.with_columns(pl.when(alike).then(full).otherwise("line_item").alias("line_item"))


def _load(session: Session, name: str, run_id: str) -> pl.DataFrame:
    table = _table(name)
    query = select(table).where(table.c.run_id == run_id).order_by(*table.primary_key.columns)
    schema = {column.name: _dtype(column.name, column.type.python_type) for column in table.columns}
    return _frame(session.execute(query), schema)


def _table(name: str) -> Table:
    return registry.Base.metadata.tables[name]


def _frame(rows: Iterable[object], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame([tuple(cast("tuple[object, ...]", row)) for row in rows], schema=schema, orient="row")


def _dtype(name: str, kind: type) -> pl.DataType:
    # Times are kept as text, so that the column's own type says nothing about them.
    if name in _MOMENTS:
        return pl.Datetime("us", "UTC")
    if name == "date":
        return pl.Date()
    return {int: pl.Int64(), float: pl.Float64()}.get(kind, pl.String())


def _share(over: str, under: str) -> pl.Expr:
    return pl.when(pl.col(under) > 0).then(pl.col(over) / pl.col(under))
