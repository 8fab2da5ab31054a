"""The data dictionary is what the models say, and no column goes without a word."""

from pathlib import Path

import polars as pl
import pytest

from analysis.rows.bids import BID_SCHEMA
from analysis.rows.dictionary import PAGE, bid_entries, entries, event_entries, page
from analysis.rows.event_files import scan_events
from analysis.rows.events import EVENT_COLUMNS
from entities import registry
from tests.laws.finished import finish

TABLES = registry.Base.metadata.tables


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_says_what_it_holds_and_where_it_comes_from(name: str) -> None:
    for entry in entries(TABLES[name]):
        assert len(entry.text) > 3, f"{name}.{entry.name} has no comment= in entities/models"
        assert entry.source, f"{name}.{entry.name} has no source"
        assert entry.unit or not entry.name.endswith(("_micros", "_ppm", "seconds", "_s", "_at")), entry.name


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_whole_number_that_is_no_key_has_a_unit(name: str) -> None:
    for entry, column in zip(entries(TABLES[name]), TABLES[name].columns, strict=True):
        if column.info.get("least") is not None or column.computed is not None:
            assert entry.unit, f"{name}.{entry.name} has no unit"


def test_the_page_is_made_from_the_models_of_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "entities/TABLES.md is out of date: make generated"


def test_every_table_has_its_place_on_the_page() -> None:
    assert {model.__tablename__ for model in registry.TABLES} == set(TABLES)


def test_the_event_files_are_as_the_page_tells_them(tmp_path: Path) -> None:
    run = finish(tmp_path / "run", "smoke", "market.population.viewers=200", "market.days=1")
    schema = scan_events(run.events, run.run_id).collect_schema()
    told = {entry.name: entry.type for entry in event_entries()}
    assert {name: str(kind.base_type()) for name, kind in schema.items()} == told
    assert list(told)[: len(EVENT_COLUMNS)] == list(EVENT_COLUMNS)
    assert all(entry.text and entry.source for entry in event_entries())


def test_the_files_of_bids_are_as_the_page_tells_them() -> None:
    told = {entry.name: entry.type for entry in bid_entries()}
    schema = {**BID_SCHEMA, "run_id": pl.String(), "date": pl.Date()}
    assert {name: str(kind.base_type()) for name, kind in schema.items()} == told
    assert list(told) == list(schema)
    assert all(entry.text and entry.source for entry in bid_entries())
