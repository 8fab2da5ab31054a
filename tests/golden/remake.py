"""Golden runs: frozen scenarios, told as text that a person can read and a diff can compare.

`make generated` writes the texts anew. A change of one of them is a change of what Paceline computes: look at the
diff, and say in the commit why it is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.booking.books import create
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import MARKETS, load, names

HERE = Path(__file__).parent
SCENARIOS = tuple(name for name in names(MARKETS) if name.startswith("golden-"))
HEADINGS = ("line item", "budget", "spend", "impressions", "eCPM", "reach", "frequency", "main reason")


def path(scenario: str) -> Path:
    """Return the file that holds the golden text of *scenario*."""
    return HERE / f"{scenario}.txt"


def golden(scenario: str, database: Path, *, workers: int = 1, before: Sequence[str] = ()) -> str:
    """Return what a run of *scenario* comes to, in a database where campaigns of *before* were and are over."""
    engine = registry.make_engine(database)
    registry.init_db(engine)
    with registry.session(engine) as opened:
        for market in before:
            for listing in load(market).listings.values():
                create(opened, listing)
        for campaign in opened.query(registry.Campaign):
            campaign.status = registry.CampaignStatus.archived
    loaded = load(scenario)
    report = simulate(engine, loaded, workers=workers)
    rows = report.summary.to_dicts()
    facts = report.delivery_events["kind"].value_counts().sort("kind")
    engine.dispose()
    figures = [
        (
            row["line_item"],
            "-" if row["budget_micros"] is None else f"{row['budget_micros'] / 1e6:.2f}",
            f"{row['spend_micros'] / 1e6:.6f}",
            f"{row['impressions']}",
            "-" if row["ecpm"] is None else f"{row['ecpm']:.4f}",
            f"{row['reach']}",
            "-" if row["frequency"] is None else f"{row['frequency']:.4f}",
            row["reason"] or "on schedule",
        )
        for row in rows
    ]
    ecpm = report.spend_micros / report.impressions / 1000
    total = (
        "total",
        "",
        f"{report.spend_micros / 1e6:.6f}",
        f"{report.impressions}",
        f"{ecpm:.4f}",
        "",
        "",
        "",
    )
    happened = ", ".join(f"{count} {kind}" for kind, count in facts.iter_rows())
    market = loaded.scenario.market
    clock = f"{market.horizon.hours} hours of {market.ticks_per_hour} ticks"
    lines = [
        f"{scenario}: {loaded.scenario.description}",
        f"seed {report.seed}, {clock}, {market.population.viewers} viewers, {report.auctions} auctions",
        "",
        *_aligned((HEADINGS, *figures, total)),
        "",
        f"events: {happened}",
        f"digest: {report.digest}",
    ]
    return "".join(f"{line}\n" for line in lines)


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1
    return [
        "  ".join(
            cell.ljust(width) if at in {0, last} else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def write() -> None:
    """Write the text of every frozen scenario."""
    for name in SCENARIOS:
        with TemporaryDirectory() as folder:
            path(name).write_text(golden(name, Path(folder) / "ads.db"), encoding="utf-8")
