"""Two runs on many seeds are the arms of a study."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

import paceline
from analysis.study.of_runs import BY_LINE_ITEM, by_line_item, over_seeds
from entities.errors import InputError

TINY = {"market.days": 1, "market.population.viewers": 60}
CAP = {"line_item[TV drama].frequency_caps": [{"max_impressions": 1, "unit": "day"}]}


def played(**changes: object) -> paceline.Run:
    with pytest.warns(paceline.PacelineWarning):
        return paceline.simulate("smoke", set={**TINY, **changes}, workers=1)


def test_both_are_played_as_they_were_asked(engine: Engine) -> None:
    one, other = played(), played(**CAP)
    found = over_seeds(engine, one, other, 2)
    assert found.arms == (one.run_id, other.run_id)
    first = found.results.filter(seed=7)
    for run in (one, other):
        (digest,) = set(first.filter(arm=run.run_id)["digest"])
        assert digest == run.outcome.events_digest
    frame = found.differences(["impressions"])
    assert frame["seeds"].to_list() == [2, 2]
    assert over_seeds(engine, one, other, 2).progress.before == 4
    each = by_line_item(found)
    assert {found.line_item for found in each} == {item.path for item in one.book.line_items}
    for metric in BY_LINE_ITEM:  # what both lose together is what their line items lose
        apart = [row.difference for one in each if one.metric.name == metric for row in one.rows[1:]]
        (whole,) = (one.rows[1].difference for one in found.compared([metric]))
        assert whole is not None
        assert sum(own.mean for own in apart if own) == pytest.approx(whole.mean, abs=1e-6)


@pytest.mark.usefixtures("planted")
def test_markets_that_share_no_luck_are_refused(engine: Engine) -> None:
    one = played()
    with pytest.raises(InputError, match=r"differ in market\.population; seeds pair markets"):
        over_seeds(engine, one, played(**{"market.population.viewers": 50}), 2)
    with pytest.raises(InputError, match="differ in their seed alone"):
        over_seeds(engine, one, played(seed=8), 2)
