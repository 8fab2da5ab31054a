"""What is remembered of viewers from tick to tick, and room for what a tick notes down and forgets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.layout import TILTED

COUNT_BITS, WINDOW_BITS = 8, 24
"""What a cap has counted: impressions, 255 at most, below the number of their window, below the cap's place
from 1."""

AT_LIMIT = 1 << 63
"""Set in the word of a cap that is at its limit."""

BLOCK = 8
"""Words of a block: 64 bytes, which are fetched at once."""

COLUMNS, COLUMN_ROWS = 512, 29
"""Line items that bid in columns at most, and the columns of each (`sim/kernels/columns.py`)."""

CROWD = 20
"""Fewer line items in a book, or in a pod, are quicker one by one."""

COLUMN_WIDTH = COLUMNS + 8
"""From one column to the next: at a power of two they would share their lines of the cache."""


class MemoryArrays(NamedTuple):
    """What is remembered from tick to tick of the viewers of shards that are served together."""

    viewers: NDArray[np.void]
    sessions: NDArray[np.void]
    counts: NDArray[np.uint64]
    """Blocks × BLOCK: what the caps hold that have counted anything, 0 where there is room, then the block in
    which they go on, 0 for none. The first blocks are the counters', whose last word has in its upper half
    how many of all these are at their limit. A person's counter is the viewer's, a household's that of its
    first viewer; devices have one each, viewer by viewer."""
    used: NDArray[np.int64]
    """How many blocks are in use, one number."""
    homes: NDArray[np.int32]
    """Viewers: the position of the first viewer of the household."""
    seen: NDArray[np.uint8]
    """Viewers × line items: billed impressions to date, at most 255."""
    frequency: NDArray[np.int64]
    """Line items × FREQUENCY_BUCKETS."""
    lost_to: NDArray[np.int32]
    """Winners × line items: bids that were lost to each winner since this was last read; the last of the
    winners, behind all line items, is ambient demand."""
    notes: Notes


class Notes(NamedTuple):
    """Room for what a tick notes down and forgets; int64 and by line item unless said otherwise."""

    candidates: NDArray[np.uint32]
    """Who competes for a slot; this and the next two are uint32: without a sign no place is from the end."""
    bidders: NDArray[np.uint32]
    apart: NDArray[np.uint32]
    """Whom an ad of a pod keeps from the rest of it."""
    absent: NDArray[np.int64]
    """Whether the viewer is held out of a candidate, and whether that has a ghost in the pod."""
    ghosted: NDArray[np.int64]
    missed: NDArray[np.int64]
    """Of those that are absent: which candidate, and its bid."""
    missed_bids: NDArray[np.int64]
    asked: NDArray[np.int64]
    """Who bids or would, its bid and its floor."""
    asked_bids: NDArray[np.int64]
    asked_floors: NDArray[np.int64]
    bid_items: NDArray[np.int64]
    """Of a slot whose bids are written: who bids, what, and the floor; by line item what became of it."""
    bids: NDArray[np.int64]
    bid_floors: NDArray[np.int64]
    bid_outcomes: NDArray[np.int64]
    lost_to: NDArray[np.int64]
    codes: NDArray[np.int64]
    """TILTED."""
    factors: NDArray[np.int64]
    """Of those that are not plain: `bid_factor` of the slot that it bid for last."""
    affinities: NDArray[np.int64]
    """Of candidates: `affinity_of` the pod's viewer."""
    shown_advertisers: NDArray[np.int64]
    """Of the ads of a pod."""
    shown_categories: NDArray[np.int64]
    barred: NDArray[np.int64]
    """The latest pod whose viewer had one of its caps used up."""
    present: NDArray[np.int64]
    """Caps: the window that it is in, where its clock is the tick or the minute."""
    in_pod: NDArray[np.int64]
    """Caps whose clock is the pod: the latest pod that it counted in, then an 8-bit count."""
    met: NDArray[np.uint64]
    """Words, uint64: the line items that match a pod, those that can bid in columns where leases pay any bid,
    those of them whose leases do, and those that match and do not bid in columns."""
    suited: NDArray[np.uint64]
    quick: NDArray[np.uint64]
    slow: NDArray[np.uint64]
    columns: NDArray[np.int64]
    """COLUMN_ROWS × COLUMN_WIDTH, one column after the other."""


def notes_for(line_items: int, caps: int, slots: int) -> Notes:
    """Return room for the notes on so many of them, and on pods of so many *slots*."""

    def numbers(count: int) -> NDArray[np.int64]:
        return np.zeros(count, np.int64)

    def words() -> NDArray[np.uint64]:
        return np.zeros(-(-line_items // 64), np.uint64)

    return Notes(
        candidates=np.zeros(line_items, np.uint32),
        bidders=np.zeros(line_items, np.uint32),
        apart=np.zeros(line_items, np.uint32),
        absent=numbers(line_items),
        ghosted=numbers(line_items),
        missed=numbers(line_items),
        missed_bids=numbers(line_items),
        asked=numbers(line_items + 2),  # of those who bid in columns the best two
        asked_bids=numbers(line_items + 2),
        asked_floors=numbers(line_items + 2),
        bid_items=numbers(line_items),
        bids=numbers(line_items),
        bid_floors=numbers(line_items),
        bid_outcomes=numbers(line_items),
        lost_to=numbers(line_items),
        codes=numbers(len(TILTED)),
        factors=numbers(line_items),
        affinities=numbers(line_items),
        shown_advertisers=numbers(slots),
        shown_categories=numbers(slots),
        barred=numbers(line_items),
        present=numbers(caps),
        in_pod=numbers(caps),
        met=words(),
        suited=words(),
        quick=words(),
        slow=words(),
        columns=numbers(COLUMN_ROWS * COLUMN_WIDTH),
    )


def empty_blocks(count: int) -> NDArray[np.uint64]:
    """Return so many empty blocks, each in one line of the cache."""
    words = np.zeros((count + 1) * BLOCK, np.uint64)
    first = -(words.ctypes.data // words.itemsize) % BLOCK
    return words[first : first + count * BLOCK].reshape(count, BLOCK)
