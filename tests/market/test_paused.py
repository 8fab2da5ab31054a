"""A line item that somebody paused is behind for that reason, and for no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.runs import simulate as runs
from entities import registry
from scenarios.loader import load

ITEM = {"line_item": "TV drama"}
WHOLE = {"campaign": "Smoke Launch"}


def reasons(folder: Path, *changes: dict[str, Any]) -> dict[str, str | None]:
    """Return why each line item is behind after the smoke market with these *changes*."""
    engine = registry.make_engine(folder / "ads.db")
    registry.init_db(engine)
    settings = ["market.population.viewers=500", f"market.changes={list(changes)}"]
    report = runs.simulate(engine, load("smoke", settings), workers=1)
    rows = report.summary
    engine.dispose()
    return dict(zip(rows["line_item"], rows["reason"], strict=True))


@pytest.mark.parametrize("target", [ITEM, WHOLE])
@pytest.mark.parametrize("hour", ["2026-11-02 00:00", "2026-11-02 03:00"])
def test_who_was_paused_for_most_of_the_run_is_told_so(
    tmp_path: Path, target: dict[str, str], hour: str
) -> None:
    found = reasons(tmp_path, {"at": hour, **target, "status": "paused"})
    assert found["TV drama"] == "paused"
    assert found["Everywhere, comedy"] != "paused"


def test_a_pause_that_was_short_is_no_reason(tmp_path: Path) -> None:
    stop, go = {"at": "2026-11-02 00:00", "status": "paused"}, {"at": "2026-11-02 06:00", "status": "active"}
    found = reasons(tmp_path, {**stop, **ITEM}, {**go, **ITEM})
    assert found["TV drama"] != "paused"


def test_who_is_woken_alone_sleeps_on_with_its_campaign(tmp_path: Path) -> None:
    stop, go = {"at": "2026-11-02 00:00", "status": "paused"}, {"at": "2026-11-02 06:00", "status": "active"}
    assert reasons(tmp_path, {**stop, **WHOLE}, {**go, **ITEM})["TV drama"] == "paused"
