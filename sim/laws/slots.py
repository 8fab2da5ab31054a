"""Laws of single slots: who may be shown (3), what shares a pod (5), and how outcomes nest (8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.enums import TargetingKey
from entities.enums.outcomes import COUNTED, FLAGS, SUMS
from sim.laws.catalogue import LIMIT, Finding, Verdict, Where, also, conditions, equal, verdict
from sim.laws.terms import LineItemTerms


def break_seconds(events: NDArray[np.void]) -> NDArray[np.int64]:
    """Return when the pod of each EVENT record began, in seconds from the start.

    All of a pod is auctioned when it begins. Flights, dayparts, status, terms and windows of an hour or more
    go by that moment; later slots may be shown in the next hour.
    """
    return np.asarray(events["ts"].astype(np.int64) - events["pod_offset_s"])


class Breaks(NamedTuple):
    """The pod of each of some EVENT records, by what came up."""

    second: NDArray[np.int64]
    """When it began, in seconds from the start."""
    seconds: NDArray[np.int64]
    """How long it was."""
    ads: NDArray[np.int64]
    """The most ads that it could hold; 0 where no such pod came up."""


def eligibility(
    events: NDArray[np.void], second: NDArray[np.int64], terms: LineItemTerms, where: Where, line_item: Where
) -> Verdict:
    """Return the verdict that EVENT records were won by line items that were in flight, open and targeted.

    *second* is when each pod was auctioned; *where* names a slot, and *line_item* its winner.
    """
    return conditions(3, _eligible(events["line_item"], events, second, terms), where, line_item)


def holdouts(events: NDArray[np.void], held_out: NDArray[np.bool_], where: Where) -> Verdict:
    """Return the verdict that EVENT records are ghosts where the viewer is *held_out*, and nowhere else."""
    return equal(3, events["ghost"], held_out.astype(np.uint8), also(where, "ghost"))


def rivals(events: NDArray[np.void], second: NDArray[np.int64], terms: LineItemTerms) -> NDArray[np.int64]:
    """Return the most that any other advertiser may have bid for the slot of each EVENT record, in micros.

    Counted only where the price is above floor and ambient bid, which takes a rival; 0 elsewhere.
    """
    floor = np.maximum(events["floor_micros"], events["ambient_micros"])
    disputed = np.flatnonzero(events["price_micros"] > floor)
    contested, when = events[disputed], second[disputed]
    owner = terms.advertiser[contested["line_item"]]
    most = np.zeros(len(contested), np.int64)
    for place, advertiser in enumerate(terms.advertiser):
        item = np.full(len(contested), place)
        able = np.logical_and.reduce(list(_eligible(item, contested, when, terms).values()))
        bid = terms.max_bid.at(item, when)
        most = np.where(able & (owner != advertiser), np.maximum(most, bid), most)
    found = np.zeros(len(events), np.int64)
    found[disputed] = most
    return found


def _eligible(
    item: NDArray[np.integer], events: NDArray[np.void], second: NDArray[np.int64], terms: LineItemTerms
) -> dict[str, NDArray[np.bool_]]:
    # The conditions under which *item* may have each slot.
    hour = second // 3600
    inside = (hour >= 0) & (hour < terms.live.shape[1])
    hour = np.where(inside, hour, 0)
    fine = {
        "inside the horizon": inside,
        "in flight": terms.live[item, hour],
        "inside the dayparts": terms.open[item, hour],
        "an active line item": terms.active.at(item, second) == 1,
    }
    for key in TargetingKey:
        codes = [events[column] for column in key.columns]
        fine[f"a targeted {key}"] = np.any([terms.admits[key][item, code] for code in codes], axis=0)
        if len(codes) > 1:
            fine[f"no excluded {key}"] = ~np.any([terms.refuses[key][item, code] for code in codes], axis=0)
    ends = terms.ends[item]
    first, last = events["pod_position"] == 0, events["pod_position"] + 1 == events["pod_slots"]
    fine["a place in the pod that it buys"] = (ends == 0) | (first & (ends & 1 > 0)) | (last & (ends & 2 > 0))
    return fine


def pods(
    events: NDArray[np.void], terms: LineItemTerms, breaks: Breaks, slot_seconds: int | None, where: Where
) -> Verdict:
    """Return the verdict that the pods of EVENT records, complete ones, are separated and not overfull.

    *slot_seconds* are those of every slot, or None in dynamic pods. `slot_id` says which pod a slot is of.
    """
    slot = events["slot_id"]
    pod = slot >> 4
    position, slots = events["pod_position"], events["pod_slots"]
    numbered = verdict(5, slot & 15 != position, where, position, "the last four bits of slot_id", 0)
    begins = events["ts"].astype(np.int64) - breaks.second
    lasts = events["duration_s"].astype(np.int64)
    fine = {
        "a pod that came up": breaks.ads > 0,
        "the seconds since its pod began": events["pod_offset_s"] == begins,
        "a position inside the pod": position < slots,
    }
    if slot_seconds is None:
        fine["no more ads than the pod holds"] = (slots <= breaks.ads) | (breaks.ads == 0)
        fine["inside the seconds of the pod"] = (begins >= 0) & (begins + lasts <= breaks.seconds)
    else:
        fine["as many slots as the pod has"] = (slots == breaks.ads) | (breaks.ads == 0)
        fine["an ad no longer than its slot"] = lasts <= slot_seconds
        fine["shown when its slot begins"] = begins == position.astype(np.int64) * slot_seconds

    def placed(i: int) -> str:
        return f"{lasts[i]} s at position {position[i]} of {slots[i]}, {begins[i]} s into the pod"

    found = numbered + conditions(5, fine, where, placed)
    found += _twice(slot, lambda key: f"slot {key}", "one ad a slot")
    found += _twice_in_pod(pod, terms.advertiser[events["line_item"]], "advertiser")
    category = terms.category[events["line_item"]]
    kept = category >= 0
    found += _twice_in_pod(pod[kept], category[kept], "category")
    numbers, first, inverse = np.unique(pod, return_index=True, return_inverse=True)
    same = slots[first][inverse]
    found += verdict(5, slots != same, where, slots, lambda i: f"{same[i]} slots, as the pod's other ads")
    seconds = np.zeros(len(numbers), np.int64)
    np.add.at(seconds, inverse, lasts)
    limit = breaks.seconds[first]
    over = verdict(
        5, seconds > limit, lambda i: f"pod {numbers[i]}", seconds, lambda i: f"at most {limit[i]} seconds"
    )
    # An ad begins when the one before it is over.
    order = np.lexsort((position, pod))
    follows = np.flatnonzero(pod[order][1:] == pod[order][:-1])
    before, after = order[follows], order[follows + 1]
    overlap = events["ts"][after] < events["ts"][before] + lasts[before]
    early = "begins before the last ad is over"
    return found + over + verdict(5, overlap, lambda i: where(int(after[i])), early, "one ad at a time")


def outcomes(events: NDArray[np.void], where: Where) -> Verdict:
    """Return the verdict that outcomes of EVENT records are nested, and that only started ads have any."""
    billed = (events["rendered"] == 1) & (events["invalid"] == 0)
    fine = {
        "valid unless rendered": events["rendered"] >= events["invalid"],
        "skipped unless completed": (events["skipped"] & events["completed"]) == 0,
        "watched no longer than it lasts": np.ones(len(events), bool),
    }
    for one in COUNTED:
        before = events[one.within] == 1 if one.within else billed
        if one.unit:
            fine["watched no longer than it lasts"] &= events[one.name] <= events["duration_s"] * before
        else:
            step = f"{_NOUN.get(one.within, one.within)} before {_NOUN.get(one.name, one.name)}"
            fine[step] = before >= events[one.name]
    names = (*FLAGS, *SUMS)
    return conditions(8, fine, where, lambda i: ", ".join(f"{name} {events[name][i]}" for name in names))


_NOUN = {"": "billed", "started": "start", "completed": "completion"}


def _twice_in_pod(pod: NDArray[np.int64], group: NDArray[np.int64], what: str) -> Verdict:
    groups = int(group.max(initial=0)) + 1
    keys = pod * groups + group
    return _twice(keys, lambda key: f"pod {key // groups}, {what} {key % groups}", f"one ad of the {what}")


def _twice(key: NDArray[np.int64], where: Callable[[int], str], allowed: str) -> Verdict:
    ordered = np.sort(key)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    found = tuple(Finding(5, where(k), "twice", allowed) for k in repeated[:LIMIT].tolist())
    return Verdict(5, len(key), len(repeated), found)
