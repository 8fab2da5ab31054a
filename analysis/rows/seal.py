"""The seal of a run's row: what ran it, when and how, held to what was written when it was stored."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from entities import registry

SEALED = (
    "run_id",
    "scenario",
    "scenario_text",
    "book_text",
    "fingerprint",
    "seed",
    "start",
    "horizon_hours",
    "tick_minutes",
    "shards",
    "workers",
    "paceline_version",
    "code",
    "python_version",
    "packages",
    "platform",
    "digest",
    "events_digest",
    "status",
    "started_at",
    "finished_at",
    "seconds",
    "auctions",
    "impressions",
    "spend_micros",
)
"""What the seal covers: all but what people may change, and the place that the run has in its database."""


def seal_of(row: registry.SimulationRun) -> str:
    """Return the seal of *row*, 64 hexadecimal digits: equal seals, equal SEALED columns."""
    values = {name: _plain(getattr(row, name)) for name in SEALED}
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
