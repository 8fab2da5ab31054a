"""The market: auctions, pacing and delivery, simulated hour by hour."""

from typing import TYPE_CHECKING

from sim.later import Later

if not TYPE_CHECKING:  # who knows the package
    # Numba takes longer to import than all that a scenario or a stored run needs to be read.
    kernels = Later("sim.kernels")

__version__ = "0.2.0"

FAMILIES = {
    "ambient": "sim.ambient",
    "auctions": "sim.auction",
    "bidding": "sim.bidding",
    "deals": "sim.deal",
    "forecasts": "sim.market.forecast",
    "pacers": "sim.pacing",
    "pods": "sim.audience.pods",
    "valuations": "sim.valuation",
    "weather": "sim.market.weather",
}
"""The families of parts: the name of each in `paceline list`, and the package whose files are its members."""
