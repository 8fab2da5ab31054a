"""Automatic creation: plausible, complete, and the same for the same seed whatever the day."""

import random
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from faker import Faker
from faker.generator import mod_random
from sqlalchemy.orm import Session

from entities import registry
from entities.registry import AdFormat, Objective, PricingDefaults, TargetingDefaults, TargetingKey

START = date(2026, 11, 2)
SEEDS = range(200)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_seed_makes_the_same_campaign(seed: int) -> None:
    first, again = (registry.fake_campaign(seed, start=START) for _ in range(2))
    assert first == again
    assert first == registry.fake_campaign(registry.seeded_faker(seed), start=START)


def test_other_seeds_make_other_campaigns() -> None:
    assert len({registry.fake_campaign(seed, start=START).name for seed in range(50)}) > 45


def test_only_the_start_dates_a_campaign() -> None:
    made = registry.fake_campaign(3, start=START)
    later = registry.fake_campaign(3, start=START + timedelta(days=400))
    assert made.start_date == START
    assert later.end_date - made.end_date == timedelta(days=400)
    assert later.line_items == made.line_items


def test_nothing_is_drawn_from_the_process() -> None:
    shared = (random._inst, mod_random)  # Python's and Faker's
    before = [luck.getstate() for luck in shared]
    registry.fake_campaign(1, start=START)
    assert [luck.getstate() for luck in shared] == before
    with pytest.raises(registry.InputError, match="no seed of its own"):
        registry.fake_advertiser(Faker())


def printed_by_another(code: str, hash_seed: str) -> str:
    """Return what *code* prints in a process with another hash seed and time zone."""
    return subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env={"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"},
    ).stdout


def test_another_process_makes_the_same() -> None:
    code = (
        "from datetime import date; from entities import registry;"
        "print(registry.fake_campaign(5, start=date(2026, 11, 2)).model_dump_json())"
    )
    printed = printed_by_another(code, hash_seed="1")
    assert printed.strip() == registry.fake_campaign(5, start=START).model_dump_json()


@pytest.mark.parametrize("objective", list(Objective))
def test_budgets_and_cpms_stay_within_the_market(objective: Objective) -> None:
    market = PricingDefaults()
    for seed in SEEDS:
        budget, cpm = registry.fake_budget_and_cpm(seed, days=20, objective=objective)
        assert market.cpm_least <= cpm <= market.cpm_most
        assert cpm % market.cpm_step == 0
        assert budget % market.budget_step == 0
        daily = budget / cpm * 1000 / 20
        slack = market.budget_step / cpm * 1000 / 20
        assert market.daily_impressions_least - slack <= daily <= market.daily_impressions_most + slack


def test_the_median_cpm_is_the_markets() -> None:
    cpms = sorted(registry.fake_budget_and_cpm(seed, objective=Objective.awareness).max_cpm for seed in SEEDS)
    expected = PricingDefaults().cpm_median * Decimal("1.10")
    # The median of 200 log-normal draws has a standard error of 1.25 × 0.35 / √200 = 3 %; five of them.
    assert abs(cpms[100] / expected - 1) < Decimal("0.16")


def test_defaults_can_be_replaced() -> None:
    narrow = PricingDefaults(cpm_least=Decimal(12), cpm_most=Decimal(12))
    assert registry.fake_budget_and_cpm(1, defaults=narrow).max_cpm == 12


@pytest.mark.parametrize("objective", list(Objective))
def test_targeting_suits_the_objective(objective: Objective) -> None:
    market = TargetingDefaults()
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        made = registry.fake_targeting_v2(seed, objective=objective, regions=("us_east", "us_west"))
        assert set(made.include[TargetingKey.device]) <= set(market.objective_devices[objective])
        assert 1 <= len(made.include[TargetingKey.genre]) <= market.genres_most
        assert set(made.include.get(TargetingKey.region, ())) <= {"us_east", "us_west"}
        seen.update(made.include[TargetingKey.genre])
        seen.update(key for side in (made.include, made.exclude) for key in side)
    assert seen["drama"] > seen["romance"]
    assert seen["age_band"] > 0
    assert seen["region"] > 0
    assert seen["genre"] > len(SEEDS)  # included always, excluded at times


@pytest.mark.parametrize("ad_format", list(AdFormat))
def test_creatives_fit_their_format(ad_format: AdFormat) -> None:
    lengths = {registry.make_profile_creative(seed, ad_format=ad_format).duration_s for seed in SEEDS}
    assert lengths == {seconds for seconds in (15, 30, 60) if seconds <= ad_format.max_seconds}


