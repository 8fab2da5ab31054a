"""Which events of a run are kept: all of them, or all of some of its viewers, with every bid or without.

Here every form is read that `--events-of` has, and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from entities.errors import InputError
from entities.messages import quoted
from sim.streams import sampled
from sim.units import PPM

FORMS = (
    "all, or sample:SHARE of the viewers, or lost:SHARE of them with every bid for their slots; SHARE above"
    " 0% and at most 100%, or above 0 and below 1, in whole millionths, such as sample:1% or sample:0.01"
)
"""What may be asked for, in words."""
_SHARE = re.compile(r"(sample|lost):([0-9]{0,12}\.?[0-9]{1,12})(%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventsOf:
    """The events of a share of the viewers; of each viewer all or none."""

    ppm: int = PPM
    bids: bool = False
    """Whether every bid for their slots is kept, too, won or lost."""

    @property
    def everybody(self) -> bool:
        """Return whether no event is left out."""
        return self.ppm == PPM

    @property
    def threshold(self) -> int:
        """Return below which 32 bits of their draw viewers are kept."""
        return (self.ppm << 32) // PPM

    @property
    def bids_of(self) -> int:
        """Return the same for those whose bids are kept: 0 where nobody's are."""
        return self.threshold if self.bids else 0

    def kept(self, viewers: NDArray[np.integer], salts: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return whose events are kept among *viewers*, by id; *salts* are those of the run's seed.

        It depends on nothing else, so that runs of one seed keep the same people, whatever is changed in
        them; and whoever is in a sample is in every larger one. Other seeds draw other samples of other
        people: what many of them show together does not hang on the luck of one.
        """
        return sampled(viewers, salts, self.threshold)

    def __str__(self) -> str:
        if self == ALL:
            return "all"
        return f"{'lost' if self.bids else 'sample'}:{Decimal(self.ppm) / 10_000:f}%"


ALL = EventsOf()
"""Every event."""


def events_of(text: str) -> EventsOf:
    """Return what *text* asks for, one of FORMS; InputError for anything else."""
    found = _read(text)
    if found is None:
        raise InputError(f"events_of: {quoted(text)} is not allowed; must be {FORMS}")
    return found


def check_folder(of: EventsOf, folder: object | None, *, in_memory: bool = False) -> None:
    """Raise InputError where anything but all is asked for, and there is no *folder* to keep it in.

    A run *in_memory* keeps bids without one.
    """
    if folder is None and of != ALL and not (in_memory and of.bids):
        raise InputError("events_of: says which events a folder keeps; give events (--events DIR), too")


def is_form(text: str) -> bool:
    """Return whether *text* is one of FORMS."""
    return _read(text) is not None


def _read(text: str) -> EventsOf | None:
    if text == "all":
        return ALL
    if match := _SHARE.fullmatch(text):
        ppm = Decimal(match[2]) * (PPM // 100 if match[3] else PPM)
        # All is 100%: a share of 1 would be taken for 1 %.
        most = PPM if match[3] else PPM - 1
        if 0 < ppm <= most and ppm == int(ppm):
            return EventsOf(int(ppm), bids=match[1] == "lost")
    return None
