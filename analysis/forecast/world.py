"""The worlds in which a booking is tried: a scenario with it, without it, and with nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from analysis.booking import guards
from analysis.booking.books import book_listings, book_scenario
from analysis.explain.constraints import Asked
from analysis.explain.first_days import first_days
from analysis.forecast.kernels import SECONDS
from analysis.forecast.preview import Preview, loops, preview
from analysis.forecast.proposal import Proposal
from entities.errors import InputError
from entities.messages import quoted
from scenarios.loader import Loaded
from scenarios.models import Scenario
from sim.ambient.none import NoDemand
from sim.book.records import Book, BookedLineItem
from sim.kernels.cache import is_compiled
from sim.market.floors import Floors
from sim.market.market import Market
from sim.units import MICROS

WITH, WITHOUT, ALONE, UNBOUND = "with", "without", "alone", "unbound"
"""The booking as it is; nobody's; its own, in a market without anybody else; its own, without its budget."""


@dataclass(frozen=True)
class Arm:
    """One of these worlds: its market, and who competes there."""

    name: str
    scenario: Scenario
    book: Book


@dataclass(frozen=True)
class World:
    """A scenario and its own campaigns, up to the last day on which the booking flies."""

    loaded: Loaded
    days: int

    def having(self, proposal: Proposal) -> Arm:
        """Return the world with a booking."""
        listings = {**self.loaded.listings, "forecast": proposal.listing}
        return self._short(WITH, book_scenario(replace(self.loaded, listings=listings)))

    def without(self, proposal: Proposal) -> Arm:
        """Return the world as it is; where nobody competes in it, with a booking that never bids."""
        if not self.loaded.listings:  # a market is not played without any line item
            return replace(self.having(proposal.silent()), name=WITHOUT)
        return self._short(WITHOUT, book_scenario(self.loaded))

    def alone(self, proposal: Proposal) -> Arm:
        """Return the world with nobody else in it, no floors, and a booking that wants every slot."""
        market = self.market
        supply = tuple(one for one in market.changes if one.viewing is not None or one.pods is not None)
        empty = {"ambient": NoDemand(), "floors": Floors(cpm=0), "changes": supply}
        emptied = market.model_copy(update=empty)
        scenario = self.loaded.scenario.model_copy(update={"market": emptied})
        return self._short(ALONE, book_listings([proposal.alone().listing], emptied), scenario)

    def unbound(self, proposal: Proposal) -> Arm:
        """Return the world with a booking that no budget and no pacing holds back."""
        return replace(self.having(proposal.unbound()), name=UNBOUND)

    @property
    def market(self) -> Market:
        """Return the whole market."""
        return self.loaded.scenario.market

    def _short(self, name: str, book: Book, scenario: Scenario | None = None) -> Arm:
        asked = Asked(scenario or self.loaded.scenario, book)
        if self.days < self.market.days:
            asked = first_days(asked, self.days)
        return Arm(name, *asked)


def world_of(loaded: Loaded, proposal: Proposal) -> World:
    """Return the world in which a booking is tried.

    InputError for a booking that it cannot have: of a name that it has already, with a flight that the
    market does not have, or with a price that no floor lets win.
    """
    listing = proposal.listing
    names = listing.advertiser.name, listing.campaign.name
    if any((one.advertiser.name, one.campaign.name) == names for one in loaded.listings.values()):
        raise InputError(
            f"the scenario has a campaign {quoted(' / '.join(names))} already; name it otherwise"
        )
    whole = World(loaded, loaded.scenario.market.days)
    item = booked_item(whole.having(proposal), proposal)
    first, last = item.flights[0][0], item.flights[-1][1]
    market = whole.market
    opens, begins, ends = (
        market.horizon.at(hour).astimezone(ZoneInfo(item.zone)) for hour in (0, first, last - 1)
    )
    # Days have 24 hours in a market: where clocks go back, its last local hour is left out.
    back = (opens.utcoffset() or timedelta()) - (ends.utcoffset() or timedelta())
    if first < 0 or last > market.horizon.hours + max(back // timedelta(hours=1), 0):
        days = f"{market.start} to {market.start + timedelta(days=market.days - 1)}"
        flight = f"flight {begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
        if item.zone != market.timezone:
            flight, days = f"{flight} in {item.zone}", f"{days} in {market.timezone}"
        raise InputError(f"{flight}: is outside of the scenario, which has {days}")
    _check_floors(market, proposal, item)
    return World(loaded, -(-last // 24))


def previewed(world: World, proposal: Proposal) -> Preview:
    """Return what is reckoned of the avails of a booking, without playing anything."""
    alone = world.alone(proposal)
    return preview(alone.scenario.market, alone.book)


def to_compile(world: World, proposal: Proposal) -> int:
    """Return about how many seconds a preview compiles before it says anything; 0 where nothing is left."""
    left = {loop: seconds for loop, seconds in SECONDS.items() if not is_compiled(loop)}
    if not left:
        return 0
    alone = world.alone(proposal)
    return sum(left.get(loop, 0) for loop in loops(alone.scenario.market, alone.book))


def warnings(world: World, proposal: Proposal) -> list[str]:
    """Return what looks like a mistake in a booking, a line for each."""
    found = guards.warnings(world.market, world.having(proposal).book, [proposal.listing])
    owner = f"line item {proposal.path}: "
    return [line.removeprefix(owner) for line in found if line.startswith(owner)]


def booked_item(arm: Arm, proposal: Proposal) -> BookedLineItem:
    """Return the line item of a booking in a world that has it."""
    return next(item for item in arm.book.line_items if item.path == proposal.path)


def _check_floors(market: Market, proposal: Proposal, item: BookedLineItem) -> None:
    terms = item.deal.terms(item.max_bid_micros)
    if terms.floor_micros is not None:
        lowest = terms.floor_micros
    else:
        floors = [
            market.ad_floors(floors)[int(item.slot_in_pod.ends != 0)] for _, floors in market.floors_since
        ]
        # Those of no seconds at all are of no ad.
        seconds = {creative.duration_s for creative in proposal.item.creatives}
        last = floors[0].shape[0] - 1
        lowest = min(int(table[min(each, last)].min()) for table in floors for each in seconds)
    if item.max_bid_micros < lowest:
        raise InputError(
            f"max_cpm {item.max_bid_micros / 1000:.2f}: is below every floor, the lowest is"
            f" {lowest / 1000:.2f}; nothing can be won"
        )
    impressions, budget = proposal.impressions, proposal.budget_micros
    if impressions is not None and budget < impressions * lowest:
        raise InputError(
            f"a budget of {budget / MICROS:,.2f} pays for {budget // lowest:,} impressions at the lowest"
            f" floor, a CPM of {lowest / 1000:.2f}; {impressions:,} are asked for"
        )
