"""The records that leave the market: won slots, the funnel, inventory, facts, and the hour they make."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.enums import BudgetType, EntityStatus, FactKind, TargetingKey
from entities.enums.funnel import STAGES
from entities.enums.outcomes import FLAGS, SUMS

_COLUMNS = {
    "int64": "slot_id worth_micros bid_micros price_micros charged_micros floor_micros ambient_micros",
    "int32": "ts viewer_id session_id identity line_item creative multiplier_ppm",
    "int16": f"duration_s {' '.join(SUMS)} pod_offset_s",
    "uint8": "pod_position pod_slots placement region device genre second_genre title_tier age_band gender"
    f" {' '.join(FLAGS)}",
}
ALWAYS = np.dtype([(name, kind) for kind, names in _COLUMNS.items() for name in names.split()])
"""Columns of EVENT that every market has."""
LATER_TRAITS = tuple(
    column for key in TargetingKey for column in key.columns if column not in (ALWAYS.names or ())
)
"""Columns of traits that not every market has."""
OPTIONAL = (*LATER_TRAITS, "ghost")
"""Columns of what not every market has: all 0 where it has not, and then not in the digest."""

EVENT = np.dtype([*ALWAYS.descr, *((column, np.uint8) for column in OPTIONAL)])
"""One won slot, or a `ghost`, which its line item would have won had it not held the viewer out. `ts` counts
seconds from the scenario's start; `line_item` and `creative` are positions in the book; codes are positions
in the enums; `slot_id` is `pod_id * 16 + pod_position`; `pod_offset_s` are the seconds from the pod's start,
and `pod_slots` is how many its pod has; `second_genre` is 255 where the title has one genre. `worth_micros`
is what the slot was worth to the line item, which its bidding rule and the multiplier of its pacing,
`multiplier_ppm`, made a bid of. `identity` is whom frequency caps took the viewer for: a viewer id, a
household or viewer id × devices + device, as the market counts; -1 where nobody was recognised. Packed, so
that its bytes are its digest; OPTIONAL columns stand last. The `ts` of a pod's later slots may lie in the
hour after its own."""

COLUMNS_BY_TYPE: dict[str, tuple[str, ...]] = {
    kind: tuple(name for name in EVENT.names or () if EVENT[name] == kind)
    for kind in ("u1", "i2", "i4", "i8")
}
"""All columns of EVENT, by type."""

COUNTED_COLUMNS: dict[str, tuple[str, ...]] = {
    kind: tuple(
        name
        for name in (*FLAGS, *SUMS, "creative", "line_item", "viewer_id", "charged_micros")
        if EVENT[name] == kind
    )
    for kind in ("u1", "i2", "i4", "i8")
}
"""Columns of EVENT from which the rows of an hour are counted, by type."""

NO_GENRE = 255
"""The code of no second value."""
POD_SHIFT = 4
"""Bits of `slot_id` that hold the position in the pod."""

FUNNEL = tuple(stage.name for stage in STAGES)
"""Columns of the funnel: counts per line item, in the order in which an opportunity meets its checks."""

_GHOSTS = FUNNEL.index("ghosts")

INVENTORY = (
    "avails",
    "filled",
    "filled_ambient",
    "unfilled",
    "revenue_micros",
    "revenue_ambient_micros",
    "ad_seconds",
    "sold_seconds",
)
"""Columns of the supply side: places offered, sold and unsold, and what was paid. `ad_seconds` are offered,
and `sold_seconds` those that ads take; a dynamic pod offers as many places as it may hold ads."""

FREQUENCY_BUCKETS = ("freq_1", "freq_2", "freq_3_5", "freq_6_9", "freq_10_plus")
"""Viewers by billed impressions to date."""

LOST = np.dtype([("line_item", np.int32), ("winner", np.int32), ("bids", np.int64)])
"""Bids of a line item that one winner beat, both positions in the book; a winner of -1 is ambient demand."""

BID = np.dtype(
    [
        *((name, np.int64) for name in ("slot_id", "bid_micros", "floor_micros", "ambient_micros")),
        *((name, np.int32) for name in ("ts", "viewer_id", "line_item", "lost_to")),
        ("outcome", np.uint8),
    ],
    align=True,
)
"""A bid of a line item for a slot, or in a dynamic pod for the pod, which has the id of its first slot.

`floor_micros` is what the bid had to meet, `ambient_micros` the highest bid of ambient demand, sold or not.
`outcome` is a position in BID_OUTCOMES; `lost_to` is the line item that it lost to, -1 for ambient demand
and -2 for none: the bid won, has a ghost, or was below its floor."""

BID_OUTCOMES = ("won", "ghost", "lost_below_floor", "lost_outbid", "lost_deal", "lost_ambient")
"""What becomes of a bid."""

PAID_FOR = ("clicked", "completed")
"""Outcomes of which a policy may hold the cost: clicks and completed views."""

CONVERSIONS = ("touches", "view_through", "click_through", "multi_touch_view_ppm", "multi_touch_click_ppm")
"""Columns of conversions: exposures and clicks, conversions by the last of them, parts of them by each."""


def events_digest(events: NDArray[np.void]) -> bytes:
    """Return the SHA-256 of EVENT records, with those OPTIONAL columns by name that are not all 0.

    So a new column leaves the digests of markets without it as they were.
    """
    always = np.ascontiguousarray(bytes_of(events)[:, : ALWAYS.itemsize])
    return digest_of(always, events, [column for column in OPTIONAL if events[column].any()])


def bytes_of(events: NDArray[np.void]) -> NDArray[np.uint8]:
    """Return EVENT records as their bytes, records × EVENT.itemsize."""
    return events.view(np.uint8).reshape(len(events), EVENT.itemsize)


def digest_of(always: NDArray[np.uint8], events: NDArray[np.void], used: Iterable[str]) -> bytes:
    """Return the `events_digest` of *events*, whose columns ALWAYS are these bytes, with *used* others."""
    sha = hashlib.sha256(always.reshape(-1).data)
    for column in used:
        sha.update(column.encode() + np.ascontiguousarray(events[column]).tobytes())
    return sha.digest()


class Pacing(NamedTuple):
    """What each line item's policy asked for in an hour: int64 arrays of one value per line item."""

    live: NDArray[np.bool_]
    """In flight during the hour, whatever its status or daypart."""
    goal_micros: NDArray[np.int64]
    allowance_micros: NDArray[np.int64]
    expected_cum_micros: NDArray[np.int64]
    delivered_cum_micros: NDArray[np.int64]
    multiplier_ppm: NDArray[np.int64]
    participation_ppm: NDArray[np.int64]
    forecast_avails: NDArray[np.int64]
    """Slots that were expected to match."""


