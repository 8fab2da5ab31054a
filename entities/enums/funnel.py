"""The one table of the funnel's stages: kernels, laws, tables, reasons and texts derive from it."""

from typing import Literal, NamedTuple

from entities.enums.word import Word

Kind = Literal["step", "check", "loss", "end", "amount", "viewers"]
"""An opportunity came so far; ended at a check, the first that failed; was bid for and lost; or was won, and
this became of it. Amounts add up over bids, wins or impressions, and viewers are counted beside."""


class Stage(NamedTuple):
    """One column of the funnel, and of `performance_extended`."""

    name: str
    kind: Kind
    text: str
    formula: str = ""
    reason: str = ""
    """Text of the reason for a line item that is behind; empty for a stage that is none."""
    renamed: str = ""

    @property
    def column(self) -> str:
        """Return what `performance_extended` calls it."""
        return self.renamed or self.name


STAGES = (
    Stage(
        "requests_matched",
        "step",
        "Slots that its targeting matched while it was in flight and active.",
        "Σ blocked_* + bids",
    ),
    Stage("blocked_daypart", "check", "Matched, but its schedule was closed.", reason="daypart"),
    Stage(
        "blocked_creative",
        "check",
        "No approved creative was as short as the slot, or the dynamic pod.",
        reason="no creative that fits",
    ),
    Stage(
        "blocked_budget_lifetime",
        "check",
        "What was leased of the lifetime budget did not pay the bid.",
        reason="budget spent",
    ),
    Stage(
        "blocked_budget_daily",
        "check",
        "What was leased of the daily budget did not pay the bid.",
        reason="daily budget",
    ),
    Stage(
        "blocked_allowance",
        "check",
        "What pacing allowed in this tick did not pay the bid.",
        reason="pacing allowance",
    ),
    Stage(
        "blocked_frequency_cap",
        "check",
        "The viewer had had as many as some cap allows.",
        reason="frequency cap",
    ),
    Stage(
        "blocked_separation",
        "check",
        "The pod already held an ad of this advertiser, or of this separated category.",
        reason="competitor in pod",
    ),
    Stage("blocked_throttle", "check", "Pacing sat this slot out.", "by participation", "pacing throttle"),
    Stage("bids", "step", "Bids made.", "Σ lost_* + ghosts + wins"),
    Stage(
        "lost_below_floor",
        "loss",
        "Bids below their floor: the slot's, or their deal's.",
        reason="bid below floor",
    ),
    Stage(
        "lost_deal", "loss", "Bids that lost to a deal served ahead of the auction.", reason="guaranteed deal"
    ),
    Stage("lost_ambient", "loss", "Bids that lost to demand outside the registry.", reason="outside demand"),
    Stage("lost_outbid", "loss", "Bids that lost to another line item.", reason="outbid"),
    Stage(
        "ghosts",
        "loss",
        "Bids that would have won, for viewers whom it holds out; the slot went to the next.",
        reason="viewer held out",
    ),
    Stage("wins", "step", "Slots won.", "impressions + errors + invalid"),
    Stage("errors", "end", "Wins that failed to render, not billed.", reason="ad errors"),
    Stage("invalid", "end", "Wins rendered to no person, not billed.", reason="invalid traffic"),
    Stage("impressions", "end", "Wins that were rendered and valid: billed, capped, counted in reach."),
    Stage("bid_sum_micros", "amount", "Σ of what was bid.", "over bids"),
    Stage("clearing_sum_micros", "amount", "Σ of prices.", "over wins, billed or not"),
    Stage("floor_sum_micros", "amount", "Σ of floors.", "over wins"),
    Stage(
        "impression_bid_sum_micros",
        "amount",
        "Σ of the bids of impressions: what they would have cost at first price.",
        "over impressions",
    ),
    Stage(
        "worth_sum_micros",
        "amount",
        "Σ of what impressions were worth to the line item, before pacing's multiplier and its bidding rule.",
        "over impressions",
    ),
    Stage("spend_micros", "amount", "Σ of prices that were charged.", "over impressions"),
    Stage(
        "new_viewers",
        "viewers",
        "Viewers with their first impression of this line item.",
        renamed="new_viewers_hour",
    ),
)
"""All of them, in the order in which an opportunity meets its checks: the order of the funnel's columns."""


def _named(kind: Kind) -> tuple[str, ...]:
    return tuple(stage.name for stage in STAGES if stage.kind == kind)


CHECKS, LOSSES, ENDS = _named("check"), _named("loss"), _named("end")
TOO_FEW = "insufficient_avails"
"""The reason that no stage counts: all that matched would not have done."""
REASONS = {
    **{stage.name: stage.reason for stage in STAGES if stage.kind in ("check", "loss")},
    TOO_FEW: "too few avails",
    **{stage.name: stage.reason for stage in STAGES if stage.kind == "end" and stage.reason},
}
"""Why a line item can be behind, as a person reads it; their order is that of their codes."""


class UnderdeliveryReason(Word):
    """The reason for a lost opportunity: the first check that fails."""

    _ignore_ = "members reason"
    members = vars()
    for reason in REASONS:
        members[reason] = reason
