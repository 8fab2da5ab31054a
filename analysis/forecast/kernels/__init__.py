"""The loops of the preview, compiled: a chain of sessions, and people who are drawn."""

from pathlib import Path

from sim.kernels.cache import caching

with caching(Path(__file__).parent):
    from analysis.forecast.kernels.let_through import let_through
    from analysis.forecast.kernels.met_in_windows import met_in_windows

SECONDS = {met_in_windows: 6, let_through: 4}
"""About how long each compiles."""
__all__ = ["SECONDS", "let_through", "met_in_windows"]
