"""Books that Hypothesis draws: whatever line items may be told to do, in campaigns of one to three."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from hypothesis import strategies as st

from entities import registry
from sim.pacing import PacingPolicy
from tests.bookings import campaign, line_item

amounts = st.sampled_from([None, "0.02", "0.5", 3, 20, 500])
zones = st.sampled_from(["America/New_York", "America/Los_Angeles", "UTC", "Australia/Sydney"])
caps = st.lists(
    st.builds(
        lambda limit, unit: {"max_impressions": limit, "unit": unit},
        st.integers(1, 4),
        st.sampled_from(["minute", "hour", "day", "week", "lifetime", "pod", "stream"]),
    ),
    max_size=3,
    unique_by=lambda cap: cap["unit"],
)
flights = st.sampled_from(
    [
        [],
        [{"start": "2026-11-02", "days": 1}],
        [{"start": "2026-11-02 06:00", "end": "2026-11-02 09:00"}, {"start": "2026-11-03 20:00", "days": 2}],
        [{"start": "2026-11-03 23:00", "end": "2026-11-04 01:00"}],
    ]
)


def campaigns(
    policies: Sequence[Any] = sorted(PacingPolicy.members()),
    lifetimes: Sequence[Any] = ("0.02", "0.5", 3, 20, 500),
) -> st.SearchStrategy[list[Any]]:
    """Return the strategy of campaigns, for `booked`, whose line items have such *policies* and *lifetimes*.

    Those without a lifetime budget, None, have a daily one.
    """
    items = st.fixed_dictionaries(
        {
            "max_cpm": st.sampled_from([8, 12, 25, "25.125"]),
            "lifetime_budget": st.sampled_from(lifetimes),
            "daily_budget": st.sampled_from([None, None, "0.02", "0.5"]),
            "pacing": st.sampled_from(policies),
            "deal": st.sampled_from(["open", "open", "guaranteed", {"kind": "private", "floor_cpm": 7}]),
            "slot_in_pod": st.sampled_from([*["any"] * 3, *registry.SlotInPod]),
            "frequency_caps": caps,
            "flights": flights,
            "dayparts": st.sampled_from(
                [None, None, [{"hours": "18-23"}, {"hours": [3], "weekdays": ["mon"]}]]
            ),
        }
    )
    return st.lists(
        st.tuples(
            st.lists(items, min_size=1, max_size=3), amounts, st.sampled_from([None, "0.5", 3]), zones, caps
        ),
        min_size=1,
        max_size=3,
    )


def booked(drawn: list[Any]) -> list[registry.Campaign]:
    """Return the campaigns that were drawn, with budgets that may be: a day's is no more than that of all."""
    number = count()
    found = []
    for place, (line_items, lifetime, daily, zone, campaign_caps) in enumerate(drawn):
        too_much = lifetime is not None and daily is not None and float(daily) > float(lifetime)
        terms = []
        for one in line_items:
            item = {key: value for key, value in one.items() if value is not None}
            if "lifetime_budget" not in item:
                item.setdefault("daily_budget", "0.5")
            elif "daily_budget" in item and float(item["daily_budget"]) > float(item["lifetime_budget"]):
                del item["daily_budget"]
            terms.append(line_item(f"item {next(number)}", **item))
        found.append(
            campaign(
                terms, advertiser=f"Advertiser {place}", end="2026-11-06", timezone=zone,
                lifetime_budget=lifetime, daily_budget=None if too_much else daily, frequency_caps=campaign_caps,
            )
        )  # fmt: skip
    return found