def test_a_creative_can_be_asked_for_by_length() -> None:
    made = registry.make_profile_creative(1, brand="Crunchy Snacks!", duration_s=15)
    assert made.duration_s == 15
    assert made.asset_url.startswith("https://cdn.example.com/crunchy-snacks/15s-")
    assert made.qa_status is registry.QAStatus.approved


def test_advertisers_do_not_share_a_name() -> None:
    taken: set[str] = set()
    for _ in range(3):
        made = registry.fake_advertiser(4, taken=taken)
        assert made.name not in taken
        taken.add(made.name)
    assert registry.fake_advertiser(4, category="travel").category == "travel"


@pytest.mark.parametrize("objective", list(Objective))
def test_a_made_campaign_can_be_booked_and_bids(db: Session, objective: Objective) -> None:
    made = registry.fake_campaign(
        9, start=START, days=20, line_items=3, objective=objective, timezone="America/Chicago"
    )
    registry.add_campaign(db, registry.fake_advertiser(9), made)
    items = registry.active_line_items(db)
    assert len(items) == 3
    for item in items:
        assert item.campaign.end_date == date(2026, 11, 21)
        assert item.budgets[0].amount_micros > 0
        assert [creative.ad_format for creative in item.creatives] == [item.ad_format]
        assert item.flights[0].ends_at - item.flights[0].starts_at == timedelta(days=20)
        assert {cap.unit.value for cap in item.frequency_caps} == {"day", "pod"}


def test_a_seeded_faker_is_also_a_provider_of_campaigns() -> None:
    def told(seed: int) -> tuple[object, ...]:
        fake = registry.seeded_faker(seed)
        start = date(2026, 11, 2)
        return (
            fake.company(),
            fake.fake_budget_and_cpm(days=10),
            fake.fake_targeting_v2(objective=registry.Objective.conversion),
            fake.make_profile_creative(brand="Acme", duration_s=15),
            fake.fake_advertiser(category="travel"),
            fake.fake_campaign(start=start, days=20),
        )

    assert told(3) == told(3)
    assert told(3) != told(4)
    assert told(3)[3].duration_s == 15  # type: ignore[attr-defined]


WHERE = registry.Where(START, 28, "America/New_York", 10_000, ("us_east", "us_west"), 60)


def test_a_crowd_is_the_same_in_every_process() -> None:
    code = (
        "from datetime import date; from entities import registry;"
        "where = registry.Where(date(2026, 11, 2), 28, 'America/New_York', 10_000, ('us_east', 'us_west'), 60);"
        "crowd = registry.fake_crowd(5, registry.Crowd(line_items=6), where);"
        "print(*[each.campaign.model_dump_json() for each in crowd], sep='\\n')"
    )
    printed = printed_by_another(code, hash_seed="7")
    own = registry.fake_crowd(5, registry.Crowd(line_items=6), WHERE)
    assert printed.splitlines() == [each.campaign.model_dump_json() for each in own]


def test_ads_of_a_crowd_fit_into_the_pods_of_the_market() -> None:
    for longest in (6, 20, 60):
        crowd = registry.fake_crowd(1, registry.Crowd(line_items=30), WHERE._replace(longest_ad_s=longest))
        lengths = {
            creative.duration_s
            for each in crowd
            for item in each.campaign.line_items
            for creative in item.creatives
        }
        assert max(lengths) <= longest


def test_what_a_fixed_price_does_not_follow_is_not_written() -> None:
    crowd = registry.fake_crowd(1, registry.Crowd(line_items=200), WHERE)
    items = [item for each in crowd for item in each.campaign.line_items]
    assert {item.deal["kind"] for item in items} == {"open", "private", "guaranteed"}
    for item in items:
        follows = item.bidding["kind"] == "shaded"
        assert (item.valuation["kind"] == "log_normal") == follows
        assert not (follows and item.deal["kind"] == "guaranteed")


@pytest.mark.parametrize("seed", [0, 7, 20261102])
def test_a_seed_draws_the_same_with_a_faker_and_without(seed: int) -> None:
    for make in (registry.make_profile_creative, registry.fake_targeting_v2, registry.fake_budget_and_cpm):
        fake = Faker("en_US")
        fake.seed_instance(seed)
        assert make(seed) == make(fake)
