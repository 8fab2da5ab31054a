"""Law of conversions (15): every one is credited once, and only to who touched the viewer in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.laws.catalogue import Verdict, Where, also, at_most, equal, verdict

PPM = 1_000_000


def conversions(
    rows: Mapping[str, NDArray[np.int64]], campaign: NDArray[np.int64], lookback: int, where: Where
) -> Iterator[Verdict]:
    """Yield the verdicts on the columns of `conversions_hourly`, each line items × hours of the horizon.

    *campaign* is that of each line item, *where* names a flat position of such an array, and *lookback* is in
    hours. A touch is followed by two conversions at most, one of the exposure and one of the click.
    """
    hours = rows["touches"].shape[1]

    def whose(i: int) -> str:
        place, hour = divmod(i, hours)
        return f"campaign of {where(int(np.flatnonzero(campaign == place)[0]) * hours + hour)}"

    for kind in ("view", "click"):
        last, parts = (
            _by_campaign(rows[name], campaign).ravel()
            for name in (f"{kind}_through", f"multi_touch_{kind}_ppm")
        )
        yield equal(15, parts, PPM * last, whose)
    counted = np.pad(np.cumsum(rows["touches"], axis=1), ((0, 0), (lookback, 0)))
    touches = counted[:, lookback:] - counted[:, :hours]
    credited = np.sum([rows[name] for name in rows if name != "touches"], axis=0).ravel()
    wrong = (credited > 0) & (touches.ravel() == 0)
    yield verdict(15, wrong, where, credited, "0 without a touch in the lookback")
    found = np.cumsum(_by_campaign(rows["view_through"] + rows["click_through"], campaign), axis=1)
    most = 2 * np.cumsum(_by_campaign(rows["touches"], campaign), axis=1)
    yield at_most(15, found.ravel(), most.ravel(), also(whose, "to date"))


def _by_campaign(values: NDArray[np.int64], campaign: NDArray[np.int64]) -> NDArray[np.int64]:
    sums = np.zeros((int(campaign.max(initial=-1)) + 1, values.shape[1]), np.int64)
    np.add.at(sums, campaign, values)
    return sums
