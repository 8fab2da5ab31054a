"""9: line items may hold viewers out, who win as ghosts."""

from entities.migrations.steps import INTEGER, Filled, change, least

revision = "9"
down_revision = "8"

_REASONS = (
    "'blocked_daypart', 'blocked_creative', 'blocked_budget_lifetime', 'blocked_budget_daily',"
    " 'blocked_allowance', 'blocked_frequency_cap', 'blocked_separation', 'blocked_throttle',"
    " 'lost_below_floor', 'lost_deal', 'lost_ambient', 'lost_outbid', 'ghosts', 'insufficient_avails',"
    " 'errors', 'invalid'"
)


def upgrade() -> None:
    """Let older line items hold out nobody, as they did."""
    change("line_items", filled={"holdout_ppm": Filled(INTEGER, "0")}, checks=least(["holdout_ppm"]))
    won = "lost_below_floor + lost_deal + lost_ambient + lost_outbid + ghosts + wins"
    change(
        "performance_extended",
        filled={"ghosts": Filled(INTEGER, "0")},
        dropped=["funnel_bids", "primary_underdelivery_reason_known"],
        checks={
            "funnel_bids": f"bids = {won}",
            "primary_underdelivery_reason_known": f"primary_underdelivery_reason IN ({_REASONS})",
        }
        | least(["ghosts"]),
    )
