"""Which events of a run are kept: all of them, or all of some of its viewers.

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
from sim.streams import GOLDEN, Purpose, mix_all
from sim.units import PPM

FORMS = (
    "all, or sample:SHARE of the viewers, above 0 and at most 100%, in whole millionths, such as sample:1%"
)
"""What may be asked for, in words."""
_SAMPLE = re.compile(r"sample:([0-9]{0,12}\.?[0-9]{1,12})(%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventsOf:
    """The events of a share of the viewers; of each viewer all or none."""

    ppm: int = PPM

    @property
    def everybody(self) -> bool:
        """Return whether no event is left out."""
        return self.ppm == PPM

    def kept(self, viewers: NDArray[np.integer], salts: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return whose events are kept among *viewers*, by id; *salts* are those of the run's seed.

        It depends on nothing else, so that runs of one seed keep the same people, whatever is changed in
        them; and whoever is in a sample is in every larger one. Other seeds draw other samples of other
        people: what many of them show together does not hang on the luck of one.
        """
        draw = mix_all(viewers.astype(np.uint64) * np.uint64(GOLDEN) ^ salts[Purpose.sample])
        return np.asarray(draw >> np.uint64(32) < np.uint64((self.ppm << 32) // PPM))

    def __str__(self) -> str:
        return "all" if self.everybody else f"sample:{Decimal(self.ppm) / 10_000:f}%"


ALL = EventsOf()
"""Every event."""


def events_of(text: str, folder: object = ...) -> EventsOf:
    """Return what *text* asks for, one of FORMS; InputError for anything else.

    With a *folder* of None nothing can be kept, and InputError says so where less than all is asked for.
    """
    found = _read(text)
    if found is None:
        raise InputError(f"events_of: {quoted(text)} is not allowed; must be {FORMS}")
    if folder is None and not found.everybody:
        raise InputError("events_of: says which events a folder keeps; give events, the folder, too")
    return found


def is_form(text: str) -> bool:
    """Return whether *text* is one of FORMS."""
    return _read(text) is not None


def _read(text: str) -> EventsOf | None:
    if text == "all":
        return ALL
    if match := _SAMPLE.fullmatch(text):
        ppm = Decimal(match[1]) * (PPM // 100 if match[2] else PPM)
        if 0 < ppm <= PPM and ppm == int(ppm):
            return EventsOf(int(ppm))
    return None
