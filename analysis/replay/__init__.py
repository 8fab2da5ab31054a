"""Replay: a pacing policy alone on a recorded log, without a market."""
