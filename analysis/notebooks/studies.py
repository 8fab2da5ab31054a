"""What a study found: paired differences with their intervals, and which arm is best.

Needs: a study.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Study results")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page
    from analysis.study import charts, found

    return charts, found, mo, page


@app.cell(hide_code=True)
def _(found, page):
    shown = page.opened()
    asked = page.chosen(
        found.names(shown.engine),
        "Study",
        empty=f"There is no study in {shown.db} yet; `paceline study caps` makes one.",
    )
    return asked, shown


@app.cell(hide_code=True)
def _(asked, found, mo, page, shown):
    study = found.find(shown.engine, asked.value)
    metric = page.chosen(study.metrics, "Metric")
    baseline = page.chosen(study.arms, "Baseline", first=study.baseline)
    whose = page.chosen({"all together": "", **page.by_name(study.line_items)}, "Of", first=study.line_item)
    mo.vstack(
        [
            mo.md("# Study results"),
            mo.hstack([asked, metric, baseline, whose], wrap=True, justify="start"),
            mo.md(page.plain(study.description)),
            *([mo.md(f"*Its file says*: {page.plain(study.finding)}")] if study.finding else []),
            *(
                []
                if study.same_code
                else [page.note("Another version of the code came to these values; play the study again.")]
            ),
            *(
                []
                if study.file
                else [
                    page.note(
                        f"The file of this study is not here: its arms are held against {study.baseline}, the"
                        " first of them by name."
                    )
                ]
            ),
        ]
    )
    return baseline, metric, study, whose


@app.cell(hide_code=True)
def _(baseline, charts, metric, page, study, whose):
    _best = study.against_best(metric.value, whose.value)
    best = charts.best(*_best, study.currency) if _best else ""
    differences = charts.differences(
        study.compared(metric.value, baseline.value, whose.value), baseline.value, study.currency
    )
    page.say(f"{study.name}: {differences.finding}. {best}")
    return best, differences


@app.cell(hide_code=True)
def _(best, mo, page):
    mo.md(f"**{page.plain(best)}**") if best else None
    return


@app.cell(hide_code=True)
def _(differences):
    differences
    return


@app.cell(hide_code=True)
def _(charts, metric, study, whose):
    charts.values(study.values(metric.value, whose.value), metric.value, study.arms, study.currency)
    return


if __name__ == "__main__":
    app.run()
