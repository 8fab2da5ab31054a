"""Metamorphic laws: each says in its docstring what is changed, what must stay, and when it is true."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.verify.lawbook.choices import seeded
from analysis.verify.lawbook.edit import UnfitError
from analysis.verify.lawbook.markets import scenario
from analysis.verify.lawbook.metamorphic import MetamorphicLaw, all_laws
from analysis.verify.lawbook.trials import as_yaml
from tests.property.lawbook import choices, laws

each = pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.name.replace(" ", "_"))


@laws(10)
@given(st.data())
def test_laws_hold_between_markets_that_are_made_small(data: st.DataObject) -> None:
    law = data.draw(st.sampled_from(all_laws()))
    made = choices(data.draw)
    market = scenario(made, law.scope)
    try:
        broken = law.compare(market, made)
    except UnfitError:
        assume(False)
    assert not broken, f"{law.name}: {law.text}\n\n{broken}\n\n{as_yaml(market)}"


@each
@pytest.mark.parametrize("seed", [111, 115])
def test_it_holds_between_markets_that_are_full(law: MetamorphicLaw, seed: int) -> None:
    checked = 0
    for number in range(20):
        made = seeded(seed, number)
        market = scenario(made, law.scope)
        try:
            broken = law.compare(market, made)
        except UnfitError:
            continue
        assert not broken, f"{law.text}\n\n{broken}\n\n{as_yaml(market)}"
        checked += 1
        break
    assert checked, "nearly no market meets its conditions"


def test_each_says_what_it_changes_and_when_it_is_true() -> None:
    assert len(all_laws()) >= 30
    for law in all_laws():
        assert "True" in law.text, law.name
        assert len(law.text) > 60, law.name
