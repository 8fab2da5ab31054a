"""Figures of notebooks on frames at their edges: empty, a single point, many line items with long names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest

from analysis.audit import charts as audited
from analysis.audit import drawn as audit
from analysis.audit.report import Audit
from analysis.charts.figure import MOST_ROWS, Figure
from analysis.delivery import reach, reach_charts
from analysis.explain import charts as explained
from analysis.explain import frames as explain
from analysis.explain.bound import Bound
from analysis.explain.funnel import Step
from analysis.explain.winners import Winner
from analysis.landscape import charts as landscape
from analysis.landscape import frames
from analysis.realism import charts as realistic
from analysis.realism.card import Row, Scorecard, Verdict
from analysis.realism.drawn import card_frame, sources
from analysis.realism.ranges import RANGES
from analysis.study.frontier import frontier
from analysis.study.frontier_chart import frontier_figure
from analysis.study.kept import SCHEMA
from analysis.verify import charts as verify
from analysis.verify import measured
from tests.unit.analysis.counted import counted

LONG = "A line item whose name is as long as anybody would ever write it, 15 and 30 s"
NAMES = (LONG, *(f"line item {at:02d}" for at in range(39)))
HOURS = [
    {"item": item, "hour": hour, "impressions": 2, "bids": 9, "wins": 2, "reach_to_date": hour + 1}
    | {
        "impressions_to_date": 2 * hour + 2,
        "freq_1": hour,
        "freq_10_plus": 1,
        "clearing_sum_micros": 30_000 + hour,
    }
    | {"spend_micros": 30_000, "impression_bid_sum_micros": 40_000, "worth_sum_micros": 25_000 + item}
    | {"bid_sum_micros": 99_000}
    for item in range(1, 41)
    for hour in range(300)
]
FEW, MANY, NONE = counted({**HOURS[0]}, names=(LONG,)), counted(*HOURS, names=NAMES), counted()


def least(names: tuple[str, ...], steps: int) -> pl.DataFrame:
    rows = [(name, 100 * step, 1 + step) for name in names for step in range(1, steps + 1)]
    return pl.DataFrame(rows, LEAST, orient="row")


LEAST = {"line_item": pl.String, "least_micros": pl.Int64, "auctions": pl.Int64}
PRICED = {
    "line_item": pl.String,
    "genre": pl.String,
    "price_micros": pl.Int64,
    "wins": pl.Int64,
    "paid_micros": pl.Int64,
}


def specified(figure: Figure) -> list[dict]:
    made = figure.drawn(checked=True)
    assert all(sum(map(len, each.get("datasets", {}).values())) <= MOST_ROWS for each in made)
    assert figure.finding[0].isupper() or figure.finding[0].isdigit()
    assert figure.about.endswith((".", "?")), figure.about
    return made


OF_RUNS: dict[str, Callable[[object], Figure]] = {
    "frequency": lambda run: reach_charts.frequency_figure(reach.frequencies(run), LONG),
    "over time": lambda run: reach_charts.over_time_figure(reach.over_time(run), LONG),
    "shading": lambda run: landscape.shading_figure(frames.shading(run)),
    "by hour": lambda run: landscape.hour_figure(frames.by_hour(run, "UTC"), LONG, "UTC"),
}


@pytest.mark.parametrize("name", OF_RUNS)
def test_a_figure_of_rows_is_drawn_of_few_and_many_and_says_so_of_none(name: str) -> None:
    figure = OF_RUNS[name]
    assert specified(figure(FEW))
    assert specified(figure(MANY))
    assert not specified(figure(NONE))


@pytest.mark.parametrize(("names", "steps"), [((LONG,), 1), ((LONG,), 2), (NAMES, 250), ((), 0)])
def test_bids_that_win_are_drawn(names: tuple[str, ...], steps: int) -> None:
    curve = frames.win_curve(least(names, steps))
    drawn = specified(landscape.curve_figure(curve, frames.made(FEW), LONG))
    assert bool(drawn) == bool(specified(landscape.least_figure(curve, LONG))) == bool(names)


@pytest.mark.parametrize("genres", [0, 1, 20])
def test_prices_of_genres_are_drawn(genres: int) -> None:
    rows = [("A", f"genre_{at}", 9_000, 1, 9_000) for at in range(genres)]
    found = frames.by_genre(pl.DataFrame(rows, PRICED, orient="row"))
    assert bool(specified(landscape.genre_figure(found))) == bool(genres)


STEPS = (
    Step("requests_matched", "matched", False, 10, None, 1.0),
    Step("impressions", "impressions", False, 6, 0.6, 0.6),
    Step("video_starts", "started", False, 0, 0.0, 0.0),
)


def test_an_explanation_is_drawn_or_says_that_there_is_nothing() -> None:
    funnel = explain.funnel_frame(STEPS)
    assert [*explained.funnel_figure(funnel, LONG).panels] == ["Slots that matched", "Impressions"]
    assert len(specified(explained.funnel_figure(funnel, LONG))) == 2
    assert not specified(explained.funnel_figure(funnel.clear(), LONG))
    for winners in (
        (),
        (Winner("deal", LONG, 1, 1.0),),
        tuple(Winner("line_item", n, 1, 1 / 40) for n in NAMES),
    ):
        found = explain.winners_frame(winners)
        assert bool(specified(explained.winners_figure(found, LONG))) == bool(winners)

    def spans(days: int) -> pl.DataFrame:
        first = dt.date(2026, 11, 2)
        every = ((first + dt.timedelta(day), day % 7, hour) for day in range(days) for hour in range(24))
        return explain.bound_frame([Bound(*when, 9, "lost_outbid", 5, 0.5) for when in every])

    week = spans(7).with_columns(date=pl.lit(None, pl.Date))
    for days, text in ((2, "day of the flight"), (20, "day of the week")):
        figure = explained.bound_figure(spans(days), week, LONG, "UTC")
        assert text in figure.about
        assert specified(figure)
    assert not specified(explained.bound_figure(week.clear(), week.clear(), LONG, "UTC"))


def test_losses_of_many_are_drawn_in_as_many_colours_as_there_are() -> None:
    rows = [(loser, "line_item", winner, 5) for loser in range(1, 41) for winner in range(1, 41)]
    schema = {
        "line_item_id": pl.Int64,
        "won_by": pl.String,
        "winner_line_item_id": pl.Int64,
        "bids": pl.Int64,
    }
    contention = pl.DataFrame(rows, schema, orient="row").with_columns(date=pl.date(2026, 11, 2))
    figure = explained.losses_figure(explain.losses(counted(names=NAMES, contention=contention)))
    assert specified(figure)
    assert len(set(figure.key.values())) == len(figure.key) == explain.MOST_COLOURS + 1
    none = explain.losses(counted(names=NAMES, contention=contention.clear()))
    assert not specified(explained.losses_figure(none))


@pytest.mark.parametrize(("arms", "seeds"), [(0, 1), (1, 2), (8, 1), (8, 5)])
def test_a_frontier_is_drawn_with_its_intervals_where_there_are_seeds_enough(arms: int, seeds: int) -> None:
    rows = [
        ("s", f"{arm} a day", seed, "", metric, value + seed / 9, "", "", "")
        for arm in range(arms)
        for seed in range(seeds)
        for metric, value in (("reach", 9.0 - arm), ("delivery", 0.1 * arm))
    ]
    figure = frontier_figure(frontier(pl.DataFrame(rows, SCHEMA, orient="row")))
    drawn = specified(figure)
    assert bool(drawn) == bool(arms)
    assert ("intervals" in figure.about) == (seeds >= 5 and arms > 0)


def test_a_card_is_drawn_with_every_verdict_and_tells_its_sources() -> None:
    verdicts = [*Verdict]
    rows = [
        Row(one, None if at % 4 == 3 else one.most, verdicts[at % 4], "a note")
        for at, one in enumerate(RANGES.values())
    ]
    card = card_frame(Scorecard("r", "s", tuple(rows), False, 0.0))
    assert specified(realistic.card_figure(card))
    assert all(one.source in told for one, told in zip(RANGES.values(), sources(card), strict=True))
    assert not specified(realistic.card_figure(card.clear()))


def test_what_is_verified_is_drawn() -> None:
    found = measured.of_page()
    assert specified(verify.verified_figure(found))
    failed = verify.verified_figure(found.with_columns(passes=pl.lit(False)))
    assert "fails" in failed.key
    assert specified(failed)
    assert not specified(verify.verified_figure(found.clear()))
    assert measured.short(["A: b", "A: c", "D: e"]) == {"A: b": "A: b", "A: c": "A: c", "D: e": "D"}


def test_an_audit_of_nothing_is_a_sentence() -> None:
    assert not specified(audited.audit_figure(audit.audit_frame(Audit("r", "s", False, ()))))
