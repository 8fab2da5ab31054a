"""The largest settings that are accepted stay within 63 bits, and what is counted within its bits."""

from __future__ import annotations

import numpy as np
import pytest

from entities.enums import DeviceType, Genre
from sim.ambient.log_normal import LogNormalDemand
from sim.audience.content import Content
from sim.audience.pods.structured import StructuredPods
from sim.audience.population import ACTIVITY_MOST, ACTIVITY_ONE, Population
from sim.audience.viewing import PRESENCE_ONE, Habits, traffic, viewing
from sim.bidding.truthful import Truthful
from sim.book.arrays import factors
from sim.events import POD_SHIFT
from sim.kernels.caps import WINDOW_MASK
from sim.layout import AMBIENT_MOST, BREAKS_MOST, FACTOR_BITS, POD_BITS, SESSION, VIEWER
from sim.streams import salts
from sim.tables import MOST_VALUE
from sim.valuation.log_normal import LogNormal
from tests.audiences import met
from tests.bookings import campaign, line_item, market, play

LARGEST = 2**63 - 1
DEAREST = 10_000_000  # micros: the highest CPM, 10,000
VIEWERS, DAYS = 50_000_000, 3660


def test_a_bid_times_the_largest_factor_fits() -> None:
    worth, rule = LogNormal(median=100, sigma=3), Truthful()
    table = factors(worth, rule).row
    assert table.max() == MOST_VALUE
    assert DEAREST * int(table.max()) <= LARGEST
    assert int(np.abs(np.diff(table)).max()) << 20 <= LARGEST
    assert 2 * MOST_VALUE << 20 <= LARGEST


def test_the_widest_valuations_bid_up_to_the_maximum_and_never_less_than_nothing() -> None:
    wide = {"kind": "log_normal", "median": 100, "sigma": 3}
    item = line_item(max_cpm=10_000, lifetime_budget=10**9, pacing="asap", bidding="truthful", valuation=wide)
    run = play([campaign([item])], market(ambient="none", floors={"cpm": 0}))
    bids = np.concatenate([hour.events["bid_micros"] for hour in run.hours])
    assert len(bids) > 10_000
    assert bids.min() > 0
    assert bids.max() == DEAREST
    assert (bids == DEAREST).mean() == pytest.approx(
        0.938, abs=0.02
    )  # ln 100 / 3 = 1.535 standard deviations
    assert run.of(0, "lost_below_floor") == 0


def test_the_largest_ambient_bid_fits_and_so_does_an_hour_of_them() -> None:
    everywhere = {"by_genre": {"drama": 100}, "by_device": {"tv": 100}, "by_hour": {"20": 100}}
    demand = LogNormalDemand.model_validate({"median_cpm": 10_000, "sigma": 3, **everywhere})
    table = demand.table()
    scale = round(demand.scale(20, DeviceType.tv, Genre.drama) * (1 << FACTOR_BITS))
    assert table.max() == 1 << 30
    assert scale == 1 << 30
    assert int(table.max()) * scale <= LARGEST
    assert int(np.diff(table).max()) << 20 <= LARGEST
    assert VIEWERS * 61 * 15 * AMBIENT_MOST <= LARGEST
    assert AMBIENT_MOST > DEAREST
    assert demand.scale(20, DeviceType.tv, Genre.comedy) == 1 << 10
    assert demand.scale(20, DeviceType.phone, Genre.comedy) == 100


def test_a_slot_id_holds_every_viewer_pod_and_position() -> None:
    assert 61 * 24 * DAYS < 1 << POD_BITS
    assert 1 << POD_SHIFT > 15
    assert VIEWERS << (POD_BITS + POD_SHIFT) <= LARGEST
    assert (1 << POD_BITS) - 1 <= WINDOW_MASK


def test_nobody_meets_more_than_61_pods_an_hour() -> None:
    content = Content(title_minutes=1)
    pods = StructuredPods.model_validate({"pre_roll": {"share": 1, "slots": {1: 1}}})
    habits = Habits(session_minutes=50, longest_minutes=100)
    tables = viewing(habits, Population(), content, pods, salts(1))
    busy = tables._replace(starts=np.array([1 << 18]), carried=np.array([0]))
    viewers = np.zeros(200, VIEWER)
    viewers["id"] = np.arange(200)
    viewers["activity"] = 1 << 17
    sessions = np.zeros(200, SESSION)
    counts = [np.bincount(met(hour, busy, viewers, sessions)[0]["viewer"]) for hour in range(20)]
    assert 55 <= max(count.max() for count in counts) <= 61


def test_breaks_without_sessions_stay_within_64_bits() -> None:
    busiest = Habits(exposure="poisson", breaks_a_day=200, hours=(1, *[0] * 23), weekdays=(1, *[0] * 6))
    due = int(viewing(busiest, Population(), Content(), StructuredPods(), salts(1)).due.max())
    assert due == BREAKS_MOST << 24
    assert due * ACTIVITY_MOST * 3600 <= LARGEST
    assert round(max(traffic(busiest, Population())) * PRESENCE_ONE) * VIEWERS * ACTIVITY_ONE <= LARGEST


def test_pods_beyond_a_million_are_still_the_viewers_own() -> None:
    tables = viewing(Habits(), Population(), Content(), StructuredPods(), salts(1))
    busy = tables._replace(starts=np.array([1 << 18]), carried=np.array([0]))
    viewers = np.zeros(3, VIEWER)
    viewers["id"] = [0, 1, VIEWERS - 1]
    viewers["activity"] = 1 << 12
    sessions = np.zeros(3, SESSION)
    sessions["pods"] = first = 61 * 24 * DAYS
    pods = np.concatenate([met(hour, busy, viewers, sessions)[0] for hour in range(6)])
    assert set(pods["viewer"].tolist()) == {0, 1, 2}
    assert (pods["id"] >> POD_BITS == viewers["id"][pods["viewer"]]).all()
    assert (pods["id"] & ((1 << POD_BITS) - 1) >= first).all()
