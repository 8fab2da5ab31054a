"""What happens to a line item in a run, and why it did not deliver."""

from entities.enums.funnel import REASONS
from entities.enums.word import Word


class FactKind(Word):
    """What a delivery event reports."""

    flight_started = "flight_started"
    flight_ended = "flight_ended"
    budget_exhausted = "budget_exhausted"
    budget_overspent = "budget_overspent"
    daily_reset = "daily_reset"
    status_changed = "status_changed"
    terms_changed = "terms_changed"
    caps_leaked = "caps_leaked"


class UnderdeliveryReason(Word):
    """The one reason for a lost opportunity; the first failing check is the one that counts."""

    _ignore_ = "members reason"
    members = vars()
    for reason in REASONS:
        members[reason] = reason
