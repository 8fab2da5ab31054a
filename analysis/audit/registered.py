"""What is sold in the registry, held to its types: whether it can be read, whatever it says by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from entities import registry
from entities.messages import short
from sim import external, laws
from sim.bidding import BiddingRule
from sim.deal import Deal
from sim.pacing import PacingPolicy
from sim.valuation import Valuation

_READ: dict[str, dict[str, Callable[[str], Any]]] = {
    "campaigns": {"pacing": PacingPolicy.adapter().validate_json},
    "line_items": {
        "targeting": registry.Targeting.model_validate_json,
        "dayparts": registry.read_dayparts,
        "deal": Deal.adapter().validate_json,
        "pacing": PacingPolicy.adapter().validate_json,
        "bidding": BiddingRule.adapter().validate_json,
        "valuation": Valuation.adapter().validate_json,
    },
}
"""What reads the text of a column, by table and column."""


def readable(session: Session) -> Iterator[laws.Verdict]:
    """Yield the verdicts that every row of what is sold can be read; what it says may have been changed."""
    for model in registry.TABLES:
        table = registry.Base.metadata.tables[model.__tablename__]
        if table.info.get("source") != "booking":
            continue
        try:
            rows = session.execute(select(table)).mappings().all()
        except registry.DatabaseError as error:
            yield laws.Verdict(11, 1, 1, (laws.Finding(11, table.name, str(error), "what its type says"),))
            continue
        findings = [
            laws.Finding(
                11, f"{table.name}.{column} of {row['name']}", short(row[column]), "what can be read"
            )
            for row in rows
            for column, read in _READ.get(table.name, {}).items()
            if row[column] is not None and not _reads(read, row[column])
        ]
        yield laws.Verdict(11, len(rows), len(findings), tuple(findings[: laws.LIMIT]))


def _reads(read: Callable[[str], Any], text: str) -> bool:
    try:
        with external.described():
            read(text)
    except ValueError:
        return False
    return True
