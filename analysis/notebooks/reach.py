"""How many viewers each line item reached, how often and how soon, and what another cap would bring.

Needs: a run.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Reach and frequency")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page, replayed
    from analysis.delivery import reach, reach_charts
    from analysis.study import caps, frontier, frontier_chart, kept

    return caps, frontier, frontier_chart, kept, mo, page, reach, reach_charts, replayed


@app.cell(hide_code=True)
def _(mo, page):
    shown = page.opened()
    choice = shown.picker()
    mo.vstack([mo.md("# Reach and frequency"), choice])
    return choice, shown


@app.cell(hide_code=True)
def _(choice, page, shown):
    run = shown.runs[choice.value]
    line_item = page.line_items(run.summary["line_item"].to_list())
    line_item
    return line_item, run


@app.cell(hide_code=True)
def _(reach, run):
    frequencies, over_time = reach.frequencies(run), reach.over_time(run)
    return frequencies, over_time


@app.cell(hide_code=True)
def _(frequencies, line_item, page, reach_charts):
    page.shown(reach_charts.frequency_figure(frequencies, line_item.value))
    return


@app.cell(hide_code=True)
def _(line_item, mo, page, reach, reach_charts, replayed, run):
    _events = replayed.events(run)
    if _events is not None:
        _exact = replayed.tried(lambda: reach.one_by_one(run, _events, line_item.value))
        _figure = reach_charts.one_by_one_figure(_exact, line_item.value)
        page.say(f"{_figure.finding}.")
    else:
        _figure = mo.md(
            """
            Rows count viewers in these five groups. The events of a run tell how many saw it exactly once,
            twice and so on, and how many households: `paceline simulate --events DIR` keeps them, and
            `EVENTS=DIR paceline notebook reach` finds them.
            """
        )
    _figure
    return


@app.cell(hide_code=True)
def _(line_item, over_time, page, reach_charts):
    page.shown(reach_charts.over_time_figure(over_time, line_item.value))
    return


@app.cell(hide_code=True)
def _(mo):
    seeds = mo.ui.slider(steps=[1, 2, 5, 10, 20], value=1, label="Seeds", show_value=True)
    return (seeds,)


@app.cell(hide_code=True)
def _(caps, line_item, replayed, run):
    arms = replayed.tried(lambda: caps.cap_arms(run, line_item.value))
    return (arms,)


@app.cell(hide_code=True)
def _(arms, line_item, mo, page, replayed, run, seeds):
    seconds = replayed.seconds(run, len(arms) * seeds.value)
    again = replayed.button(seconds)
    mo.vstack(
        [
            mo.md(
                f"""
                ## Other caps

                The run is played again, on the same viewers, rivals and luck, with a cap of 1 to
                {len(arms)} impressions a day on this line item, in the place of any daily cap of its own.
                From five seeds on there are intervals.
                """
            ),
            mo.hstack([seeds, *replayed.offered(again, seconds)], justify="start", wrap=True),
        ]
    )
    return again, seconds


@app.cell(hide_code=True)
def _(again, arms, caps, frontier, frontier_chart, line_item, page, replayed, run, seconds, seeds):
    replayed.wanted(again, seconds)
    _results = replayed.played(lambda: caps.played(arms, range(run.seed, run.seed + seeds.value)))
    _path = caps.path_of(run, line_item.value)
    page.shown(frontier_chart.frontier_figure(*frontier.by_delivery(_results, _path)))
    return


@app.cell(hide_code=True)
def _(frontier, frontier_chart, kept, mo, page, shown):
    _results = kept.frame(shown.engine, "caps")
    mo.stop(
        _results.is_empty(),
        mo.md("`paceline study caps` shows the same over 20 seeds, on a market made for such questions."),
    )
    _figure = frontier_chart.frontier_figure(*frontier.by_delivery(_results))
    page.say(f"{_figure.finding}.")
    mo.vstack([mo.md("## The study of caps"), _figure])
    return


if __name__ == "__main__":
    app.run()
