"""Same seed, same bytes: whatever the workers, the order of rows, the environment or the company."""

import hashlib
import os
import subprocess
import sys

from sim.events import FUNNEL
from tests.bookings import CREATIVE, Played, campaign, line_item, market, play

SCRIPT = """
from tests.determinism.test_same_bytes import crowd, digest
from tests.bookings import market, play
print(digest(play(crowd(), market())))
"""


NARROW = {"include": {"region": ["us_mountain"], "gender": ["female"]}}


def crowd() -> list:
    """Return four campaigns that compete for all that there is."""
    caps = [{"max_impressions": 2, "unit": "day"}, {"max_impressions": 1, "unit": "pod"}]
    return [
        campaign([line_item("a", lifetime_budget=80, frequency_caps=caps)], advertiser="One"),
        campaign(
            [
                line_item("b", max_cpm=22, lifetime_budget=90, pacing="traffic_shaped", bidding="truthful",
                          valuation="log_normal"),
                line_item("c", max_cpm=18, daily_budget=20),
            ],
            advertiser="Two",
        ),
        campaign([line_item("d", max_cpm=25)], lifetime_budget=50, advertiser="Three"),
        campaign([line_item("e", max_cpm=25.5, lifetime_budget=10, pacing="traffic_shaped", targeting=NARROW)],
                 advertiser="Four"),
    ]  # fmt: skip


def digest(played: Played) -> str:
    """Return one number for all that a run handed out."""
    whole = hashlib.sha256(played.outcome.events_digest.encode())
    for hour in played.hours:
        for part in (hour.events, hour.funnel, hour.inventory, hour.frequency, *hour.pacing):
            whole.update(part.tobytes())
    whole.update(repr(played.outcome.facts).encode())
    return whole.hexdigest()


def test_any_number_of_workers_gives_the_same_bytes() -> None:
    digests = {digest(play(crowd(), market(), workers=workers)) for workers in (1, 2, 5)}
    assert len(digests) == 1


def test_more_workers_than_there_is_work_for_give_the_same_bytes() -> None:
    small = market(days=1, shards=7, population={"viewers": 300})
    alone = digest(play(crowd(), small))
    assert {digest(play(crowd(), small, workers=7)) for _ in range(5)} == {alone}


def test_another_seed_gives_other_bytes() -> None:
    assert digest(play(crowd(), market(), seed=1)) != digest(play(crowd(), market(), seed=2))


def test_the_order_in_which_rows_are_found_changes_nothing() -> None:
    assert digest(play(crowd(), market())) == digest(play(crowd()[::-1], market()))


def test_neither_hash_seed_nor_time_zone_reach_the_market() -> None:
    environment = {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "POLARS_MAX_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == digest(play(crowd(), market()))


def test_a_line_item_that_never_bids_changes_no_other_row() -> None:
    alone = play(crowd(), market())
    # Its creative fits no slot, so that it is matched and never bids.
    long = {**CREATIVE, "duration_s": 60}
    silent = campaign([line_item("z", lifetime_budget=100, creatives=[long])], advertiser="Aaa")
    together = play([silent, *crowd()], market())
    places = [i for i, item in enumerate(together.book.line_items) if item.advertiser_name != "Aaa"]
    assert (together.funnel[places] == alone.funnel).all()
    silent_row = dict(zip(FUNNEL, together.funnel[1 - min(places)].tolist(), strict=True))
    assert silent_row["requests_matched"] == silent_row["blocked_creative"] > 0
    for one, other in zip(alone.hours, together.hours, strict=True):
        assert (one.inventory == other.inventory).all()
        for column in ("slot_id", "price_micros", "charged_micros", "viewer_id", "completed"):
            assert (one.events[column] == other.events[column]).all()
        for asked, asked_too in zip(one.pacing, other.pacing, strict=True):
            assert (asked == asked_too[places]).all()
        assert (one.frequency == other.frequency[places]).all()


def test_a_policy_that_changes_nothing_changes_no_byte() -> None:
    # Without a floor, rivals or budgets that bind, throttling to 100 % and a multiplier of one are asap.
    even = play([campaign([line_item(lifetime_budget=10**6, pacing="asap")])], market())
    shaped = play([campaign([line_item(lifetime_budget=10**8, pacing="even")])], market())
    assert even.outcome.events_digest == shaped.outcome.events_digest


def test_fewer_shards_meet_the_same_viewers() -> None:
    few, many = play(crowd(), market(shards=1)), play(crowd(), market(shards=64))
    for one, other in zip(few.hours, many.hours, strict=True):
        assert (one.inventory[..., 0] == other.inventory[..., 0]).all()
    assert few.of(0, "requests_matched") == many.of(0, "requests_matched")
