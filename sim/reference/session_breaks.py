"""One hour of viewing: who starts a session, which titles play, and when ads interrupt them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.events import NO_GENRE
from sim.layout import DRAWN, POD, POD_BITS, Viewing
from sim.reference.numbers import Row, halves, pick, quantile, rows, write
from sim.streams import GOLDEN, Purpose, mix, purpose_of


def session_breaks(
    hour: int,
    viewing: Viewing,
    viewers: NDArray[np.void],
    sessions: NDArray[np.void],
    begins: NDArray[np.int64],
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the ad breaks of *hour* in the order (shard, second, viewer), and where those of a second begin.

    *begins* are the positions at which each shard's viewers do, and their number; the second array is int64,
    shards × 3,601. A viewer goes on with the session of an earlier hour, if there is one, and starts at most
    one new session, never before the last one has ended. *sessions* is updated in place.
    """
    start, end = hour * 3600, (hour + 1) * 3600
    people, latest = rows(viewers), rows(sessions)
    found: list[Row] = []
    for person, session in zip(people, latest, strict=True):
        found += ad_breaks(viewing, person, session, start, min(session.end, end))
        second = session_start(hour, viewing, person)
        if second is not None and second >= session.end:
            begin_session(viewing, person, session, second)
            found += ad_breaks(viewing, person, session, second, min(session.end, end))
    write(sessions, latest)
    return in_order(found, hour, begins.tolist())


def in_order(found: list[Row], hour: int, begins: list[int]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the pods *found* in *hour* by shard, second and viewer, and where those of a second begin."""

    def place(pod: Row) -> tuple[int, int]:
        return bisect_right(begins, pod.viewer) - 1, pod.second

    found.sort(key=lambda pod: (*place(pod), pod.viewer))
    pods = np.zeros(len(found), POD)
    write(pods, found)
    places, shards = [place(pod) for pod in found], range(len(begins) - 1)
    first = [[bisect_left(places, (shard, 3600 * hour + s)) for s in range(3601)] for shard in shards]
    return pods, np.array(first, np.int64).reshape(len(shards), 3601)


def person_draw(viewing: Viewing, purpose: Purpose, person: Row) -> int:
    """Return the draw that all of a person's draws for one *purpose* are derived from."""
    return mix(person.id * GOLDEN ^ int(viewing.salts[purpose]))


def session_start(hour: int, viewing: Viewing, person: Row) -> int | None:
    """Return the second at which *person* would start a session in *hour*, or None.

    Only those who are not watching can start, so they start more often by as much: the chance is the expected
    starts over the share of people like this one who are idle, which is taken to be a twentieth at least.
    """
    certain = 1 << 30
    idle = max(certain - person.activity * int(viewing.carried[person.kind]), certain // 20)
    begin = min(person.activity * int(viewing.starts[person.kind]), idle)
    when, whether = halves(mix(person_draw(viewing, Purpose.viewing, person) + hour * GOLDEN))
    if whether * idle >= begin << 32:
        return None
    return hour * 3600 + (when * 3600 >> 32)


def session_draw(viewing: Viewing, person: Row, session: Row) -> int:
    """Return the draw that decides a session's length, device and titles."""
    return mix(person_draw(viewing, Purpose.title, person) + session.number)


def begin_session(viewing: Viewing, person: Row, session: Row, second: int) -> None:
    """Let *person* start the next session at *second*: how long it lasts, and on which device."""
    session.number += 1
    draw = session_draw(viewing, person, session)
    session.start = second
    session.end = second + quantile(viewing.lengths, draw)
    loyal, device = halves(mix(draw ^ 1))
    favourite = loyal < viewing.device_loyalty
    session.device = person.device if favourite else pick(viewing.devices.tolist(), device)


def ad_breaks(viewing: Viewing, person: Row, session: Row, first: int, last: int) -> Iterator[Row]:
    """Yield the ad breaks of a *session* from second *first* until before *last*, title after title."""
    number = (first - session.start) // viewing.title_seconds
    while (begins := session.start + number * viewing.title_seconds) < last:
        title = mix(session_draw(viewing, person, session) + (number + 1) * GOLDEN)
        for j, offset in enumerate(viewing.breaks.tolist()):
            placement = min(j, 1)
            size = pick(viewing.shares[placement].tolist(), halves(mix(title ^ (3 + j)))[1])
            if first <= begins + offset < last and size > 0:
                pod = Row(
                    second=begins + offset, viewer=person.place, session=session.number, device=session.device
                )
                pod.id = (person.id << POD_BITS) + session.pods
                pod.placement, pod.slot_seconds = placement, viewing.ad_seconds
                pod.slots, pod.seconds = viewing.sizes[placement, size].tolist()
                pod.genre, pod.second_genre, pod.title_tier = about(viewing, person, pod.device, title)
                for trait, shares in zip(DRAWN, viewing.drawn.tolist(), strict=True):
                    draw = mix(title ^ int(viewing.salts[purpose_of(trait)]))
                    setattr(pod, trait, pick(shares, halves(draw)[1]))
                session.pods += 1
                yield pod
        number += 1


def about(viewing: Viewing, person: Row, device: int, title: int) -> tuple[int, int, int]:
    """Return the genre, the second genre or NO_GENRE, and the tier of a *title* for this *person*."""
    genres = viewing.genres[device].tolist()
    loyal, draw = halves(title)
    genre = person.genre if loyal < viewing.genre_loyalty else pick(genres, draw)
    more = mix(title ^ 2)
    has_second, draw = halves(more)
    second = NO_GENRE
    if has_second < viewing.second_genre:
        # The mix without the first genre: close the gap that its stretch leaves, draw, and open it again.
        gap = range(genres[genre - 1] if genre > 0 else 0, genres[genre])
        draw = draw * (genres[-1] - len(gap)) >> 32
        second = pick(genres, draw if draw < gap.start else draw + len(gap))
    tier = 0 if halves(mix(more))[0] < viewing.top_10 else 1
    return genre, second, tier
