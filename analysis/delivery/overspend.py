"""What was spent beyond budgets, because it became known too late: read from a run's facts."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entities import registry


class Overspend(NamedTuple):
    """What one budget was passed by in one run."""

    owner: str
    """The line item's name, or the campaign's whose budget it is."""
    budget: str
    """`lifetime`, or `daily` for the days together."""
    micros: int


def overspends(session: Session, run_id: str) -> list[Overspend]:
    """Return the budgets that were passed in a run, in the order in which they first were.

    There are none but where spend is synced less often than planned: `market.sync_minutes`.
    """
    fact, item, campaign = registry.DeliveryEvent, registry.LineItem, registry.Campaign
    query = (
        select(func.coalesce(item.name, campaign.name), fact.budget, func.sum(fact.amount_micros))
        .outerjoin(item, item.id == fact.line_item_id)
        .outerjoin(campaign, campaign.id == fact.campaign_id)
        .where(fact.run_id == run_id, fact.kind == registry.FactKind.budget_overspent)
        .group_by(fact.line_item_id, fact.campaign_id, fact.budget)
        .order_by(func.min(fact.ts), func.min(fact.id))
    )
    return [Overspend._make(row) for row in session.execute(query)]
