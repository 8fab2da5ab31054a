"""5: what a fact tells stands in columns, and no longer in its text alone; seconds that were sold."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from alembic import op
from sqlalchemy import Column, Row, bindparam, column, func, select, table

from entities.errors import DatabaseError
from entities.migrations.steps import INTEGER, TEXT, Filled, change, lacks, least, ratio

revision = "5"
down_revision = "4"
UNKNOWN = (
    "inventory_hourly.sold_seconds is as if all slots of an hour were of one length:"
    " that of the ads in them is not known"
)

_NUMBERS = ("amount_micros", "limit_micros", "count", "total", "max_bid_micros", "lifetime_micros")
_COLUMNS = (*_NUMBERS, "daily_micros", "budget", "status")
_OWN = ("run_id", "ts", "line_item_id", "campaign_id")
_BUDGETS = "'budget_exhausted', 'budget_overspent', 'daily_reset'"
_FILLED_BY = {
    "amount_micros": f"'flight_ended', {_BUDGETS}",
    "limit_micros": _BUDGETS,
    "budget": _BUDGETS,
    "count": "'flight_started', 'caps_leaked'",
    "total": "'caps_leaked'",
    "status": "'status_changed'",
}
_KINDS = f"'flight_started', 'flight_ended', {_BUDGETS}, 'status_changed', 'terms_changed', 'caps_leaked'"
_TERMS = "coalesce(max_bid_micros, lifetime_micros, daily_micros) IS NOT NULL"
_TEXTS = {
    "flight_started": r"(?P<count>\d+) hours",
    "flight_ended": r"spent (?P<amount_micros>\d+) micros",
    "budget_exhausted": r"(?P<amount_micros>-?\d+) micros left",
    "budget_overspent": (
        r"(?P<amount_micros>\d+) micros beyond the (?P<budget>lifetime|daily) budget of"
        r" (?P<limit_micros>\d+) micros"
    ),
    "daily_reset": r"spent (?P<amount_micros>\d+) of (?P<limit_micros>\d+) micros",
    "caps_leaked": r"(?P<count>\d+) of (?P<total>\d+) impressions",
}
"""How each kind was told."""


def upgrade() -> None:
    """Read the facts' texts into columns."""
    if lacks("inventory_hourly", "sold_seconds"):
        sold = "CASE WHEN avails = 0 THEN 0 ELSE ad_seconds * (filled + filled_ambient) / avails END"
        change(
            "inventory_hourly",
            ratio("seconds_fill_rate", "sold_seconds", "ad_seconds"),
            filled={"sold_seconds": Filled(INTEGER, sold)},
            checks={"seconds_offered": "sold_seconds <= ad_seconds"} | least(["sold_seconds"]),
        )
    texts = ("budget", "status")
    change("delivery_events", *(Column(name, TEXT if name in texts else INTEGER) for name in _COLUMNS))
    _read()
    words = {name: f"({name} IS NOT NULL) = (kind IN ({kinds}))" for name, kinds in _FILLED_BY.items()}
    of_terms = f"WHEN 'terms_changed' THEN {_TERMS} WHEN 'status_changed' THEN TRUE ELSE NOT ({_TERMS}) END"
    change(
        "delivery_events",
        dropped=["kind_length"],
        checks={
            **{f"{name}_of_kind": rule for name, rule in words.items()},
            "terms_of_kind": f"CASE kind {of_terms}",
            "count_of_total": "count <= total",
            "kind_known": f"kind IN ({_KINDS})",
            "budget_known": "budget IN ('lifetime', 'daily')",
            "status_known": "status IN ('draft', 'active', 'paused', 'archived')",
        }
        | least([*_NUMBERS, "daily_micros"]),
    )


def _read() -> None:
    bind, names = op.get_bind(), ("id", *_OWN, "kind", "detail", *_COLUMNS)
    facts = table("delivery_events", *map(column, names))
    budgets = table("budgets", *map(column, ("budget_type", "line_item_id", "campaign_id", "amount_micros")))
    items = table("line_items", column("id"), column("campaign_id"))
    # A budget's own row has the limit that the text of an exhausted one lacks.
    whole = facts.c.line_item_id.is_(None) & (budgets.c.campaign_id == facts.c.campaign_id)
    owned = (budgets.c.line_item_id == facts.c.line_item_id) | whole
    limit = select(func.max(budgets.c.amount_micros)).where(budgets.c.budget_type == "lifetime", owned)
    owner = (facts.c.run_id, facts.c.line_item_id, facts.c.campaign_id)
    about = (facts.c.id, facts.c.kind, facts.c.detail, *owner, limit.scalar_subquery().label("limit"))
    in_order = select(*about).order_by(facts.c.run_id, facts.c.ts, facts.c.id)
    if found := list(_typed(bind.execute(in_order))):
        values: dict[str, Any] = {name: bindparam(name) for name in _COLUMNS}
        bind.execute(facts.update().where(facts.c.id == bindparam("row")).values(values), found)
    campaign = select(items.c.campaign_id).where(items.c.id == facts.c.line_item_id).scalar_subquery()
    bind.execute(
        facts.update().where(facts.c.line_item_id.is_not(None)).values({facts.c.campaign_id: campaign})
    )


def _typed(rows: Iterable[Row[Any, Any, Any, Any, Any, Any, Any]]) -> Iterator[dict[str, Any]]:
    # A budget may have been another one since: the last change of it says which.
    changed: dict[tuple[Any, ...], int] = {}
    for row in rows:
        owner = (row.run_id, row.line_item_id, row.campaign_id)
        values = _told(row.id, row.kind, row.detail)
        if row.kind in ("status_changed", "terms_changed") and values["lifetime_micros"] is not None:
            changed[owner] = values["lifetime_micros"]
        elif row.kind == "budget_exhausted":
            left = values["amount_micros"]
            limit = changed.get(owner, left if row.limit is None else row.limit)
            values |= {"budget": "lifetime", "limit_micros": limit}
        yield values


def _told(number: int, kind: str, detail: str) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(_COLUMNS) | {"row": number}
    if kind in ("status_changed", "terms_changed"):
        return values | _terms(detail)
    told = re.fullmatch(_TEXTS.get(kind, "(?!)"), detail)
    if told is None:
        raise DatabaseError(f"delivery_events: {kind} {detail!r} of row {number} cannot be read")
    words = told.groupdict().items()
    values |= {name: max(0, int(word)) if name in _NUMBERS else word for name, word in words}
    return values | ({"budget": "daily"} if kind == "daily_reset" else {})


def _terms(detail: str) -> dict[str, Any]:
    terms = dict(part.split(" = ", 1) for part in detail.split(", "))
    micros = {"max_cpm": ("max_bid_micros", 1000), "lifetime_budget": ("lifetime_micros", 1_000_000)}
    micros["daily_budget"] = ("daily_micros", 1_000_000)
    found: dict[str, Any] = {
        name: int(Decimal(terms[key]) * each) for key, (name, each) in micros.items() if key in terms
    }
    return found | ({"status": terms["status"]} if "status" in terms else {})
