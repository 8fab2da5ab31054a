"""4: deals, places in a pod, and conversions."""

import json

from alembic import op
from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, column, select, table

from entities.migrations.steps import INTEGER, TEXT, Filled, belongs, change, lacks, least

revision = "4"
down_revision = "3"

_REASONS = (
    "'blocked_daypart', 'blocked_creative', 'blocked_budget_lifetime', 'blocked_budget_daily',"
    " 'blocked_allowance', 'blocked_frequency_cap', 'blocked_separation', 'blocked_throttle',"
    " 'lost_below_floor', 'lost_deal', 'lost_ambient', 'lost_outbid', 'insufficient_avails', 'errors',"
    " 'invalid'"
)


def upgrade() -> None:
    """Give line items an open deal and any place in a pod, as they had, and make the table of conversions."""
    if lacks("line_items", "deal"):
        _books()
        change(
            "line_items",
            filled={"slot_in_pod": Filled(TEXT, "'any'"), "deal": Filled(TEXT, """'{"kind":"open"}'""")},
            checks={"slot_in_pod_known": "slot_in_pod IN ('any', 'first', 'last', 'first_or_last')"},
        )
        change(
            "performance_extended",
            filled={"lost_deal": Filled(INTEGER, "0")},
            dropped=["funnel_bids", "primary_underdelivery_reason_known"],
            checks={
                "funnel_bids": "bids = lost_below_floor + lost_deal + lost_ambient + lost_outbid + wins",
                "primary_underdelivery_reason_known": f"primary_underdelivery_reason IN ({_REASONS})",
            }
            | least(["lost_deal"]),
        )
    _conversions()


def _books() -> None:
    # A run is read by its book, which says of each line item what all of them were then.
    bind, runs = op.get_bind(), table("simulation_runs", column("run_id"), column("book_text"))
    for run_id, text in bind.execute(select(runs.c.run_id, runs.c.book_text)).all():
        book = json.loads(text or "[]")
        for item in book[0] if book else ():
            item.update({"slot_in_pod": "any", "deal": {"kind": "open"}})
        told = json.dumps(book, sort_keys=True, separators=(",", ":")) if book else text
        bind.execute(runs.update().where(runs.c.run_id == run_id).values(book_text=told))


def _conversions() -> None:
    name = "conversions_hourly"
    counts = ("touches", "view_through", "click_through", "multi_touch_view_ppm", "multi_touch_click_ppm")
    op.create_table(
        name,
        Column("run_id", TEXT, nullable=False),
        Column("hour_start", TEXT, nullable=False),
        Column("line_item_id", INTEGER, nullable=False),
        *(Column(one, INTEGER, nullable=False) for one in counts),
        PrimaryKeyConstraint("run_id", "hour_start", "line_item_id", name=f"pk_{name}"),
        CheckConstraint("hour_start LIKE '____-__-__ __:00:00'", name=f"ck_{name}_hour_start_whole"),
        CheckConstraint(f"{' + '.join(counts)} > 0", name=f"ck_{name}_something"),
        belongs(name, "run_id", "simulation_runs", "run_id", "CASCADE"),
        belongs(name, "line_item_id", "line_items", "id", "RESTRICT"),
        *(CheckConstraint(rule, name=f"ck_{name}_{check}") for check, rule in least(counts).items()),
        sqlite_strict=True,
    )
    op.create_index(f"ix_{name}_line_item_id_hour_start", name, ["line_item_id", "hour_start"])
