"""The laws on a run's rows: what the tables alone can tell, without the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.limits import budget_verdicts
from analysis.rows.reasons import ON_SCHEDULE, REASONS, behind, reason_codes
from entities import registry
from entities.enums.funnel import STAGES
from sim import laws
from sim.events import CONVERSIONS
from sim.units import PPM


class Table:
    """A table's rows of one run as columns, each row placed in time and in the book."""

    def __init__(self, name: str, frame: pl.DataFrame, sold: Sold) -> None:
        self.name, self._sold = name, sold
        seconds = (frame["hour_start"] - sold.market.horizon.start).dt.total_seconds().to_numpy()
        self.hour: NDArray[np.int64] = seconds // 3600
        """Hours from the start."""
        self.columns = {
            name: frame[name].to_numpy() for name in frame.columns if frame[name].dtype.is_numeric()
        }
        self.frame = frame

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.columns[column]

    def __len__(self) -> int:
        return len(self.hour)

    @cached_property
    def line_item(self) -> NDArray[np.int64]:
        """Return the position of each row's line item in the book, -1 where it is none of them."""
        return places(self["line_item_id"], [item.id for item in self._sold.book.line_items])

    @cached_property
    def creative(self) -> NDArray[np.int64]:
        """Return the position of each row's creative in the book, -1 where it is none of them."""
        return places(self["creative_id"], [creative.id for creative in self._sold.book.creatives])

    def by_hour(
        self, column: str, owner: NDArray[np.int64], owners: int, first: int = 0, last: int | None = None
    ) -> NDArray[np.int64]:
        """Return the sums of a column, owners × the hours from *first* to before *last*, by default all.

        Rows that belong nowhere are left out.
        """
        last = self._sold.hours if last is None else last
        inside = (owner >= 0) & (self.hour >= first) & (self.hour < last)
        return sums(owner[inside], self.hour[inside] - first, self[column][inside], (owners, last - first))

    def where(self, i: int) -> str:
        """Return the name of a row."""
        parts = [self.name, f"{self.frame['hour_start'][i]:%Y-%m-%d %H:%M}"]
        parts += [str(self.frame[key][i]) for key in ("device", "placement") if key in self.frame.columns]
        if "line_item_id" in self.columns:
            place = int(self.line_item[i])
            parts.append(self._sold.paths[place] if place >= 0 else f"line item {self['line_item_id'][i]}")
        if "creative_id" in self.columns:
            parts.append(f"creative {self['creative_id'][i]}")
        return ", ".join(parts)


class LineItemHours(NamedTuple):
    """Rows of a line item and an hour each, wherever they come from: a table, or the hours of a run."""

    columns: Mapping[str, NDArray[Any]]
    """Columns of `performance_extended`."""
    line_item: NDArray[np.int64]
    """The position of each one's line item in the book, -1 where it is none of them."""
    hour: NDArray[np.int64]
    where: Callable[[int], str]

    def verdicts(self, sold: Sold) -> Iterator[laws.Verdict]:
        """Yield the verdicts on eligibility, prices and the funnel by the hour."""
        terms, matched, bids = sold.terms, self.columns["requests_matched"], self.columns["bids"]
        known, at = self.line_item >= 0, (self.line_item, self.hour.clip(0, sold.hours - 1))
        idle = ~terms.live[at] | (terms.active.highest(3600, sold.hours)[at] == 0)
        wrong = known & ((idle & (matched > 0)) | (~terms.open[at] & (bids > 0)))
        allowed = "no match outside the flight or while paused, no bid outside the dayparts"
        yield laws.verdict(3, wrong, self.where, lambda i: f"{matched[i]} matched, {bids[i]} bids", allowed)
        highest = np.where(known, terms.max_bid.highest(3600, sold.hours)[at], 1 << 31)
        yield laws.price_sums(self.columns, highest, self.where)
        yield laws.funnel(self.columns, self.where)


def sums(
    owner: NDArray[np.int64],
    hour: NDArray[np.int64],
    values: NDArray[np.integer | np.bool_],
    shape: tuple[int, int],
) -> NDArray[np.int64]:
    """Return the sums of *values*, owners × hours."""
    found = np.zeros(shape[0] * shape[1], np.int64)
    np.add.at(found, owner.astype(np.int64) * shape[1] + hour, values.astype(np.int64))
    return found.reshape(shape)


