"""The laws that hold in every run, as checks on arrays: for tests, audits and the engine's own assertions."""

from sim.laws.catalogue import LAWS, LIMIT, Finding, Law, Verdict, Where, also, at_most, equal, verdict
from sim.laws.conversions import conversions
from sim.laws.money import Equation, budgets, charges, conservation, price_sums, prices
from sim.laws.rows import RATIOS, funnel, headline, keys, known_runs, nesting, one_row_each, owners, ratio
from sim.laws.slots import Breaks, break_seconds, eligibility, outcomes, pods, rivals
from sim.laws.terms import (
    CODES,
    NO_LIMIT,
    InForce,
    LineItemTerms,
    hour_windows,
    hours_of_week,
    in_force,
    local_days,
    local_hours,
)
from sim.laws.viewers import CapCount, ReachCount, reach, to_date

__all__ = [
    "CODES",
    "LAWS",
    "LIMIT",
    "NO_LIMIT",
    "RATIOS",
    "Breaks",
    "CapCount",
    "Equation",
    "Finding",
    "InForce",
    "Law",
    "LineItemTerms",
    "ReachCount",
    "Verdict",
    "Where",
    "also",
    "at_most",
    "break_seconds",
    "budgets",
    "charges",
    "conservation",
    "conversions",
    "eligibility",
    "equal",
    "funnel",
    "headline",
    "hour_windows",
    "hours_of_week",
    "in_force",
    "keys",
    "known_runs",
    "local_days",
    "local_hours",
    "nesting",
    "one_row_each",
    "outcomes",
    "owners",
    "pods",
    "price_sums",
    "prices",
    "ratio",
    "reach",
    "rivals",
    "to_date",
    "verdict",
]
