"""What is published: for each figure of the scorecard its range, and where that comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from entities.errors import InputError
from entities.messages import hint, listed


@dataclass(frozen=True, slots=True)
class Range:
    """Where a figure of a market like those that are published lies."""

    name: str
    unit: str
    """How the figure is read: `%` is a share, `×` a ratio, and all others are what they say."""
    least: float
    most: float
    source: str
    """What is published. With [assumption] it is what only a platform knows, and may be given anew."""
    text: str

    @property
    def assumed(self) -> bool:
        """Return whether the range, or an end of it, is ours."""
        return "[assumption]" in self.source


_RANGES = (
    Range(
        "hours_a_month",
        "hours",
        30,
        50,
        "41 hours a month of a member with ads (Netflix upfront 2025); the width is [assumption]",
        "what a viewer watches",
    ),
    Range(
        "ad_minutes_an_hour",
        "minutes",
        3.8,
        5.2,
        "4 to 5 minutes an hour (Netflix ad tier; Digiday, Mi3 2022)",
        "ads offered in an hour watched",
    ),
    Range(
        "top_tenth",
        "%",
        0.28,
        0.48,
        "the top fifth of TV viewers has half of the viewing (Nielsen), so the top tenth 31 % where rates are"
        " a gamma; streaming is less even, up to a shape of 0.4 [assumption]",
        "share of the slots that go to the tenth that watches most",
    ),
    Range(
        "weekday_variation",
        "%",
        0.03,
        0.15,
        "[assumption] 5 to 10 % from week to week, wider by what a few weeks say",
        "coefficient of variation of the slots of the same weekday",
    ),
    Range(
        "peak_hour",
        "×",
        1.8,
        3.4,
        "TV peaks at 3.4 times its mean hour (American Time Use Survey); streaming is flatter, and the lower"
        " end is [assumption]",
        "slots of the strongest hour of the day over those of the mean hour, by the wall clock",
    ),
    Range(
        "fill",
        "%",
        0.5,
        0.95,
        "50 to 85 % of open exchanges (vendor figures); below 100 % (Netflix, Q4 2025); the upper end is"
        " [assumption]",
        "slots sold, to the line items or outside",
    ),
    Range(
        "price_spread",
        "×",
        1.1,
        6.0,
        "paid $17 to $21 of bids of $22 to $26 in CTV; ninth to first decile of iPinYou's market prices about"
        " 10; [assumption]",
        "90th over 10th percentile of the clearing price, the middle one of the line items",
    ),
    Range(
        "exact_ties",
        "%",
        0.0,
        0.01,
        "[assumption] bids of buyers who value slots differently are hardly ever equal",
        "slots won of line items whose next bid was equal",
    ),
    Range(
        "shading",
        "%",
        0.55,
        0.95,
        "paid $17 to $21 of bids of $22 to $26 in CTV: 65 to 95 %; the lower end is [assumption]",
        "what is paid, of the maximum",
    ),
    Range(
        "inside_the_hour",
        "×",
        0.9,
        1.1,
        "[assumption] pacing of a minute or less knows no full hour",
        "win share of matched slots in the first ten minutes of the hour over that in the last, the furthest"
        " from 1 of the paced line items",
    ),
    Range(
        "forecast_error",
        "%",
        0.02,
        0.25,
        "[assumption] nobody knows the hour's traffic beforehand",
        "mean absolute error of the hourly forecast",
    ),
    Range(
        "frequency",
        "×",
        1.2,
        8.0,
        "4.6 in the mean of 35 campaigns (ANA and Innovid 2021); the width is [assumption]",
        "impressions of a reached viewer, in the mean of the line items",
    ),
    Range(
        "frequency_10_plus",
        "%",
        0.0,
        0.05,
        "1 % of those reached (ANA and Innovid 2021); the width is [assumption]",
        "reached viewers with ten impressions or more",
    ),
    Range(
        "completion_tv",
        "%",
        0.93,
        0.98,
        "95 to 97 % on TV (Innovid 2024: 95.8; Extreme Reach 2018 and 2019: 97 and 95)",
        "started ads that were seen to the end, on TV",
    ),
    Range(
        "completion_elsewhere",
        "%",
        0.7,
        0.9,
        "81 to 87 % on desktop, phone and tablet (Innovid 2024, Extreme Reach 2019), less before a title and"
        " of long ads (FreeWheel 2020, Innovid 2021): the lower end is [assumption]",
        "the same on other devices",
    ),
    Range(
        "viewability",
        "%",
        0.85,
        0.99,
        "full screen on TV; the width is [assumption]",
        "measurable impressions that were viewable",
    ),
    Range(
        "invalid",
        "%",
        0.0,
        0.02,
        "[assumption] of a publisher's own app; open CTV had 16 to 24 % (Pixalate 2023 and 2024)",
        "impressions that were invalid traffic",
    ),
)

RANGES: Mapping[str, Range] = {one.name: one for one in _RANGES}
"""By name, in the order of the scorecard."""


def given(ranges: Mapping[str, tuple[float, float]]) -> dict[str, Range]:
    """Return all ranges, with the ends that are *given* for some of those with an [assumption].

    InputError for an unknown name, a published range, or ends that are none.
    """
    assumed = [name for name, one in RANGES.items() if one.assumed]
    found = dict(RANGES)
    for name, (least, most) in ranges.items():
        if name not in RANGES:
            raise InputError(f"range {name}: there is no such figure; {hint(name, assumed)}")
        if name not in assumed:
            raise InputError(f"range {name}: is published; others are given for {listed(assumed)}")
        if not (math.isfinite(least) and math.isfinite(most) and least <= most):
            raise InputError(f"range {name}: {least:g} to {most:g} is no range")
        if least < 0 or (RANGES[name].unit == "%" and most > 1):
            allowed = "from 0 to 1, a share" if RANGES[name].unit == "%" else "at least 0"
            raise InputError(f"range {name}: {least:g} to {most:g} is not allowed; must be {allowed}")
        found[name] = replace(found[name], least=least, most=most, source="[assumption] as given")
    return found