class Counted(NamedTuple):
    """What is counted of the events of an hour, or of some of them: those of other viewers add up to it."""

    sums: NDArray[np.int64]
    """Creatives × 2 × what the clerk sums: slots won that are no impressions, and impressions."""
    viewers: NDArray[np.int64]
    """Line items: viewers who saw an impression."""


class Written(NamedTuple):
    """A file that has records of some hours of one UTC day."""

    path: str
    """In the folder of its run."""
    rows: int
    bytes: int
    sha256: str
    first_hour: int
    last_hour: int


class Files(NamedTuple):
    """Files that were written of a run."""

    events: tuple[Written, ...] = ()
    bids: tuple[Written, ...] = ()

    def plus(self, other: Files) -> Files:
        """Return these, then those of *other*."""
        return Files(self.events + other.events, self.bids + other.bids)


class Hour(NamedTuple):
    """What happened in one hour, merged over its ticks and shards in that order."""

    hour: int
    parts: tuple[NDArray[np.void], ...]
    """The `events` as they came, one array or several; none where they stay where they were counted."""
    funnel: NDArray[np.int64]
    """Line items × FUNNEL."""
    inventory: NDArray[np.int64]
    """Devices × placements × INVENTORY."""
    frequency: NDArray[np.int64]
    """Line items × FREQUENCY_BUCKETS, to date."""
    pacing: Pacing
    conversions: NDArray[np.int64] | None = None
    """Line items × CONVERSIONS, where the market has any."""
    lost: NDArray[np.void] | None = None
    """LOST records of the whole UTC day, where the hour is the last of one."""
    bids: tuple[NDArray[np.void], ...] = ()
    """BID records of the viewers whose bids are written, tick after tick and shard after shard."""
    lift: NDArray[np.int64] | None = None
    """Line items × LIFT to date, in the last hour of a UTC day and of a market that has conversions."""
    counted: Counted | None = None
    """What clerks counted of its events, where they did."""
    files: Files | None = None
    """Of the whole UTC day, in its last hour, where events are written where they were played."""

    @property
    def events(self) -> NDArray[np.void]:
        """Return the EVENT records, ghosts among them, in one array, made anew where there are several."""
        if len(self.parts) == 1:
            return self.parts[0]
        # As bytes, because NumPy copies records field by field.
        parts = [part.view(np.uint8) for part in self.parts]
        return np.concatenate(parts).view(self.parts[0].dtype) if parts else np.zeros(0, EVENT)

    @property
    def won(self) -> NDArray[np.void]:
        """Return the EVENT records of the slots that were won: all but the ghosts."""
        events = self.events
        return events[events["ghost"] == 0] if self.funnel[:, _GHOSTS].any() else events

    def joined(self) -> Hour:
        """Return the hour with its events in one array, for whoever asks for them more than once."""
        return self if len(self.parts) == 1 else self._replace(parts=(self.events,))


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happens seldom: a flight began, a budget ran out, a day was reset.

    The table `delivery_events` says which fields a kind fills; all others are None.
    """

    second: int
    kind: FactKind
    line_item: int | None = None
    campaign: int | None = None
    amount_micros: int | None = None
    limit_micros: int | None = None
    budget: BudgetType | None = None
    count: int | None = None
    total: int | None = None
    status: EntityStatus | None = None
    max_bid_micros: int | None = None
    lifetime_micros: int | None = None
    daily_micros: int | None = None
    text: str = ""
    """What a script changed, in words."""

    @property
    def detail(self) -> str:
        """Return how much or what, as text for people."""
        if self.kind in _DETAIL:
            return _DETAIL[self.kind].format_map(asdict(self))
        terms = {
            "max_cpm": _plain(self.max_bid_micros, 3),
            "lifetime_budget": _plain(self.lifetime_micros, 6),
            "daily_budget": _plain(self.daily_micros, 6),
            "status": self.status,
        }
        return ", ".join(f"{name} = {term}" for name, term in terms.items() if term is not None)


_DETAIL = {
    FactKind.flight_started: "{count} hours",
    FactKind.flight_ended: "spent {amount_micros} micros",
    FactKind.budget_exhausted: "{amount_micros} micros left",
    FactKind.budget_overspent: "{amount_micros} micros beyond the {budget} budget of {limit_micros} micros",
    FactKind.daily_reset: "spent {amount_micros} of {limit_micros} micros",
    FactKind.caps_leaked: "{count} of {total} impressions",
    FactKind.market_changed: "{text}",
}


def _plain(amount: int | None, places: int) -> str | None:
    if amount is None:
        return None
    text = f"{Decimal(amount).scaleb(-places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Sink = Callable[[Hour], None]
"""Takes the hours of a run, each once and in order."""
