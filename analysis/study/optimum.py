"""The best that anybody could have done with a budget, where it can be known: what regret is counted from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.replay import hindsight
from analysis.replay.log import Log
from analysis.runs.playing import play
from entities.registry import ENDLESS, amount_micros
from scenarios.models import Scenario
from sim.bidding.truthful import Truthful
from sim.book.records import Book, BookedCampaign, BookedLineItem
from sim.engine.setup import Setup
from sim.engine.watched import Watched
from sim.events import Hour
from sim.market.market import Market
from sim.pacing.asap import Asap

_ENDLESS = amount_micros(ENDLESS)


def unknown(market: Market, book: Book) -> str:
    """Return why no optimum is known for *book* in *market*, as the rest of a sentence; empty where one is.

    It is known for one line item alone with a budget for its flight, under a price that its own bid does not
    make, where winning one slot never forbids another.
    """
    if len(book.line_items) != 1:
        return f"the book has {len(book.line_items)} line items, and what one wins changes the others"
    item, campaign = book.line_items[0], book.campaigns[0]
    reasons = {
        "a bid changes its own price; use `market.auction: second_price`": not market.auction.truthful
        or market.auction.discounts,
        "a win in a pod may forbid the next one; use pods of one slot": not _alone(market),
        "a frequency cap makes a win forbid others": bool(item.caps),
        "the line item has a daily budget": item.daily_micros is not None
        or campaign.daily_micros is not None,
        "the line item has no budget": _budget(item, campaign) >= _ENDLESS,
        "the deal sets the price": item.deal.terms(item.max_bid_micros) != (0, None, None),
        "the flight has gaps, or leaves the horizon": not _one_flight(market, item),
        "the terms change while the flight runs": bool(market.changes) or item.paused or campaign.paused,
        "viewers are held out": item.holdout_ppm > 0,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def best(scenario: Scenario, book: Book, watched: Watched | None = None) -> hindsight.Hindsight:
    """Return the multiplier that buys most worth less spend on this run's luck, and what it buys.

    The market is played with the truth as the bid and money without end, which meets every slot that is
    worth its price; of those the best are taken as far as the budget goes, the last of them in part
    (`hindsight.best`). No policy gets more, as long as `unknown` is empty.
    """
    item, campaign = book.line_items[0], book.campaigns[0]
    rich = replace(item, lifetime_micros=_ENDLESS, pacing=Asap(), bidding=Truthful())
    free = replace(campaign, lifetime_micros=None, pacing=None)
    wins = _Wins()
    ideal = replace(book, line_items=(rich,), campaigns=(free,))
    setup = Setup(scenario.market, ideal, scenario.seed, watched=watched)
    play(scenario, ideal, wins, setup=setup)
    return hindsight.best(wins.log(), _budget(item, campaign))


class _Wins:
    # What each slot that is paid for was worth, and its price.
    def __init__(self) -> None:
        self._hours: list[NDArray[np.int64]] = [np.zeros((2, 0), np.int64)]

    def __call__(self, hour: Hour) -> None:
        billed = hour.won[(hour.won["rendered"] == 1) & (hour.won["invalid"] == 0)]
        self._hours.append(np.stack([billed["worth_micros"], billed["charged_micros"]]))

    def log(self) -> Log:
        values, prices = np.concatenate(self._hours, axis=1)
        return Log(values, prices, np.array([0, len(values)]))


def _budget(item: BookedLineItem, campaign: BookedCampaign) -> int:
    budgets = (item.lifetime_micros, campaign.lifetime_micros)
    return min(_ENDLESS if budget is None else budget for budget in budgets)


def _alone(market: Market) -> bool:
    pods = market.pods
    sizes = [size for place in pods.places if place.share for size in pods.sizes(place)]
    return not pods.dynamic and all(size.ads == 1 for size in sizes)


def _one_flight(market: Market, item: BookedLineItem) -> bool:
    hours = range(market.horizon.hours + 1)
    return len(item.flights) == 1 and all(end in hours for end in item.flights[0])
