"""Metrics and their values in words; apart from `metrics`, whose code names what studies keep."""

from __future__ import annotations

from analysis.study.metrics import Metric


def spoken(metric: Metric) -> str:
    """Return the name of a *metric* as a sentence has it."""
    return metric.name.replace("_", " ").replace("ecpm", "eCPM")


def worded(metric: Metric, value: float, currency: str = "", *, apart: bool = False) -> str:
    """Return a value of *metric*, or how far two of them are *apart*, with its unit."""
    text = shown(metric, value, apart=apart)
    if metric.unit == "share":
        return f"{text} points" if apart else text
    if metric.unit == "money" and currency:
        sign = text[0] if text[0] in "+−" else ""
        return f"{sign}{currency}{text.removeprefix(sign)}"
    return text


def shown(metric: Metric, value: float, *, apart: bool = False) -> str:
    """Return a value of *metric*, or how far two of them are *apart*, for reading, with a minus of `−`."""
    text = _shown(metric, value, "+" if apart else "")
    if not any(digit in text for digit in "123456789"):
        return text.replace("-", "+" if apart else "")
    return text.replace("-", "−")


def _shown(metric: Metric, value: float, sign: str) -> str:
    if metric.unit == "share":
        return f"{100 * value:{sign}.2f}" if sign else f"{100 * value:.2f} %"
    if metric.unit == "count":
        return f"{value:{sign},.1f}" if abs(value) < 1000 else f"{value:{sign},.0f}"
    return f"{value:{sign},.2f}" if metric.unit == "money" else f"{value:{sign}.3f}"
