"""Line items: CPM, budgets, targeting, flights, creatives and policies."""

import json
import re
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, JsonValue, ValidationInfo, model_validator

from entities.enums import AdFormat, EntityStatus, Placement, SlotInPod, TargetingKey
from entities.errors import RefusedError
from entities.models import LineItem
from entities.schemas.base import Create, Name, refuse, word
from entities.schemas.creative import CreativeCreate
from entities.schemas.flight import DaypartSchema, FlightSchema, dayparts_json
from entities.schemas.money import Cpm, bid_micros
from entities.schemas.targeting import Targeting
from entities.schemas.terms import Spending

POLICIES = ("deal", "pacing", "bidding", "valuation")
"""Fields that hold a policy."""
KIND = re.compile(r"[a-z][a-z0-9_]{0,59}")


def _policy(value: object, info: ValidationInfo) -> dict[str, JsonValue]:
    allowed = "the name of a policy, such as even, or a mapping with its kind and parameters"
    policy: dict[str, Any] = {"kind": value} if isinstance(value, str) else {}
    if isinstance(value, Mapping):
        policy = {str(key): parameter for key, parameter in value.items()}
    kind = policy.get("kind")
    if not isinstance(kind, str) or not KIND.fullmatch(kind):
        raise refuse(info, value, allowed)
    try:
        json.dumps(policy, allow_nan=False)
    except (TypeError, ValueError):
        raise refuse(info, value, f"{allowed}; parameters are finite numbers, text and lists") from None
    return policy


Policy = Annotated[
    dict[str, JsonValue], BeforeValidator(_policy, json_schema_input_type=str | dict[str, JsonValue])
]
"""A policy's kind and parameters; the family of policies checks what they mean."""


def _plain(kind: str) -> dict[str, JsonValue]:
    return {"kind": kind}


def policy_json(policy: Mapping[str, JsonValue]) -> str:
    """Return *policy* as the canonical JSON of a line item's row."""
    return json.dumps(policy, sort_keys=True, separators=(",", ":"), allow_nan=False)


class LineItemCreate(Spending, Create[LineItem]):
    """A line item and all that belongs to it; without flights it runs as long as its campaign."""

    name: Name
    max_cpm: Cpm = Field(
        description="The most that a thousand impressions may cost; bids are cut at it last, after the"
        " bidding rule and the pacing multiplier"
    )
    ad_format: Annotated[AdFormat, word(AdFormat)] = AdFormat.standard_video
    targeting: Targeting = Targeting()
    slot_in_pod: Annotated[SlotInPod, word(SlotInPod)] = SlotInPod.any
    holdout: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        description="Share of viewers, the same in every hour, whom it never serves: what it would have won"
        " there is a ghost, beside which lift is measured",
        exclude_if=lambda share: share == 0,
    )
    dayparts: tuple[DaypartSchema, ...] | None = None
    deal: Policy = Field(default_factory=partial(_plain, "open"))
    pacing: Policy = Field(default_factory=partial(_plain, "traffic_shaped"))
    bidding: Policy = Field(default_factory=partial(_plain, "fixed_cpm"))
    valuation: Policy = Field(default_factory=partial(_plain, "constant"))
    flights: tuple[FlightSchema, ...] = Field(
        default=(), description="When it may deliver; as long as its campaign where there are none"
    )
    creatives: tuple[CreativeCreate, ...] = Field(default=(), description="What is shown")
    status: Annotated[EntityStatus, word(EntityStatus)] = EntityStatus.active

    @model_validator(mode="after")
    def _dayparts_open(self) -> Self:
        if self.dayparts == ():
            line = "dayparts []: a list that is not empty; leave it out to deliver at all hours"
            raise RefusedError(line, path=("dayparts",))
        return self

    @model_validator(mode="after")
    def _flights_apart(self) -> Self:
        flights = sorted(self.flights, key=lambda flight: flight.starts_at)
        for earlier, later in pairwise(flights):
            if later.starts_at < earlier.ends_at:
                raise RefusedError(
                    f"flights: the one from {later.start} starts before the one from {earlier.start} has"
                    f" ended ({earlier.ends_at}); flights of one line item must not overlap",
                    path=("flights", self.flights.index(later)),
                )
        return self

    @model_validator(mode="after")
    def _creatives_fit(self) -> Self:
        names = [creative.name for creative in self.creatives]
        for place, creative in enumerate(self.creatives):
            if creative.name in names[:place]:
                line = f"creatives: the name {creative.name!r} is given twice; names are unique"
                raise RefusedError(line, path=("creatives", place))
            if creative.ad_format not in (None, self.ad_format):
                raise RefusedError(
                    f"creatives: ad_format {creative.ad_format} of {creative.name!r}: must be the line"
                    f" item's, {self.ad_format}",
                    path=("creatives", place, "ad_format"),
                )
            creative.check_length(self.ad_format, self.placements(), "creatives", place)
        return self

    def placements(self) -> tuple[str, ...]:
        """Return the placements in which the line item may deliver."""
        wanted = self.targeting.include.get(TargetingKey.placement, tuple(Placement))
        unwanted = self.targeting.exclude.get(TargetingKey.placement, ())
        return tuple(place for place in wanted if place not in unwanted)

    def row(self, **columns: Any) -> LineItem:
        """Return the line item as a row with its flights, budgets, caps and creatives."""
        policies = {name: policy_json(getattr(self, name)) for name in POLICIES}
        return super().row(
            max_bid_micros=bid_micros(self.max_cpm),
            holdout_ppm=round(self.holdout * 1_000_000),
            targeting=self.targeting.text(),
            dayparts=dayparts_json(self.dayparts),
            budgets=[budget.row() for budget in self.all_budgets()],
            creatives=[one.row(ad_format=one.ad_format or self.ad_format) for one in self.creatives],
            **policies,
            **columns,
        )
