"""Runs: playing a market, recording it, and the rows, events and digest that name it."""
