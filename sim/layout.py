"""The tables that the tick reads and writes: one definition for the kernel and its readable twin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.enums import TargetingKey
from entities.enums.outcomes import FLAGS

TABLE_BITS = 12
"""A quantile table has 2**TABLE_BITS steps; the value between two steps is interpolated in whole numbers."""

STRAIGHT, TAILED, ATOMS = range(3)
"""How a row of the value tables is read. Its first 2**TABLE_BITS + 1 values are those of a quantile table. A
TAILED row has as many steps again within the last one, and they take its place. A row of ATOMS is not
interpolated: a step has the value at its beginning, and that of the next step from a part of the step on;
these parts, in 1/2**20, follow after the steps, and 2**20 is none."""

FACTOR_BITS = 20
"""Factors of bids are whole multiples of 1/2**FACTOR_BITS."""

MOST_FACTOR = 1 << 38
"""The highest factor: with a bid, which is below 2**24 micros, it stays within 63 bits."""

WEIGHT_BITS = 16
"""The parts of a worth's draw are weighted in 1/2**WEIGHT_BITS; one that has it all is drawn as it is."""

NORMAL_BITS, NORMAL_MOST = 18, 8
"""Normal deviates are in 1/2**NORMAL_BITS, and lie between -NORMAL_MOST and NORMAL_MOST."""

SHADE_BITS = 8
"""What a line item learns of the least bids that win is in 2**SHADE_BITS steps of its maximum bid."""

SHADE_STEPS = 1 << SHADE_BITS

RIVAL_BITS, RIVAL_STEPS = 20, 1 << 10
"""Steps between outside rivals are in 1/2**RIVAL_BITS, shares of their values in 1/RIVAL_STEPS**3."""

AMBIENT_MOST = 1 << 27
"""Ambient demand never bids more micros per impression, 13 times the highest bid of a line item. The largest
audience meets fewer than 2**36 slots in an hour, so that what it pays for them stays within 63 bits."""

VIEWER_TRAITS = tuple(key.value for key in TargetingKey if key.trait.owner == "viewer")
"""Columns of VIEWER that targeting goes by; `kind` is their combination, the last one changing fastest."""

POD_TRAITS = tuple(column for key in TargetingKey if key.trait.owner == "pod" for column in key.columns)
"""Columns of POD that targeting goes by."""

ONE_VALUED = tuple(key.value for key in TargetingKey if key.columns == (key,) and key.value in POD_TRAITS)
"""Those of which a pod has one value: all but the genres."""

DRAWN = tuple(key.value for key in TargetingKey if key.trait.weights)
"""Those that each title draws by weights of its own: the last columns of POD."""


def _record(**columns: str) -> np.dtype[np.void]:
    # Columns by the NumPy type of their values, in order.
    return np.dtype([(name, kind) for kind, names in columns.items() for name in names.split()], align=True)


VIEWER = _record(int32="id household activity kind", uint8="region age_band gender device genre")
"""A person. `activity` is relative to the mean in 1/4096; `device` and `genre` are the favourites; `kind` is
the position of the VIEWER_TRAITS in the targeting masks."""

SESSION = _record(int32="start end number pods", uint8="device")
"""A viewer's latest session (seconds from the start), its number, and the pods that the viewer has met."""

POD = _record(
    int64="id",
    int32="second viewer session",
    int16="slot_seconds seconds",
    uint8=f"slots placement device genre second_genre title_tier {' '.join(DRAWN)}",
)
"""An ad break: `viewer` is the position in the shard; `id` is `viewer id * 2**POD_BITS + its pod number`;
`seconds` are those of the whole pod. In a dynamic pod `slots` are the most ads that it holds, and
`slot_seconds` the seconds of an ad of ambient demand."""

POD_BITS = 24
"""Bits of a pod's number. Breaks are a minute apart or more, and a viewer starts one session an hour, so that
there are 61 an hour at most, 5.4 million in 3,660 days. With 26 bits of viewer and 4 of position: 54."""

