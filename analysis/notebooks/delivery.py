"""What a run delivered, and why not more: a marimo notebook that is also a script.

Open it with `make notebooks`, or run it: `python analysis/notebooks/delivery.py -- --db ads.db --run RUN_ID`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Delivery")


@app.cell(hide_code=True)
def _():
    import os
    import sys

    import marimo as mo
    import polars as pl

    from analysis.delivery import charts
    from analysis.delivery import report as delivery
    from analysis.runs import stored
    from entities import registry

    return charts, delivery, mo, os, pl, registry, stored, sys


@app.cell(hide_code=True)
def _(mo, os, sys):
    def say(text):
        # A script shows no output of its cells, so that it says in words what it found.
        if mo.app_meta().mode == "script":
            sys.stdout.write(text + "\n")

    db = mo.cli_args().get("db") or os.environ.get("DATABASE_URL") or "ads.db"
    return db, say


@app.cell(hide_code=True)
def _(db, mo, registry, say, stored):
    found, trouble = None, None
    try:
        found = {_run.run_id: _run for _run in stored.runs(registry.make_engine(str(db)))}
        if not found:
            trouble = f"There is no finished run in {db} yet; `make simulate` makes one."
    except (registry.DatabaseError, registry.InputError) as _error:
        trouble = f"Nothing to show: {_error}."
    if trouble:
        say(trouble)
    mo.stop(trouble is not None, mo.callout(mo.md(trouble or ""), kind="warn"))
    return (found,)


@app.cell(hide_code=True)
def _(db, found, mo, say):
    _names = {f"{_id}, seed {_run.row.seed}": _id for _id, _run in found.items()}
    _latest = next(iter(found))
    _asked = str(mo.cli_args().get("run") or _latest)
    _first = next((name for name, run_id in _names.items() if run_id == _asked), None)
    if _first is None:
        say(f"There is no run {_asked} in {db}; the latest is {_latest}.")
    mo.stop(_first is None, mo.callout(mo.md(f"There is no run {_asked} in {db}."), kind="warn"))
    choice = mo.ui.dropdown(_names, value=_first, label="Run")
    mo.vstack([mo.md("# Delivery"), choice])
    return (choice,)


@app.cell(hide_code=True)
def _(choice, delivery, found):
    run = found[choice.value]
    summary, outcomes, currency = run.summary, run.funnel, run.currency
    curves, frequency = delivery.curves(run), delivery.frequency(run)
    return currency, curves, frequency, outcomes, run, summary


@app.cell(hide_code=True)
def _(charts, currency, mo, pl, run, say, summary):
    _late = summary.filter(pl.col("reason").is_not_null())
    _spend, _impressions = currency.shown(summary["spend_micros"].sum()), summary["impressions"].sum()
    _found = (
        f"{run.row.scenario}: {_impressions:,} impressions for {_spend};"
        f" of {summary.height} line items {summary.height - _late.height} on schedule, {_late.height} behind."
    )
    _hourly, _daily = run.forecast_error
    if _hourly is not None:
        _found += f" What came was {_hourly:.1%} off its forecast by the hour, and {_daily:.1%} by the day."
    say(_found)
    mo.vstack(
        [
            mo.md(
                f"""
                {_found.replace("$", "&#36;")}

                Seed {run.row.seed}, {run.row.horizon_hours:,} hours from {run.row.start:%-d %B %Y %H:%M} UTC,
                {run.auctions:,} auctions, digest `{run.digest[:16]}`. *Delivery* is spend by lifetime
                budget; *frequency* is impressions by viewers reached. A line item is behind when it
                delivered less than 95 %. The reason is the check that stopped most of its opportunities, or
                too few avails where all of them together would not have met the goal.
                """
            ),
            mo.Html(charts.table(summary, currency)),
        ]
    )
    return


@app.cell(hide_code=True)
def _(charts, currency, curves, frequency, mo, outcomes, summary):
    mo.vstack(
        [
            mo.md(
                """
                ## Delivery against goal

                The dashed line is what the pacing policy expected by each hour. Where the solid line lies
                on it, the line item is paced well; where it falls away and runs in parallel, something
                was lost once; where the gap keeps growing, something limits every hour.
                """
            ),
            charts.delivery_chart(curves, summary, currency),
            mo.md(
                """
                ## Spend

                Even pacing gives a row of one shade. A row that pales towards the end ran out of viewers
                below their cap; one that darkens is catching up.
                """
            ),
            charts.spend_chart(curves, summary, currency),
            mo.md(
                """
                ## Reach and frequency

                The length of a bar is the number of viewers who saw the line item at least once; dark
                parts are those who saw it often. Viewing is heavy-tailed, so without a tight cap a few
                heavy viewers take much of a budget.
                """
            ),
            charts.reach_chart(frequency, summary),
            mo.md(
                """
                ## Reasons for under-delivery

                An opportunity *matches* when the line item is in flight and the slot fits its targeting.
                *Blocked* ones never became a bid, *lost* ones did and did not win. Allowance and throttle
                are the pacing policy's own doing: a line item on schedule has many of them, because it
                did not need the slot. Caps and budgets are the booking's; floor, ambient demand and
                rivals are the price's.
                """
            ),
            charts.outcome_chart(outcomes, summary),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
