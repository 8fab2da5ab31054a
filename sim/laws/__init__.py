"""The laws that hold in every run, as checks on arrays: for tests, audits and the engine's own assertions."""

# ruff: noqa: F403 - a check is called by its own name, `laws.budgets`, whichever file it stands in
from sim.laws.catalogue import *
from sim.laws.money import *
from sim.laws.rows import *
from sim.laws.slots import *
from sim.laws.terms import *
from sim.laws.viewers import *
