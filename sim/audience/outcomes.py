"""Outcomes of a won slot: rendered, valid, viewable, watched to the end, muted, clicked, scanned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from entities.enums import DeviceType, Placement
from sim.family import Settings, Share, over
from sim.layout import RATES
from sim.tables import threshold

ByDevice = Mapping[DeviceType, Share]
Hazard = Annotated[float, Field(gt=0, le=100)]
Length = Annotated[int, Field(ge=1, le=600)]


def _by_device(tv: float, desktop: float, phone: float, tablet: float) -> dict[DeviceType, float]:
    return dict(zip(DeviceType, (tv, desktop, phone, tablet), strict=True))


# TV, desktop, phone, tablet.
DEFAULT_COMPLETION = _by_device(0.958, 0.817, 0.807, 0.87)
DEFAULT_MEASURABLE = _by_device(0.95, 0.97, 0.95, 0.95)
DEFAULT_VIEWABILITY = _by_device(0.97, 0.70, 0.75, 0.75)
DEFAULT_MUTED = _by_device(0.02, 0.10, 0.15, 0.10)
DEFAULT_CLICK = _by_device(0.0001, 0.0015, 0.004, 0.004)
DEFAULT_QR_SCAN = _by_device(0.0002, 0.0, 0.0, 0.0)
# Hazards against the average of all placements: FreeWheel 1H20, pre-roll 86 %, mid-roll 99 %.
DEFAULT_PLACEMENT_HAZARD = {Placement.pre_roll: 3.68, Placement.mid_roll: 0.245}
# Hazards against 30 s: 6 s 78 %, 15 s 88 %, 30 s 89 % (2019); 60 s 68 % against 86 % (Innovid 2021).
DEFAULT_LENGTH_HAZARD = {6: 2.13, 15: 1.10, 30: 1.0, 60: 2.5}


class Outcomes(Settings):
    """Rates per won slot. Completion has a constant hazard, so a quarter is survived with rate c^(1/4)."""

    error: Share = Field(default=0.005, description="Share of won slots that fail to render [assumption]")
    invalid: Share = Field(default=0.005, description="Share of ads that are invalid traffic [assumption]")
    started: Share = Field(
        default=0.998,
        description="Share of impressions that begin to play; of the others nothing is known [assumption]",
    )
    completion: Annotated[ByDevice, over(DEFAULT_COMPLETION)] = Field(
        default=DEFAULT_COMPLETION,
        description="Share of started ads of 30 s watched to the end (Innovid, 2024; of tablets 2019-Q2)",
    )
    placement_hazard: Annotated[Mapping[Placement, Hazard], over(DEFAULT_PLACEMENT_HAZARD)] = Field(
        default=DEFAULT_PLACEMENT_HAZARD,
        description="How much faster ads are abandoned than in all placements together (FreeWheel, 1H20)",
    )
    length_hazard: Annotated[Mapping[Length, Hazard], over(DEFAULT_LENGTH_HAZARD)] = Field(
        default=DEFAULT_LENGTH_HAZARD,
        description="How much faster ads of so many seconds are abandoned than 30 s, straight lines"
        " between (Innovid, 2019 and 2021)",
    )
    measurable: Annotated[ByDevice, over(DEFAULT_MEASURABLE)] = Field(
        default=DEFAULT_MEASURABLE, description="Measurable share of started impressions [assumption]"
    )
    viewability: Annotated[ByDevice, over(DEFAULT_VIEWABILITY)] = Field(
        default=DEFAULT_VIEWABILITY, description="Viewable share of measurable impressions [assumption]"
    )
    muted: Annotated[ByDevice, over(DEFAULT_MUTED)] = Field(
        default=DEFAULT_MUTED, description="Share of impressions that are muted [assumption]"
    )
    skipped: Share = Field(default=0.0, description="Share of abandoned ads that were skipped")
    click: Annotated[ByDevice, over(DEFAULT_CLICK)] = Field(
        default=DEFAULT_CLICK, description="Clicks per impression [assumption]"
    )
    qr_scan: Annotated[ByDevice, over(DEFAULT_QR_SCAN)] = Field(
        default=DEFAULT_QR_SCAN, description="Scans per interactive impression (Innovid, 2021)"
    )


def rates(outcomes: Outcomes, seconds: int, interactive: bool) -> NDArray[np.uint64]:
    """Return the 32-bit thresholds of an ad of *seconds*, devices × placements × RATES, uint64."""
    table = [
        [_thresholds(outcomes, seconds, interactive, device, placement) for placement in Placement]
        for device in DeviceType
    ]
    return np.array(table, dtype=np.uint64)


def _thresholds(
    outcomes: Outcomes, seconds: int, interactive: bool, device: DeviceType, placement: Placement
) -> Sequence[int]:
    hazard = outcomes.placement_hazard.get(placement, 1.0) * _length_hazard(outcomes.length_hazard, seconds)
    completion = outcomes.completion.get(device, 1.0) ** hazard
    measurable = outcomes.measurable.get(device, 1.0)
    rate = {
        "error": outcomes.error,
        "invalid": outcomes.invalid,
        "measurable": measurable,
        "viewable": measurable * outcomes.viewability.get(device, 1.0),
        "started": outcomes.started,
        "q25": outcomes.started * completion**0.25,
        "q50": outcomes.started * completion**0.5,
        "q75": outcomes.started * completion**0.75,
        "completed": outcomes.started * completion,
        "skipped": outcomes.skipped,
        "muted": outcomes.muted.get(device, 0.0),
        "clicked": outcomes.click.get(device, 0.0),
        "qr_scanned": outcomes.qr_scan.get(device, 0.0) if interactive else 0.0,
    }
    return [threshold(rate[name]) for name in RATES]


def _length_hazard(known: Mapping[int, float], seconds: int) -> float:
    if not known:
        return 1.0
    below = max((s for s in known if s <= seconds), default=min(known))
    above = min((s for s in known if s >= seconds), default=max(known))
    if below == above:
        return known[below]
    part = (seconds - below) / (above - below)
    return known[below] + part * (known[above] - known[below])
