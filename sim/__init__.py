"""The market: auctions, pacing and delivery, simulated hour by hour."""
