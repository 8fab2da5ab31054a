"""A run's own book: on the scenario's terms, under the ids that the same names have in the registry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from entities import registry
from entities.messages import quoted
from scenarios.loader import Loaded
from scenarios.models import Listing
from sim.book.records import Book

Path = tuple[str, ...]


def has_own(loaded: Loaded, name: str) -> bool:
    """Return whether the scenario writes terms of a listing itself: its own campaign, or by overrides."""
    if "." in name:
        return True
    source, key = loaded.written[name]
    return any(place[: len(key)] == key for place in source.moved)


def competing(
    rows: Iterable[registry.LineItem], own: Iterable[tuple[registry.Campaign, Listing]]
) -> list[registry.LineItem]:
    """Return *rows* of the registry with those of each listing in place of its campaign's there.

    InputError where a listing has other terms for its advertiser, whose caps all of its campaigns share.
    """
    left, instead = [*rows], []
    for there, listing in own:
        registry.check_advertiser(there.advertiser, listing.advertiser)
        left = [row for row in left if row.campaign is not there]
        campaign = listing.campaign.row()
        campaign.advertiser = there.advertiser
        instead += bidding(campaign)
    return [*left, *instead]


def bidding(campaign: registry.Campaign) -> list[registry.LineItem]:
    """Return the line items of a *campaign* that may bid, as `registry.active_line_items` has it."""
    may = (registry.EntityStatus.active, registry.EntityStatus.paused)
    bids = campaign.status in {registry.CampaignStatus.active, registry.CampaignStatus.paused}
    bids &= campaign.advertiser.status == registry.EntityStatus.active
    return [item for item in campaign.line_items if bids and item.status in may]


def line_item_ids(opened: Session) -> dict[Path, tuple[int, int, int]]:
    """Return the ids of each line item, its campaign and its advertiser, by their names from the top."""
    item, campaign, advertiser = registry.LineItem, registry.Campaign, registry.Advertiser
    joined = (
        select(advertiser.name, campaign.name, item.name, item.id, campaign.id, advertiser.id)
        .join(campaign, item.campaign_id == campaign.id)
        .join(advertiser, campaign.advertiser_id == advertiser.id)
    )
    return {tuple(row[:3]): (row[3], row[4], row[5]) for row in opened.execute(joined)}


def creative_ids(opened: Session) -> dict[tuple[int, str], int]:
    """Return the id of each creative, by the id of its line item and its name."""
    creative = registry.Creative
    shown = opened.execute(select(creative.line_item_id, creative.name, creative.id))
    return {(row[0], row[1]): row[2] for row in shown}


def identified(opened: Session, book: Book) -> Book:
    """Return *book* with the ids that its names have in the registry.

    InputError for a line item or creative that the registry has not: its rows would belong to nobody.
    """
    ids, creatives = line_item_ids(opened), creative_ids(opened)
    items = []
    for one in book.line_items:
        found = ids.get((one.advertiser_name, one.campaign_name, one.name))
        if found is None:
            wanted = one.advertiser_name, one.campaign_name
            if registry.find_campaign(opened, *wanted) is None:
                raise registry.InputError(
                    f"the registry has no campaign {quoted(' / '.join(wanted))}; create it there first,"
                    " for the scenario of the run does not name it"
                )
            raise _unknown(f"a line item {quoted(one.name)}", wanted)
        items.append(replace(one, id=found[0], campaign_id=found[1], advertiser_id=found[2]))
    named = []
    for made in book.creatives:
        owner = items[made.line_item]
        if (owner.id, made.name) not in creatives:
            what = f"a creative {quoted(made.name)} of {quoted(owner.name)}"
            raise _unknown(what, (owner.advertiser_name, owner.campaign_name))
        named.append(replace(made, id=creatives[owner.id, made.name]))
    campaigns = tuple(replace(one, id=items[one.line_items[0]].campaign_id) for one in book.campaigns)
    return replace(book, line_items=tuple(items), campaigns=campaigns, creatives=tuple(named))


def _unknown(what: str, campaign: Path) -> registry.InputError:
    path = quoted(" / ".join(campaign))
    return registry.InputError(
        f"campaign {path} has {what}, which that of the registry has not;"
        " give the campaign a new name, or use another database"
    )
