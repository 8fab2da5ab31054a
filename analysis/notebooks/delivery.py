"""What a run delivered hour by hour, and why not more.

Needs: a run.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Delivery and pacing")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page
    from analysis.delivery import charts
    from analysis.delivery import report as delivery
    from analysis.delivery.table import table, told

    return charts, delivery, mo, page, table, told


@app.cell(hide_code=True)
def _(mo, page):
    shown = page.opened()
    choice = shown.picker()
    mo.vstack([mo.md("# Delivery and pacing"), choice])
    return choice, shown


@app.cell(hide_code=True)
def _(choice, delivery, shown):
    run = shown.runs[choice.value]
    summary, outcomes, currency = run.summary, run.funnel, run.currency
    curves, frequency = delivery.curves(run), delivery.frequency(run)
    return currency, curves, frequency, outcomes, run, summary


@app.cell(hide_code=True)
def _(currency, mo, page, run, summary, told):
    _found = told(run.row.scenario, summary, run.forecast_error, currency)
    page.say(_found)
    mo.md(
        f"""
        **{page.plain(_found)}**

        Seed {run.row.seed}, {run.row.horizon_hours:,} hours from {run.row.start:%-d %B %Y %H:%M} UTC,
        {run.auctions:,} auctions, digest `{run.digest[:16]}`.
        """
    )
    return


@app.cell(hide_code=True)
def _(charts, currency, curves, summary):
    charts.delivery_chart(curves, summary, currency)
    return


@app.cell(hide_code=True)
def _(currency, mo, summary, table):
    mo.vstack(
        [
            mo.Html(table(summary, currency)),
            mo.md(
                """
                *Delivery* is spend by lifetime budget; *frequency* is impressions by viewers reached.
                A line item is behind when it delivered less than 95 %. The reason is the check that
                stopped most of its opportunities, or too few avails where all of them together would not
                have met the goal.
                """
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(charts, currency, curves, summary):
    charts.spend_chart(curves, summary, currency)
    return


@app.cell(hide_code=True)
def _(charts, frequency, summary):
    charts.reach_chart(frequency, summary)
    return


@app.cell(hide_code=True)
def _(charts, outcomes, summary):
    charts.outcome_chart(outcomes, summary)
    return


if __name__ == "__main__":
    app.run()
