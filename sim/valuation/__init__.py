"""Valuations: what a slot is worth to a line item. Each is one file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from entities.enums import TargetingKey
from entities.errors import RefusedError
from entities.messages import listed, nearest
from sim.family import Part, Share
from sim.layout import TILTED

Tilt = Annotated[float, Field(ge=0, le=10)]
"""What worth is multiplied with."""

HOUR = TILTED[-1]
HOURS = "must be an hour of the day, from 0 to 23"


class Valuation(Part):
    """A distribution of the worth of a slot, and how much of it is the viewer's and the slot's own.

    Its draw is in parts (a Gaussian copula, so that the distribution is as it was): *affinity* of its
    variance stays with viewer and line item in every slot of a run, *common* is the slot's for all line
    items, and the rest is noise, another draw for each slot and line item. *response* multiplies it by what
    is known of the slot.
    """

    used: ClassVar[str] = "valuation: NAME in a line item; or create-campaign --valuation NAME"

    bounded: ClassVar[bool] = False
    """Whether there is a lowest and a highest worth: `quantile(0)` and `quantile(1)` are asked for then."""

    affinity: Share = Field(
        default=0.0,
        exclude_if=lambda share: not share,
        description="How much of the variance belongs to viewer and line item, for as long as the run",
    )
    common: Share = Field(
        default=0.0,
        exclude_if=lambda share: not share,
        description="How much of it belongs to the slot, and is shared by all line items that have it",
    )
    response: Mapping[str, Mapping[str, Tilt]] = Field(
        default={},
        exclude_if=lambda tilts: not tilts,
        description="Multiples of worth by trait and value, `device: {tv: 1.2, phone: 0.8}`;"
        " `hour: {20: 1.3}` is by the viewer's clock; of two genres the first counts; else 1",
    )

    @model_validator(mode="after")
    def _parts_of_one(self) -> Self:
        if self.affinity + self.common > 1:
            raise ValueError(
                f"affinity {self.affinity:g} and common {self.common:g}: must be 1 together at most, for they"
                " are shares of the variance"
            )
        return self

    @field_validator("response", mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        found: dict[str, Any] = {}
        for name, tilts in given.items():
            if name not in TILTED:
                near, allowed = nearest(str(name), TILTED), f"must be one of {listed(TILTED)}"
                raise RefusedError(f"{name}: {allowed}", value=name, allowed=allowed, nearest=near)
            found[name] = _by_word(name, tilts) if isinstance(tilts, Mapping) else tilts
        return found

    def __hash__(self) -> int:
        """Return a hash of what it says, for which mappings have none."""
        return hash(repr(self))

    @property
    def atoms(self) -> int:
        """Return of how many values, each as likely as another, it has one; 0 where it is continuous."""
        return 0

    @abstractmethod
    def quantile(self, share: float) -> float:
        """Return the worth below which *share* of slots lie, as a multiple of the line item's maximum CPM."""


def _by_word(trait: str, tilts: Mapping[Any, Any]) -> dict[str, Any]:
    return {_word(trait, str(given)): tilt for given, tilt in tilts.items()}


def _word(trait: str, given: str) -> str:
    if trait == HOUR:
        if given not in map(str, range(24)):
            raise RefusedError(f"{given}: {HOURS}", value=given, allowed=HOURS)
        return given
    vocabulary = TargetingKey[trait].trait.vocabulary
    # Regions are the market's own, and are known where the line item is booked.
    return vocabulary.parse(given).value if vocabulary else given
