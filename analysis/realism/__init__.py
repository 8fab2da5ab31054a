"""Is a run like the markets that are published? A scorecard of figures, ranges and sources."""
