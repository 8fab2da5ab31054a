"""What follows a win: the ad is shown, and billed if it was rendered to a person; or it is a ghost."""

from __future__ import annotations

from itertools import accumulate

from entities.enums.outcomes import FLAGS, SUMS
from sim import layout as at
from sim.reference.bids import worth_of
from sim.reference.caps import counted_by, impressions, recognised, window_now
from sim.reference.exchange import Opportunity, TickExchange
from sim.reference.numbers import Row, halves, pick
from sim.streams import Purpose, mix


def win(exchange: TickExchange, won: Opportunity, creative: Row, paid: int, floor: int) -> None:
    """Show the ad that won, write the event, and bill an impression that is rendered and valid."""
    slot, item = won.slot, won.item
    slot.shown.append(item)
    event = event_of(exchange, won, creative, paid, floor)
    exchange.events.append(event)
    exchange.stock(slot, "sold_seconds", creative.seconds)
    exchange.outcomes[item.place] = "won", -2
    exchange.tally(item, "wins")
    exchange.tally(item, "clearing_sum_micros", paid)
    exchange.tally(item, "floor_sum_micros", floor)
    if is_impression(event):
        event["charged_micros"] = paid
        bill(exchange, won, paid)
    else:
        exchange.tally(item, "invalid" if event["rendered"] else "errors")


def miss(exchange: TickExchange, missed: Opportunity, creative: Row, paid: int, floor: int) -> None:
    """Write the event of a ghost with what would have become of the ad; its caps count an impression."""
    event = event_of(exchange, missed, creative, paid, floor)
    exchange.events.append(event | {"ghost": 1})
    exchange.outcomes[missed.item.place] = "ghost", -2
    exchange.tally(missed.item, "ghosts")
    if is_impression(event):
        remember(exchange, missed)


def is_impression(event: dict[str, int]) -> bool:
    """Return whether the ad of an event was rendered, to a person."""
    return bool(event["rendered"] and not event["invalid"])


def event_of(
    exchange: TickExchange, won: Opportunity, creative: Row, paid: int, floor: int
) -> dict[str, int]:
    """Return the event of an ad, and what became of it, before it is charged."""
    slot, item, pod, viewer = won.slot, won.item, won.slot.pod, won.slot.viewer
    known = recognised(exchange, slot)
    outcome = deliver(
        dict(zip(at.RATES, exchange.rates[creative.place, pod.device, pod.placement].tolist(), strict=True)),
        creative.seconds,
        exchange.draw(slot, Purpose.delivery, item.key),
    )
    return {
        "slot_id": slot.id,
        "ghost": 0,
        "worth_micros": worth_of(exchange, slot, item),
        "multiplier_ppm": won.quote.multiplier,
        "bid_micros": won.bid,
        "price_micros": paid,
        "charged_micros": 0,
        "floor_micros": floor,
        "ambient_micros": slot.ambient,
        "ts": slot.second,
        "viewer_id": viewer.id,
        "session_id": pod.session,
        "identity": exchange.counted(slot, viewer.id, viewer.household) if known else -1,
        "line_item": item.place,
        "creative": creative.place,
        "duration_s": creative.seconds,
        "pod_position": slot.position,
        "pod_slots": pod.slots,
        "pod_offset_s": slot.second - pod.second,
        **{trait: getattr(viewer, trait) for trait in at.VIEWER_TRAITS},
        **{trait: getattr(pod, trait) for trait in at.POD_TRAITS},
        **outcome,
    }


def rotate(exchange: TickExchange, won: Opportunity, creatives: list[Row]) -> Row:
    """Return one of the creatives that may be shown, as often as its weight says."""
    weights = list(accumulate(creative.weight for creative in creatives))
    draw = halves(exchange.draw(won.slot, Purpose.rotation, won.item.key))[1]
    return creatives[pick(weights, draw * weights[-1] >> 32)]


def deliver(rate: dict[str, int], seconds: int, draw: int) -> dict[str, int]:
    """Return what became of an ad of *seconds* that won, with *rate* as thresholds on 32-bit draws.

    What nests shares a draw: an ad that was seen to the third quartile was seen to the second.
    """
    outcome = dict.fromkeys((*FLAGS, *SUMS), 0)
    error, fraud = halves(draw)
    outcome["rendered"] = int(error >= rate["error"])
    outcome["invalid"] = int(outcome["rendered"] and fraud < rate["invalid"])
    if not outcome["rendered"] or outcome["invalid"]:
        return outcome

    seen, left = halves(draw := mix(draw))
    if left >= rate["started"]:
        return outcome
    outcome["measurable"] = int(seen < rate["measurable"])
    outcome["viewable"] = int(seen < rate["viewable"])
    marks = ("started", "q25", "q50", "q75", "completed")
    passed = [mark for mark in marks if left < rate[mark]]
    outcome |= dict.fromkeys(passed, 1)
    if outcome["completed"]:
        outcome["watch_seconds"] = seconds
    else:
        # The viewer left between the marks of two quarters, as far on as the draw lies between their rates.
        quarter = len(passed) - 1
        above, below = rate[marks[quarter]], rate[marks[quarter + 1]]
        width = above - below
        outcome["watch_seconds"] = seconds * (quarter * width + above - 1 - left) // (4 * width)

    skip, mute = halves(draw := mix(draw))
    outcome["skipped"] = int(not outcome["completed"] and skip < rate["skipped"])
    outcome["muted"] = int(mute < rate["muted"])
    click, scan = halves(mix(draw))
    outcome["clicked"] = int(click < rate["clicked"])
    outcome["qr_scanned"] = int(scan < rate["qr_scanned"])
    return outcome


def bill(exchange: TickExchange, won: Opportunity, paid: int) -> None:
    """Charge an impression to every lease, count it in every cap, and in reach."""
    slot, item, quote = won.slot, won.item, won.quote
    quote.lifetime -= paid
    quote.daily -= paid
    quote.allowance -= paid
    remember(exchange, won)
    exchange.stock(slot, "revenue_micros", paid)
    exchange.tally(item, "impressions")
    exchange.tally(item, "impression_bid_sum_micros", won.bid)
    exchange.tally(item, "spend_micros", paid)
    exchange.tally(item, "worth_sum_micros", worth_of(exchange, slot, item))
    exchange.tally(item, "new_viewers", int(exchange.seen[slot.pod.viewer, item.place] == 0))
    exchange.seen[slot.pod.viewer, item.place] += 1


def remember(exchange: TickExchange, won: Opportunity) -> None:
    """Count an impression, or a ghost of one, in every cap of its line item."""
    for cap in won.item.capped_by:
        if (counter := counted_by(exchange, won.slot, cap)) is not None:
            # A ghost and an ad in one slot may both count, beyond a limit that both kept.
            count = min(impressions(exchange, won, cap) + 1, 255)
            exchange.memory[counter, cap.place] = (window_now(exchange, won.slot, cap), count)
