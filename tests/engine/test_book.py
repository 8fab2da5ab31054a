"""The book: an order that no database decides, keys that last, and refusals that say what is allowed."""

import json

import pytest

from entities import registry
from sim.book.arrays import arrays_of
from sim.layout import ONE_VALUED
from tests.bookings import book, campaign, line_item, market


def _refused(match: str, *campaigns: registry.Campaign, **settings: object) -> None:
    with pytest.raises(registry.InputError, match=match):
        book(campaigns, market(**settings))


def test_the_order_and_the_keys_are_those_of_the_names() -> None:
    one = campaign([line_item("b", lifetime_budget=1), line_item("a", lifetime_budget=1)], advertiser="Zed")
    two = campaign([line_item("c", lifetime_budget=1)], advertiser="Abe")
    forward, backward = book([one, two], market()), book([two, one], market())
    assert [item.path for item in forward.line_items] == [
        "Abe / Campaign / c",
        "Zed / Campaign / a",
        "Zed / Campaign / b",
    ]
    assert forward.text == backward.text
    assert len({item.key for item in forward.line_items}) == 3


def test_ids_are_in_no_fingerprint() -> None:
    fresh = campaign([line_item(lifetime_budget=1)])
    before = book([fresh], market()).text
    fresh.id = fresh.line_items[0].id = fresh.line_items[0].creatives[0].id = 4711
    assert book([fresh], market()).text == before
    assert "4711" not in before
    assert json.loads(before)


def test_only_approved_active_creatives_are_booked() -> None:
    creatives = [
        {"asset_url": f"https://x.example.com/{name}.mp4", "mime_type": "mp4", "duration_s": 15, **terms}
        for name, terms in (
            ("a", {}),
            ("b", {"qa_status": "pending"}),
            ("c", {"status": "paused"}),
            ("d", {}),
        )
    ]
    booked = book([campaign([line_item(lifetime_budget=1, creatives=creatives)])], market())
    assert [creative.name for creative in booked.creatives] == ["a", "d"]


def test_caps_of_three_levels_bind_a_line_item_and_are_shared() -> None:
    items = [
        line_item(name, lifetime_budget=1, frequency_caps=[{"max_impressions": 3, "unit": "day"}])
        for name in "ab"
    ]
    caps = {"frequency_caps": [{"max_impressions": 9, "unit": "week"}]}
    owner = campaign(items, advertiser_caps=[{"max_impressions": 20, "unit": "lifetime"}], **caps)
    booked = book([owner], market())
    assert len(booked.caps) == 4
    a, b = (item.caps for item in booked.line_items)
    assert a[0] != b[0]
    assert a[1:] == b[1:]
    assert [booked.caps[c].limit for c in a] == [3, 9, 20]


def test_what_cannot_be_booked_is_refused() -> None:
    _refused("Advertiser / Campaign / item: has no budget, nor has its campaign", campaign([line_item()]))
    _refused("targets region 'mars'; the market has us_east,", campaign([line_item(lifetime_budget=1, targeting={"include": {"region": ["mars"]}})]))  # fmt: skip
    _refused(r"pacing .*does not match any of the expected tags: .*'asap'", campaign([line_item(lifetime_budget=1, pacing="evn")]))  # fmt: skip
    _refused("one currency; its campaigns have EUR, USD", campaign([line_item(lifetime_budget=1)]), campaign([line_item(lifetime_budget=1)], advertiser="Euro", currency="EUR"))  # fmt: skip


def test_a_campaign_budget_is_enough() -> None:
    assert (
        book([campaign([line_item()], lifetime_budget=5)], market()).campaigns[0].lifetime_micros == 5_000_000
    )


def test_targeting_becomes_masks() -> None:
    wants = {
        "include": {"device": ["tv", "tablet"], "genre": ["drama"], "region": ["us_east"], "gender": ["male"]}
    }
    refuses = {
        "exclude": {
            "genre": ["comedy"],
            "device": ["phone"],
            "placement": ["pre_roll"],
            "title_tier": ["top_10"],
        }
    }
    items = [
        line_item("a", lifetime_budget=1, targeting=wants),
        line_item("b", lifetime_budget=1, targeting=refuses),
    ]
    where = market()
    masks = arrays_of(book([campaign(items)], where), where).masks
    at_pod = dict(zip(ONE_VALUED, masks.pod[..., 0], strict=True))
    assert at_pod["device"][:4].tolist() == [0b11, 0b10, 0b00, 0b11]
    assert masks.genre[:3, 0].tolist() == [0b11, 0b10, 0b10]
    assert masks.not_genre[:3, 0].tolist() == [0b00, 0b10, 0b00]
    assert at_pod["placement"][:2].tolist() == [0b01, 0b11]
    assert at_pod["title_tier"][:2].tolist() == [0b01, 0b11]
    kinds = masks.kind[:, 0].reshape(len(where.regions), 6, 2)
    assert (kinds[0, :, 1] == 0b11).all()
    assert (kinds[0, :, 0] == 0b10).all()
    assert (kinds[1:] == 0b10).all()


def test_a_value_table_is_made_only_for_what_varies() -> None:
    items = [
        line_item("a", lifetime_budget=1),
        line_item("b", lifetime_budget=1, bidding="truthful", valuation="log_normal"),
        line_item("c", lifetime_budget=1, valuation="log_normal"),
    ]
    where = market()
    arrays = arrays_of(book([campaign(items)], where), where)
    # A fixed CPM bids the same whatever a slot is worth.
    assert arrays.line_items["values"].tolist() == [-1, 0, -1]
    assert (arrays.values[0][1:] >= arrays.values[0][:-1]).all()
