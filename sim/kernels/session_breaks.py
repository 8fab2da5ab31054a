"""One hour of viewing: sessions begin and go on, titles play, and ad breaks come up."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll, njit

from sim.events import NO_GENRE
from sim.kernels.memory import borrowed
from sim.kernels.numbers import GOLDEN, HALF, LOW, SALT, mix, person_draw, quantile
from sim.layout import DRAWN, POD, POD_BITS
from sim.streams import purpose_of

_ONE = 1 << 30  # activity (12 bits) times a share of the hour (18 bits)
_LEAST_IDLE = _ONE // 20
_NONE = np.uint8(NO_GENRE)
_DRAWN = np.array([purpose_of(trait) for trait in DRAWN])
_DEVICE, _TIER, _BREAK = np.uint64(1), np.uint64(2), np.uint64(3)


@njit(cache=True, nogil=True)
def session_breaks(hour, viewing, viewers, sessions, begins):
    """Return the ad breaks of *hour* by shard, second and viewer, POD, and where those of a second begin.

    *begins* are the positions at which each shard's viewers do, and their number; the second array is int64,
    shards × 3,601.
    """
    per_viewer = len(viewing.breaks) * (3600 // viewing.title_seconds + 3)
    found = np.empty(largest(begins) * per_viewer, POD)
    pods, first, met = np.empty(0, POD), np.empty((len(begins) - 1, 3601), np.int64), 0
    for s in range(len(begins) - 1):
        n = _watched(hour, viewing, viewers, sessions, begins[s], begins[s + 1], found)
        pods = with_room(pods, met, met + n, s, begins)
        in_order(found, n, hour * 3600, pods, met, first[s])
        met += n
    return pods[:met], first


@njit(cache=True, nogil=True)
def _watched(hour, viewing, viewers, sessions, begin, last, found):
    viewing, viewers, sessions, found = borrowed((viewing, viewers, sessions, found))
    start = hour * 3600
    end = start + 3600
    n = 0
    for v in range(begin, last):
        place = np.uint32(v)  # without a sign it is not taken for one from the end
        person, session = viewers[place], sessions[place]
        if session.end > start:
            n = _breaks(viewing, person, session, v, start, min(session.end, end), found, n)
        draw = mix(person_draw(person.id, viewing.salts[SALT.viewing]) + np.uint64(hour) * GOLDEN)
        # Those who are watching cannot start: the others start more often, so that viewing follows its curve.
        activity, kind = np.int64(person.activity), np.uint32(person.kind)
        idle = max(_ONE - activity * viewing.carried[kind], _LEAST_IDLE)
        begin = min(activity * viewing.starts[kind], idle)
        if (draw >> HALF) * np.uint64(idle) >= np.uint64(begin) << HALF:
            continue
        second = start + np.int64(((draw & LOW) * np.uint64(3600)) >> HALF)
        if second < session.end:
            continue
        session.number += 1
        key = mix(person_draw(person.id, viewing.salts[SALT.title]) + np.uint64(session.number))
        session.start = second
        session.end = second + quantile(viewing.lengths, key)
        taste = mix(key ^ _DEVICE)
        if np.int64(taste & LOW) < viewing.device_loyalty:
            session.device = person.device
        else:
            session.device = pick(viewing.devices, taste >> HALF)
        n = _breaks(viewing, person, session, v, second, min(session.end, end), found, n)
    return n


@njit(cache=True, nogil=True, forceinline=True)
def pick(cumulative, draw):
    """Return the first position whose *cumulative* share lies above *draw*."""
    below = 0  # counted to the end, for no branch can be foretold
    for i in range(len(cumulative) - 1):
        below += cumulative[i] <= draw
    return below


@njit(cache=True, nogil=True, forceinline=True)
def _pick_of(cumulative, row, draw):
    # As `pick` of that row, which as an array of its own would be counted for each pod.
    below = 0
    for i in range(cumulative.shape[1] - 1):
        below += cumulative[row, i] <= draw
    return below


@njit(cache=True, nogil=True, forceinline=True)
def _breaks(viewing, person, session, v, first, last, found, n):
    key = mix(person_draw(person.id, viewing.salts[SALT.title]) + np.uint64(session.number))
    # Without a sign it is a quick division.
    number = np.int64(np.uint32(first - session.start) // np.uint32(viewing.title_seconds))
    begins = session.start + number * viewing.title_seconds
    while begins < last:
        title = mix(key + np.uint64(number + 1) * GOLDEN)
        of_title = -1
        for j in range(len(viewing.breaks)):
            second = begins + viewing.breaks[j]
            placement = 0 if j == 0 else 1
            size = pick(viewing.shares[placement], mix(title ^ (_BREAK + np.uint64(j))) >> HALF)
            if (second < first) | (second >= last) | (size == 0):  # one branch that cannot be foretold
                continue
            pod = found[n]
            if of_title < 0:
                of_title = n
                pod.viewer = v
                pod.session = session.number
                pod.slot_seconds = viewing.ad_seconds
                pod.device = session.device
                set_title(viewing, person, title, pod)
            else:  # what is on has been drawn
                found[n] = found[of_title]
            pod.id = (np.int64(person.id) << POD_BITS) + session.pods
            pod.second = second
            pod.slots = viewing.sizes[placement, size, 0]
            pod.seconds = viewing.sizes[placement, size, 1]
            pod.placement = placement
            session.pods += 1
            n += 1
        number += 1
        begins += viewing.title_seconds
    return n


@njit(cache=True, nogil=True, forceinline=True)
def set_title(viewing, person, title, pod):
    """Set the genres, the tier and the drawn traits of a *pod* to those of a *title* for this *person*."""
    device = np.int64(pod.device)
    if np.int64(title & LOW) < viewing.genre_loyalty:
        genre = np.int64(person.genre)
    else:
        genre = np.int64(_pick_of(viewing.genres, device, title >> HALF))
    pod.genre = genre
    pod.second_genre = _NONE
    more = mix(title ^ _TIER)
    if np.int64(more & LOW) < viewing.second_genre:
        # Another genre from the same mix: leave the first one's stretch out and draw from what remains.
        below = viewing.genres[device, genre - 1] if genre > 0 else np.uint64(0)
        width = viewing.genres[device, genre] - below
        draw = ((more >> HALF) * (viewing.genres[device, -1] - width)) >> HALF
        if draw >= below:
            draw += width
        pod.second_genre = _pick_of(viewing.genres, device, draw)
    pod.title_tier = 0 if np.int64(mix(more) & LOW) < viewing.top_10 else 1
    k = 0
    for trait in literal_unroll(DRAWN):
        pod[trait] = pick(viewing.drawn[k], mix(title ^ viewing.salts[_DRAWN[k]]) >> HALF)
        k += 1  # noqa: SIM113 - what is unrolled cannot be enumerated


@njit(cache=True, nogil=True)
def largest(begins):
    """Return how many viewers the largest shard has, where each shard's begin at *begins*."""
    most = np.int64(0)
    for s in range(len(begins) - 1):
        most = max(most, begins[s + 1] - begins[s])
    return most


@njit(cache=True, nogil=True)
def with_room(pods, met, needed, s, begins):
    """Return *pods*, of which so many are *met*, with room for as many as are *needed* up to shard *s*.

    Where there is none, it is made for all shards, as far as these tell.
    """
    if needed <= len(pods):
        return pods
    known, everyone = max(begins[s + 1], 1), begins[-1]
    grown = np.empty(needed + (everyone - begins[s + 1]) * needed // known * 9 // 8, POD)
    for i in range(met):
        grown[i] = pods[i]
    return grown


@njit(cache=True, nogil=True)
def in_order(found, n, start, pods, met, first):
    """Write the first *n* of *found* to *pods* by second and viewer, behind those that are *met*.

    *first* gets where those of each second begin, from second *start* on.
    """
    first[:] = 0
    for i in range(n):
        first[found[i].second - start + 1] += 1
    first[0] = met
    for s in range(3600):
        first[s + 1] += first[s]
    place = first[:-1].copy()
    for i in range(n):
        s = found[i].second - start
        pods[place[s]] = found[i]
        place[s] += 1