BREAKS_MOST = 60
"""Ad breaks that a viewer without sessions meets in an hour at most."""

LINE_ITEM = _record(
    uint64="key",
    int32="advertiser category first_cap caps first_creative creatives shortest values form priority ends"
    " worths worth_form noise affinity common first_tilt tilts shade",
    int64="floor explore held_out",
    uint8="plain",
)
"""A line item in the book. `category` is -1 where it is not separated; caps are a stretch of `cap_links`;
creatives are approved ones, a stretch of `creatives`; `shortest` is the shortest of them in seconds;
`values` is a row of the value tables, or -1 for a constant, and `form` how it is read; `priority` is 0 in the
auction, and higher where a deal is served ahead of it at its bid; `ends` are the ends of the pod that will
do, FIRST and LAST, or 0 for any; `floor` is a deal's own in micros per impression, -1 for the market's;
`held_out` is a threshold on 32 bits, the share of viewers whom it never serves.

`values` gives the factor of its bid, and `worths`, read as `worth_form`, what the slot is worth to it. The
draw by which they are read is of `noise`, `affinity` and `common` parts, in 1/2**WEIGHT_BITS; tilts are a
stretch of `tilts`. A `plain` bid needs neither, nor is it shaded. `shade` is a row of the tick's shades, or
-1, and `explore` a threshold on 32 bits."""

FIRST, LAST = 1, 2
"""Bits of the ends of a pod, as they are bought."""

PRIORITY_BITS = 40
"""A priority is compared with bids in one number, above this many bits of bid and ambient demand."""

OPTION = _record(int64="value tie", int32="item group advertiser seconds ends")
"""An ad that a dynamic pod may hold. `value` is its bid in micros per impression, and above it the weight of
a deal that is served ahead; `tie` decides among equal values, and adds up as values do; `item` is -1 for
ambient demand; a pod holds one of each `group`, numbered from 0; `advertiser` is whose bids do not price it;
`ends` are the ends of the pod that will do, FIRST and LAST, or 0 for any place."""

TIE_BITS = 58
"""Bits of a tie, which lies around zero: the sum over a pod's 15 ads stays within 63 bits."""

DEAL_SHIFT, DEAL_BITS = 31, 4
"""Where the weight of a deal begins: above the bids of 15 ads. Each of the priorities that a pod's bids have
counts for more than 15 of the one below it; there is room for eight, and higher ones count as the eighth."""

TILTED = (*VIEWER_TRAITS, *ONE_VALUED, TargetingKey.genre.value, "hour")
"""What the worth of a slot may be tilted by: traits, of genres the first, and the viewer's hour."""

CAP = _record(int32="clock length limit first_item items")
"""A frequency cap. `clock` is a CapClock; `length` is the window in minutes where the clock is `minute`; the
line items that it caps are a stretch of `capped`."""

CLOCK_TICK, CLOCK_MINUTE, CLOCK_POD, CLOCK_STREAM = range(4)
"""How a cap's window is found: constant in a tick, by the minute, by the viewer's pod, by the session."""

COUNTED_BY = ("person", "household", "device")
"""Whom the caps of windows by the clock count, by code. Those of a pod or a stream are the viewer's own."""

COUNTED_PERSON, COUNTED_HOUSEHOLD, COUNTED_DEVICE = range(len(COUNTED_BY))

CREATIVE = _record(uint64="key", int32="seconds weight")

SHARE_BITS = 20
"""Shares of an hour's traffic are whole multiples of 1/2**SHARE_BITS."""

UNLIMITED = 1 << 60
"""The lease where there is no budget, micros."""

