"""The Faker that knows campaigns as well as companies."""

from typing import TYPE_CHECKING

from entities.factories.luck import plain_faker

if TYPE_CHECKING:
    from faker import Faker


def seeded_faker(seed: int) -> "Faker":
    """Return a Faker with all factories as methods, the same values for the same *seed*."""
    from entities.factories.provider import AdProvider  # noqa: PLC0415 - it imports faker, a tenth of a second that only creation needs

    fake = plain_faker(seed)
    fake.add_provider(AdProvider)
    return fake
