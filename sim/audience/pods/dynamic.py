"""Dynamic pods: a number of seconds, for which the best set of ads is sought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.audience.pods import Place, Pods, Size, refuse
from sim.family import SHARES, SOME, Weight, over

Seconds = Annotated[int, Field(ge=5, le=600)]


class DynamicBreak(Place):
    """How often a break comes up where it could, and how long it is then."""

    seconds: Annotated[Mapping[Seconds, Weight], SHARES, SOME] = Field(
        description="Weights of the seconds of the pod"
    )
    max_ads: int = Field(ge=1, le=15, description="The most ads that the pod holds")

    @model_validator(mode="before")
    @classmethod
    def _of_seconds(cls, given: Any) -> Any:
        return refuse(given, ("slots",), "structured pods have; say seconds and max_ads")


DEFAULT_PRE_ROLL = DynamicBreak(share=0.8, seconds={30: 1.0}, max_ads=2)
DEFAULT_MID_ROLL = DynamicBreak(share=0.75, seconds={60: 2.0, 90: 1.0}, max_ads=5)


class DynamicPods(Pods):
    """Pods of so many seconds and at most so many ads (OpenRTB 2.6, `poddur` and `maxseq`).

    Seconds come up as often as with structured pods; the most ads are [assumption].
    """

    kind: Literal["dynamic"] = "dynamic"
    dynamic: ClassVar[bool] = True
    ambient_seconds: int = Field(default=30, ge=5, le=120, description="Seconds of an ad of ambient demand")
    pre_roll: Annotated[DynamicBreak, over(DEFAULT_PRE_ROLL)] = Field(
        default=DEFAULT_PRE_ROLL, description="The break before a title"
    )
    mid_roll: Annotated[DynamicBreak, over(DEFAULT_MID_ROLL)] = Field(
        default=DEFAULT_MID_ROLL, description="The breaks within it"
    )

    @property
    def ad_seconds(self) -> int:
        """Return the seconds of an ad of ambient demand."""
        return self.ambient_seconds

    @property
    def places(self) -> tuple[DynamicBreak, DynamicBreak]:
        """Return the pre-roll and the mid-roll."""
        return self.pre_roll, self.mid_roll

    def sizes(self, place: Place) -> Mapping[Size, float]:
        """Return the weights of pods of so many seconds."""
        assert isinstance(place, DynamicBreak)
        return {Size(place.max_ads, seconds): weight for seconds, weight in place.seconds.items()}
