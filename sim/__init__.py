"""The market: auctions, pacing and delivery, simulated hour by hour."""

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
