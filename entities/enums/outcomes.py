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
        "started",
        "measurable",
        "Impressions whose viewability could be measured.",
    ),
    Outcome(
        "viewable", "It was in view.", "measurable", "viewable", "Measurable impressions that were in view."
    ),
    Outcome("started", "It began to play.", "", "video_starts", "Impressions that began to play."),
    Outcome(
        "q25",
        "It was played to the first quarter.",
        "started",
        "video_q25",
        "Impressions played to the first quarter.",
    ),
    Outcome("q50", "It was played to the middle.", "q25", "video_q50", "Impressions played to the middle."),
    Outcome(
        "q75",
        "It was played to the third quarter.",
        "q50",
        "video_q75",
        "Impressions played to the third quarter.",
    ),
    Outcome(
        "completed", "It was played to the end.", "q75", "video_completions", "Impressions played to the end."
    ),
    Outcome("skipped", "It was skipped.", "started", "skips", "Impressions that were skipped."),
    Outcome("muted", "It was muted.", "started", "mutes", "Impressions that were muted."),
    Outcome("clicked", "It was clicked.", "started", "clicks", "Impressions that were clicked."),
    Outcome(
        "qr_scanned",
        "Its QR code was scanned.",
        "started",
        "qr_scans",
        "QR codes scanned, interactive ads only.",
    ),
    Outcome(
        "watch_seconds",
        "How long it was watched.",
        "started",
        "watch_seconds",
        "Time that impressions were watched.",
        "seconds",
    ),
)
"""All of them, those that nest in that order: the order of an event's fields."""

FLAGS = tuple(outcome.name for outcome in OUTCOMES if not outcome.unit)
SUMS = tuple(outcome.name for outcome in OUTCOMES if outcome.unit)
"""Seconds, never more than the ad lasts."""
COUNTED = tuple(outcome for outcome in OUTCOMES if outcome.column)
"""Outcomes that `performance` counts or adds up over impressions."""