QUOTE = _record(
    int64="max_bid bid participation lifetime daily allowance most multiplier scale", uint8="open"
)
"""A line item's plan and lease in one tick and shard: what it may bid at most and what it bids for a slot
of constant worth, micros per impression; a 32-bit threshold; micros left of each lease, of the allowance
what is released of it; the highest bid that it makes, which leases must pay where its bid is not plain; its
multiplier in parts per million; SHADE_STEPS * 2**36 over its maximum bid; 0 outside its daypart."""

RATES = ("error", *FLAGS[1:])
"""Outcome rates of an ad that won, as thresholds on a 32-bit draw: each flag's, and that of errors for
`rendered`. Nested ones share their draw, so that completed ≤ q75 ≤ q50 ≤ q25 ≤ started and viewable ≤
measurable hold for each impression. The rates of the quartiles and of completion are of all impressions; the
other rates after `invalid` are of started ads."""


class Masks(NamedTuple):
    """Which line items each trait admits: bit i of word i // 64 is line item i, uint64."""

    kind: NDArray[np.uint64]
    """Viewer kinds × words."""
    pod: NDArray[np.uint64]
    """ONE_VALUED × codes × words, padded to the longest vocabulary."""
    genre: NDArray[np.uint64]
    """Genres × words: line items that a title of this genre satisfies."""
    not_genre: NDArray[np.uint64]
    """Genres × words: line items that refuse a title of this genre."""


class BookArrays(NamedTuple):
    """What is sold, as the tick reads it; constant over the run."""

    line_items: NDArray[np.void]
    caps: NDArray[np.void]
    cap_links: NDArray[np.int32]
    capped: NDArray[np.int32]
    creatives: NDArray[np.void]
    values: NDArray[np.int64]
    """Value tables × 2**(TABLE_BITS + 1): factor of the bid by quantile, in 1/2**FACTOR_BITS."""
    rates: NDArray[np.uint64]
    """Creatives × devices × placements × RATES: thresholds on 32 bits."""
    tilts: NDArray[np.int64]
    """Tilts × codes: what the worth is multiplied with where a trait has a value, in 1/2**FACTOR_BITS."""
    tilted_by: NDArray[np.int32]
    """The trait of each tilt, a position in TILTED."""
    normal: NDArray[np.int64]
    """Quantiles of the distance of a normal deviate from zero, 2**(TABLE_BITS + 1), read as TAILED."""
    below: NDArray[np.int64]
    """Share of normal deviates below each of 2**TABLE_BITS + 1 even steps, in 1/2**62."""
    masks: Masks


class MarketArrays(NamedTuple):
    """The rules and the rivals of the auction, as the tick reads them; constant over the run."""

    floors: NDArray[np.int64]
    """Devices × placements, micros per impression."""
    position_floors: NDArray[np.int64]
    """The same for bids that buy their place in the pod."""
    ad_floors: NDArray[np.int64]
    """The same by the seconds of an ad, for dynamic pods, 2 × seconds × devices × placements: the second half
    is for bids that buy their place."""
    needs_rival: int
    """Whether the format's price depends on what else the pod would have been worth."""
    ambient: NDArray[np.int64]
    """Quantiles of the ambient bid, micros per impression, 2**30 at most, or one zero where there is none; of
    the step from one rival to the next where there are several."""
    ambient_presence: int
    """Threshold on 32 bits: how often ambient demand bids for a slot."""
    rivals: NDArray[np.int64]
    """Numbers of outside rivals × floors × 2 × (RIVAL_STEPS + 1): what the one bids who has a share of values
    above its own, at even shares and at as many within the first step; none where demand is a single bid."""
    rival_rates: NDArray[np.int64]
    """One through each number, in 1/RIVAL_STEPS**3: the share of values between two rivals in the mean."""
    rival_floors: NDArray[np.int64]
    """Devices × placements: which of the floors a slot has."""
    rivals_heard: NDArray[np.int64]
    """Floors: the share of values that are as high, in 1/RIVAL_STEPS**3."""
    parameter: int
    """The auction format's own number, 0 where it has none."""
    match: int
    """Threshold on 32 bits: how often a session is matched to the identity that caps count."""
    counted_by: int
    """A position in COUNTED_BY."""
    salts: NDArray[np.uint64]


