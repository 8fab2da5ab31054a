"""The price of a run: told from its size, and fitted to runs that were measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis import price, price_fit
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import load
from scenarios.models import Scenario
from sim.book.book import Book


def sized(tmp_path: Path, *settings: str, workers: int = 1, events: bool = False) -> dict[str, float]:
    """Return the size of a small run, and what it did."""
    found: dict[str, float] = {}

    def before(scenario: Scenario, book: Book) -> None:
        found.update(price.size_of(scenario, book, workers=workers, events=events))

    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    report = simulate(engine, load("smoke", settings), before=before)
    with registry.session(engine, writes=False) as reader:
        stored = {
            table: reader.connection()
            .exec_driver_sql(f"SELECT count(*) FROM {table} WHERE run_id = '{report.run_id}'")
            .scalar_one()
            for table in ("performance", "performance_extended", "inventory_hourly")
        }
    return found | {"offered": report.auctions, **stored}


def test_the_size_of_a_run_is_known_before_it(tmp_path: Path) -> None:
    size = sized(tmp_path)
    assert size["auctions"] == pytest.approx(size["offered"], rel=0.15)
    assert size["creative_hours"] == size["performance"]
    assert size["line_item_hours"] == size["performance_extended"]
    assert size["market_hours"] == size["inventory_hourly"]
    assert size["events"] == 0


def test_a_flight_beyond_the_horizon_costs_nothing_there(tmp_path: Path) -> None:
    size = sized(tmp_path, "market.days=1")
    assert size["creative_hours"] == size["performance"]


@pytest.mark.parametrize(
    "setting", ["market.pods.pre_roll.share=0", "market.content.title_minutes=60", "market.days=1"]
)
def test_auctions_are_foretold_in_other_markets(tmp_path: Path, setting: str) -> None:
    size = sized(tmp_path, setting)
    assert size["auctions"] == pytest.approx(size["offered"], rel=0.3)


def test_more_costs_more() -> None:
    books: list[tuple[Scenario, Book]] = []
    engine = registry.make_engine(":memory:")
    registry.init_db(engine)
    small = load("smoke", ["market.days=1", "market.population.viewers=100"])
    simulate(engine, small, before=lambda scenario, book: books.append((scenario, book)))
    [(scenario, book)] = books
    large = load("smoke", ["market.days=30", "market.population.viewers=1e6"]).scenario
    one = price.predict(scenario, book, workers=1, events=False)
    other = price.predict(large, book, workers=1, events=False)
    assert one.seconds < 10 < other.seconds
    assert one.memory_bytes < other.memory_bytes
    assert one.disk_bytes < other.disk_bytes
    assert price.predict(large, book, workers=2, events=False).seconds < other.seconds
    assert price.predict(large, book, workers=1, events=True).disk_bytes > 2 * other.disk_bytes


def test_the_lines_say_how_they_were_measured() -> None:
    kept = json.loads(price.FILE.read_text(encoding="utf-8"))
    assert kept["measured"]["command"] == "python -m analysis.price_fit"
    assert len(kept["measured"]["runs"]) == len(price_fit.RUNS)
    for what, line in kept["lines"].items():
        assert set(line) <= set(price_fit.DEPENDS[what])
        assert all(each >= 0 for each in line.values())


def test_a_line_is_found_again() -> None:
    true = {"one": 2.0, "auctions_a_thread": 3e-6}
    sizes = [
        dict.fromkeys(price_fit.DEPENDS["seconds"], 0.0)
        | {name: 0.0 for part in price_fit.DEPENDS.values() for name in part}
        | {"one": 1.0, "auctions_a_thread": auctions, "looks_a_thread": 3 * auctions * extra}
        for auctions, extra in ((1e5, 1), (1e6, 2), (5e6, 1), (2e7, 3), (1e8, 1))
    ]
    taken = [
        {"size": size, "seconds": price.priced(true, size), "memory_bytes": 5.0, "disk_bytes": 7.0}
        for size in sizes
    ]
    lines = price_fit.fit(taken)
    assert lines["seconds"]["one"] == pytest.approx(2, rel=0.01)
    assert lines["seconds"]["auctions_a_thread"] == pytest.approx(3e-6, rel=0.01)
    assert price_fit.missed(taken, lines)["seconds"] == "0% in the middle, 0% at worst"


def test_a_run_is_measured(tmp_path: Path) -> None:
    taken = price_fit.take({"viewers": 500, "days": 1, "workers": 1, "more": 1, "events": True})
    assert taken["seconds"] > 0
    assert taken["disk_bytes"] > 10_000
    assert taken["size"]["events"] > 0


def test_threads_beyond_the_processors_promise_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[float, float]] = []

    def before(scenario: Scenario, book: Book) -> None:
        pair = (price.predict(scenario, book, workers=count, events=False).seconds for count in (2, 64))
        told.append((next(pair), next(pair)))

    monkeypatch.setattr(price, "available_workers", lambda asked: 2)
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    simulate(engine, load("smoke", ["market.days=1"]), before=before)
    assert told[0][0] == told[0][1]
