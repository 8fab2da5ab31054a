"""Two runs compared: from what was asked to where they part and what each line item got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from analysis.compare.asked import asked, ran_by
from analysis.compare.hourly import Parting, by_hour, largest, parting, supply_parts
from analysis.runs.run import Run
from entities.errors import InputError
from entities.messages import listed, quoted
from entities.registry import Currency
from scenarios.show import Difference

FIGURES = ("impressions", "spend_micros", "ecpm", "reach", "delivery")
"""What is compared of each line item."""
_REASONS = pl.List(pl.Struct({"reason": pl.String, "share": pl.Float64}))


@dataclass(frozen=True)
class Comparison:
    """Two runs, and all that differs; what ends in `_other` is the second one's."""

    run_id: str
    other_id: str
    digest: str
    other_digest: str
    asked: tuple[Difference, ...]
    """Of the scenarios and the books, by the paths of `--set`; the seed is one."""
    ran_by: tuple[Difference, ...]
    """Code and versions that differ."""
    figures: tuple[Difference, ...]
    """Auctions, impressions, spend_micros and ecpm of both, be they equal or not."""
    line_items: pl.DataFrame
    """One row per line item of either: line_item (path of names), FIGURES and `reasons` (why it is behind,
    the largest first, with shares of its gap), each with `_other`; NULL where it was not in flight there."""
    parting: Parting | None
    """None where no whole number of an hour differs, of the line items and hours that both have."""
    supply_parts: datetime | None
    """The first hour in which other slots were on offer, UTC."""
    common_hours: int
    hours: pl.DataFrame
    """The hours in which spend differs, the largest difference first; see `hourly.largest`."""
    currency: Currency

    @property
    def same(self) -> bool:
        """Return whether both came out the same, to the byte."""
        return self.digest == self.other_digest

    def __repr__(self) -> str:
        what = "the same" if self.same else f"{len(self.asked)} asked differently"
        return f"<Comparison of {self.run_id} and {self.other_id}: {what}>"


def compare(one: Run, other: Run) -> Comparison:
    """Return two runs side by side; InputError where they have no line item in common, or cannot be read."""
    paths = {item.path for item in one.book.line_items} & {item.path for item in other.book.line_items}
    if not paths:
        has = (listed((quoted(item.name) for item in run.book.line_items), 3) for run in (one, other))
        sides = "; ".join(f"{run.run_id} has {names}" for run, names in zip((one, other), has, strict=True))
        raise InputError(f"the runs have no line item in common: {sides}")
    hours = _common(one, other)
    frames = by_hour(one, paths, hours), by_hour(other, paths, hours)
    return Comparison(
        run_id=one.run_id,
        other_id=other.run_id,
        digest=one.digest,
        other_digest=other.digest,
        asked=tuple(asked(one, other)),
        ran_by=tuple(ran_by(one, other)),
        figures=tuple(_figures(one, other)),
        line_items=_line_items(one)
        .join(_line_items(other), on="line_item", how="full", suffix="_other", coalesce=True)
        .sort("line_item"),
        parting=parting(*frames),
        supply_parts=supply_parts(one, other, hours),
        common_hours=max(0, round((hours[1] - hours[0]).total_seconds() / 3600)),
        hours=largest(*frames),
        currency=one.currency,
    )


def plain(found: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON has it."""
    pairs = {
        name: [each._asdict() for each in getattr(found, name)] for name in ("asked", "ran_by", "figures")
    }
    return {
        "run_id": found.run_id,
        "other_id": found.other_id,
        "same": found.same,
        "digest": found.digest,
        "other_digest": found.other_digest,
        **pairs,
        "line_items": found.line_items.to_dicts(),
        "parting": found.parting and _told(found.parting._asdict()),
        "supply_parts": found.supply_parts and found.supply_parts.isoformat(),
        "common_hours": found.common_hours,
        "hours": [_told(row) for row in found.hours.to_dicts()],
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "hour_start": row["hour_start"].isoformat()}


def _common(one: Run, other: Run) -> tuple[datetime, datetime]:
    first, second = one.market.horizon, other.market.horizon
    return max(first.start, second.start), min(first.end, second.end)


def _figures(one: Run, other: Run) -> list[Difference]:
    names = ("auctions", "impressions", "spend_micros")
    found = [Difference(name, getattr(one, name), getattr(other, name)) for name in names]
    ecpm = (run.spend_micros / run.impressions / 1000 if run.impressions else None for run in (one, other))
    return [*found, Difference("ecpm", *ecpm)]


def _line_items(run: Run) -> pl.DataFrame:
    then = {item.id: item.path for item in run.book.line_items}
    reasons: dict[int, list[dict[str, Any]]] = {}
    behind = run.summary.drop_nulls("reason")["line_item_id"]
    for row in run.gaps.filter(pl.col("line_item_id").is_in(behind.implode())).iter_rows(named=True):
        reasons.setdefault(row["line_item_id"], []).append({"reason": row["reason"], "share": row["share"]})
    ids = run.summary["line_item_id"].to_list()
    return run.summary.select(
        pl.Series("line_item", [then[each] for each in ids], dtype=pl.String),
        *FIGURES,
        pl.Series("reasons", [reasons.get(each, []) for each in ids], dtype=_REASONS),
    )
