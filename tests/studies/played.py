"""A study of ours played as a test plays it: a few seeds, some of its arms, other terms for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from analysis.study.metrics import EVERYONE
from analysis.study.replication import Replication, booked
from scenarios.study import STUDIES, load_study


class Arm:
    """What came of an arm: a metric by its name, one value for each seed."""

    def __init__(self, replications: list[Replication], line_item: str = "") -> None:
        self.slots = np.array([one.auctions for one in replications])
        self._values = [
            {metric: value for path, metric, value in one.values if _is(path, line_item)}
            for one in replications
        ]

    def __getitem__(self, metric: str) -> NDArray[np.float64]:
        return np.array([values[metric] for values in self._values], np.float64)


def played(
    name: str,
    seeds: int,
    *,
    arms: Collection[str] = (),
    terms: Mapping[str, Any] | None = None,
    line_item: str = "",
) -> dict[str, Arm]:
    """Return what comes of our study *name*: all of its arms or those named, with *terms* over its `set`.

    It is the figures of one *line_item*, or of all together.
    """
    text = yaml.safe_load((STUDIES / f"{name}.yml").read_text(encoding="utf-8"))
    text["set"] = {**text.get("set", {}), **(terms or {})}
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yml"
        file.write_text(yaml.safe_dump(text, sort_keys=False), encoding="utf-8")
        loaded = load_study(str(file), replications=seeds)
    found = booked(loaded)
    first = loaded.first_seed
    return {
        arm: Arm([found[arm].replicate(seed) for seed in range(first, first + seeds)], line_item)
        for arm in arms or found
    }


def _is(path: str, line_item: str) -> bool:
    return path.endswith(f" / {line_item}") if line_item else path == EVERYONE
