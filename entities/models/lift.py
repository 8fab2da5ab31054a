"""What viewers did with and without the ads of a line item that holds some of them out."""

from itertools import product

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from entities.enums.lift import ARMS, COUNTS, GROUPS
from entities.models.base import Base
from entities.models.results import HourKey, LineItemKey, RunKey, counted, whole_hour


def _shares(arm: str) -> CheckConstraint:
    rules = [f"{arm}_{count} >= {arm}_exposed_{count}" for count in COUNTS]
    for group in GROUPS:
        converters = f"{arm}_{group}converters"
        rules += [f"{arm}_{group}viewers >= {converters}", f"{arm}_{group}conversions >= {converters}"]
    return CheckConstraint(" AND ".join(rules), name=f"{arm}_in_order")


class Lift(Base):
    """One run, UTC day and line item that holds viewers out: who converted with and without its ads, to date.

    Conversions of all count from the hour in which it first flies; those of the exposed from their first
    exposure on, while the latest lies within the lookback. Empty unless the market has conversions.
    """

    __tablename__ = "lift"
    __table_args__ = (whole_hour(), *map(_shares, ARMS), {"info": {"source": "market"}})

    run_id: Mapped[RunKey] = mapped_column()
    hour_start: Mapped[HourKey] = mapped_column()
    line_item_id: Mapped[LineItemKey] = mapped_column()
    for _arm, _group, _count in product(ARMS, GROUPS, COUNTS):
        _unit, _text = COUNTS[_count]
        vars()[f"{_arm}_{_group}{_count}"] = counted(
            _text.format(arm=ARMS[_arm], group=GROUPS[_group]), _unit
        )
