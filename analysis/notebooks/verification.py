"""Can the numbers be trusted? Theory beside simulation, the laws of the market, and published figures.

Needs: a run.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Verification and realism")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page, replayed
    from analysis.audit.charts import audit_figure
    from analysis.audit.drawn import audit_frame
    from analysis.realism.card import scorecard
    from analysis.realism.charts import card_figure
    from analysis.realism.drawn import card_frame, sources
    from analysis.verify import measured, subjects
    from analysis.verify.charts import verified_figure
    from analysis.verify.run import chosen, verify

    return (
        audit_figure,
        audit_frame,
        card_figure,
        card_frame,
        chosen,
        measured,
        mo,
        page,
        replayed,
        scorecard,
        sources,
        subjects,
        verified_figure,
        verify,
    )


@app.cell(hide_code=True)
def _(measured, mo, page, verified_figure):
    _figure = verified_figure(measured.of_page())
    page.say(f"{_figure.finding}.")
    mo.vstack(
        [
            mo.md("# Verification and realism"),
            mo.md(
                """
                ## Theory beside simulation

                Exact markets, played as any other is, whose outcome a formula tells. These are the numbers of
                `analysis/VERIFY.md`, of a million auctions each; `paceline verify` makes them again.
                """
            ),
            _figure,
        ]
    )
    return


@app.cell(hide_code=True)
def _(measured, mo, subjects):
    _subjects = subjects.subjects()
    _short = measured.short([one.title for one in _subjects])
    _names = {_short[one.title]: one.name for one in _subjects}
    part = mo.ui.dropdown(_names, value=next(iter(_names)))
    auctions = mo.ui.slider(
        steps=[10_000, 30_000, 100_000, 300_000], value=30_000, label="Auctions", show_value=True
    )
    measure = mo.ui.run_button(label="Measure")
    mo.vstack(
        [
            mo.md("A part of it can be measured here and now, with fewer auctions and wider tolerances:"),
            part,
            mo.hstack([auctions, measure], justify="start", wrap=True),
        ]
    )
    return auctions, measure, part


@app.cell(hide_code=True)
def _(auctions, chosen, measure, measured, mo, part, verified_figure, verify):
    mo.stop(not measure.value)
    with mo.status.spinner("Playing exact markets"):
        _found = measured.of_rows(verify(chosen([part.value]), auctions.value))
    verified_figure(_found)
    return


@app.cell(hide_code=True)
def _(mo, page):
    shown = page.opened()
    choice = shown.picker()
    mo.vstack([mo.md("## One run"), choice])
    return choice, shown


@app.cell(hide_code=True)
def _(choice, mo, replayed, shown):
    run = shown.runs[choice.value]
    seconds = replayed.seconds(run)
    again = replayed.button(seconds)
    mo.vstack(
        [
            mo.md(
                """
                The audit holds what is stored of a run against the laws of the market, and makes its plans
                again. Whether it is like the markets that are published is not in its rows, such as who
                watches when: so it is played again, and counted as it passes; nothing is stored.
                """
            ),
            *replayed.offered(again, seconds),
        ]
    )
    return again, run, seconds


@app.cell(hide_code=True)
def _(again, replayed, seconds):
    ready = replayed.wanted(again, seconds)
    return (ready,)


@app.cell(hide_code=True)
def _(audit_figure, audit_frame, page, ready, replayed, run):
    assert ready
    page.shown(audit_figure(audit_frame(replayed.played(run.audit))))
    return


@app.cell(hide_code=True)
def _(card_figure, card_frame, mo, page, ready, replayed, run, scorecard, sources):
    assert ready
    _card = card_frame(replayed.played(lambda: scorecard(run, workers=replayed.workers())))
    _figure = card_figure(_card)
    page.say(f"{_figure.finding}.")
    _told = "\n".join(f"* {page.plain(line)}" for line in sources(_card))
    mo.vstack([_figure, mo.accordion({"What each figure is, and where its range comes from": mo.md(_told)})])
    return


if __name__ == "__main__":
    app.run()
