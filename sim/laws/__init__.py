"""The laws that hold in every run, as checks on arrays: for tests, audits and the engine's own assertions."""

from sim.laws.catalogue import LAWS, LIMIT, Finding, Law, Verdict, Where, at_most, equal, verdict
from sim.laws.money import EQUATIONS, Equation, budgets, charges, conservation, price_sums, prices
from sim.laws.rows import RATIOS, funnel, headline, keys, known_runs, nesting, one_row_each, owners, ratio
from sim.laws.slots import break_seconds, eligibility, outcomes, pods
from sim.laws.terms import (
    CODES,
    TRAITS,
    UNLIMITED,
    InForce,
    Terms,
    hours_of_week,
    in_force,
    local_days,
    local_hours,
)
from sim.laws.viewers import CapCount, ReachCount, reach, to_date

__all__ = [
    "CODES",
    "EQUATIONS",
    "LAWS",
    "LIMIT",
    "RATIOS",
    "TRAITS",
    "UNLIMITED",
    "CapCount",
    "Equation",
    "Finding",
    "InForce",
    "Law",
    "ReachCount",
    "Terms",
    "Verdict",
    "Where",
    "at_most",
    "break_seconds",
    "budgets",
    "charges",
    "conservation",
    "eligibility",
    "equal",
    "funnel",
    "headline",
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
    "to_date",
    "verdict",
]
