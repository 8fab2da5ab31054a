"""Kinds of delivery events, and reasons for under-delivery."""

from entities.enums.funnel import REASONS
from entities.enums.word import Word


class FactKind(Word):
    """The kind of a delivery event."""

    flight_started = "flight_started"
    flight_ended = "flight_ended"
    budget_exhausted = "budget_exhausted"
    budget_overspent = "budget_overspent"
    daily_reset = "daily_reset"
    status_changed = "status_changed"
    terms_changed = "terms_changed"
    caps_leaked = "caps_leaked"


class UnderdeliveryReason(Word):
    """The reason for a lost opportunity: the first check that fails."""

    _ignore_ = "members reason"
    members = vars()
    for reason in REASONS:
        members[reason] = reason
