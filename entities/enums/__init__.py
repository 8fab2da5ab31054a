"""The closed vocabularies, free of any third-party import."""

from entities.enums.audience import (
    AgeBand,
    DeviceType,
    Gender,
    Genre,
    Language,
    Placement,
    SlotInPod,
    TitleTier,
    Weekday,
)
from entities.enums.booking import (
    AdFormat,
    BudgetType,
    CampaignStatus,
    CapUnit,
    CreativeMimeType,
    Currency,
    DspPartner,
    EntityStatus,
    FactKind,
    Objective,
    QAStatus,
    RunStatus,
    WonBy,
)
from entities.enums.funnel import UnderdeliveryReason
from entities.enums.traits import TargetingKey
from entities.enums.word import Word

__all__ = [
    "AdFormat",
    "AgeBand",
    "BudgetType",
    "CampaignStatus",
    "CapUnit",
    "CreativeMimeType",
    "Currency",
    "DeviceType",
    "DspPartner",
    "EntityStatus",
    "FactKind",
    "Gender",
    "Genre",
    "Language",
    "Objective",
    "Placement",
    "QAStatus",
    "RunStatus",
    "SlotInPod",
    "TargetingKey",
    "TitleTier",
    "UnderdeliveryReason",
    "Weekday",
    "WonBy",
    "Word",
]
