"""Low-volume facts of a run, and which columns each kind of them fills."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from entities.enums import BudgetType, EntityStatus, FactKind
from entities.models.base import Base, Count, Micros, documented

_BUDGET_FACTS = (FactKind.budget_exhausted, FactKind.budget_overspent, FactKind.daily_reset)
_FACT_COLUMNS = {
    "amount_micros": (FactKind.flight_ended, *_BUDGET_FACTS),
    "limit_micros": _BUDGET_FACTS,
    "budget": _BUDGET_FACTS,
    "count": (FactKind.flight_started, FactKind.caps_leaked, FactKind.market_changed),
    "total": (FactKind.caps_leaked,),
    "status": (FactKind.status_changed,),
}
"""The kinds that fill a column; it is NULL for all others."""
_TERMS = ("max_bid_micros", "lifetime_micros", "daily_micros")


def _fact_checks() -> Iterator[CheckConstraint]:
    for column, kinds in _FACT_COLUMNS.items():
        words = ", ".join(f"'{kind}'" for kind in kinds)
        yield CheckConstraint(f"({column} IS NOT NULL) = (kind IN ({words}))", name=f"{column}_of_kind")
    terms = f"coalesce({', '.join(_TERMS)}) IS NOT NULL"
    yield CheckConstraint(
        f"CASE kind WHEN 'terms_changed' THEN {terms} WHEN 'status_changed' THEN TRUE ELSE NOT ({terms}) END",
        name="terms_of_kind",
    )
    yield CheckConstraint("count <= total", name="count_of_total")


class DeliveryEvent(Base):
    """One low-volume fact: a flight started, a budget exhausted, a scripted change."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        *_fact_checks(),
        Index(None, "run_id", "ts"),
        Index(None, "line_item_id", "ts"),
        {"info": {"source": "market"}},
    )

    id: Mapped[int] = documented("Number of the row in this database.", source="database", primary_key=True)
    run_id: Mapped[str] = documented("The run.", ForeignKey("simulation_runs.run_id", ondelete="CASCADE"))
    ts: Mapped[datetime] = documented("When it happened, in simulated time.", unit="UTC")
    kind: Mapped[FactKind] = documented("What happened; it says which of the columns are filled.")
    line_item_id: Mapped[int | None] = documented(
        "The line item that it happened to, unless it was a campaign.",
        ForeignKey("line_items.id", ondelete="RESTRICT"),
    )
    campaign_id: Mapped[int | None] = documented(
        "The campaign that it happened to, or that of the line item; neither is of market_changed.",
        ForeignKey("campaigns.id", ondelete="RESTRICT"),
        index=True,
    )
    amount_micros: Mapped[Micros | None] = documented(
        "Spent: flight_ended, daily_reset. Left of the budget: budget_exhausted. Spent beyond it:"
        " budget_overspent."
    )
    limit_micros: Mapped[Micros | None] = documented(
        "The budget: budget_exhausted, budget_overspent, daily_reset."
    )
    budget: Mapped[BudgetType | None] = documented(
        "Which budget: budget_exhausted, budget_overspent, daily_reset."
    )
    count: Mapped[Count | None] = documented(
        "Hours of the flight: flight_started. Impressions beyond a cap: caps_leaked. Which of the scenario's"
        " changes it is, from 1: market_changed."
    )
    total: Mapped[Count | None] = documented("Billed impressions, those beyond a cap included: caps_leaked.")
    status: Mapped[EntityStatus | None] = documented("The new status: status_changed.")
    max_bid_micros: Mapped[Micros | None] = documented(
        "The new maximum bid for an impression: status_changed, terms_changed."
    )
    lifetime_micros: Mapped[Micros | None] = documented(
        "The new lifetime budget: status_changed, terms_changed."
    )
    daily_micros: Mapped[Micros | None] = documented("The new daily budget: status_changed, terms_changed.")
    detail: Mapped[str] = documented("How much or what, as text for people.", default="")
