"""The factories as a Faker provider: `fake.fake_targeting_v2()` beside `fake.company()`."""

from collections.abc import Callable
from typing import Any

from faker.providers import BaseProvider

from entities.factories import campaigns, parts


def _drawn(factory: Callable[..., Any]) -> Callable[..., Any]:
    # The factories take a seed: the provider's generator draws it.
    def method(self: BaseProvider, **terms: Any) -> Any:
        return factory(int(self.generator.random.getrandbits(63)), **terms)

    method.__doc__ = factory.__doc__
    return method


class AdProvider(BaseProvider):
    """The factories, with their own terms; `seeded_faker` includes them."""

    fake_budget_and_cpm = _drawn(parts.fake_budget_and_cpm)
    fake_targeting_v2 = _drawn(parts.fake_targeting_v2)
    make_profile_creative = _drawn(parts.make_profile_creative)
    fake_advertiser = _drawn(campaigns.fake_advertiser)
    fake_campaign = _drawn(campaigns.fake_campaign)
