"""Why a line item did not deliver: the funnel's columns, in the order of the checks."""

from entities.enums.word import Word


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
