"""The description of a market: time, rules, floors, and the changes that a scenario scripts."""
