"""10: what the forecast expected of an hour."""

from entities.migrations.steps import INTEGER, Filled, change, lacks, least

revision = "10"
down_revision = "9"
UNKNOWN = "performance_extended.forecast_avails is 0: what was expected is not known"


def upgrade() -> None:
    """Give hours a forecast of 0, which is not known."""
    if lacks("performance_extended", "forecast_avails"):
        name = "forecast_avails"
        change("performance_extended", filled={name: Filled(INTEGER, "0")}, checks=least([name]))
