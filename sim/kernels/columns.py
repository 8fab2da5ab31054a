"""Columns by name, as whole numbers that are compiled into the tick: STAGE.bids, RATE.q25, SALT.slot."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

from sim.events import FUNNEL, INVENTORY
from sim.layout import RATES
from sim.streams import Purpose


def _columns(names: Iterable[str], numbers: Any) -> Any:
    return namedtuple("Columns", names)(*numbers)


STAGE, STOCK, RATE = (_columns(names, range(len(names))) for names in (FUNNEL, INVENTORY, RATES))
SALT = _columns(Purpose.__members__, map(int, Purpose))
