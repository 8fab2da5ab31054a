"""7: what impressions were worth, and the pacing of a campaign."""

from sqlalchemy import Column

from entities.migrations.steps import INTEGER, TEXT, Filled, change, lacks, least

revision = "7"
down_revision = "6"
UNKNOWN = "performance_extended.worth_sum_micros is 0: what impressions were worth is not known"


def upgrade() -> None:
    """Give hours a worth of 0, which is not known, and campaigns no pacing of their own."""
    if lacks("campaigns", "pacing"):
        change("campaigns", Column("pacing", TEXT))
    name = "worth_sum_micros"
    change("performance_extended", filled={name: Filled(INTEGER, "0")}, checks=least([name]))
