"""Explanations: what rows say of a line item, whom they mean, and whether a run comes out the same."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from pathlib import Path

import pytest

import paceline
from analysis.explain.bound import bound_when
from analysis.explain.explanation import Explanation, explain, plain
from analysis.explain.subject import subject
from analysis.rows.reasons import COUNTED
from analysis.runs.stored import StoredRun
from entities.errors import InputError
from paceline import Run
from sim.pacing import even
from tests.unit.analysis.held_back import CAMPAIGN

COMEDY = "Everywhere, comedy"


@pytest.fixture(scope="module")
def smoke() -> Run:
    return paceline.simulate("smoke", set={"market.population.viewers": 1000})


@pytest.fixture(scope="module")
def comedy(smoke: Run) -> Explanation:
    return explain(smoke, COMEDY)


def test_the_funnel_adds_up_from_avails_to_completed_views(smoke: Run, comedy: Explanation) -> None:
    steps = {step.name: step for step in comedy.funnel}
    assert steps["avails"].number == smoke.auctions
    above = steps["avails"]
    lost = 0
    for step in comedy.funnel[1 : [*steps].index("impressions") + 1]:
        assert step.of_step == step.number / above.number
        if step.loss:
            lost += step.number
        else:
            assert above.number == lost + step.number, step
            above, lost = step, 0
    seen = [steps[name].number for name in ("impressions", "video_starts", "video_q25", "video_completions")]
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == comedy.goal.impressions
    assert steps["requests_matched"].of_matched == 1


def test_without_slots_a_funnel_begins_with_what_matched() -> None:
    pods = {"kind": "dynamic", "mid_roll": {"share": 1, "seconds": {"60": 1}, "max_ads": 3}}
    run = paceline.simulate(
        {
            "name": "dynamic",
            "market": {"days": 1, "population": {"viewers": 50}, "pods": pods},
            "bidders": [{"name": "A"}],
        }
    )
    assert explain(run, "A").funnel[0].name == "requests_matched"


def test_winners_are_those_who_won_what_was_lost(comedy: Explanation) -> None:
    lost = {step.name: step.number for step in comedy.funnel if step.name.startswith("lost_")}
    won = {one.won_by: one for one in comedy.winners}
    assert won["outside_demand"].bids == lost["lost_ambient"]
    assert (won["line_item"].winner, won["line_item"].bids) == ("TV drama", lost["lost_outbid"])
    assert sum(one.share for one in comedy.winners) == pytest.approx(1)


def test_delivery_and_gap_are_those_of_the_run(smoke: Run, comedy: Explanation) -> None:
    row = next(row for row in smoke.summary.iter_rows(named=True) if row["line_item"] == COMEDY)
    assert (comedy.goal.spend_micros, comedy.goal.delivery) == (row["spend_micros"], row["delivery"])
    assert comedy.goal.gap_micros == sum(share.micros for share in comedy.gap) > 0
    assert comedy.gap[0].reason == row["reason"]


def test_what_bound_when_counts_every_hour_once(smoke: Run, comedy: Explanation) -> None:
    when = comedy.when
    matched = next(step.number for step in comedy.funnel if step.name == "requests_matched")
    for spans in (when.hours, when.week, when.by_hour, when.by_day):
        assert sum(one.matched for one in spans) == matched
        assert all((one.reason is None) == (one.stopped == 0) for one in spans)
        assert all(one.stopped <= one.matched for one in spans)
    assert [one.hour for one in when.by_hour] == list(range(24))
    assert [f"{one.date}" for one in when.by_day] == ["2026-11-02", "2026-11-03"]
    one = subject(smoke, COMEDY)
    row = one.rows.performance_extended.row(0, named=True)
    first = when.hours[0]
    assert (first.hour, first.stopped) == (0, max(row[reason] for reason in COUNTED))
    assert bound_when(one) == when


def test_json_has_all_of_it(comedy: Explanation) -> None:
    told = json.loads(json.dumps(plain(comedy)))
    assert set(told) == {
        *("run_id", "advertiser", "campaign", "line_item", "currency", "goal", "gap", "funnel", "winners"),
        *("when", "money"),
    }
    assert told["funnel"][0] == comedy.funnel[0]._asdict()
    assert told["when"]["hours"][0]["date"] == "2026-11-02"
    assert told["goal"]["gap_micros"] == comedy.goal.gap_micros
    assert told["money"] is None


def test_a_line_item_goes_by_its_name_or_a_longer_path(smoke: Run) -> None:
    for name in ("TV drama", "Smoke Launch / TV drama", "Smoke Motors / Smoke Launch / TV drama"):
        assert subject(smoke, name).item.name == "TV drama"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("TV drame", "did you mean 'TV drama'?"),
        ("comedy", "did you mean 'Everywhere, comedy'?"),
        ("Zzz", "it has 'TV drama', 'Everywhere, comedy'"),
        ("Other / TV drama", "did you mean 'TV drama'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(smoke: Run, name: str, line: str) -> None:
    with pytest.raises(InputError) as refused:
        subject(smoke, name)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_of_several_and_one_that_never_flew_are_refused() -> None:
    bidders = [{"name": name, "max_cpm": 10} for name in ("A", "B")]
    items = CAMPAIGN["campaign"]["line_items"][1:]
    later = {"name": "Late", "start_date": "2026-11-05", "end_date": "2026-11-06", "line_items": items}
    late = {**CAMPAIGN, "campaign": later}
    market = {"days": 1, "population": {"viewers": 20}}
    with pytest.warns(paceline.PacelineWarning, match="it delivers nothing"):
        run = paceline.simulate({"name": "two", "market": market, "bidders": bidders, "campaigns": [late]})
    with pytest.raises(InputError, match="was not in flight while run"):
        explain(run, "Islands")
    twins = replace(run.book, line_items=tuple(replace(one, name="A") for one in run.book.line_items))
    run.__dict__["_book"] = twins
    with pytest.raises(InputError, match="means 3 of the run's"):
        subject(run, "A")


def test_a_run_is_checked_before_it_is_compared() -> None:
    run = paceline.simulate(
        {
            "name": "tiny",
            "market": {"days": 2, "population": {"viewers": 40}, "shards": 1},
            "bidders": [{"name": "A"}],
        }
    )
    told: list[str] = []
    whole = explain(run, "A", money=True, warn=told.append).money
    first = explain(run, "A", money=True, days=1, warn=told.append).money
    assert whole is not None
    assert first is not None
    assert told == []
    assert (whole.reproduced, whole.days, first.reproduced, first.days) == (True, None, True, 1)
    spend = subject(run, "A").rows.performance_extended["spend_micros"]
    assert (whole.delivered.spend_micros, first.delivered.spend_micros) == (spend.sum(), spend[:24].sum())
    for days in (0, 3):
        with pytest.raises(InputError, match=f"days {days}: must be from 1 to 2"):
            explain(run, "A", money=True, days=days)
    run.__dict__["digest"] = "0" * 64
    other = explain(run, "A", money=True, warn=told.append).money
    assert other == replace(whole, reproduced=False)
    assert [line.partition(" comes out")[2] for line in told] == [
        " differently with this code; compared is what comes out now"
    ]
    changed = run.performance_extended
    run.__dict__["performance_extended"] = changed.with_columns(bids=changed["bids"] + 1)
    assert not explain(run, "A", money=True, days=1).money.reproduced  # type: ignore[union-attr]


def test_days_before_a_flight_are_refused() -> None:
    flight = {"start": "2026-11-04 00:00", "end": "2026-11-05 00:00"}
    campaign = {"name": "Late", "start_date": "2026-11-02", "end_date": "2026-11-04"}
    items = [{**CAMPAIGN["campaign"]["line_items"][1], "flights": [flight]}]
    late = {**CAMPAIGN, "campaign": {**campaign, "line_items": items}}
    market = {"days": 3, "timezone": "UTC", "population": {"viewers": 20}}
    run = paceline.simulate({"name": "late", "market": market, "campaigns": [late]})
    with pytest.raises(InputError, match="days 2: its flight begins on day 3; give 3 or more"):
        explain(run, "Islands", money=True, days=2)


def test_a_stored_run_is_explained_as_the_one_in_memory(
    smoke: Run, comedy: Explanation, tmp_path: Path
) -> None:
    stored = smoke.save(tmp_path / "ads.db")
    assert paceline.explain(stored, COMEDY) == comedy


def test_classes_of_ones_own_are_played_where_they_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = inspect.getsource(even).replace("class Even(", "class MyEven(")
    (tmp_path / "my_module.py").write_text(source, encoding="utf-8")
    bidder = {"name": "A", "lifetime_budget": 1, "pacing": {"kind": "external", "policy": "my_module:MyEven"}}
    tiny = {
        "name": "own",
        "market": {"days": 1, "shards": 1, "population": {"viewers": 30}},
        "bidders": [bidder],
    }
    paceline.simulate(tiny, db="ads.db", allow_code=True)
    run = paceline.open("ads.db").run()
    assert paceline.explain(run, "A").money is None
    with pytest.raises(InputError, match="--allow-code"):
        paceline.explain(run, "A", money=True)
    found = paceline.explain(run, "A", money=True, days=1, allow_code=True).money
    assert found is not None
    assert found.reproduced
    assert "pacing" in [each.name for each in found.relaxed]
    assert isinstance(run, StoredRun)
    run.row.digest = "0" * 64
    with pytest.warns(paceline.PacelineWarning, match="comes out differently with this code"):
        paceline.explain(run, "A", money=True, allow_code=True)
