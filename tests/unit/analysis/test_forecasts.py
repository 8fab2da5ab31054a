"""How far a forecast was off: by hand on a few rows, and in a run that was stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import polars as pl
import pytest

from analysis.delivery.forecasts import ForecastError, forecast_error, forecasts
from analysis.rows.results import Results


class Rows:
    """A run that has nothing but these rows: line item, day, hour, expected, came."""

    def __init__(self, *rows: tuple[int, int, int, int, int]) -> None:
        self.performance_extended = pl.DataFrame(
            [
                (item, datetime(2026, 11, day, hour, tzinfo=UTC), told, came)
                for item, day, hour, told, came in rows
            ],
            schema={
                "line_item_id": pl.Int64(),
                "hour_start": pl.Datetime("us", "UTC"),
                "forecast_avails": pl.Int64(),
                "requests_matched": pl.Int64(),
            },
            orient="row",
        )


def run(*rows: tuple[int, int, int, int, int]) -> Results:
    found: Any = Rows(*rows)
    return cast("Results", found)


def test_errors_of_hours_even_out_over_a_day() -> None:
    told = run((1, 2, 0, 90, 100), (1, 2, 1, 110, 100), (2, 2, 0, 40, 100), (1, 3, 0, 130, 100))
    error = forecast_error(told)
    assert error.by_hour == pytest.approx((10 + 10 + 60 + 30) / 400)
    assert error.by_day == pytest.approx((0 + 60 + 30) / 400)


def test_hours_without_a_slot_do_not_count() -> None:
    assert forecast_error(run((1, 2, 0, 90, 0), (1, 2, 1, 100, 100))) == ForecastError(0, 0)
    assert forecast_error(run((1, 2, 0, 90, 0))) == ForecastError(None, None)
    assert forecasts(run((1, 2, 0, 90, 0))).is_empty()
