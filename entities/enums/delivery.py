"""What happens to a line item in a run, and why it did not deliver."""

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

    blocked_daypart = "blocked_daypart"
    blocked_creative = "blocked_creative"
    blocked_budget_lifetime = "blocked_budget_lifetime"
    blocked_budget_daily = "blocked_budget_daily"
    blocked_allowance = "blocked_allowance"
    blocked_frequency_cap = "blocked_frequency_cap"
    blocked_separation = "blocked_separation"
    blocked_throttle = "blocked_throttle"
    lost_below_floor = "lost_below_floor"
    lost_deal = "lost_deal"
    lost_ambient = "lost_ambient"
    lost_outbid = "lost_outbid"
    insufficient_avails = "insufficient_avails"
    errors = "errors"
    invalid = "invalid"
