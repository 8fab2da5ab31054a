"""Can the numbers be trusted? Theory beside simulation, the laws of the market, and published figures.

Needs: nothing.
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
    part = mo.ui.dropdown(_names, label="Measure again", value=next(iter(_names)))
    auctions = mo.ui.slider(
        steps=[10_000, 30_000, 100_000, 300_000], value=30_000, label="Auctions", show_value=True
    )
    measure = mo.ui.run_button(label="Measure")
    mo.hstack([part, auctions, measure], justify="start", wrap=True)
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
def _(audit_figure, audit_frame, choice, page, replayed, shown):
    run = shown.runs[choice.value]
    _figure = audit_figure(audit_frame(replayed.tried(run.audit)))
    page.say(f"{_figure.finding}.")
    _figure
    return (run,)


@app.cell(hide_code=True)
def _(mo, replayed, run):
    seconds = replayed.seconds(run)
    again = replayed.button(seconds)
    mo.vstack(
        [
            mo.md(
                """
                ## Is it like the markets that are published?

                What tells that, such as who watches when, is not in the rows of a run. So it is played again,
                and counted as it passes; nothing is stored.
                """
            ),
            *replayed.offered(again, seconds),
        ]
    )
    return again, seconds


@app.cell(hide_code=True)
def _(again, card_figure, card_frame, mo, page, replayed, run, scorecard, seconds, sources):
    _card = card_frame(replayed.played(lambda: scorecard(run, workers=replayed.workers()), again, seconds))
    _figure = card_figure(_card)
    page.say(f"{_figure.finding}.")
    _told = "\n".join(f"* {page.plain(line)}" for line in sources(_card))
    mo.vstack([_figure, mo.accordion({"What each figure is, and where its range comes from": mo.md(_told)})])
    return


if __name__ == "__main__":
    app.run()
