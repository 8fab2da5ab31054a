"""Imported once by the process from which those are forked that are killed: loops loaded, nothing begun."""

from sim.engine.executors.here import here
from sim.engine.run import simulate
from tests.bookings import book, campaign, line_item, market
from tests.faults import killed

_where = market(days=1, population={"viewers": 9})
# Without a sink that counts in Polars: its threads would not be there in a forked process.
simulate(_where, book([campaign([line_item(lifetime_budget=9)])], _where), 1, lambda _: None, here())
__all__ = ["killed"]
