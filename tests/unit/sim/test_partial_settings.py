"""Say only what differs: partial tables and nested settings keep the rest of their defaults, shares do not."""

from entities.enums import DeviceType, Genre, Placement
from sim.ambient.log_normal import LogNormalDemand
from sim.market.market import Market


def test_a_table_of_which_one_entry_is_said_keeps_the_others() -> None:
    market = Market.model_validate(
        {
            "outcomes": {"click": {"tv": 0.1}, "placement_hazard": {"pre_roll": 1}, "length_hazard": {45: 2}},
        }
    )
    usual = Market()
    assert market.outcomes.click == {**usual.outcomes.click, DeviceType.tv: 0.1}
    assert market.outcomes.placement_hazard == {Placement.pre_roll: 1, Placement.mid_roll: 0.245}
    assert market.outcomes.length_hazard == {**usual.outcomes.length_hazard, 45: 2}


def test_shares_of_a_whole_are_said_in_full() -> None:
    said = {"viewing": {"devices": {"tv": 2}}, "content": {"genres": {"drama": 1, "comedy": 3}}}
    market = Market.model_validate(said)
    assert market.viewing.devices == {DeviceType.tv: 2}
    assert market.content.genres == {Genre.drama: 1, Genre.comedy: 3}


def test_a_break_of_which_one_thing_is_said_keeps_the_other() -> None:
    pods = Market.model_validate({"pods": {"mid_roll": {"share": 0.5}, "pre_roll": {"slots": {2: 1}}}}).pods
    assert (pods.mid_roll.share, pods.mid_roll.slots) == (0.5, {2: 2.0, 3: 1.0})
    # How many slots is one distribution: another one replaces it.
    assert (pods.pre_roll.share, pods.pre_roll.slots) == (0.8, {2: 1})


def test_ambient_demand_without_a_kind_is_the_usual_one() -> None:
    ambient = Market.model_validate({"ambient": {"presence": 0.4}}).ambient
    assert ambient == LogNormalDemand(presence=0.4)


def test_what_is_stored_reads_back_the_same() -> None:
    market = Market.model_validate({"viewing": {"devices": {"tv": 1}}, "ambient": "none"})
    assert Market.model_validate_json(market.model_dump_json()) == market
