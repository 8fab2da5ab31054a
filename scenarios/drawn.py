"""Campaigns that a scenario does not write out: a crowd of advertisers, drawn from its seed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from entities import registry
from entities.errors import InputError, RefusedError
from entities.messages import listed, nearest
from scenarios.scalars import plain
from sim.bidding import BiddingRule
from sim.deal import Deal
from sim.family import SHARES, SOME, Part, Written
from sim.market.market import Market
from sim.pacing import PacingPolicy
from sim.valuation import Valuation

NAME = "drawn"
"""The field of a scenario, and what its campaigns are called by place: `drawn.0`."""

SEED = 20261102
"""Of a scenario that names none."""


def _kinds(family: type[Part]) -> AfterValidator:
    def check(weights: Mapping[str, int]) -> Mapping[str, int]:
        known = [*family.members()]
        for kind in weights:
            if kind not in known:
                allowed = f"must be one of {listed(known, 99)}"
                near = nearest(kind, known)
                raise RefusedError(f"{kind}: {allowed}", value=kind, allowed=allowed, nearest=near)
        return weights

    return AfterValidator(check)


def _valuation(given: dict[str, Any]) -> dict[str, Any]:
    Valuation.adapter().validate_python(given)
    return given


def _usual(field: str) -> Any:
    return registry.Crowd.model_fields[field].default


def _about(field: str) -> str:
    return str(registry.Crowd.model_fields[field].description)


Weights = Mapping[str, Annotated[int, Field(ge=0, le=1_000_000)]]


class Drawn(Written, registry.Crowd):
    """Advertisers of many sizes and their campaigns, drawn by Faker, as if they were written out."""

    seed: int | None = Field(
        default=None, ge=0, lt=2**63, description="Whose crowd it is; the scenario's seed if left out"
    )
    deal: Annotated[Weights, SHARES, SOME, _kinds(Deal)] = Field(
        default=_usual("deal"), description=_about("deal")
    )
    pacing: Annotated[Weights, SHARES, SOME, _kinds(PacingPolicy)] = Field(
        default=_usual("pacing"), description=_about("pacing")
    )
    bidding: Annotated[Weights, SHARES, SOME, _kinds(BiddingRule)] = Field(
        default=_usual("bidding"), description=_about("bidding")
    )
    valuation: Annotated[dict[str, Any], AfterValidator(_valuation)] = Field(
        default=_usual("valuation"), description=_about("valuation")
    )

    def listings(self, market: Market, seed: int) -> list[dict[str, Any]]:
        """Return the campaigns, each as the mapping of which a Listing is made."""
        where = registry.Where(
            market.start,
            market.days,
            market.timezone,
            market.population.viewers,
            tuple(market.regions),
            market.pods.fitting_ad,
        )
        own = seed if self.seed is None else self.seed
        return _listings(own, self.model_dump_json(), where)


def drawn_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the campaigns that a scenario draws, as it is written; none where that is refused later."""
    if data.get(NAME) is None:
        return []
    with suppress(ValidationError, InputError):
        asked = _Asked.model_validate({key: data[key] for key in _Asked.model_fields if key in data})
        return asked.drawn.listings(asked.market, asked.seed)
    return []


class _Asked(BaseModel):
    drawn: Drawn
    seed: int = SEED
    market: Market = Market()


@lru_cache(maxsize=8)
def _listings(seed: int, terms: str, where: registry.Where) -> list[dict[str, Any]]:
    # Each setting by name asks for them, and nobody changes what they hold.
    drawn = registry.fake_crowd(seed, Drawn.model_validate_json(terms), where)
    return [plain(each._asdict()) for each in drawn]
