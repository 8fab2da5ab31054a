"""What people get wrong, and what they are told: every case is refused in words, with one code, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from entities import registry
from entities.errors import InputError, PacelineError
from entities.messages import listed
from scenarios import loader
from tests.corpus import databases, files, names
from tests.corpus.cases import cases

HERE = Path(__file__).parent
LINE_ITEM = "campaigns.0.campaign.line_items.0.name"
TABLES = {name: cases(name) for name in ("scenarios", "names", "settings")}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def right() -> str:
    """Return the scenario with which nothing is wrong."""
    return (HERE / "right.yml").read_text()


def told(call: Callable[..., Any], *args: Any) -> str:
    """Return what is told where *call* is refused, which it has to be, with the code of bad input."""
    with pytest.raises(PacelineError) as refused:
        call(*args)
    assert isinstance(refused.value, InputError)
    assert refused.value.exit_code == 2
    text = str(refused.value)
    assert all(line.isprintable() for line in text.splitlines())
    assert max(map(len, text.splitlines())) < 500
    return text


def load(text: str | bytes, *settings: str) -> loader.Loaded:
    Path("city.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return loader.load("city.yml", settings)


def test_what_is_right_is_accepted() -> None:
    assert load(right()).scenario.name == "city"


def test_there_are_enough_cases() -> None:
    tables = [*TABLES.values(), files.CONTENTS, files.THINGS, names.PATHS, names.PROFILES, names.EXAMPLES]
    tables += [databases.ADDRESSES, databases.FILES]
    assert sum(map(len, tables)) >= 150


@pytest.mark.parametrize("case", TABLES["scenarios"], ids=lambda case: case["case"])
def test_a_scenario_with_a_mistake(case: dict[str, str]) -> None:
    assert right().count(case["instead_of"]) == 1
    assert told(load, right().replace(case["instead_of"], case["says"])) == case["told"]


@pytest.mark.parametrize("case", TABLES["settings"], ids=lambda case: case["set"])
def test_a_setting_with_a_mistake(case: dict[str, str]) -> None:
    assert told(load, right(), case["set"]) == case["told"]


@pytest.mark.parametrize("case", TABLES["names"], ids=lambda case: case["case"])
def test_a_name_that_cannot_be_one(case: dict[str, Any]) -> None:
    text = right().replace("name: L", f"name: {json.dumps(case['name'])}")
    assert told(load, text) == f"city.yml:12: {LINE_ITEM}: {case['told']}"


@pytest.mark.parametrize("case", files.CONTENTS)
def test_a_file_that_is_no_scenario(case: str) -> None:
    content, message = files.CONTENTS[case]
    assert told(load, content) == message


@pytest.mark.parametrize("case", files.THINGS)
def test_what_is_no_file(case: str) -> None:
    make, message = files.THINGS[case]
    make(Path("city.yml"))
    assert told(loader.load, "city.yml") == message
    assert told(loader.examples, Path("city.yml")) == message


@pytest.mark.parametrize("name", names.PATHS)
def test_a_scenario_that_is_not_there(name: str) -> None:
    known = listed(loader.names(loader.MARKETS))
    assert told(loader.load, name) == names.PATHS[name].format(markets=known)


@pytest.mark.parametrize("name", names.PROFILES)
def test_a_profile_that_is_not_there(name: str) -> None:
    known = ", ".join(loader.names(loader.PROFILES))
    message = names.PROFILES[name].format(profiles=known, x=name)
    assert told(loader.profile, name) == message


@pytest.mark.parametrize("name", names.EXAMPLES)
def test_an_example_that_is_not_there(name: str) -> None:
    known = ", ".join(loader.examples())
    message = told(loader.example, name)
    start = "scenarios/examples/netflix-ads-examples.yml: no example '"
    assert message.startswith(start)
    assert message.endswith(f"'; {names.EXAMPLES[name].format(examples=known)}")


def test_a_campaign_written_twice_is_refused() -> None:
    head, campaign = right().split("campaigns:\n")
    assert told(load, f"{head}campaigns:\n{campaign}{campaign}") == (
        'city.yml:18: campaigns.1.campaign.name: "C" is not allowed;'
        " must be another name than that of campaigns.0, of the same advertiser"
    )
    other = campaign.replace("Acme", "Bcme")
    assert len(load(f"{head}campaigns:\n{campaign}{other}").listings) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ciyt.yml", "ciyt.yml: no such file; did you mean city.yml?"),
        ("city.yaml", "city.yaml: no such file; did you mean city.yml?"),
        ("city", "no scenario 'city'; did you mean city.yml?"),
        ("high_cpm_tv_awareness", "no scenario 'high_cpm_tv_awareness'; it is a profile"),
        ("nexbank_conversion", "no scenario 'nexbank_conversion'; it is an example"),
    ],
)
def test_what_was_probably_meant_by_a_name(name: str, message: str) -> None:
    load(right())
    assert told(loader.load, name) == message


def test_a_name_of_another_kind_is_told_as_such() -> None:
    assert told(loader.profile, "nexbank_conversion") == "no profile 'nexbank_conversion'; it is an example"
    assert told(loader.profile, "high_cpm") == "no profile 'high_cpm'; did you mean high_cpm_tv_awareness?"
    assert told(loader.example, "mobile_consideration").endswith("'; it is a profile")


def test_a_file_of_another_kind_is_told_as_such() -> None:
    profile = loader.PROFILES / "mobile_consideration.yml"
    start = "scenarios/profiles/mobile_consideration.yml: holds a profile"
    assert told(loader.load, str(profile)).startswith(start)
    assert told(loader.examples, profile).startswith(start)
    assert told(loader.load, str(loader.DEFAULT_EXAMPLES)) == (
        "scenarios/examples/netflix-ads-examples.yml: holds examples;"
        " create them with: paceline create-example --template"
    )
    assert told(loader.examples, loader.MARKETS / "smoke.yml") == (
        "scenarios/markets/smoke.yml: holds a scenario; run it with: paceline simulate"
    )


def test_a_mistake_in_a_template_names_its_line() -> None:
    text = loader.DEFAULT_EXAMPLES.read_text().replace("max_cpm: 20.00", "max_cpm: 0.0001")
    Path("mine.yml").write_text(text)
    number = text[: text.index("max_cpm: 0.0001")].count("\n") + 1
    assert told(loader.examples, Path("mine.yml")) == (
        f"mine.yml:{number}: examples.crunchy_snacks_consideration.campaign.line_items.0.max_cpm: 0.0001 is not"
        " allowed; must be an amount from 0.001 to 10,000, in steps of 0.001"
    )


def test_a_mistake_in_a_profile_names_its_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (loader.PROFILES / "mobile_consideration.yml").read_text().replace("max_cpm:", "max_cmp:")
    (here / "mine.yml").write_text(text)
    monkeypatch.setattr(loader, "PROFILES", here)
    number = text[: text.index("max_cmp:")].count("\n") + 1
    assert f"mine.yml:{number}: campaign.line_items.0.max_cmp: unknown key; did you mean max_cpm?" in told(
        loader.profile, "mine"
    )


@pytest.mark.parametrize("case", names.ACCEPTED)
def test_a_name_that_is_stored_as_it_is(case: str) -> None:
    name = names.ACCEPTED[case]
    listing = load(right().replace("name: L", f"name: {json.dumps(name)}")).listings["campaigns.0"]
    engine = registry.make_engine("ads.db")
    registry.init_db(engine)
    with registry.session(engine) as opened:
        registry.add_campaign(opened, listing.advertiser, listing.campaign)
    with registry.session(engine, writes=False) as opened:
        assert [item.name for item in registry.active_line_items(opened)] == [name]


def test_one_name_in_two_spellings_of_unicode_is_one() -> None:
    composed, taken_apart = (
        load(right().replace("name: L", f'name: "{text}"'))
        .listings["campaigns.0"]
        .campaign.line_items[0]
        .name
        for text in ("Z\u00fcrich", "Zu\u0308rich")
    )
    assert composed == taken_apart


def test_negative_zero_is_zero() -> None:
    loaded = load(
        right().replace("seed: 3", "seed: -0.0").replace("lifetime_budget: 10", "lifetime_budget: -0.0")
    )
    item = loaded.scenario.campaigns[0].campaign.line_items[0]
    assert (loaded.scenario.seed, str(item.lifetime_budget)) == (0, "0.0")


@pytest.mark.parametrize(
    ("zone", "moment", "hour"),
    [
        (
            "America/New_York",
            "2026-03-08 02:00",
            "2026-03-08 07:00",
        ),  # there is no such hour: the one after it
        ("America/New_York", "2026-11-01 01:00", "2026-11-01 05:00"),  # it comes twice: the first
        ("Africa/Cairo", "2026-04-24 00:00", "2026-04-23 22:00"),  # a midnight that there is not
        ("UTC", "2028-02-29 00:00", "2028-02-29 00:00"),
    ],
)
def test_a_flight_from_an_hour_at_a_change_of_clocks(zone: str, moment: str, hour: str) -> None:
    day = moment[:10]
    text = right().replace("start_date: 2026-11-02", f"start_date: {day}\n      timezone: {zone}")
    text = text.replace("end_date: 2026-11-03", f"end_date: {day}").replace(
        "lifetime_budget: 10", f"lifetime_budget: 10\n          flights: [{{start: '{moment}', end: {day}}}]"
    )
    loaded = load(text.replace("days: 2", f"days: 2, start: {day}, timezone: {zone}"))
    market, flight = loaded.scenario.market, loaded.scenario.campaigns[0].campaign.line_items[0].flights[0]
    first = market.horizon.at(market.horizon.hour_of(flight.starts_at, zone))
    assert f"{first:%Y-%m-%d %H:%M}" == hour


@pytest.mark.parametrize("address", databases.ADDRESSES)
def test_an_address_that_is_no_database(address: str) -> None:
    assert told(registry.make_engine, address) == databases.ADDRESSES[address]


@pytest.mark.parametrize("case", databases.FILES)
def test_a_file_that_is_no_database(case: str, here: Path) -> None:
    make, message = databases.FILES[case]
    file = here / "ads.db"
    make(file)
    before = file.read_bytes() if file.is_file() else None
    for use in (registry.check_db, registry.init_db):
        if use is registry.init_db and message is databases.MISSING:
            continue
        with pytest.raises(PacelineError) as refused:
            use(registry.make_engine("ads.db"))
        assert refused.value.exit_code == 1
        assert str(refused.value) == message
    assert (file.read_bytes() if file.is_file() else None) == before
