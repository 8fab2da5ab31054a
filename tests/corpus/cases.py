"""The tables of mistakes, read: a word in capitals stands for all that there is of a kind by now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from scenarios.loader import MARKETS, names
from sim.auction import AuctionFormat
from sim.bidding import BiddingRule
from sim.pacing import PacingPolicy
from sim.valuation import Valuation

HERE = Path(__file__).parent
PACERS = PacingPolicy.members()
KEYS = list(dict.fromkeys(key for policy in PACERS.values() for key in policy.model_fields))


def some(words: list[str]) -> str:
    """Return the first dozen of *words* as messages list them."""
    return ", ".join(words[:12]) + ", …" * (len(words) > 12)


STANDS_FOR = {
    "PACERS": ", ".join(sorted([*PACERS, "external"])),
    "PARAMETERS": some(KEYS),
    "AUCTIONS": ", ".join(AuctionFormat.members()),
    "BIDDING_RULES": ", ".join(sorted([*BiddingRule.members(), "external"])),
    "VALUATIONS": ", ".join(Valuation.members()),
    "MARKETS": some(list(names(MARKETS))),
}


def cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of one table."""
    text = (HERE / f"{name}.yml").read_text(encoding="utf-8")
    for word, meaning in STANDS_FOR.items():
        text = text.replace(word, meaning)
    found: list[dict[str, Any]] = yaml.safe_load(text)
    return found
