"""The rules of the auction and its rivals as the tick reads them, and as a script changes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.ambient import bids_of, crowd_of, presence_of
from sim.layout import COUNTED_BY, MarketArrays
from sim.market.market import Market
from sim.market.rhythm import Rhythm
from sim.tables import threshold


def rules_of(market: Market, rhythm: Rhythm, numbers: NDArray[np.float64]) -> list[MarketArrays]:
    """Return the market's rules under each of its floors, in the order of `market.floors_since`.

    *numbers* are those of outside rivals at the moments of *rhythm*.
    """
    seconds, priced = market.pods.ad_seconds, [floors for _, floors in market.floors_since]
    tables = [floors.table(seconds) for floors in priced]
    # Rivals know the floor: one set of tables has them all.
    crowd = crowd_of(market.ambient, np.stack(tables), market.auction.answer, numbers)
    places = crowd.pop("rival_floors")
    return [
        MarketArrays(
            floors=table,
            position_floors=floors.table(seconds, bought_position=True),
            ad_floors=market.ad_floors(floors),
            needs_rival=int(market.auction.needs_rival),
            ambient=bids_of(market.ambient),
            ambient_presence=presence_of(market.ambient),
            **crowd,
            rival_floors=np.ascontiguousarray(place),
            parameter=market.auction.parameter,
            match=threshold(market.identity.match_rate),
            counted_by=COUNTED_BY.index(market.identity.counted_by),
            salts=rhythm.usual.salts,
        )
        for floors, table, place in zip(priced, tables, places, strict=True)
    ]
