"""A small market for agents, its flights apart, and what plays it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import paceline

CREATIVE = {"asset_url": "https://cdn.example.com/spot-30s.mp4", "mime_type": "mp4", "duration_s": 30}


def campaign(name: str, start: str, end: str, **terms: Any) -> dict[str, Any]:
    item = {"name": name, "max_cpm": 25, "lifetime_budget": 6, "creatives": [CREATIVE], **terms}
    return {
        "advertiser": {"name": f"{name} Inc", "category": f"of_{name.lower()}"},
        "campaign": {
            "name": "Flight",
            "timezone": "America/New_York",
            "start_date": start,
            "end_date": end,
            "line_items": [item],
        },
    }


SMALL = {
    "name": "small",
    "seed": 7,
    "market": {"days": 2, "shards": 2, "population": {"viewers": 300}, "ambient": {"kind": "rivals"}},
    "campaigns": [
        campaign("Both", "2026-11-02", "2026-11-03", dayparts=[{"hours": "6-23"}]),
        campaign("First", "2026-11-02", "2026-11-02", daily_budget=6),
        campaign("Second", "2026-11-03", "2026-11-03"),
        campaign("Other", "2026-11-02", "2026-11-03", pacing="even"),
    ],
}
Act = Callable[[str, int], list[float]]


def full(_agent: str, _step: int) -> list[float]:
    return [1.0]


def played(env: Any, act: Act = full, seed: int | None = None) -> list[tuple[Any, ...]]:
    """Return what each step of an episode returned."""
    env.reset(seed=seed)
    steps = []
    while env.agents:
        steps.append(env.step({agent: act(agent, len(steps)) for agent in env.agents}))
    return steps


def parallel(*agents: str, **more: Any) -> Any:
    return paceline.env.parallel(SMALL, agents=agents, **more)


def noisy(seed: int, actions: int = 1) -> Act:
    rng = np.random.default_rng(seed)
    return lambda agent, step: rng.random(actions).tolist()
