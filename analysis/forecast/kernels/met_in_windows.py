"""The steps of the chain of sessions, for one kind of viewers after the other."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def met_in_windows(
    share, dark, opened, ended, begun, anew, after, last, windows, device, title, stays, shown
):
    """Return the impressions of each window, and the expected visits of each place, by kind.

    The first is windows × impressions × kinds, the probability of so many; the second places × kinds. *share*
    and *dark* are hours × kinds: the probability to start a session in the hour, and whether nobody watches.
    The others have a value for each step: whether it is *opened*, the window that is *ended* before it, of
    *windows*, and the row of *anew* that is *begun* then, or -1. Counts of the caps are places in *after*,
    where those are with one impression more; *anew* has where they go when windows begin, and *last* the
    count of the last cap. *title* and *device* are the chances of each kind, *shown* those of each place.
    """
    steps, kinds, places, counts = len(opened) // len(share), len(device), len(shown), len(after)
    found, visits = np.zeros((windows, last.max() + 1, kinds)), np.zeros((places, kinds))
    # Whether the hour's moment is over × idle, watching what is not wanted, at each place of a title that is
    # not, and of one that is × impressions.
    no, yes, leaves = 2, 2 + places, 1.0 - stays
    state, new = np.empty((2, 2 + 2 * places, counts)), np.empty((2, 2 + 2 * places, counts))
    for kind in range(kinds):
        state[:], new[:] = 0.0, 0.0
        state[0, 0, 0] = 1.0
        begins, wanted = device[kind], title[kind]
        many = 1  # counts that there can be: none before the first impression
        for t in range(len(opened)):
            if ended[t] >= 0:
                for c in range(counts):
                    found[ended[t], last[c], kind] += state[:, :, c].sum()
            if opened[t]:
                many = counts
            if begun[t] >= 0:
                for c in range(counts):
                    to = anew[begun[t], c]
                    if to != c:
                        state[:, :, to] += state[:, :, c]
                        state[:, :, c] = 0.0
            hour, part = t // steps, t % steps
            if part == 0:
                state[0] += state[1]
                state[1] = 0.0
                if dark[hour, kind]:
                    for s in range(1, state.shape[1]):
                        state[0, 0] += state[0, s]
                        state[0, s] = 0.0
            # The moment comes in this part of the hour, if it has not come before.
            moment = share[hour, kind] / (steps - share[hour, kind] * part)
            for m in range(2):
                for c in range(many):
                    new[m, 0, c] = state[m, 0, c]
                for s in range(1, state.shape[1]):
                    for c in range(many):
                        new[m, 0, c] += leaves * state[m, s, c]
                for c in range(many):
                    new[m, 1, c] = stays * state[m, 1, c]
                    ended_titles = stays * (state[m, yes - 1, c] + state[m, yes + places - 1, c])
                    new[m, no, c] = ended_titles * (1.0 - wanted)
                    new[m, yes, c] = ended_titles * wanted
                for at in range(1, places):
                    for c in range(many):
                        new[m, no + at, c] = stays * state[m, no + at - 1, c]
                        new[m, yes + at, c] = stays * state[m, yes + at - 1, c]
            # For whoever watches it passes, and who is idle begins.
            for s in range(1, state.shape[1]):
                for c in range(many):
                    over = new[0, s, c] * moment
                    new[0, s, c] -= over
                    new[1, s, c] += over
            for c in range(many):
                over = new[0, 0, c] * moment
                new[0, 0, c] -= over
                new[1, 1, c] += over * (1.0 - begins)
                new[1, no, c] += over * begins * (1.0 - wanted)
                new[1, yes, c] += over * begins * wanted
            state, new = new, state
            if not opened[t]:
                continue
            for at in range(places):
                often = shown[at, kind]
                for m in range(2):
                    visits[at, kind] += state[m, yes + at].sum()
                    for c in range(counts - 1, -1, -1):
                        if after[c] != c:
                            more = often * state[m, yes + at, c]
                            state[m, yes + at, c] -= more
                            state[m, yes + at, after[c]] += more
        if windows > 0:
            for c in range(counts):
                found[windows - 1, last[c], kind] += state[:, :, c].sum()
    return found, visits
