"""The schemas: what may be created, refused with a line that says what is allowed."""

from entities.schemas.base import Create, Schema
from entities.schemas.campaign import AdvertiserCreate, CampaignCreate
from entities.schemas.creative import CreativeCreate
from entities.schemas.flight import DaypartSchema, FlightSchema, read_dayparts
from entities.schemas.line_item import LineItemCreate, Policy, policy_json
from entities.schemas.money import ENDLESS, Cpm, amount_micros, bid_micros
from entities.schemas.targeting import Targeting
from entities.schemas.terms import BudgetSchema, FrequencyCapSchema

__all__ = [
    "ENDLESS",
    "AdvertiserCreate",
    "BudgetSchema",
    "CampaignCreate",
    "Cpm",
    "Create",
    "CreativeCreate",
    "DaypartSchema",
    "FlightSchema",
    "FrequencyCapSchema",
    "LineItemCreate",
    "Policy",
    "Schema",
    "Targeting",
    "amount_micros",
    "bid_micros",
    "policy_json",
    "read_dayparts",
]
