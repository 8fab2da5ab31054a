"""The default market against the public figures of streaming TV: each within 5 %."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.audience.content import Content
from sim.audience.pods import breaks
from sim.audience.pods.structured import Break, StructuredPods
from sim.audience.population import Population, people
from sim.audience.viewing import Habits, presence, viewing
from sim.events import NO_GENRE
from sim.layout import SESSION
from sim.market.market import Market
from sim.streams import salts
from tests.audiences import met
from tests.bookings import market

VIEWERS, WEEKS = 30_000, 2
HOURS = 168 * WEEKS


class Audience:
    """Two weeks of the default audience in one time zone."""

    def __init__(self) -> None:
        where = market(
            population={"viewers": VIEWERS}, timezone="UTC", regions={"one": {"timezone": "UTC", "share": 1}}
        )
        run = salts(5)
        devices, genres = where.viewing.device_weights(), where.content.weights()
        viewers = people(where.population, 5, [1.0], devices, genres)
        tables = viewing(where.viewing, where.population, where.content, where.pods, run)
        sessions = np.zeros(VIEWERS, SESSION)
        self.slots = np.zeros((2, HOURS))
        self.by_viewer = np.zeros(VIEWERS)
        self.watched = np.zeros(HOURS)
        self.devices, self.genres, self.tiers = np.zeros(4), np.zeros(10), np.zeros(2)
        self.two_genres = 0
        for hour in range(-6, HOURS):
            week = np.array([hour % 168])
            now = tables._replace(
                starts=tables.starts[week].repeat(12), carried=tables.carried[week].repeat(12)
            )
            before = sessions.copy()
            pods, _ = met(hour, now, viewers, sessions)
            if hour >= 0:
                self._count(hour, pods, before, sessions)

    def _count(
        self, hour: int, pods: NDArray[np.void], before: NDArray[np.void], after: NDArray[np.void]
    ) -> None:
        slots = pods["slots"].astype(np.int64)
        for placement in (0, 1):
            self.slots[placement, hour] = slots[pods["placement"] == placement].sum()
        np.add.at(self.by_viewer, pods["viewer"], slots)
        np.add.at(self.devices, pods["device"], slots)
        np.add.at(self.tiers, pods["title_tier"], slots)
        np.add.at(self.genres, pods["genre"], slots)
        second = pods["second_genre"] != NO_GENRE
        np.add.at(self.genres, pods["second_genre"][second], slots[second])
        self.two_genres += slots[second].sum()
        first, last = hour * 3600, hour * 3600 + 3600
        new = after["number"] != before["number"]
        for table, counted in ((before, np.ones(len(before), bool)), (after, new)):
            seconds = np.minimum(table["end"], last) - np.maximum(table["start"], first)
            self.watched[hour] += seconds[counted].clip(0).sum() / 3600


@pytest.fixture(scope="session")
def audience() -> Audience:
    return Audience()


def test_members_watch_41_hours_a_month(audience: Audience) -> None:
    hours_a_month = audience.watched.sum() / VIEWERS / WEEKS / 7 * 365 / 12
    assert hours_a_month == pytest.approx(41, rel=0.05)


def test_an_hour_carries_4_to_5_minutes_of_ads(audience: Audience) -> None:
    minutes = audience.slots.sum() * 30 / 60 / audience.watched.sum()
    assert 4 <= minutes <= 5
    assert minutes == pytest.approx(4.5, rel=0.05)


def test_a_member_meets_about_12_slots_a_day(audience: Audience) -> None:
    assert audience.slots.sum() / VIEWERS / WEEKS / 7 == pytest.approx(12, rel=0.05)


def test_the_top_tenth_of_viewers_does_36_percent_of_the_viewing(audience: Audience) -> None:
    heavy = np.sort(audience.by_viewer)[-VIEWERS // 10 :]
    assert heavy.sum() / audience.by_viewer.sum() == pytest.approx(0.361, rel=0.05)


def test_viewing_follows_the_curve_of_the_day(audience: Audience) -> None:
    simulated = audience.watched.reshape(-1, 24).sum(axis=0)
    curve = np.array(Habits().hours)
    assert simulated / simulated.sum() == pytest.approx(curve / curve.sum(), rel=0.05)


def test_viewing_follows_the_curve_of_the_week(audience: Audience) -> None:
    simulated = audience.watched.reshape(WEEKS, 7, 24).sum(axis=(0, 2))
    week = np.array(Habits().weekdays)
    assert simulated / simulated.sum() == pytest.approx(week / week.sum(), rel=0.05)


def mean_slots(place: Break) -> float:
    """Return the expected slots at a place, those without the break included."""
    return place.share * sum(n * w for n, w in place.slots.items()) / sum(place.slots.values())


def test_pre_rolls_and_mid_rolls_have_the_shares_that_follow_from_the_ad_load(audience: Audience) -> None:
    # A session of 66 minutes, one minute at least, then without memory, reaches a title's minute m with
    # probability exp(-(m - 1) / 65); summed over the titles of 30 minutes that it runs through.
    reach = {at: np.exp(-(np.maximum(at + 30 * np.arange(40) - 1, 0)) / 65).sum() for at in (0, 10, 20)}
    pods = StructuredPods()
    pre = reach[0] * mean_slots(pods.pre_roll)
    mid = (reach[10] + reach[20]) * mean_slots(pods.mid_roll)
    shares = audience.slots.sum(axis=1) / audience.slots.sum()
    assert shares == pytest.approx([pre / (pre + mid), mid / (pre + mid)], rel=0.05)
    assert shares[1] == pytest.approx(0.8, rel=0.05)


def test_mid_rolls_last_70_seconds_and_come_three_times_an_hour() -> None:
    pods, content = StructuredPods(), Content()
    assert mean_slots(pods.mid_roll) / pods.mid_roll.share * pods.slot_seconds == pytest.approx(70)
    places = len(breaks(pods, content.title_minutes)) - 1
    assert places * pods.mid_roll.share * 60 / content.title_minutes == pytest.approx(3)


def test_devices_and_genres_match_as_often_as_they_should(audience: Audience) -> None:
    assert audience.devices / audience.devices.sum() == pytest.approx([0.70, 0.15, 0.10, 0.05], rel=0.05)
    matches = audience.genres / audience.slots.sum()
    # Drama, comedy, documentary, reality and business.
    assert matches[:5] == pytest.approx([0.44, 0.27, 0.20, 0.14, 0.12], rel=0.05)
    assert audience.two_genres / audience.slots.sum() == pytest.approx(0.5, rel=0.05)


def test_the_defaults_are_those_figures() -> None:
    assert Population().hours_a_month == 41
    assert sum(presence(Habits(), Population())) * 365 / 12 / 7 == pytest.approx(41)
    assert Market().pods.slot_seconds == 30
