"""Studies read from a database: arms in their order, one version of the code, the best arm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from analysis.study import charts, found, kept
from analysis.study.replication import Replication
from entities import registry
from entities.errors import InputError

PATH = "Owner / Flight / Launch"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    registry.init_db(engine := registry.make_engine(tmp_path / "ads.db"))
    yield engine
    engine.dispose()


def keep(engine: Engine, study: str, arm: str, *delivery: float | None) -> None:
    for seed, value in enumerate(delivery):
        both = tuple((path, "delivery", value) for path in ("", PATH))
        values = (*both, ("", "fill", 0.5), ("", "spend", 3.0))
        kept.add(engine, study, Replication(arm, seed, f"{study}{arm}{seed}", "", 0, 0.0, values))


def test_arms_come_in_the_order_of_their_numbers(engine: Engine) -> None:
    for arm in ("10 a day", "2 a day", "no cap"):
        keep(engine, "mine", arm, 0.5, 0.6)
    assert found.names(engine) == ["mine"]
    mine = found.find(engine, "mine")
    assert mine.arms == ("2 a day", "10 a day", "no cap")
    assert mine.baseline == "2 a day"
    assert mine.metrics == ("delivery", "spend", "fill")
    assert mine.line_items == (PATH,)
    assert mine.currency == mine.description == ""


def test_a_study_of_ours_says_what_was_asked_and_against_what(engine: Engine) -> None:
    for arm in ("1 a day", "3 a day", "of old"):
        keep(engine, "caps", arm, 0.5, 0.6)
    caps = found.find(engine, "caps")
    assert caps.arms == ("1 a day", "3 a day", "of old")
    assert caps.baseline == "3 a day"
    assert caps.currency == "$"
    assert caps.description.endswith("?")


def test_a_study_of_ones_own_has_the_baseline_of_its_file(engine: Engine, tmp_path: Path) -> None:
    for arm in ("higher", "as it is"):
        keep(engine, "caps", arm, 0.5, 0.6, 0.9)
    assert found.find(engine, "caps").file == ""  # the arms of ours are others
    lines = ["name: caps", "base: smoke", "arms: {higher: {market.floors.cpm: 12}, as it is: {}}"]
    file = tmp_path / "caps.yml"
    file.write_text("\n".join(lines), encoding="utf-8")
    mine = found.find(engine, "caps")
    assert (mine.file, mine.baseline, mine.arms) == (str(file), "higher", ("higher", "as it is"))
    own = mine.compared("delivery", "higher").rows[1].difference
    assert own
    assert own.method == "t"
    file.write_text("\n".join([*lines, "precision: 1%"]), encoding="utf-8")
    other = found.find(engine, "caps").compared("delivery", "higher").rows[1].difference
    assert other
    assert other.method == "sequential"
    file.write_text("\n".join(lines).replace("name: caps", "name: mine"), encoding="utf-8")
    assert found.find(engine, "caps").baseline == "as it is"


def test_values_of_another_version_are_never_mixed_in(engine: Engine) -> None:
    keep(engine, "mine", "a", 0.5, 0.6)
    with registry.session(engine) as opened:
        opened.execute(update(registry.StudyResult).values(code="old"))
    assert not found.find(engine, "mine").same_code
    keep(engine, "mine", "b", 0.7)
    mine = found.find(engine, "mine")
    assert mine.same_code
    assert mine.arms == ("b",)


def test_what_is_not_there_is_refused(engine: Engine) -> None:
    assert found.names(engine) == []
    with pytest.raises(InputError, match="no results of a study 'caps'"):
        found.find(engine, "caps")


def test_the_best_arm_is_named_only_where_its_lead_is_more_than_chance(engine: Engine) -> None:
    keep(engine, "mine", "a", 0.5, 0.6, 0.7)
    keep(engine, "mine", "b", 0.81, 0.9, 0.99)
    keep(engine, "mine", "c", 0.8, 0.6, 1.1)
    mine = found.find(engine, "mine")
    leader, against = mine.against_best("delivery") or ("", None)
    assert leader == "b"
    assert against
    told = charts.best(leader, against)
    assert told == (
        "b has the highest delivery, 90.00 %; but c may be as good, so the best arm is not known yet."
    )
    without = found.find(engine, "mine").results.filter(arm="a").height
    assert without
    assert mine.against_best("spend") is None  # neither more nor less of it is better


def test_a_clear_lead_is_the_best_arm(engine: Engine) -> None:
    keep(engine, "mine", "a", 0.5, 0.6, 0.7)
    keep(engine, "mine", "b", 0.81, 0.9, 0.99)
    best = found.find(engine, "mine").against_best("delivery", PATH)
    assert best
    told = charts.best(*best)
    assert told.startswith("b has the highest delivery, 90.00 %, and is the best arm")


def test_metrics_of_the_market_are_those_of_all_line_items(engine: Engine) -> None:
    keep(engine, "mine", "a", 0.5, 0.6)
    assert found.find(engine, "mine").values("fill", PATH)["value"].to_list() == [0.5, 0.5]


def test_an_arm_without_any_value_has_no_leader(engine: Engine) -> None:
    keep(engine, "mine", "a", None, None)
    mine = found.find(engine, "mine")
    assert mine.against_best("delivery") is None
    figure = charts.values(mine.values("delivery"), "delivery", mine.arms)
    assert figure.finding.startswith("No arm has a value of delivery")
    assert not figure.panels