def places(ids: NDArray[np.int64], known: list[int]) -> NDArray[np.int64]:
    """Return the position of each id among the *known* ones, -1 for a stranger."""
    order = np.argsort(known, kind="stable")
    ranked = np.array(known, np.int64)[order]
    found = np.searchsorted(ranked, ids).clip(0, max(len(known) - 1, 0))
    return np.where(ranked[found] == ids, order[found], -1) if len(known) else np.full(len(ids), -1)


class RowAudit:
    """Checks the rows of one run."""

    def __init__(self, sold: Sold, frames: dict[str, pl.DataFrame]) -> None:
        self.sold = sold
        names = ("performance", "performance_extended", "inventory_hourly", "conversions_hourly")
        tables = (Table(name, frames[name], sold) for name in names)
        self.performance, self.extended, self.inventory, self.conversions = tables
        self._items, self._hours = len(sold.book.line_items), sold.hours

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield every verdict that needs no events."""
        yield from self._conservation()
        yield from budget_verdicts(self.sold, self.spend, 3600, self.moment)
        table = self.extended
        rows = LineItemHours(table.columns, table.line_item, table.hour, table.where)
        yield from rows.verdicts(self.sold)
        yield from self._funnel()
        yield self._reasons()
        yield laws.nesting(self.performance.columns, self.performance.where)
        yield self._reach()
        yield from self._one_row_each()
        yield from self._strangers()
        yield from self._ratios()
        yield from self._converted()

    @cached_property
    def spend(self) -> NDArray[np.int64]:
        """Return the spend by the diagnosis, line items × hours."""
        return self.extended.by_hour("spend_micros", self.extended.line_item, self._items)

    def hour_name(self, i: int) -> str:
        """Return a flat position of a line items × hours array in words."""
        place, hour = divmod(i, self._hours)
        return f"{self.sold.paths[place]}, {self.moment(hour)}"

    def moment(self, hour: int) -> str:
        """Return an hour in UTC."""
        return f"{self.sold.market.horizon.at(hour):%Y-%m-%d %H:%M}"

    def _conservation(self) -> Iterator[laws.Verdict]:
        rows = self.performance.by_hour("spend_micros", self.performance.line_item, self._items)
        both = {"performance": rows.ravel(), "performance_extended": self.spend.ravel()}
        yield laws.conservation(both, self.hour_name)
        table, order = self.extended, self._in_time(self.extended)
        spent = laws.to_date(table["spend_micros"][order], table.line_item[order])
        drawn = table["delivered_cum_micros"][order]
        yield laws.conservation({"spent": spent, "drawn": drawn}, lambda i: table.where(int(order[i])))
        one = np.zeros(len(self.inventory), np.int64)
        revenue = self.inventory.by_hour("revenue_micros", one, 1)[0]
        earned = {"spend of all": self.spend.sum(axis=0), "inventory's revenue": revenue}
        yield laws.conservation(earned, self.moment)

    def _funnel(self) -> Iterator[laws.Verdict]:
        for column, stage in (("impressions", "impressions"), ("errors", "errors"), ("ivt", "invalid")):
            shown = self.performance.by_hour(column, self.performance.line_item, self._items)
            counted = self.extended.by_hour(stage, self.extended.line_item, self._items)
            yield laws.equal(7, shown.ravel(), counted.ravel(), self.hour_name)

    def _reasons(self) -> laws.Verdict:
        table = self.extended
        funnel = np.stack([table[stage.column] for stage in STAGES], axis=1)
        late = behind(table["delivered_cum_micros"], table["expected_cum_micros"])
        codes = reason_codes(funnel, table["goal_micros_hour"], late).tolist()
        due = [None if code == ON_SCHEDULE else REASONS[code] for code in codes]
        told = table.frame["primary_underdelivery_reason"].to_list()
        wrong = np.array([one != other for one, other in zip(told, due, strict=True)], bool)
        allowed = "the check that stopped most, by the row's own counts"
        return laws.verdict(7, wrong, table.where, lambda i: f"{told[i]} for {due[i]}", allowed)

    def _reach(self) -> laws.Verdict:
        order = self._in_time(self.extended)
        rows = {name: column[order] for name, column in self.extended.columns.items()}
        return laws.reach(rows, self.extended.line_item[order], lambda i: self.extended.where(int(order[i])))

    @staticmethod
    def _in_time(table: Table) -> NDArray[np.int64]:
        return np.argsort(table.hour, kind="stable")

    def _one_row_each(self) -> Iterator[laws.Verdict]:
        live = self.sold.terms.live
        owner = np.array([creative.line_item for creative in self.sold.book.creatives], np.int64)
        creatives = [creative.name for creative in self.sold.book.creatives]
        devices, placements = registry.DeviceType, registry.Placement
        supply = [f"{device}, {placement}" for device in devices for placement in placements]
        where = {name: place for place, name in enumerate(supply)}
        kinds = self.inventory.frame.select(pl.concat_str("device", "placement", separator=", "))
        offered = np.array([where[kind] for kind in kinds.to_series()], np.int64)
        everywhere = np.ones((len(supply), self._hours), bool)
        yield self._each(self.performance, self.performance.creative, live[owner], creatives)
        yield self._each(self.extended, self.extended.line_item, live, self.sold.paths)
        yield self._each(self.inventory, offered, everywhere, supply)

    def _each(
        self, table: Table, owner: NDArray[np.int64], due: NDArray[np.bool_], names: list[str]
    ) -> laws.Verdict:
        # Strangers keep keys of their own, beyond those of the book, and so do hours beyond the horizon.
        span = max(self._hours, int(table.hour.max(initial=0)) + 1)
        first = min(0, int(table.hour.min(initial=0)))
        width = span - first
        found = np.where(owner < 0, len(names), owner) * width + table.hour - first
        places_due, hours_due = np.nonzero(due)

        def name(key: int) -> str:
            place, hour = divmod(key, width)
            return f"{table.name}, {[*names, 'a stranger'][place]}, {self.moment(hour + first)}"

        return laws.one_row_each(found, places_due * width + hours_due - first, name)

    def _strangers(self) -> Iterator[laws.Verdict]:
        for table_rows in (self.performance, self.extended, self.conversions):
            stranger = table_rows.line_item < 0
            allowed = "a line item of the run's book"
            yield laws.verdict(11, stranger, table_rows.where, table_rows["line_item_id"], allowed)
        yield from self._owners()

    def _owners(self) -> Iterator[laws.Verdict]:
        table, book = self.performance, self.sold.book
        moments = table.frame["hour_start"]
        clock = {"date": moments.dt.date(), "hour_of_day": moments.dt.hour()}
        for column, due in clock.items():
            wrong = (table.frame[column] != due).to_numpy()
            yield laws.verdict(
                11, wrong, table.where, table.frame[column].to_numpy(), f"{column} of its hour"
            )
        creatives = [book.line_items[creative.line_item].id for creative in book.creatives]
        for column in ("campaign_id", "advertiser_id"):
            ids = np.array([getattr(item, column) for item in book.line_items])
            yield laws.equal(11, table[column], ids[table.line_item], table.where)
        if creatives:
            owner = np.where(table.creative >= 0, np.array(creatives)[table.creative], -1)
            yield laws.equal(11, table["line_item_id"], owner, table.where)

    def _ratios(self) -> Iterator[laws.Verdict]:
        for table in (self.performance, self.extended):
            for name, (over, under, times) in laws.RATIOS.items():
                if name in table.columns:
                    divisor = table[under] * times
                    yield laws.ratio(table[name].astype(float), table[over], divisor, _of(table, name))
        supply, table = self.inventory, self.extended
        filled = supply["filled"] + supply["filled_ambient"]
        fills = {
            "fill_rate": (filled, supply["avails"]),
            "seconds_fill_rate": (supply["sold_seconds"], supply["ad_seconds"]),
        }
        for name, (sold, offered) in fills.items():
            yield laws.ratio(supply[name].astype(float), sold, offered, _of(supply, name))
        for name in ("bid_multiplier", "participation"):
            million = np.full(len(table), PPM)
            yield laws.ratio(table[name].astype(float), table[f"{name}_ppm"], million, _of(table, name))

    def _converted(self) -> Iterator[laws.Verdict]:
        table, terms = self.conversions, self.sold.market.conversions
        if not terms.on:
            none = "none in a market without conversions"
            yield laws.verdict(15, np.ones(len(table), bool), table.where, table["touches"], none)
            return
        rows = {name: table.by_hour(name, table.line_item, self._items) for name in CONVERSIONS}
        campaign = np.array([item.campaign for item in self.sold.book.line_items], np.int64)
        organic = self.sold.market.population.viewers if terms.organic_rate else 0
        yield from laws.conversions(rows, campaign, terms.lookback_hours, self.hour_name, organic)


def _of(table: Table, column: str) -> Callable[[int], str]:
    return lambda i: f"{table.where(i)}, {column}"
