"""One hour without sessions: when each viewer meets an ad break, and what is on then."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.layout import BREAKS_MOST, Viewing
from sim.reference.numbers import Row, quantile, rows, write
from sim.reference.session_breaks import ad_breaks, begin_session, in_order, person_draw
from sim.streams import GOLDEN, Purpose, mix


def poisson_breaks(
    hour: int,
    viewing: Viewing,
    viewers: NDArray[np.void],
    sessions: NDArray[np.void],
    begins: NDArray[np.int64],
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the ad breaks of *hour* as `session_breaks` does, whose arguments these are.

    A break is a stream with a title of its own, before which it comes. *sessions* is updated in place.
    """
    people, latest = rows(viewers), rows(sessions)
    found: list[Row] = []
    for person, session in zip(people, latest, strict=True):
        for second in seconds_met(hour, viewing, person):
            begin_session(viewing, person, session, second)
            session.end = second
            found += ad_breaks(viewing, person, session, second, second + 1)
    write(sessions, latest)
    return in_order(found, hour, begins.tolist())


def seconds_met(hour: int, viewing: Viewing, person: Row) -> Iterator[int]:
    """Yield the seconds of *hour* at which *person* meets a break, BREAKS_MOST of them at most.

    From one break to the next it takes an exponential time, here in expected breaks: when as many have been
    met as are due in the hour it is over. It has no memory, and starts again each hour.
    """
    due = person.activity * int(viewing.due[person.kind])
    draw = mix(person_draw(viewing, Purpose.viewing, person) + hour * GOLDEN)
    met = 0
    for k in range(1, BREAKS_MOST + 1):
        met += quantile(viewing.gaps, mix(draw + k * GOLDEN))
        if met >= due:
            return
        yield hour * 3600 + met * 3600 // due
