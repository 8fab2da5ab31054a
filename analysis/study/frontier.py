"""Two metrics of the arms of a study against each other, and the arms that no other beats in both."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.study.metrics import EVERYONE, METRICS
from analysis.study.statistics.summary import means

FORMS = {"share": ".1%", "count": ",.0f", "money": ",.2f", "ratio": ".2f"}
"""How a figure of each unit is written."""
_SCHEMA = {
    "arm": pl.String(),
    "seeds": pl.Int64(),
    **{f"{axis}{end}": pl.Float64() for axis in ("x", "y") for end in ("", "_low", "_high")},
    "on_frontier": pl.Boolean(),
}


def frontier(
    results: pl.DataFrame,
    line_item: str = EVERYONE,
    *,
    x: str = "reach",
    y: str = "delivery",
    level: float = 0.95,
) -> pl.DataFrame:
    """Return the arms of the tidy table of a study by two metrics, in the order in which they come up.

    arm, seeds (that have both values); x and y, means over them, with x_low, x_high, y_low and y_high of
    their intervals, NULL for one seed; on_frontier, whether no other arm is as good in both metrics and
    better in one. Arms without a seed that has both are left out.
    """
    own = results.filter(pl.col("line_item") == line_item, pl.col("value").is_not_null())
    pairs = own.filter(metric=x).join(own.filter(metric=y), on=["arm", "seed"], maintain_order="left")
    rows, ends = [], list[float | None]()
    for (arm,), found in pairs.group_by("arm", maintain_order=True):
        values = found.sort("seed").select("value", "value_right").to_numpy().T
        if values.shape[1] > 1:
            of_x, of_y = means(values, level=level)
            ends = [of_x.mean, of_x.low, of_x.high, of_y.mean, of_y.low, of_y.high]
        else:
            ends = [float(values[0, 0]), None, None, float(values[1, 0]), None, None]
        rows.append((arm, values.shape[1], *ends))
    signs = [METRICS[name].better or 1 for name in (x, y)]
    scores = np.array([(row[2], row[5]) for row in rows], np.float64).reshape(-1, 2) * signs
    beaten = [bool(((scores >= own).all(axis=1) & (scores > own).any(axis=1)).any()) for own in scores]
    return pl.DataFrame(
        [(*row, not lost) for row, lost in zip(rows, beaten, strict=True)], schema=_SCHEMA, orient="row"
    )


def by_delivery(results: pl.DataFrame, line_item: str = EVERYONE) -> tuple[pl.DataFrame, str, str]:
    """Return the frontier of reach and delivery, and the names of both: impressions where no budget is."""
    budgeted = frontier(results, line_item)
    if budgeted.height:
        return budgeted, "reach", "delivery"
    return frontier(results, line_item, y="impressions"), "reach", "impressions"


def frontier_found(frontier: pl.DataFrame, x: str = "reach", y: str = "delivery") -> str:
    """Return in a sentence which arms are worth a choice between *x* and *y*."""
    if frontier.is_empty():
        return f"No arm has both {x} and {y}"
    best = frontier.filter("on_frontier")["arm"].to_list()
    others = frontier.height - len(best)
    if len(best) == 1:
        return f"{best[0]} is best in both {x} and {y}" if others else f"{best[0]} is the only arm"
    if not others:
        ends = frontier.sort("x", descending=METRICS[x].better < 0).select("arm", "x", "y").rows()
        (low, *least), (high, *most) = ends[0], ends[-1]
        between = f"from {high}, {_pair(x, y, most)}, to {low}, {_pair(x, y, least)}"
        return f"More {x} costs {y} throughout: {between}"
    names, rest = shortened(frontier["arm"].to_list())
    short = dict(zip(frontier["arm"], names, strict=True))
    beaten = frontier.filter(~pl.col("on_frontier"))["arm"].to_list()
    chosen, lost = (f"{_listed([short[arm] for arm in arms])} {rest}".rstrip() for arms in (best, beaten))
    are = "is" if others == 1 else "are"
    by_one = "" if max(frontier["seeds"].to_list()) > 1 else ", with this one seed"
    return f"Choose {x} or {y} between {chosen}; {lost} {are} beaten by others{by_one}"


def shortened(arms: list[str]) -> tuple[list[str], str]:
    """Return *arms* without the words that all of them end with, and these words."""
    words, most = [arm.split() for arm in arms], min((len(arm.split()) for arm in arms), default=0)
    same = 0
    while len(arms) > 1 and same + 1 < most and len({each[-1 - same] for each in words}) == 1:
        same += 1
    if not same:
        return arms, ""
    return [" ".join(each[:-same]) for each in words], " ".join(words[0][-same:])


def _pair(x: str, y: str, values: list[float]) -> str:
    of_x, of_y = (
        format(value, FORMS[METRICS[name].unit]) for name, value in zip((x, y), values, strict=True)
    )
    return f"{x} {of_x} and {y} {of_y}"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
