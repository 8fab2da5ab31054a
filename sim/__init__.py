"""The market: auctions, pacing and delivery, simulated hour by hour."""

__version__ = "0.2.0"
