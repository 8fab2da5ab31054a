"""Exact results, each from a formula with its source: nothing in here was ever read off a simulation."""
