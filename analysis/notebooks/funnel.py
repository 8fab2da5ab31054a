"""Where the chances of a line item went, from slots on offer to completed views, and who won what it lost.

Needs: a run.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="The funnel, and who won what was lost")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page, replayed
    from analysis.explain import charts, frames
    from analysis.explain.bound import bound_when
    from analysis.explain.funnel import funnel_of
    from analysis.explain.subject import subject
    from analysis.explain.winners import winners_of

    return bound_when, charts, frames, funnel_of, mo, page, replayed, subject, winners_of


@app.cell(hide_code=True)
def _(mo, page):
    shown = page.opened()
    choice = shown.picker()
    mo.vstack([mo.md("# The funnel, and who won what was lost"), choice])
    return choice, shown


@app.cell(hide_code=True)
def _(charts, choice, frames, page, shown):
    run = shown.runs[choice.value]
    _figure = charts.losses_figure(frames.losses(run))
    page.say(f"{_figure.finding}.")
    _figure
    return (run,)


@app.cell(hide_code=True)
def _(mo, page, run):
    line_item = page.line_items(run.summary["line_item"].to_list())
    mo.vstack([mo.md("## One line item"), line_item])
    return (line_item,)


@app.cell(hide_code=True)
def _(line_item, replayed, run, subject):
    one = replayed.tried(lambda: subject(run, line_item.value))
    return (one,)


@app.cell(hide_code=True)
def _(charts, frames, funnel_of, line_item, one, page):
    page.shown(charts.funnel_figure(frames.funnel_frame(funnel_of(one)), line_item.value))
    return


@app.cell(hide_code=True)
def _(charts, frames, line_item, one, page, winners_of):
    page.shown(charts.winners_figure(frames.winners_frame(winners_of(one)), line_item.value))
    return


@app.cell(hide_code=True)
def _(bound_when, charts, frames, line_item, one, page):
    _when = bound_when(one)
    _hours, _week = frames.bound_frame(_when.hours), frames.bound_frame(_when.week)
    page.shown(charts.bound_figure(_hours, _week, line_item.value, _when.timezone))
    return


if __name__ == "__main__":
    app.run()
