"""One hour without sessions: every viewer meets ad breaks as a process without memory."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.memory import borrowed
from sim.kernels.numbers import GOLDEN, HALF, LOW, SALT, mix, person_draw, quantile
from sim.kernels.session_breaks import in_order, largest, pick, set_title, with_room
from sim.layout import BREAKS_MOST, POD, POD_BITS

_DEVICE, _BREAK = np.uint64(1), np.uint64(3)


@njit(cache=True, nogil=True)
def poisson_breaks(hour, viewing, viewers, sessions, begins):
    """Return the ad breaks of *hour* as `session_breaks` does, whose arguments these are."""
    found = np.empty(largest(begins) * BREAKS_MOST, POD)
    pods, first, met = np.empty(0, POD), np.empty((len(begins) - 1, 3601), np.int64), 0
    for s in range(len(begins) - 1):
        n = _met(hour, viewing, viewers, sessions, begins[s], begins[s + 1], found)
        pods = with_room(pods, met, met + n, s, begins)
        in_order(found, n, hour * 3600, pods, met, first[s])
        met += n
    return pods[:met], first


@njit(cache=True, nogil=True)
def _met(hour, viewing, viewers, sessions, begin, last, found):
    viewing, viewers, sessions, found = borrowed((viewing, viewers, sessions, found))
    start, n = hour * 3600, 0
    for v in range(begin, last):
        place = np.uint32(v)  # without a sign it is not taken for one from the end
        person, session = viewers[place], sessions[place]
        due = np.int64(person.activity) * viewing.due[np.uint32(person.kind)]
        draw = mix(person_draw(person.id, viewing.salts[SALT.viewing]) + np.uint64(hour) * GOLDEN)
        met = np.int64(0)
        for k in range(BREAKS_MOST):
            # Time runs in expected breaks. It has no memory, and may start again each hour.
            met += quantile(viewing.gaps, mix(draw + np.uint64(k + 1) * GOLDEN))
            if met >= due:
                break
            session.number += 1
            session.start = session.end = start + met * 3600 // due
            key = mix(person_draw(person.id, viewing.salts[SALT.title]) + np.uint64(session.number))
            taste = mix(key ^ _DEVICE)
            if np.int64(taste & LOW) < viewing.device_loyalty:
                session.device = person.device
            else:
                session.device = pick(viewing.devices, taste >> HALF)
            title = mix(key + GOLDEN)
            size = pick(viewing.shares[0], mix(title ^ _BREAK) >> HALF)
            if size == 0:
                continue
            pod = found[n]
            pod.id = (np.int64(person.id) << POD_BITS) + session.pods
            pod.second = session.start
            pod.viewer = v
            pod.session = session.number
            pod.slot_seconds = viewing.ad_seconds
            pod.slots = viewing.sizes[0, size, 0]
            pod.seconds = viewing.sizes[0, size, 1]
            pod.placement = 0
            pod.device = session.device
            set_title(viewing, person, title, pod)
            session.pods += 1
            n += 1
    return n
