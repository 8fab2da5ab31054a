"""What becomes of an ad that is shown."""

from __future__ import annotations

from analysis.realism.counted import OUTCOMES
from analysis.realism.figures import Figure, Seen, share
from entities.enums import DeviceType

_TV = list(DeviceType).index(DeviceType.tv)


def completion_tv(seen: Seen) -> Figure:
    """Return the share of started ads on TV that were seen to the end."""
    return share(_of(seen, "completed", tv=True), _of(seen, "started", tv=True), "no ad started on TV")


def completion_elsewhere(seen: Seen) -> Figure:
    """Return the share of started ads on other devices that were seen to the end."""
    started = _of(seen, "started", tv=False)
    return share(_of(seen, "completed", tv=False), started, "no ad started on other devices than TV")


def viewability(seen: Seen) -> Figure:
    """Return the share of measurable impressions that were viewable."""
    sums = seen.counted.outcomes.sum(axis=0)
    measurable, viewable = (int(sums[OUTCOMES.index(name)]) for name in ("measurable", "viewable"))
    return share(viewable, measurable, "no impression was measurable")


def invalid(seen: Seen) -> Figure:
    """Return the share of rendered ads that were invalid traffic."""
    invalid, valid = (int(seen.counted.of(name).sum()) for name in ("invalid", "impressions"))
    return share(invalid, invalid + valid, "no ad was shown")


def _of(seen: Seen, outcome: str, *, tv: bool) -> int:
    counts = seen.counted.outcomes[:, OUTCOMES.index(outcome)]
    on_tv = int(counts[_TV])
    return on_tv if tv else int(counts.sum()) - on_tv
