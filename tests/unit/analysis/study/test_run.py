"""A study is played once, kept as it goes, and compared on the same luck."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

import paceline
from analysis.study import kept, workers
from analysis.study.metrics import METRICS, chosen
from analysis.study.replication import Booked, Replication, Task, booked
from analysis.study.run import Progress, run
from entities.errors import InputError, PacelineError
from scenarios.study import load_study
from sim.audience.conversions import Conversions


def test_a_replication_is_the_run_of_its_arm_and_seed(small: str, known: Engine) -> None:
    found = run(load_study(small), known)
    one = found.results.filter(arm="capped", seed=8)
    market = {"market.days": 1, "market.population.viewers": 100, "seed": 8}
    cap = {"line_item[TV drama].frequency_caps": [{"max_impressions": 1, "unit": "day"}]}
    with pytest.warns(paceline.PacelineWarning):  # of flights that end after the market, and of a tight cap
        same = paceline.simulate("smoke", set={**market, **cap}, workers=1)
    assert set(one["digest"]) == {same.outcome.events_digest}
    assert set(one["fingerprint"]) == {same.spec.fingerprint}
    summary = same.summary.filter(line_item="TV drama")
    own = one.filter(pl.col("line_item").str.ends_with("/ TV drama"))
    values = dict(own.select("metric", "value").iter_rows())
    assert values["impressions"] == summary["impressions"].item()
    assert values["delivery"] == pytest.approx(summary["delivery"].item())
    assert values["ecpm"] == pytest.approx(summary["ecpm"].item())
    assert values["reach"] == summary["reach"].item()
    assert values["frequency"] == pytest.approx(summary["frequency"].item())


def test_what_is_probably_not_intended_is_told_once_with_its_arms(small: str, engine: Engine) -> None:
    lines: list[str] = []
    run(load_study(small, replications=1), engine, warn=lines.append)
    assert (
        sum("ends 1 day after" in line for line in lines) == 2
    )  # one of each line item, the same in all arms
    (cap,) = [line for line in lines if "a cap of 1 per day" in line]
    assert cap.startswith("arm capped: ")


def test_metrics_fit_together(small: str, known: Engine) -> None:
    found = run(load_study(small), known)
    wide = found.results.filter(line_item="").pivot("metric", index=["arm", "seed"], values="value")
    assert len(wide) == 9
    assert (wide["fill"].is_between(0, 1)).all()
    assert (wide["uneven_hours"].is_between(0, 1)).all()
    assert wide["spend"].to_list() == pytest.approx((wide["ecpm"] * wide["impressions"] / 1000).to_list())
    assert wide["value"].to_list() == pytest.approx((wide["value_for_money"] * wide["spend"]).to_list())
    assert wide["budget_left"].to_list() == pytest.approx((150 - wide["spend"]).to_list())


def test_what_is_known_is_not_played_again(
    small: str, known: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Booked, "replicate", lambda *_: pytest.fail("was played again"))
    found = run(load_study(small), known)
    assert found.progress.before == found.progress.done == 9
    assert found.results.select("arm", "seed").n_unique() == 9


def test_more_replications_play_only_those_that_are_new(small: str, known: Engine) -> None:
    more = run(load_study(small, replications=4), known)
    assert (more.progress.before, more.progress.done) == (9, 12)


def test_another_study_with_the_same_markets_plays_none_of_them(small: str, known: Engine) -> None:
    other = Path(small).with_name("other.yml")
    other.write_text(Path(small).read_text().replace("name: small", "name: other"))
    found = run(load_study(str(other)), known)
    assert found.progress.before == 9
    assert set(found.results["study"]) == {"other"}


def test_other_code_plays_all_of_them(small: str, known: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "code", lambda: "0" * 64)
    found = run(load_study(small, replications=1), known)
    assert found.progress.before == 0
    assert set(found.results["code"]) == {"0" * 64}


def test_only_what_failed_is_played_again(
    small: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays = Booked.replicate

    def fails(arm: Booked, seed: int) -> workers.Replication:
        if (arm.name, seed) == ("capped", 8):
            raise ZeroDivisionError("planted")
        return plays(arm, seed)

    with monkeypatch.context() as patched:
        patched.setattr(Booked, "replicate", fails)
        found = run(load_study(small), engine)
    assert [(one.task, one.error) for one in found.progress.failed] == [
        (("capped", 8), "ZeroDivisionError: planted")
    ]
    seeds = {row.arm: row.difference.seeds for row in found.compared()[0].rows if row.difference}
    assert seeds == {"capped": 2, "high floor": 3}, "an arm that fails takes no seed from the others"
    again = run(load_study(small), engine)
    assert (again.progress.before, again.progress.done, again.progress.failed) == (8, 9, [])


def test_what_ended_before_an_interrupt_is_kept(small: str, engine: Engine) -> None:
    def stop(now: Progress) -> None:
        if now.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(load_study(small), engine, progress=stop)
    assert run(load_study(small), engine).progress.before == 4


def test_any_number_of_processes_finds_the_same(small: str, engine: Engine, known: Engine) -> None:
    two = run(load_study(small), engine, workers=2)
    assert two.results.equals(run(load_study(small), known).results)


def test_differences_are_taken_seed_by_seed(small: str, known: Engine) -> None:
    found = run(load_study(small), known)
    (delivery,) = found.compared(["delivery"])
    wide = found.results.filter(line_item="", metric="delivery").pivot("arm", index="seed", values="value")
    capped = next(row for row in delivery.rows if row.arm == "capped")
    assert capped.difference is not None
    assert capped.difference.mean == pytest.approx((wide["capped"] - wide["as it is"]).mean())
    assert capped.mean == pytest.approx(wide["capped"].mean())
    assert delivery.rows[0].difference is None
    frame = found.differences(["delivery"])
    assert frame["arm"].to_list() == list(found.arms)
    assert frame["difference"][1] == pytest.approx(capped.difference.mean)


def test_one_seed_has_means_and_no_interval(small: str, known: Engine) -> None:
    found = run(load_study(small, replications=1), known).compared()
    assert all(row.difference is None for one in found for row in one.rows)
    assert all(row.mean is not None for one in found for row in one.rows)


def test_a_metric_or_line_item_that_is_none(small: str, known: Engine) -> None:
    found = run(load_study(small, replications=1), known)
    with pytest.raises(InputError, match=r"no metric 'deliver'; did you mean delivery\?"):
        found.compared(["deliver"])
    with pytest.raises(InputError, match="no line item 'TV dramas' in every arm"):
        found.compared(line_item="TV dramas")
    with pytest.raises(InputError, match=r"no line item 'TV dramas'; did you mean TV drama\?"):
        run(load_study(small, replications=1), known, line_item="TV dramas")
    assert found.compared(line_item="TV drama")[0].line_item == "Smoke Motors / Smoke Launch / TV drama"


def test_a_metric_that_no_run_can_have(small: str, engine: Engine) -> None:
    file = Path(small)
    file.write_text(file.read_text() + "metrics: [delivery, conversions]\n")
    with pytest.raises(InputError, match=r"small.yml:\d+: metrics: no run has conversions here"):
        run(load_study(small, replications=1), engine)


def test_all_metrics_are_of_a_market_that_has_everything() -> None:
    (arm, *_) = booked(load_study("regret")).values()
    market = arm.scenario.market
    with_all = market.model_copy(update={"conversions": Conversions(view_rate=0.01)})
    assert {metric.name for metric in chosen((), with_all, arm.book)} == set(METRICS)
    assert {metric.name for metric in chosen((), market, arm.book)} == set(METRICS) - {"conversions"}


@pytest.mark.usefixtures("planted")
def test_a_study_can_stop_by_itself(small: str, engine: Engine) -> None:
    found = run(load_study(small), engine, until="5%")
    assert found.watched
    assert found.told.startswith("Stopped after 20 seeds")
    (delivery,) = found.compared(["delivery"])
    assert {row.difference.method for row in delivery.rows if row.difference} == {"sequential"}
    assert [row.difference.mean for row in delivery.rows if row.difference] == pytest.approx([0.2, 0.0])
    assert all(row.difference.saved is None for row in delivery.rows if row.difference)


@pytest.mark.usefixtures("planted")
def test_a_study_can_find_the_best_arm(small: str, engine: Engine) -> None:
    found = run(load_study(small), engine, best="delivery", until="5%")
    assert "Best by delivery: capped, after" in found.told
    assert found.best
    assert (found.best.arm, dict(found.best.indifferent)) == ("capped", {})
    assert found.results.select("arm", "seed").n_unique() == found.progress.done


def test_a_study_in_python(small: str, known: Engine) -> None:
    with pytest.warns(paceline.PacelineWarning):  # of flights that end after the market, and of a tight cap
        found = paceline.study(small, str(known.url.database), workers=1)
    frame = found.differences(["delivery", "reach"], "TV drama")
    assert frame.select("metric", "arm").rows()[:3] == [("delivery", arm) for arm in found.arms]
    with pytest.raises(paceline.InputError, match="or by until or best"):
        paceline.study(small, "ads.db", replications=3, best="delivery")
    with pytest.raises(paceline.InputError, match="no study 'policy'"):
        paceline.study("policy", "ads.db")


def test_a_study_names_whose_figures_it_asks_for(small: str, known: Engine) -> None:
    file = Path(small)
    file.write_text(file.read_text() + "line_item: TV drama\nmetrics: [delivery, fill]\n")
    found = run(load_study(small), known)
    path = "Smoke Motors / Smoke Launch / TV drama"
    delivery, fill = found.compared()
    assert (found.line_item, delivery.line_item, fill.line_item) == (path, path, "")
    own = found.results.filter(line_item=path, metric="delivery", arm="capped")["value"].mean()
    assert next(row.mean for row in delivery.rows if row.arm == "capped") == pytest.approx(own)
    file.write_text(file.read_text().replace("line_item: TV drama\n", "line_item: TV dramas\n"))
    with pytest.raises(InputError, match=r"small.yml:\d+: line_item: no line item 'TV dramas'"):
        run(load_study(small), known)


def test_a_study_that_stops_by_itself_ends_where_an_arm_fails(
    small: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(arm: Booked, seed: int) -> Replication:
        if arm.name == "capped":
            raise ZeroDivisionError("planted")
        return Replication(arm.name, seed, arm.fingerprint(seed), "0" * 64, 0, 0.0, (("", "delivery", 0.5),))

    monkeypatch.setattr(Booked, "replicate", fails)
    found = run(load_study(small), engine, until="5%")
    assert len(found.progress.failed) == 20
    assert found.told == ""


def test_a_study_of_the_same_name_on_other_terms_is_told(small: str, known: Engine) -> None:
    file, told = Path(small), list[str]()
    file.write_text(file.read_text().replace("18", "19"))
    run(load_study(small, replications=2), known, warn=told.append)
    assert any("study small: 2 of its replications here were played on other terms" in line for line in told)


def test_the_metric_of_the_best_arm_must_be_one_that_the_runs_have(small: str, engine: Engine) -> None:
    with pytest.raises(InputError, match="--best: no run has conversions here"):
        run(load_study(small), engine, best="conversions")


def test_an_arm_that_cannot_be_booked_is_named(small: str, engine: Engine) -> None:
    file = Path(small)
    file.write_text(file.read_text().replace("as it is: {}", "as it is: {campaigns: []}"))
    with pytest.raises(InputError, match="arm 'as it is': scenario smoke: nobody bids"):
        run(load_study(small), engine)


@pytest.mark.parametrize("known_before", [True, False])
def test_a_replication_without_the_metric_is_refused_at_once(
    small: str, engine: Engine, monkeypatch: pytest.MonkeyPatch, known_before: bool
) -> None:
    played = list[Task]()

    def lacks(arm: Booked, seed: int) -> Replication:
        played.append(Task(arm.name, seed))
        value = None if arm.name == "capped" and seed == 8 else 0.5
        return Replication(
            arm.name, seed, arm.fingerprint(seed), "0" * 64, 0, 0.0, (("", "delivery", value),)
        )

    monkeypatch.setattr(Booked, "replicate", lacks)
    if known_before:
        run(load_study(small), engine)
    before = len(played)
    with pytest.raises(
        InputError, match=r"delivery has no value in arm 'capped', seed 8, .*leave this arm out"
    ):
        run(load_study(small), engine, best="delivery")
    assert len(played) - before == (0 if known_before else 5)


def test_a_killed_process_leaves_what_ended(
    small: str, known: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> Iterator[Replication]:
        raise workers.KilledError("a worker process was killed, perhaps for want of memory")
        yield

    monkeypatch.setattr(workers.Workers, "play", killed)
    with pytest.raises(
        PacelineError, match=r"was killed.*; what ended is kept, and the same command goes on"
    ) as stopped:
        run(load_study(small, replications=4), known)
    assert stopped.value.exit_code == 1


def test_a_metric_asked_for_beside_the_file_is_not_blamed_on_it(small: str, engine: Engine) -> None:
    with pytest.raises(InputError, match=r"^--metric: no metric 'delivry'; did you mean delivery\?$"):
        run(load_study(small, metrics=["delivry"]), engine)
    with pytest.raises(InputError, match=r"^--metric: no metric 'zz'; .*paceline list metrics has all"):
        run(load_study(small, metrics=["zz"]), engine)
    with pytest.raises(InputError, match=r"^--best: neither more nor less spend is better"):
        run(load_study(small), engine, best="spend")
