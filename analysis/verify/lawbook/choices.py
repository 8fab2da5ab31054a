"""Choices: random markets come from integers, drawn from a seed or by a test that can shrink them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, TypeAdapter, ValidationError

from sim.ambient import AmbientDemand, Crowd
from sim.auction import AuctionFormat
from sim.bidding import BiddingRule, Learner
from sim.family import Part

T = TypeVar("T")
Kinds = tuple[str, ...] | None
"""Members of a family by kind; None is all that are registered."""
_FACTORS = (0.5, 0.9, 1.1, 2.0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What random markets may have, by default everything; a law is true within one."""

    formats: Kinds = None
    pods: Kinds = None
    ambient: Kinds = None
    deals: Kinds = None
    pacing: Kinds = None
    bidding: Kinds = None
    valuations: Kinds = None
    plenty: bool = False
    """Whether every line item has more to spend than there is to buy, and no daily or campaign budget."""
    caps: bool = True
    changes: bool = True
    late: bool = True
    """Whether spend may become known late, so that budgets are passed by what was not."""
    holdouts: bool = False
    """Whether line items may keep some viewers from being served: laws between markets know of none."""
    positions: bool = True
    """Whether some buy their place in the pod."""
    other_settings: bool = True
    """Whether settings of the market that no law has to know of are drawn too, such as identity."""
    minutes: tuple[int, ...] = (60, 60, 60, 60, 60, 60, 30, 30, 15, 5)
    """Minutes of a tick."""
    most_viewers: int = 40
    most_days: int = 4
    most_items: int = 8
    zones: tuple[str, ...] = (
        *("UTC", "America/New_York", "America/Los_Angeles", "Europe/London", "Europe/Berlin"),
        *("Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Tokyo"),
    )


EVERYTHING = Scope(holdouts=True)


def formats(has: Callable[[type[AuctionFormat]], bool]) -> tuple[str, ...]:
    """Return the auction formats that declare something, by kind."""
    return tuple(kind for kind, member in AuctionFormat.members().items() if has(member))


def unmoved() -> tuple[str, ...]:
    """Return the kinds of ambient demand whose bids know neither the format nor the floor."""
    return tuple(kind for kind, member in AmbientDemand.members().items() if not issubclass(member, Crowd))


def untaught() -> tuple[str, ...]:
    """Return the kinds of bidding rules whose bids do not depend on what was met before."""
    return tuple(kind for kind, member in BiddingRule.members().items() if not issubclass(member, Learner))


class Choices:
    """Draws from a source of integers; 0 is always the plainest choice, to which a test can shrink."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self._below = below

    def one(self, *options: T) -> T:
        """Return one of *options*, all equally likely; the plainest stands first."""
        return options[self.integer(0, len(options) - 1)]

    def integer(self, least: int, most: int) -> int:
        """Return an integer from *least* to *most*, both included."""
        return least + self._below(most - least + 1) if most > least else least

    def once_in(self, times: int) -> bool:
        """Return True once in so many *times*."""
        return self._below(times) == times - 1

    def some(self, options: Sequence[T], most: int | None = None) -> list[T]:
        """Return one of *options* or more, up to *most*, in their order."""
        wanted = self.integer(1, min(most or len(options), len(options)))
        left = list(range(len(options)))
        picked = sorted(left.pop(self._below(len(left))) for _ in range(wanted))
        return [options[place] for place in picked]

    def shuffled(self, parts: Sequence[T]) -> list[T]:
        """Return *parts* in another order."""
        left = list(parts)
        return [left.pop(self.integer(0, len(left) - 1)) for _ in parts]

    def part(self, family: type[Part], kinds: Collection[str] | None = None) -> dict[str, Any]:
        """Return a member of *family* and some of its parameters; one of *kinds*, if some are named."""
        members = family.members()
        names = sorted(members, key=lambda kind: kind != family.usual)
        kind = self.one(*(kind for kind in names if not kinds or kind in kinds))
        return self.settings(members[kind], {"kind": kind})

    def settings(self, model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
        """Return *given* and some other fields of *model*, drawn; *given* alone where they are refused."""
        drawn, schema = dict(given), schema_of(model)
        for name, field in schema.get("properties", {}).items():
            if name not in drawn and self.once_in(2):
                found = self.scalar(field, schema.get("$defs", {}))
                if found is not None:
                    drawn[name] = found
        return fitting(model, drawn) or dict(given)

    def scalar(self, field: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
        """Return a value that the JSON schema of a *field* allows, near its default; None for no scalar.

        *named* are the schemas that it may refer to.
        """
        for each in field.get("anyOf", (field,)):
            schema = {**each, **named.get(str(each.get("$ref", "")).rpartition("/")[2], {})}
            if schema.get("type") == "boolean":
                return self.one(False, True)
            if "enum" in schema:
                return self.one(*schema["enum"])
            if schema.get("type") in ("integer", "number"):
                return self._number(schema, field.get("default"))
        return None

    def _number(self, field: Mapping[str, Any], usual: Any) -> float:
        ends = [field[name] for name in ("minimum", "maximum") if name in field]
        about = usual if isinstance(usual, int | float) else next(filter(None, ends), 1)
        found = self.one(*(factor * about for factor in _FACTORS), *ends)
        found = round(found) if field["type"] == "integer" else float(found)
        low, high = ([field[name] for name in names if name in field] for names in _BOUNDS)
        return type(found)(min([max([found, *low]), *high]))


_BOUNDS = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of *model*, made once."""
    return model.model_json_schema()


def fitting(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is *given* to *model*, or nothing where it refuses that."""
    try:
        TypeAdapter(model).validate_python(dict(given))
    except ValidationError:
        return {}
    return dict(given)


def seeded(*address: int) -> Choices:
    """Return the choices of a seed: those of an *address* of integers are always the same."""
    source = np.random.Generator(np.random.Philox(np.random.SeedSequence(address)))
    return Choices(lambda n: int(source.integers(n)))
