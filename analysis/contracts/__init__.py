"""Contracts: what every member of a family promises, ours or a user's own, as checks to run."""
