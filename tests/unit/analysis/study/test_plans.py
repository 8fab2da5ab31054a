"""Plans end where theory says, and the same way whatever the batches in which seeds are played."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from analysis.study.metrics import METRICS
from analysis.study.plans import Best, Fixed, Known, Plan, Until, judged_by
from analysis.study.replication import Task
from entities.errors import InputError
from scenarios.precision import precision

ARMS = ("base", "more", "less")
EFFECTS = {"base": 1.0, "more": 1.03, "less": 0.95}


def planted(task: Task) -> float:
    luck = np.random.default_rng(task.seed).normal(0, 0.1)  # common to all arms of a seed
    own = np.random.default_rng([task.seed, ARMS.index(task.arm)]).normal(0, 0.02)
    return EFFECTS[task.arm] + luck + own


def played(
    plan: Plan, value: Callable[[Task], float | None] = planted
) -> tuple[dict[Task, float | None], int]:
    """Return all that was played, and how many rounds it took."""
    known: dict[Task, float | None] = {}
    for rounds in range(1000):
        todo = [task for task in plan.tasks(known) if task not in known]
        if not todo:
            return known, rounds
        known |= {task: value(task) for task in todo}
    raise AssertionError("the plan has no end")


def until(text: str, batch: int = 1, most: int = 10_000) -> Until:
    return Until(ARMS, "base", 5, METRICS["delivery"], precision(text), most, batch)


def best(text: str, batch: int = 1, metric: str = "delivery", most: int = 10_000) -> Best:
    return Best(ARMS, "base", 5, judged_by(metric), precision(text), most, batch)


def test_a_fixed_plan_has_every_arm_with_every_seed() -> None:
    known, rounds = played(Fixed(ARMS, 5, 4))
    assert (rounds, len(known)) == (1, 12)
    assert {task.seed for task in known} == {5, 6, 7, 8}
    assert Fixed(ARMS, 5, 4).told(known) == ""


@pytest.mark.parametrize("batch", [1, 7, 60])
def test_seeds_are_added_until_differences_are_known(batch: int) -> None:
    plan = until("0.6%", batch)
    known, _ = played(plan)
    wanted = plan.tasks(known)
    one = plan.tasks(played(until("0.6%"))[0])
    assert wanted == one, "the same seeds are reported whatever the batch"
    # Differences vary by 0.02·√2; ± 0.006 takes (1.96 · 0.0283 / 0.006)² = 85 seeds, and ten more for looking.
    assert 60 <= len(wanted) / len(ARMS) <= 140
    assert "every difference of delivery is known to ± 0.6 % of the mean of base" in plan.told(known)


def test_a_plan_ends_at_the_most_that_is_asked_for() -> None:
    plan = until("0.01%", most=25)
    known, _ = played(plan)
    assert len(plan.tasks(known)) == 25 * len(ARMS)
    assert plan.told(known).startswith("Not known to ± 0.01 % after 25 seeds")


@pytest.mark.parametrize("batch", [1, 5])
def test_the_best_arm_is_found_with_few_runs_of_the_others(batch: int) -> None:
    plan = best("1%", batch)
    known, _ = played(plan)
    assert "Best by delivery: more, after" in plan.told(known)
    runs = {arm: sum(task.arm == arm for task in known) for arm in ARMS}
    assert runs["less"] <= runs["more"]
    assert plan.told(known) == best("1%").told(played(best("1%"))[0])


def test_less_may_be_better() -> None:
    plan = best("1%", metric="ecpm")
    known, _ = played(plan)
    assert "Best by ecpm: less, after" in plan.told(known)


def test_arms_that_are_not_told_from_the_best_are_named_with_what_lies_between() -> None:
    near = {"base": 1.0, "more": 1.03, "less": 1.0295}
    plan = best("1%", batch=3)
    known, _ = played(plan, lambda task: planted(task) - EFFECTS[task.arm] + near[task.arm])
    won = plan.winner(known)
    (other,) = won.indifferent
    assert {won.arm, other} == {"more", "less"}
    assert abs(won.indifferent[other]) < 0.01
    told = plan.told(known)
    wanted = rf"Best by delivery: {won.arm}, not told from {other} \(0\.\d+ % behind\):"
    assert re.match(wanted, told)
    assert "less than 1 % of the mean of base lies between them" in told
    clear = best("1%")
    assert clear.winner(played(clear)[0]).indifferent == {}


def test_two_equal_arms_are_not_told_apart_for_ever() -> None:
    plan = best("5%", most=30)
    known, _ = played(plan, lambda task: planted(Task("base", task.seed)))
    assert plan.told(known).startswith(("Best by delivery: base", "Not decided"))


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="delivery has no value in arm 'base', seed 5"):
        played(until("1%"), lambda _: None)
    with pytest.raises(InputError, match="delivery of base is 0: a part of it is no precision"):
        played(until("1%"), lambda _: 0.0)


@pytest.mark.parametrize("text", ["0", "0%", "-1%", "x", "", "1e-3", "5 percent", "%", "nan"])
def test_what_is_no_precision_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a precision"):
        precision(text)


def test_a_precision_is_a_part_or_an_amount() -> None:
    assert precision("0.5%").of(-40.0) == pytest.approx(0.2)
    assert precision(" 0.25 ").of(40.0) == 0.25
    assert (str(precision("0.5 %")), str(precision(".25"))) == ("0.5 %", "0.25")


def test_only_a_metric_with_a_better_side_has_a_best() -> None:
    with pytest.raises(InputError, match="neither more nor less spend is better"):
        judged_by("spend")
    with pytest.raises(InputError, match=r"no metric 'deliver'; did you mean delivery\?"):
        judged_by("deliver")


def test_known_is_read_only() -> None:
    known: Known = {}
    assert until("1%").tasks(known) == Fixed(ARMS, 5, 20).tasks(known)
    assert known == {}
