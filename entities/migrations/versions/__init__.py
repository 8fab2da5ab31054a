"""The steps, one for each version: it makes of the tables of the version before those of its own."""
