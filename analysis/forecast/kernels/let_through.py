"""The hours of people who are drawn, compiled: sessions, ad breaks, and caps that count them."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.layout import BREAKS_MOST

_LEAST_IDLE = 1 / 20
_MASK = 0xFFFFFF


@njit(cache=True, nogil=True)
def let_through(
    rng,
    homes,
    kinds,
    place,
    activity,
    device,
    title,
    shown,
    starts,
    carried,
    due,
    dark,
    lengths,
    offsets,
    title_seconds,
    begin,
    opened,
    windows,
    minutes,
    limits,
    stream_limit,
    match,
):
    """Return how many impressions people meet, and how many of them the caps of their home let through.

    *homes* are the places in *kinds* at which the people of each begin, *kinds* those of all people, -1 for
    who is not wanted. Kinds have a *place*, an *activity* and chances; hours from *begin* on have the viewing
    of each place, whether they are *opened*, and the *windows* of the caps, whose *minutes* are 0 but where
    they count by the minute. A session is that of `sim.kernels.session_breaks`; where *title_seconds* are 0,
    it is a break of `sim.kernels.poisson_breaks`. *lengths* are the quantiles of its seconds, *offsets* the
    seconds of the breaks in a title. *match* is the chance that a session is recognised; in others nothing is
    capped but by *stream_limit*.
    """
    most = 0
    for home in range(len(homes) - 1):
        most = max(most, homes[home + 1] - homes[home])
    per_hour = BREAKS_MOST if title_seconds == 0 else len(offsets) * (3600 // title_seconds + 3)
    # Of each impression the second, the person, the session, and whether that is recognised, in one.
    found = np.empty(most * per_hour, np.int64)
    ends, since = np.empty(most, np.int64), np.empty(most, np.int64)
    on, fits, title_at = np.empty(most, np.bool_), np.empty(most, np.bool_), np.empty(most, np.int64)
    titles = title, shown, offsets, title_seconds
    session, streaming, streamed = np.empty((3, most), np.int64)
    counts, counted_in = np.empty(len(limits), np.int64), np.empty(len(limits), np.int64)
    met, through = 0, 0
    for home in range(len(homes) - 1):
        first, people = homes[home], homes[home + 1] - homes[home]
        ends[:people], session[:people], streaming[:people] = begin * 3600, 0, -1
        counts[:], counted_in[:] = 0, -1
        for row in range(len(opened)):
            start = (begin + row) * 3600
            n = 0
            for v in range(people):
                kind = kinds[first + v]
                if kind < 0:
                    continue
                at = place[kind]
                if title_seconds == 0:
                    rate = activity[kind] * due[row, at]
                    if not opened[row] or rate <= 0.0:
                        continue
                    when = 0.0
                    for _ in range(BREAKS_MOST):
                        when += rng.standard_exponential()
                        if when >= rate:
                            break
                        if rng.random() < device[kind] * title[kind] * shown[0, kind]:
                            session[v] = _next(session[v], rng.random() < match)
                            second = start + np.int64(3600 * when / rate)
                            found[n] = (second << 24) + (v << 8) + session[v]
                            n += 1
                    continue
                if dark[row, at]:
                    ends[v] = min(ends[v], start)
                if ends[v] > start:
                    last = min(ends[v], start + 3600)
                    n = _breaks(
                        rng, v, kind, start, last, since, on, title_at, fits, session, found, n, *titles
                    )
                idle = max(1.0 - activity[kind] * carried[row, at], _LEAST_IDLE)
                if rng.random() * idle >= activity[kind] * starts[row, at]:
                    continue
                second = start + np.int64(3600 * rng.random())
                if second < ends[v]:
                    continue
                step = rng.random() * (len(lengths) - 1)
                below = np.int64(step)
                length = lengths[below] + (lengths[below + 1] - lengths[below]) * (step - below)
                since[v], ends[v] = second, second + np.int64(length)
                session[v] = _next(session[v], rng.random() < match)
                on[v], title_at[v] = rng.random() < device[kind], -1
                last = min(ends[v], start + 3600)
                n = _breaks(rng, v, kind, second, last, since, on, title_at, fits, session, found, n, *titles)
            if not opened[row]:
                continue
            met += n
            for i in range(1, n):  # few, and of each person in order
                late, j = found[i], i
                while j > 0 and found[j - 1] > late:
                    found[j] = found[j - 1]
                    j -= 1
                found[j] = late
            for i in range(n):
                second, v, stream = found[i] >> 24, (found[i] >> 8) & 0xFFFF, found[i] & 0xFF
                if stream != streaming[v]:
                    streaming[v], streamed[v] = stream, 0
                free, known = streamed[v] < stream_limit, stream % 2 == 1
                for c in range(len(limits) if known else 0):
                    window = windows[row, c]
                    if minutes[c] > 0:
                        window = ((second // 60 + window) // minutes[c]) & _MASK
                    if window != counted_in[c]:
                        counted_in[c], counts[c] = window, 0
                    free = free and counts[c] < limits[c]
                if free:
                    if known:
                        counts += 1
                    streamed[v] += 1
                    through += 1
    return met, through


@njit(cache=True, nogil=True, inline="always")
def _next(session, known):
    # The number after that of a *session*, odd where it is recognised; few follow within the same hour.
    return ((session | 1) + 1 + known) & 0xFF


@njit(cache=True, nogil=True)
def _breaks(
    rng,
    v,
    kind,
    first,
    last,
    since,
    on,
    title_at,
    fits,
    session,
    found,
    n,
    title,
    shown,
    offsets,
    title_seconds,
):
    if not on[v]:
        return n
    number = (first - since[v]) // title_seconds
    begins = since[v] + number * title_seconds
    while begins < last:
        if number != title_at[v]:
            title_at[v], fits[v] = number, rng.random() < title[kind]
        if fits[v]:
            for j in range(len(offsets)):
                second = begins + offsets[j]
                if first <= second < last and rng.random() < shown[j, kind]:
                    found[n] = (second << 24) + (v << 8) + session[v]
                    n += 1
        number += 1
        begins += title_seconds
    return n
