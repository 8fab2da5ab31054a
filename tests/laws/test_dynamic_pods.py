"""A market that sells pods as a whole keeps every law, and its pods are told by seconds and ads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.rows.event_files import scan_events
from sim.events import FUNNEL
from tests.laws.finished import Finished, broken, finish, not_checked, played

SCENARIO = str(Path(__file__).with_name("everything.yml"))
LARGE = "market.pods={kind: dynamic, ambient_seconds: 15, mid_roll: {seconds: {75: 1, 90: 2}, max_ads: 4}}"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("dynamic") / "run", "pods-dynamic")


@pytest.fixture
def copied(example: Finished, tmp_path: Path) -> Finished:
    return example.copy(tmp_path / "run")


def test_the_example_breaks_nothing(example: Finished) -> None:
    found = example.audit()
    assert found.broken == ()
    assert not_checked(found) == {13, 15}  # nobody converts


@pytest.mark.parametrize(
    "settings",
    [
        ("market.pods=dynamic",),
        (LARGE, "market.auction=first_price", "market.tick_minutes=60"),
        (LARGE, "market.auction={kind: soft_floor, soft_floor_cpm: 12}", "seed=5"),
        (LARGE, "market.floors.per_second_cpm=0.3", "market.population.viewers=150", "market.ambient.presence=0"),
        ("market.pods={kind: dynamic, mid_roll: {seconds: {300: 1}, max_ads: 15}}", "market.ambient=none"),
    ],
    ids=["as it is", "first price", "soft floor", "few viewers", "long pods"],
)  # fmt: skip
def test_nothing_is_broken_in_other_markets(settings: tuple[str, ...]) -> None:
    run = played(SCENARIO, "market.days=2", "market.changes=[]", *settings)
    assert run.audit().broken == ()
    rows = run.performance_extended
    assert rows["wins"].sum() > 0
    assert rows["blocked_separation"].sum() == 0


def slots(finished: Finished) -> pl.DataFrame:
    return scan_events(finished.events, finished.run_id).collect()


def test_every_way_to_lose_a_pod_is_met(example: Finished) -> None:
    with example.run() as run:
        rows = run.performance_extended
    assert {name for name in FUNNEL if name.startswith("lost_") and rows[name].sum() == 0} == set()


def test_pods_are_as_long_as_they_are_said_to_be(example: Finished) -> None:
    with example.run() as run:
        supply = run.inventory
    by_placement = supply.group_by("placement").agg(pl.col("ad_seconds", "avails").sum())
    pods = {
        row["placement"]: (row["ad_seconds"], row["avails"]) for row in by_placement.iter_rows(named=True)
    }
    # 2 ads in 15 s or 30 s before a title, 4 in 60, 75 or 90 s within it.
    for placement, ads, lengths in (("pre_roll", 2, (15, 30, 30)), ("mid_roll", 4, (60, 60, 75, 90))):
        seconds, avails = pods[placement]
        count = avails / ads
        spread = np.std(lengths) * np.sqrt(count)
        assert count > 10_000
        assert abs(seconds - count * np.mean(lengths)) < 4 * spread


def test_ads_follow_one_another_and_the_dearest_comes_first_among_those_without_a_place(
    example: Finished,
) -> None:
    events = slots(example).sort("pod_id", "pod_position")
    together = events.filter(pl.col("pod_id").is_duplicated())
    before = together.with_columns(
        follows=pl.col("pod_position").diff() == 1,
        same=pl.col("pod_id").diff() == 0,
        gap=pl.col("ts").diff().dt.total_seconds() - pl.col("duration_s").shift(),
    ).filter("follows", "same")
    assert len(before) > 1000
    assert (before["gap"] == 0).all()


CORRUPTED = {
    "an ad longer than what is left": pl.col("duration_s") + 600,
    "an ad before its pod": pl.col("ts") - pl.duration(seconds=1),
    "in a pod of more ads": pl.col("pod_slots") + 9,
}


@pytest.mark.parametrize("name", CORRUPTED)
def test_a_corrupted_pod_is_found(name: str, copied: Finished) -> None:
    change = CORRUPTED[name]
    field = change.meta.root_names()[0]
    first = (pl.col("pod_position") == 0) & (pl.col("pod_slots") == 1)

    def corrupt(frame: pl.DataFrame) -> pl.DataFrame:
        place = frame.select(first.arg_true().first()).item()
        here = pl.int_range(pl.len()) == place
        new = pl.when(here).then(change).otherwise(pl.col(field))
        return frame.with_columns(new.cast(frame.schema[field]).alias(field))

    copied.slots(corrupt)
    # A floor by the second is that of the seconds, too, and seconds that were sold are counted.
    assert broken(copied.audit()) - {6, 7} == {5, 12}
