"""A user's own class and the contract of its family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from analysis.contracts.bidding import BIDDING
from analysis.contracts.checks import Verdict, examined
from analysis.contracts.pacing import PACING
from analysis.contracts.parts import ANY
from entities.errors import InputError
from sim import external
from sim.bidding import BiddingRule
from sim.family import Part
from sim.pacing import PacingPolicy


def policy_of(name: str, parameters: Mapping[str, Any] | None = None) -> PacingPolicy | BiddingRule:
    """Return an object of the class `module:Class` with its *parameters*, from the working directory.

    InputError for what is wrong with name, file, class or parameters.
    """
    families: tuple[type[PacingPolicy | BiddingRule], ...] = (PacingPolicy, BiddingRule)
    with external.code(allowed=True):
        found = external.load(name, Part)
        family = next((each for each in families if issubclass(found, each)), None)
        if family is None:
            raise InputError(f"{name}: is no PacingPolicy and no BiddingRule, one of which it must extend")
        asked = {"kind": "external", "policy": name, "parameters": dict(parameters or {})}
        try:
            return family.adapter().validate_python(asked)
        except ValidationError as error:
            why = error.errors()[0].get("ctx", {}).get("error")
            raise InputError(f"{name}: {why or error}") from None


def verdicts(policy: PacingPolicy | BiddingRule) -> Iterator[Verdict]:
    """Yield what is found of each promise of the policy's family, as soon as it is known."""
    yield from examined(policy, ANY)
    if isinstance(policy, PacingPolicy):
        yield from examined(policy, PACING)
    else:
        yield from examined(policy, BIDDING)