class TickArrays(NamedTuple):
    """What changes from tick to tick, for the shards that are served together."""

    spans: NDArray[np.int64]
    """Shards × 2: which of the pods are the shard's, from the first to before the last."""
    quotes: NDArray[np.void]
    """Shards × line items."""
    live: NDArray[np.uint64]
    """Words of the mask of line items in flight and active."""
    windows: NDArray[np.uint32]
    """The present window of each cap whose clock is the tick, below 2**24; of one by the minute, how far the
    minutes since the start are off those that its windows are counted in."""
    ambient_cells: NDArray[np.int64]
    """Regions × devices × genres: what the bid is multiplied with, in 1/2**FACTOR_BITS, up to 2**30; or which
    number of rivals there is, -1 for none."""
    parts: NDArray[np.int64]
    """The seconds at which the parts after the tick's first begin; none where all is released at once."""
    releases: NDArray[np.int64]
    """Shards × parts × line items: what each of them adds to the allowance, micros."""
    hours: NDArray[np.int64]
    """Regions: the local hour of the day."""
    bids_of: int
    """Threshold on 32 bits: the share of the viewers of whom every bid is written."""
    shades: NDArray[np.int64]
    """Line items that shade × (SHADE_STEPS + 2): what they bid for a slot that is worth so many steps of
    their maximum bid, micros per impression; the last one twice."""


class TickResult(NamedTuple):
    """Where a tick writes what happened."""

    events: NDArray[np.void]
    ends: NDArray[np.int64]
    """Shards: how many EVENT records there are with those of each."""
    bids: NDArray[np.void]
    """BID records of the viewers that the tick names, with room for as many as there may be."""
    bids_written: NDArray[np.int64]
    """How many of these there are, one number."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    landscape: NDArray[np.int64]
    """Line items that shade × (SHADE_STEPS + 2): in how many auctions the least bid that would have won was
    within each step of the maximum bid, beginning with nothing; the last are those beyond it."""


class Viewing(NamedTuple):
    """How people watch, as the hour reads it; much of it changes from hour to hour."""

    starts: NDArray[np.int64]
    """Viewer kinds: expected session starts of a mean viewer in this hour, in 1/2**18."""
    carried: NDArray[np.int64]
    """Viewer kinds: probability that a mean viewer is in a session of an earlier hour, in 1/2**18."""
    lengths: NDArray[np.int64]
    """Quantile table of session seconds."""
    due: NDArray[np.int64]
    """Viewer kinds: expected ad breaks of a mean viewer in this hour, in 1/2**24; zeros for sessions."""
    gaps: NDArray[np.int64]
    """Quantile table of the expected breaks from one break to the next, in 1/2**36; empty where there are
    sessions."""
    devices: NDArray[np.uint64]
    """Cumulative device mix on 32 bits."""
    genres: NDArray[np.uint64]
    """Devices × genres: cumulative mix on 32 bits."""
    drawn: NDArray[np.uint64]
    """DRAWN × codes: cumulative mix on 32 bits, padded to the longest vocabulary."""
    breaks: NDArray[np.int64]
    """Seconds from a title's start at which it may be interrupted; the first is the pre-roll."""
    shares: NDArray[np.uint64]
    """Placements × sizes: cumulative share on 32 bits of breaks with a pod of at most that size."""
    sizes: NDArray[np.int64]
    """Placements × sizes × 2: ads and seconds of a pod of that size, size 0 being none."""
    device_loyalty: int
    """Threshold on 32 bits: how often a session is on the favourite device."""
    genre_loyalty: int
    second_genre: int
    top_10: int
    title_seconds: int
    ad_seconds: int
    """Seconds of a slot, or of an ad of ambient demand where there are no slots."""
    salts: NDArray[np.uint64]
