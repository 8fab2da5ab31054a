"""The factories as a Faker provider: `fake.fake_targeting_v2()` beside `fake.company()`."""

from typing import Any

from faker.providers import BaseProvider

from entities.factories.campaigns import fake_advertiser, fake_campaign
from entities.factories.parts import (
    BudgetAndCpm,
    fake_budget_and_cpm,
    fake_targeting_v2,
    make_profile_creative,
)
from entities.schemas import AdvertiserCreate, CampaignCreate, CreativeCreate, Targeting


class AdProvider(BaseProvider):
    """Methods for streaming-TV campaigns; `seeded_faker` includes them."""

    def _own(self) -> int:
        # The factories take a seed: this generator draws it.
        return int(self.generator.random.getrandbits(63))

    def fake_budget_and_cpm(self, **terms: Any) -> BudgetAndCpm:
        """Return a budget and a CPM that fit each other."""
        return fake_budget_and_cpm(self._own(), **terms)

    def fake_targeting_v2(self, **terms: Any) -> Targeting:
        """Return targeting that suits an objective."""
        return fake_targeting_v2(self._own(), **terms)

    def make_profile_creative(self, **terms: Any) -> CreativeCreate:
        """Return an approved creative."""
        return make_profile_creative(self._own(), **terms)

    def fake_advertiser(self, **terms: Any) -> AdvertiserCreate:
        """Return an advertiser."""
        return fake_advertiser(self._own(), **terms)

    def fake_campaign(self, **terms: Any) -> CampaignCreate:
        """Return a complete campaign; `start` must be given."""
        return fake_campaign(self._own(), **terms)
