"""8: a change of the market is a fact, too."""

from entities.migrations.steps import change

revision = "8"
down_revision = "7"

_KINDS = (
    "'flight_started', 'flight_ended', 'budget_exhausted', 'budget_overspent', 'daily_reset',"
    " 'status_changed', 'terms_changed', 'caps_leaked', 'market_changed'"
)


def upgrade() -> None:
    """Let facts be of that kind."""
    counted = "'flight_started', 'caps_leaked', 'market_changed'"
    change(
        "delivery_events",
        dropped=["kind_known", "count_of_kind"],
        checks={
            "kind_known": f"kind IN ({_KINDS})",
            "count_of_kind": f"(count IS NOT NULL) = (kind IN ({counted}))",
        },
    )
