"""Automatic creation: realistic advertisers, campaigns and creatives, the same for the same seed."""

from entities.factories.campaigns import fake_advertiser, fake_campaign
from entities.factories.crowd import Booking, CapSet, Crowd, Where, fake_crowd
from entities.factories.defaults import CreativeDefaults, PricingDefaults, TargetingDefaults
from entities.factories.parts import (
    BudgetAndCpm,
    fake_budget_and_cpm,
    fake_targeting_v2,
    make_profile_creative,
)
from entities.factories.seed import seeded_faker

__all__ = [
    "Booking",
    "BudgetAndCpm",
    "CapSet",
    "CreativeDefaults",
    "Crowd",
    "PricingDefaults",
    "TargetingDefaults",
    "Where",
    "fake_advertiser",
    "fake_budget_and_cpm",
    "fake_campaign",
    "fake_crowd",
    "fake_targeting_v2",
    "make_profile_creative",
    "seeded_faker",
]
