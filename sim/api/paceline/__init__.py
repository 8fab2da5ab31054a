"""A simulator of streaming-TV ad auctions, for people who program.

    run = paceline.simulate("smoke", set={"seed": 7})
    run.summary             # what each line item delivered, and why not more: a Polars frame
    run.performance         # by hour and creative; the columns are those of entities/TABLES.md
    run.audit().broken      # the laws of the market that do not hold
    run.save("ads.db")
    run = paceline.open("ads.db").run()
    paceline.reproduce(run).digest == run.digest
    paceline.compare(run, other).asked    # what was asked differently, and what came of it
    paceline.explain(run, "TV drama").funnel    # why a line item delivered what it did
    paceline.study("policies", "ads.db").differences()    # arms on the same luck, with intervals
    paceline.forecast("smoke", {"max_cpm": 28}, impressions=5_000).answer    # can I book it?
    paceline.realism(run).out    # what is unlike the markets that are published
    paceline.env.parallel("smoke", agents=["line_item[*]"])    # a market for learners, with paceline[rl]

A scenario is the name of one of ours, a YAML file, a mapping or a Scenario. What is wrong with an argument,
a file or a value is an InputError, with a line for each problem; every error of Paceline's own is a
PacelineError, and every warning a PacelineWarning.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from paceline._packages import claim

claim()

__all__ = [
    "Audit",
    "Bidders",
    "Campaign",
    "Comparison",
    "Database",
    "DatabaseError",
    "Explanation",
    "Forecast",
    "InputError",
    "LineItem",
    "Listing",
    "Market",
    "PacelineError",
    "PacelineWarning",
    "Progress",
    "Run",
    "Scenario",
    "Scorecard",
    "StudyRun",
    "__version__",
    "compare",
    "env",
    "explain",
    "forecast",
    "load",
    "open",
    "realism",
    "reproduce",
    "resume",
    "simulate",
    "study",
]

if TYPE_CHECKING:
    from analysis.audit.report import Audit
    from analysis.compare.comparison import Comparison
    from analysis.explain.explanation import Explanation
    from analysis.forecast.answer import Forecast
    from analysis.realism.card import Scorecard
    from analysis.runs.playing import Progress
    from analysis.runs.run import Run
    from analysis.study.run import StudyRun
    from entities.errors import DatabaseError, InputError, PacelineError, PacelineWarning
    from paceline import env
    from paceline._api import (
        __version__,
        compare,
        explain,
        forecast,
        load,
        open,
        realism,
        reproduce,
        resume,
        simulate,
        study,
    )
    from paceline._database import Database
    from scenarios.models import Bidders, Campaign, LineItem, Listing, Scenario
    from sim.market.market import Market
else:

    def __getattr__(name: str) -> object:
        # Numba and Polars take a second to import, for which nobody waits who asks the command for help.
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        if name == "env":  # whose packages are an extra
            return import_module("paceline.env")
        from paceline import _api  # noqa: PLC0415 - on first use: see above

        return getattr(_api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
