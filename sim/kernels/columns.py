"""Columns by name, as whole numbers that are compiled into the tick: STAGE.bids, STOCK.avails, RATE.q25."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from sim.events import FUNNEL, INVENTORY
from sim.layout import RATES


def _columns(names: tuple[str, ...]) -> Any:
    return namedtuple("Columns", names)(*range(len(names)))


STAGE, STOCK, RATE = _columns(FUNNEL), _columns(INVENTORY), _columns(RATES)
