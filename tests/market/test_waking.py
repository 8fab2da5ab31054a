"""Line items that are booked as paused, and a change that wakes them."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from analysis.runs.run import Run
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import load

SLEEPER = """
name: waking
extends: smoke
market:
  changes:
    - {at: 2026-11-02 12:00, line_item: WHO, status: STATUS}
campaigns:
  - advertiser: {name: Late}
    campaign:
      name: Late Launch
      timezone: America/New_York
      start_date: 2026-11-02
      end_date: 2026-11-03
      line_items:
        - name: Sleeper
          status: paused
          max_cpm: 20
          lifetime_budget: 50
          creatives: [{asset_url: "https://cdn.late.example.com/late.mp4", mime_type: mp4, duration_s: 30}]
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(made)
    return made


def _run(engine: Engine, folder: Path, who: str, status: str) -> Run:
    path = folder / "waking.yml"
    path.write_text(SLEEPER.replace("WHO", who).replace("STATUS", status))
    return simulate(engine, load(str(path)))


def test_a_paused_line_item_delivers_from_the_tick_that_wakes_it(engine: Engine, tmp_path: Path) -> None:
    assert _run(engine, tmp_path, "Sleeper", "active").impressions > 0
    rows = registry.PerformanceExtended
    with registry.session(engine) as opened:
        first = opened.scalar(select(func.min(rows.hour_start)).where(rows.impressions > 0))
    assert first is not None
    assert f"{first:%Y-%m-%d %H}" == "2026-11-02 17"  # noon in New York


def test_a_market_in_which_all_are_paused_says_who(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(registry.InputError, match="all that could are paused, as is 'Sleeper'"):
        _run(engine, tmp_path, "Sleeper", "paused")


def test_a_change_of_nobody_is_refused_where_it_is_written(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SLEEPER.replace("WHO", "Sleepr").replace("STATUS", "active").replace("paused", "active")
    Path("waking.yml").write_text(text)
    with pytest.raises(registry.InputError) as refused:
        simulate(engine, load("waking.yml"))
    assert str(refused.value) == (
        "waking.yml:6: market.changes.0.line_item: 'Sleepr' is no active line item of the market;"
        " did you mean 'Sleeper'?"
    )
