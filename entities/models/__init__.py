"""The tables, as typed SQLAlchemy classes."""

from entities.models.base import Base, EntityBase
from entities.models.booking import Advertiser, Campaign, Creative, LineItem
from entities.models.contention import ContentionDaily
from entities.models.delivery_events import DeliveryEvent
from entities.models.lift import Lift
from entities.models.results import ConversionsHourly, InventoryHourly, Performance, PerformanceExtended
from entities.models.run import SimulationRun
from entities.models.study import StudyResult
from entities.models.terms import Budget, Flight, FrequencyCap

TABLES: tuple[type[Base], ...] = (
    *(Advertiser, Campaign, LineItem, Creative, Flight, Budget, FrequencyCap),
    *(SimulationRun, Performance, PerformanceExtended, InventoryHourly, ConversionsHourly),
    *(Lift, ContentionDaily, DeliveryEvent, StudyResult),
)
"""What is sold, then what happened, as people read it."""

__all__ = [
    "TABLES",
    "Advertiser",
    "Base",
    "Budget",
    "Campaign",
    "ContentionDaily",
    "ConversionsHourly",
    "Creative",
    "DeliveryEvent",
    "EntityBase",
    "Flight",
    "FrequencyCap",
    "InventoryHourly",
    "Lift",
    "LineItem",
    "Performance",
    "PerformanceExtended",
    "SimulationRun",
    "StudyResult",
]
