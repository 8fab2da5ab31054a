"""3: what was bid for the impressions that were billed."""

from entities.migrations.steps import INTEGER, Filled, change, least

revision = "3"
down_revision = "2"
UNKNOWN = "performance_extended.impression_bid_sum_micros is spend_micros: what was bid is not known"


def upgrade() -> None:
    """Give hours the sum, of which no more is known than that it is at least what was paid."""
    name = "impression_bid_sum_micros"
    order = f"bid_sum_micros >= {name} AND {name} >= spend_micros"
    change(
        "performance_extended",
        filled={name: Filled(INTEGER, "spend_micros")},
        checks={"spend_of_bids": order} | least([name]),
    )
