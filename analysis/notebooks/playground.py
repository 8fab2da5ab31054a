"""What would another policy, cap, budget, floor or weather change? Two arms of a small market, played live.

Needs: nothing.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Playground")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    from analysis import page
    from analysis.study import playground
    from analysis.study import playground_charts as charts

    return charts, mo, page, playground


@app.cell(hide_code=True)
def _(mo, page, playground):
    def arm(policy):
        terms = playground.Terms(policy=policy)
        return mo.ui.dictionary(
            {
                "policy": mo.ui.dropdown(
                    playground.policies(), value=policy, label=page.label("pacing policy")
                ),
                "cap": mo.ui.slider(
                    0,
                    8,
                    value=terms.cap,
                    label=page.label("cap a day (0: none)"),
                    show_value=True,
                    debounce=True,
                ),
                "budget": mo.ui.slider(
                    10,
                    200,
                    10,
                    value=terms.budget,
                    label=page.label("budget, $"),
                    show_value=True,
                    debounce=True,
                ),
                "floor": mo.ui.slider(
                    0, 20, value=terms.floor, label=page.label("floor, $ CPM"), show_value=True, debounce=True
                ),
                "weather": mo.ui.dropdown(
                    playground.weathers(), value=terms.weather, label=page.label("weather")
                ),
            }
        )

    first, second = arm("even"), arm("pid")
    seeds = mo.ui.slider(
        2, 12, value=5, label=page.label("seeds of both arms"), show_value=True, debounce=True
    )
    return first, second, seeds


@app.cell(hide_code=True)
def _(first, mo, seeds, second):
    _arms = [
        mo.vstack([mo.md(f"**Arm {_name}**"), *_arm.elements.values()])
        for _name, _arm in (("A", first), ("B", second))
    ]
    mo.vstack(
        [
            mo.md("# Playground"),
            mo.md(
                """
                A line item among rivals in equilibrium: 1,000 viewers, two days. Both arms meet the same
                viewers, rivals and luck, seed by seed, so what differs is what they were asked. Only another
                weather brings them another traffic.
                """
            ),
            mo.hstack(_arms, wrap=True, justify="start", gap=3),
            seeds,
        ]
    )
    return


@app.cell(hide_code=True)
def _(charts, first, page, playground, second, seeds):
    duel = playground.duel(playground.Terms(**first.value), playground.Terms(**second.value), seeds.value)
    page.say(charts.told(duel))
    charts.differences(duel)
    return (duel,)


@app.cell(hide_code=True)
def _(charts, duel):
    charts.courses(duel)
    return


if __name__ == "__main__":
    app.run()
