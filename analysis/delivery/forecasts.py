"""How far the forecast was off what came: the slots that a line item expected, and those that matched it."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from analysis.rows.results import Results


class ForecastError(NamedTuple):
    """The mean absolute percentage error of a forecast, weighted by the slots that came.

    NULL where none came, and where nobody kept what was expected: in a run of an older version.
    """

    by_hour: float | None
    """Of each line item's hours."""
    by_day: float | None
    """Of each line item's UTC days."""


def forecasts(run: Results) -> pl.DataFrame:
    """Return what each line item expected and what came, by UTC hour, while it was active.

    line_item_id, hour_start, forecast_avails, requests_matched (Int64). Hours in which nothing matched are
    left out: a line item that is paused is offered nothing.
    """
    return run.performance_extended.filter(pl.col("requests_matched") > 0).select(
        "line_item_id", "hour_start", "forecast_avails", "requests_matched"
    )


def forecast_error(run: Results) -> ForecastError:
    """Return by how much of what came the forecast was off: Σ |expected - came| / Σ came."""
    hours = forecasts(run)
    days = hours.group_by("line_item_id", pl.col("hour_start").dt.date().alias("date")).agg(
        pl.col("forecast_avails", "requests_matched").sum()
    )
    if not (hours["forecast_avails"] != 0).any():
        return ForecastError(None, None)
    return ForecastError(_off(hours), _off(days))


def _off(rows: pl.DataFrame) -> float | None:
    came = int(rows["requests_matched"].sum())
    wrong = (rows["forecast_avails"] - rows["requests_matched"]).abs().sum()
    return int(wrong) / came if came else None
