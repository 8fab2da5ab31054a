"""The one table of outcomes of a won slot: events, rates, laws, tables and texts derive from it."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """A field of an event: a flag, or an amount if it has a unit."""

    name: str
    text: str
    within: str = ""
    """The outcome without which it cannot be."""
    column: str = ""
    """What `performance` calls it, counted or added up over impressions."""
    counted: str = ""
    """What that column holds."""
    unit: str = ""


OUTCOMES = (
    Outcome("rendered", "The ad was shown; else it is an error."),
    Outcome("invalid", "It was shown to no person."),
    Outcome(
        "measurable",
        "Its viewability could be measured.",
        within="started",
        column="measurable",
        counted="Impressions whose viewability could be measured.",
    ),
    Outcome(
        "viewable",
        "It was in view.",
        within="measurable",
        column="viewable",
        counted="Measurable impressions that were in view.",
    ),
    Outcome(
        "started",
        "It began to play.",
        column="video_starts",
        counted="Impressions that began to play.",
    ),
    Outcome(
        "q25",
        "It was played to the first quarter.",
        within="started",
        column="video_q25",
        counted="Impressions played to the first quarter.",
    ),
    Outcome(
        "q50",
        "It was played to the middle.",
        within="q25",
        column="video_q50",
        counted="Impressions played to the middle.",
    ),
    Outcome(
        "q75",
        "It was played to the third quarter.",
        within="q50",
        column="video_q75",
        counted="Impressions played to the third quarter.",
    ),
    Outcome(
        "completed",
        "It was played to the end.",
        within="q75",
        column="video_completions",
        counted="Impressions played to the end.",
    ),
    Outcome(
        "skipped",
        "It was skipped.",
        within="started",
        column="skips",
        counted="Impressions that were skipped.",
    ),
    Outcome(
        "muted",
        "It was muted.",
        within="started",
        column="mutes",
        counted="Impressions that were muted.",
    ),
    Outcome(
        "clicked",
        "It was clicked.",
        within="started",
        column="clicks",
        counted="Impressions that were clicked.",
    ),
    Outcome(
        "qr_scanned",
        "Its QR code was scanned.",
        within="started",
        column="qr_scans",
        counted="QR codes scanned, interactive ads only.",
    ),
    Outcome(
        "watch_seconds",
        "How long it was watched.",
        within="started",
        column="watch_seconds",
        counted="Time that impressions were watched.",
        unit="seconds",
    ),
)
"""All of them, those that nest in that order: the order of an event's fields."""

FLAGS = tuple(outcome.name for outcome in OUTCOMES if not outcome.unit)
SUMS = tuple(outcome.name for outcome in OUTCOMES if outcome.unit)
"""Seconds, never more than the ad lasts."""
COUNTED = tuple(outcome for outcome in OUTCOMES if outcome.column)
"""Outcomes that `performance` counts or adds up over impressions."""
