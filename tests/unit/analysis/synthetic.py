"""Hours without an engine: random, but true to the funnel, the quartiles, reach and frequency."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from analysis.rows.columns import BookColumns
from analysis.rows.event_files import EventFiles
from analysis.rows.events_of import ALL, EventsOf
from analysis.runs.recording import Recording
from entities import registry
from entities.enums import FactKind
from sim.book.records import BookedCreative
from sim.events import EVENT, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, NO_GENRE, Fact, Hour, Pacing
from tests import bookings

START = datetime(2026, 11, 2, 5, tzinfo=UTC)
BUDGET = 30_000_000
REGIONS = ("us_east", "us_west")
SAMPLE = bookings.book(
    [bookings.campaign([bookings.line_item(lifetime_budget=30)])], bookings.market()
).line_items[0]
FUNNEL_AT = {name: at for at, name in enumerate(FUNNEL)}


def columns(
    line_items: int = 3, creatives: int = 2, first_id: int = 1, start: datetime = START
) -> BookColumns:
    """Return a book of line items with as many creatives each, ids counting from *first_id*."""
    return BookColumns(
        start=start,
        line_items=tuple(
            replace(
                SAMPLE,
                id=first_id + at,
                campaign_id=first_id + at,
                advertiser_id=first_id + at,
                # neither in the order of positions nor within 63 bits
                key=(0x9E3779B97F4A7C15 * (at + 1)) % 2**64,
                name=f"line item {at}",
                campaign_name=f"campaign {at}",
                advertiser_name=f"advertiser {at}",
            )
            for at in range(line_items)
        ),
        creatives=tuple(
            BookedCreative(
                first_id + at * creatives + which, at, f"creative {which}", 30, 1, interactive=False
            )
            for at in range(line_items)
            for which in range(creatives)
        ),
        regions=REGIONS,
    )


def event_files(
    folder: Path, book: BookColumns, run_id: str = "r1", *, seed: int = 7, events_of: EventsOf = ALL
) -> EventFiles:
    """Return what writes the event files of a run."""
    return EventFiles(folder, run_id, book, scenario="synthetic", seed=seed, events_of=events_of)


class Market:
    """Makes hours in order; the same seed makes the same ones."""

    def __init__(self, book: BookColumns, seed: int = 1, events: int = 200, viewers: int = 50) -> None:
        self.book = book
        self.rng = np.random.default_rng(seed)
        self.events = events
        self.seen = np.zeros((len(book.line_items), viewers), dtype=np.int64)
        self.spent = np.zeros(len(book.line_items), dtype=np.int64)
        self.next = 0

    def hour(self, live: list[bool] | None = None) -> Hour:
        """Return the next hour; line items that are not live win nothing."""
        number, self.next = self.next, self.next + 1
        flags = np.ones(len(self.book.line_items), dtype=bool) if live is None else np.array(live)
        events = self._events(number, flags)
        funnel = self._funnel(events, flags)
        devices, placements = (len(self.book.words[name]) for name in ("device", "placement"))
        inventory = np.zeros((devices, placements, len(INVENTORY)), dtype=np.int64)
        np.add.at(inventory[:, :, 1], (events["device"], events["placement"]), 1)
        inventory[:, :, 2:4] = self.rng.integers(0, 50, size=(devices, placements, 2))
        inventory[:, :, 0] = inventory[:, :, 1:4].sum(axis=2)
        inventory[:, :, 6] = inventory[:, :, 0] * 30
        self.spent += funnel[:, FUNNEL_AT["spend_micros"]]
        edges = ((1, 1), (2, 2), (3, 5), (6, 9), (10, 1 << 40))
        buckets = [((self.seen >= low) & (self.seen <= high)).sum(axis=1) for low, high in edges]
        goal = np.full(len(flags), BUDGET // 72, dtype=np.int64)
        pacing = Pacing(
            live=flags,
            goal_micros=goal,
            allowance_micros=goal * 2,
            expected_cum_micros=goal * (number + 1),
            delivered_cum_micros=self.spent.copy(),
            multiplier_ppm=np.full(len(flags), 1_000_000, dtype=np.int64),
            participation_ppm=np.full(len(flags), 500_000, dtype=np.int64),
            forecast_avails=np.full(len(flags), 900 + number, dtype=np.int64),
        )
        frequency = np.stack(buckets, axis=1).astype(np.int64)
        assert frequency.shape == (len(flags), len(FREQUENCY_BUCKETS))
        return Hour(number, (events,), funnel, inventory, frequency, pacing)

    def _events(self, number: int, live: np.ndarray) -> np.ndarray:
        rng, count = self.rng, self.events if live.any() else 0
        events = np.zeros(count, dtype=EVENT)
        if not count:
            return events
        creatives = np.flatnonzero(live[[creative.line_item for creative in self.book.creatives]])
        events["creative"] = rng.choice(creatives, count)
        events["line_item"] = np.array([each.line_item for each in self.book.creatives])[events["creative"]]
        events["viewer_id"] = rng.integers(0, self.seen.shape[1], count)
        events["session_id"] = rng.integers(0, 9, count)
        events["ts"] = number * 3600 + np.sort(rng.integers(0, 3600, count))
        events["pod_position"] = rng.integers(0, 4, count)
        events["slot_id"] = rng.integers(0, 1 << 40, count) * 16 + events["pod_position"]
        for field, words in self.book.words.items():
            events[field] = rng.integers(0, len(words), count)
        events["second_genre"] = np.where(rng.random(count) < 0.5, NO_GENRE, 1)
        events["duration_s"] = 30
        events["bid_micros"] = rng.integers(20_000, 25_000, count)
        events["floor_micros"] = 10_000
        events["price_micros"] = rng.integers(10_000, 20_000, count)
        events["ambient_micros"] = rng.integers(0, 10_000, count)
        events["rendered"] = rng.random(count) < 0.97
        events["invalid"] = events["rendered"] & (rng.random(count) < 0.02)
        events["charged_micros"] = np.where(_billed(events), events["price_micros"], 0)
        depth = rng.random(
            count
        )  # of viewing: one draw for all, so that each quartile implies those before it
        for field, share in (
            ("started", 0.99),
            ("q25", 0.95),
            ("q50", 0.9),
            ("q75", 0.88),
            ("completed", 0.85),
        ):
            events[field] = depth < share
        events["watch_seconds"] = np.where(events["completed"], 30, 10)
        events["measurable"] = 1
        for field in ("viewable", "muted", "clicked", "skipped", "qr_scanned"):
            events[field] = rng.random(count) < 0.3
        return events

    def _funnel(self, events: np.ndarray, live: np.ndarray) -> np.ndarray:
        funnel = np.zeros((len(live), len(FUNNEL)), dtype=np.int64)
        column = {name: funnel[:, at] for name, at in FUNNEL_AT.items()}
        billed, item = _billed(events), events["line_item"]
        for name, values in (
            ("wins", 1),
            ("errors", 1 - events["rendered"]),
            ("invalid", events["invalid"]),
            ("impressions", billed),
            ("clearing_sum_micros", events["price_micros"]),
            ("floor_sum_micros", events["floor_micros"]),
            ("impression_bid_sum_micros", events["bid_micros"] * billed),
            ("worth_sum_micros", events["worth_micros"] * billed),
            ("spend_micros", events["charged_micros"]),
            ("bid_sum_micros", events["bid_micros"]),
        ):
            np.add.at(column[name], item, values)
        before = (self.seen > 0).sum(axis=1)
        np.add.at(self.seen, (item, events["viewer_id"]), billed.astype(np.int64))
        column["new_viewers"][:] = (self.seen > 0).sum(axis=1) - before
        column["bids"][:] = column["wins"]
        for name in FUNNEL:
            if name.startswith(("lost_", "blocked_")):
                column[name][:] = self.rng.integers(0, 300, len(live)) * live
                column["requests_matched"][:] += column[name]
                if name.startswith("lost_"):
                    column["bids"][:] += column[name]
                    column["bid_sum_micros"][:] += column[name] * 20_000
        column["requests_matched"][:] += column["wins"]
        return funnel


def store_run(
    engine: Engine, book: BookColumns, run_id: str = "r1", hours: int = 72, seed: int = 1
) -> Recording:
    """Simulate *hours* of a synthetic market, commit it, and return its recording."""
    market = Market(book, seed)
    with Recording(book, run_id) as recording:
        for _ in range(hours):
            recording(market.hour())
        facts = [
            Fact(0, FactKind.flight_started, line_item=0, count=72),
            Fact(3600, FactKind.terms_changed, campaign=1, lifetime_micros=50_000_000),
        ]
        with Session(engine) as session, session.begin():
            recording.store(session, run_row(run_id, hours, recording.digest("0" * 64)), facts)
    return recording


def run_row(
    run_id: str = "r1", hours: int = 72, digest: str = "d", start: datetime = START
) -> registry.SimulationRun:
    """Return the row of a run."""
    return registry.SimulationRun(
        run_id=run_id,
        scenario="synthetic",
        scenario_text="{}",
        fingerprint="f",
        seed=1,
        start=start,
        horizon_hours=hours,
        shards=1,
        workers=1,
        paceline_version="0",
        python_version="3",
        platform="here",
        digest=digest,
        started_at=START,
        finished_at=START,
        seconds=1.0,
        auctions=1,
        impressions=1,
        spend_micros=1,
    )


def add_book(session: Session, book: BookColumns) -> None:
    """Add what the book's ids refer to."""
    for item in book.line_items:
        campaign = registry.Campaign(
            id=item.campaign_id,
            name=item.campaign_name,
            start_date=date(2026, 11, 2),
            end_date=date(2026, 12, 31),
        )
        line_item = registry.LineItem(id=item.id, name=item.name, max_bid_micros=25_000)
        line_item.budgets.append(
            registry.Budget(budget_type=registry.BudgetType.lifetime, amount_micros=BUDGET)
        )
        line_item.creatives.extend(
            registry.Creative(
                id=creative.id,
                name=creative.name,
                mime_type=registry.CreativeMimeType.mp4,
                asset_url="https://ads.example/spot.mp4",
                duration_s=30,
            )
            for creative in book.creatives
            if book.line_items[creative.line_item] is item
        )
        campaign.line_items.append(line_item)
        advertiser = registry.Advertiser(
            id=item.advertiser_id, name=item.advertiser_name, campaigns=[campaign]
        )
        session.add(advertiser)


def _billed(events: np.ndarray) -> np.ndarray:
    return (events["rendered"] == 1) & (events["invalid"] == 0)
