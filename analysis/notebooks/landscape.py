"""Which bid wins, what clears by hour and genre, and how much of an impression's worth is kept.

Needs: a run.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="The auction landscape")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page, replayed
    from analysis.landscape import charts, frames
    from analysis.landscape.seen import seen

    return charts, frames, mo, page, replayed, seen


@app.cell(hide_code=True)
def _(mo, page):
    shown = page.opened()
    choice = shown.picker()
    mo.vstack([mo.md("# The auction landscape"), choice])
    return choice, shown


@app.cell(hide_code=True)
def _(choice, page, shown):
    run = shown.runs[choice.value]
    line_item = page.line_items(run.summary["line_item"].to_list())
    line_item
    return line_item, run


@app.cell(hide_code=True)
def _(charts, frames, page, run):
    page.shown(charts.shading_figure(frames.shading(run), run.currency))
    return


@app.cell(hide_code=True)
def _(charts, frames, line_item, page, replayed, run):
    _zone = replayed.tried(lambda: run.market.timezone)
    page.shown(charts.hour_figure(frames.by_hour(run, _zone), line_item.value, _zone, run.currency))
    return


@app.cell(hide_code=True)
def _(mo, replayed, run):
    seconds = replayed.seconds(run)
    again = replayed.button(seconds)
    mo.vstack(
        [
            mo.md(
                """
                ## Bids that win, and prices by genre

                The rows of a run have sums by hour and line item, and neither the bids that were beaten nor
                what each slot was sold with. So the run is played again, from what was asked of it, and its
                auctions are counted as they pass; nothing is stored.
                """
            ),
            *replayed.offered(again, seconds),
        ]
    )
    return again, seconds


@app.cell(hide_code=True)
def _(again, frames, replayed, run, seconds, seen):
    replayed.wanted(again, seconds)
    found = replayed.played(lambda: seen(run, workers=replayed.workers()))
    curve, made = frames.win_curve(found.least_bids), frames.made(run)
    return curve, found, made


@app.cell(hide_code=True)
def _(charts, curve, line_item, made, page, run):
    page.shown(charts.curve_figure(curve, made, line_item.value, run.currency))
    return


@app.cell(hide_code=True)
def _(charts, curve, line_item, run):
    charts.least_figure(curve, line_item.value, run.currency)
    return


@app.cell(hide_code=True)
def _(charts, found, frames, page, run):
    page.shown(charts.genre_figure(frames.by_genre(found.prices), run.currency))
    return


if __name__ == "__main__":
    app.run()
