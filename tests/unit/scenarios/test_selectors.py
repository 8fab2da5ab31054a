"""Terms by name, under `overrides` and in `--set`: for whom they are, what they change, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from entities.errors import InputError
from scenarios import loader, show
from scenarios.models import LineItem
from scenarios.scalars import plain
from scenarios.selectors import parsed, shortest, split, written
from scenarios.terms import told
from scenarios.unchanged import unchanged

SWITCH = "Switch, mobile comedy and reality, 15 s"
OTHER = "EV launch, TV drama, 30 s"
BASE = "name: mine\nprofiles: [mobile_consideration]\nexamples: [luxury_auto_awareness]\nmarket: {days: 2}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str, *settings: str) -> loader.Loaded:
    Path("mine.yml").write_text(text)
    return loader.load("mine.yml", settings)


def item(loaded: loader.Loaded, listing: str = "mobile_consideration") -> LineItem:
    return loaded.listings[listing].campaign.line_items[0]


def refusal(text: str, *settings: str) -> str:
    with pytest.raises(InputError) as refused:
        load(text, *settings)
    return str(refused.value)


def test_terms_are_laid_over_profiles_examples_and_campaigns() -> None:
    spring = (
        "campaigns:\n  - advertiser: {name: Tea}\n    campaign:\n      {name: Spring, start_date: 2026-11-02, "
        "end_date: 2026-11-03, line_items: [{name: Leaf, max_cpm: 9, lifetime_budget: 50, pacing: pid}]}\n"
    )
    loaded = load(
        f"{BASE}{spring}overrides:\n  line_item[{SWITCH}]: {{max_cpm: 20, targeting: {{include: {{device: [tv]}}}}}}\n"
        f"  line_item[{OTHER}]: {{pacing: asap}}\n  line_item[Spring / Leaf]: {{pacing: {{k_p: 0.5}}}}\n"
        "  campaign[Spring]: {lifetime_budget: 40}\n"
    )
    switch, leaf = item(loaded), item(loaded, "campaigns.0")
    assert (switch.max_cpm, switch.lifetime_budget) == (20, 80_000)
    assert plain(switch.targeting.include) == {"device": ["tv"], "genre": ["comedy", "reality"]}
    assert item(loaded, "luxury_auto_awareness").pacing == {"kind": "asap"}
    assert leaf.pacing == {"kind": "pid", "k_p": 0.5}
    assert loaded.listings["campaigns.0"].campaign.lifetime_budget == 40
    assert loaded.scenario.campaigns[0].campaign.lifetime_budget == 40


def test_a_setting_goes_by_name_and_wins() -> None:
    text = f"{BASE}overrides: {{'line_item[{SWITCH}]': {{max_cpm: 20, pacing: {{kind: pid, k_p: 0.2}}}}}}\n"
    found = item(load(text, f"line_item[{SWITCH}].max_cpm=21", f"line_item[{SWITCH}].pacing.kind=asap"))
    assert (found.max_cpm, found.pacing) == (21, {"kind": "asap"})
    assert item(load(BASE, f"overrides.line_item[{SWITCH}].max_cpm=7")).max_cpm == 7


LEAF = (
    "name: mine\nbidders: [{name: Rival, count: 2}]\ncampaigns:\n  - advertiser: {name: Tea}\n    campaign: {name: Spring, "
    "start_date: 2026-11-02, end_date: 2026-11-03, line_items: [{name: Leaf, max_cpm: 9, lifetime_budget: 50, "
    "frequency_caps: [{max_impressions: 2, unit: day}]}]}\n"
)
FIRST = "campaigns.0.campaign.line_items.0"


def test_a_setting_by_index_comes_after_overrides_as_well() -> None:
    text = f"{LEAF}overrides: {{'line_item[Leaf]': {{max_cpm: 20, pacing: {{kind: pid, k_p: 0.2}}}}}}\n"
    assert item(load(text, f"{FIRST}.max_cpm=3"), "campaigns.0").max_cpm == 3
    assert item(load(text, f"{FIRST}.pacing.k_p=0.3"), "campaigns.0").pacing == {"kind": "pid", "k_p": 0.3}
    assert item(load(text, f"{FIRST}.lifetime_budget=3"), "campaigns.0").lifetime_budget == 3
    both = (f"{FIRST}.max_cpm=3", "line_item[Leaf].max_cpm=4")
    assert item(load(text, *both), "campaigns.0").max_cpm == 4
    assert item(load(text, *reversed(both)), "campaigns.0").max_cpm == 3


def test_an_item_of_a_list_is_set_by_name_where_the_list_stands_elsewhere() -> None:
    one = load(LEAF, "line_item[Leaf].frequency_caps.0.max_impressions=3")
    caps = item(one, "campaigns.0").frequency_caps
    assert [(cap.max_impressions, str(cap.unit)) for cap in caps] == [(3, "day")]
    before = item(load(BASE)).frequency_caps
    path = f"line_item[{SWITCH}].frequency_caps"
    after = item(load(BASE, f"{path}.0.max_impressions=1")).frequency_caps
    assert [cap.max_impressions for cap in after] == [1, *(cap.max_impressions for cap in before[1:])]
    assert refusal(LEAF, "line_item[Leaf].frequency_caps.1.max_impressions=3") == (
        "--set overrides.line_item[Leaf].frequency_caps: 1 is not one of its items; it has 1, counted from 0"
    )


def test_bidders_go_by_name() -> None:
    text = f"{LEAF}overrides: {{'bidder[Rival]': {{max_cpm: 20}}}}\n"
    for loaded, most in ((load(text), 20), (load(text, "bidder[Rival].max_cpm=21"), 21)):
        assert [item(loaded, f"bidders.0.{number}").max_cpm for number in (0, 1)] == [most, most]
    assert load(text, "bidders.0.count=3").listings["bidders.0.2"].campaign.line_items[0].max_cpm == 20
    assert refusal(text, "bidder[Rivals].max_cpm=2") == (
        "--set: overrides.bidder[Rivals]: no bidder of the scenario goes by that name; did you mean bidder[Rival]?"
    )


def test_another_word_of_a_vocabulary_is_a_key_as_in_a_file() -> None:
    english = load(BASE, "market.content.languages={en: 3, german: 1}").scenario.market.content.languages
    for settings in (["en=3", "de=1"], ["english=3", "german=5", "de=1"]):
        path = [f"market.content.languages.{each}" for each in settings]
        assert load(BASE, *path).scenario.market.content.languages == english


def test_a_name_may_have_dots_and_signs() -> None:
    name = "v1.5 = [new]"
    listing = f'{{advertiser: {{name: A}}, campaign: {{name: C, start_date: 2026-11-02, end_date: 2026-11-03, line_items: [{{name: "{name}", max_cpm: 9, lifetime_budget: 5}}]}}}}'
    loaded = load(f"name: mine\ncampaigns: [{listing}]\n", f"line_item[{name}].max_cpm=8")
    assert item(loaded, "campaigns.0").max_cpm == 8


def test_what_is_overridden_is_shown_with_its_origin_and_loads_again() -> None:
    loaded = load(
        f"{BASE}overrides:\n  line_item[{SWITCH}]:\n    max_cpm: 20\n",
        f"line_item[{SWITCH}].ad_format=live_video",
    )
    told = {".".join(map(str, value.path)): value.origin for value in show.values(loaded)}
    assert told[f"overrides.line_item[{SWITCH}].max_cpm"] == "mine.yml:7"
    assert told[f"overrides.line_item[{SWITCH}].ad_format"] == "--set"
    whole = {".".join(map(str, value.path)): value.origin for value in show.values(loaded, whole=True)}
    assert whole["campaigns.1.campaign.line_items.0.max_cpm"] == "mine.yml:7"
    for text in (show.as_yaml(loaded), show.as_yaml(loaded, whole=True)):
        again = load(text)
        assert [each.campaign for each in again.listings.values()] == [
            each.campaign for each in loaded.listings.values()
        ]


def test_a_scenario_without_overrides_is_stored_as_before() -> None:
    assert "overrides" not in load(BASE).scenario.model_dump_json()
    assert "overrides" not in show.as_yaml(load(BASE), written_only=True)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (f"line_item[{SWITCH}]: {{max_cmp: 3}}", f"line_item[{SWITCH}].max_cmp: unknown key; did you mean max_cpm?"),
        (
            f"line_item[{SWITCH}]: {{max_cpm: -3}}",
            f"line_item[{SWITCH}].max_cpm: -3 is not allowed; must be an amount from 0.001 to 10,000, in steps of 0.001",
        ),
        (
            f"line_item[{SWITCH}]: {{daily_budget: 90000}}",
            f"line_item[{SWITCH}].daily_budget: 90000 is not allowed; at most the lifetime budget, 80000",
        ),
        (
            f"line_item[{SWITCH}]: {{pacing: evn}}",
            f'line_item[{SWITCH}].pacing: "evn" is not allowed; must be one of ',
        ),
        (
            "line_item[Swich, mobile]: {max_cpm: 3}",
            f"line_item[Swich, mobile]: no line item of the scenario goes by that name; did you mean line_item[{SWITCH}]?",
        ),
        (
            "line_item[Swich*]: {max_cpm: 3}",
            f"line_item[Swich*]: no line item of the scenario is like that; did you mean line_item[{SWITCH}]?",
        ),
        (
            "line_item[Radio]: {max_cpm: 3}",
            f"line_item[Radio]: no line item of the scenario goes by that name; line items are '{OTHER}', '{SWITCH}'",
        ),
        (
            f"line_item[{SWITCH[:-1]}]: {{max_cpm: 3}}",
            f"line_item[{SWITCH[:-1]}]: no line item of the scenario goes by that name; did you mean line_item[{SWITCH}]?",
        ),
        ("campaign[x]: {}", "campaign[x]: no campaign of the scenario goes by that name; campaigns are "),
        ("line_items[x]: {}", 'line_items[x]: "line_items[x]" is not allowed; must be campaign[NAME], line_item[NAME], bidder[NAME], profile[NAME] or example[NAME]; did you mean line_item[x]?'),
        ("x: {}", 'x: "x" is not allowed; must be campaign[NAME], line_item[NAME], bidder[NAME], profile[NAME] or example[NAME]'),
        (f"line_item[{SWITCH}]: 5", f"line_item[{SWITCH}]: 5 is not allowed; must be `key: value` lines"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_is_written(overrides: str, message: str) -> None:
    assert refusal(f"{BASE}overrides:\n  {overrides}\n").startswith(f"mine.yml:6: overrides.{message}")


def test_a_name_of_several_is_refused() -> None:
    one = "{advertiser: {name: %s}, campaign: {name: C, start_date: 2026-11-02, end_date: 2026-11-03, line_items: [{name: L, max_cpm: 9, lifetime_budget: 5}]}}"
    text = f"name: mine\ncampaigns:\n  - {one % 'A'}\n  - {one % 'B'}\n"
    assert refusal(text, "line_item[L].max_cpm=3") == (
        "--set: overrides.line_item[L]: means 2 of the scenario's: 'A / C / L', 'B / C / L'; "
        "write a longer path for one of them, or line_item[* / L] for all"
    )
    loaded = load(text, "line_item[B / C / L].max_cpm=3")
    assert [item(loaded, f"campaigns.{place}").max_cpm for place in (0, 1)] == [9, 3]


@pytest.mark.parametrize(
    "setting", ["line_item[].pacing=pid", "line_item[ ].pacing=pid", "line_item[TV.pacing=pid"]
)
def test_brackets_without_a_name_are_refused(setting: str) -> None:
    assert refusal(BASE, setting) == (
        f"--set {setting}: names no line item; line_item[*] means each of them, and line_item[NAME] one"
    )


def test_a_setting_that_selects_nothing_is_refused() -> None:
    assert refusal(BASE, "lineitem[x].max_cpm=2") == (
        "--set lineitem[x].max_cpm: no such parameter; did you mean line_item[x].max_cpm?"
    )
    assert refusal(BASE, f"line_item[{SWITCH}].max_cmp=2").endswith(
        f"did you mean overrides.line_item[{SWITCH}].max_cpm?"
    )
    unknown = "no such parameter; "
    assert refusal(BASE, "creative[*].duration_s=15") == (
        f"--set creative[*].duration_s: {unknown}did you mean line_item[*].creatives.0.duration_s?"
    )
    assert refusal(BASE, "creative[*].seconds=15").startswith(
        f"--set creative[*].seconds: {unknown}line_item[*].creatives.0 has asset_url, mime_type, name, duration_s,"
    )
    assert refusal(BASE, "deck[x].max_cpm=2") == (
        f"--set deck[x].max_cpm: {unknown}did you mean line_item[x].max_cpm?"
    )
    assert refusal(BASE, "deck[x].y=2").startswith(f"--set deck[x].y: {unknown}known there: line_item[x], ")
    assert refusal(BASE, "profile[mobile_consideraton].max_cpm=3") == (
        "--set: overrides.profile[mobile_consideraton]: no profile of the scenario goes by that name;"
        " did you mean profile[mobile_consideration]?"
    )
    assert refusal(BASE, "line_item[x].max_cpm") == (
        "--set line_item[x].max_cpm: should be PATH=VALUE, such as seed=7"
    )


def listing(advertiser: str, campaign: str, *names: str) -> str:
    items = ", ".join(f"{{name: {name!r}, max_cpm: 9, lifetime_budget: 5}}" for name in names)
    dates = "start_date: 2026-11-02, end_date: 2026-11-03"
    return f"  - {{advertiser: {{name: {advertiser}}}, campaign: {{name: {campaign}, {dates}, line_items: [{items}]}}}}\n"


SHELF = f"name: mine\ncampaigns:\n{listing('A', 'Spring', 'TV 1', 'TV 2', 'Phone')}{listing('B', 'Autumn', 'TV 1', '2 * 15/30 s')}"


def most(loaded: loader.Loaded) -> dict[str, int]:
    """Return what each line item of SHELF pays at most."""
    return {
        f"{one.campaign.name} / {item.name}": int(item.max_cpm)
        for one in loaded.listings.values()
        for item in one.campaign.line_items
    }


def changed(*settings: str, overrides: str = "") -> dict[str, int]:
    """Return who pays another CPM than 9, and which."""
    text = SHELF + (f"overrides: {overrides}\n" if overrides else "")
    return {name: cpm for name, cpm in most(load(text, *settings)).items() if cpm != 9}


@pytest.mark.parametrize(
    ("glob", "met"),
    [
        ("*", ["Spring / TV 1", "Spring / TV 2", "Spring / Phone", "Autumn / TV 1", "Autumn / 2 * 15/30 s"]),
        ("TV*", ["Spring / TV 1", "Spring / TV 2", "Autumn / TV 1"]),
        ("* / TV 1", ["Spring / TV 1", "Autumn / TV 1"]),
        ("Spring/*", ["Spring / TV 1", "Spring / TV 2", "Spring / Phone"]),
        ("B / * / *", ["Autumn / TV 1", "Autumn / 2 * 15/30 s"]),
        ("*ho*", ["Spring / Phone"]),
        ("2 * s", ["Autumn / 2 * 15/30 s"]),
        ("*/30 s", ["Autumn / 2 * 15/30 s"]),
    ],
)
def test_a_glob_means_all_that_are_like_it(glob: str, met: list[str]) -> None:
    assert changed(f"line_item[{glob}].max_cpm=4") == dict.fromkeys(met, 4)
    assert changed(overrides=f"{{'line_item[{glob}]': {{max_cpm: 4}}}}") == dict.fromkeys(met, 4)


def test_a_name_has_the_last_word_over_a_glob_and_a_setting_over_both() -> None:
    terms = "{'line_item[Phone]': {max_cpm: 2}, 'line_item[*]': {max_cpm: 3, frequency_caps: [{max_impressions: 2, unit: day}]}}"
    rest = ("Spring / TV 1", "Spring / TV 2", "Autumn / TV 1", "Autumn / 2 * 15/30 s")
    assert changed(overrides=terms) == {**dict.fromkeys(rest, 3), "Spring / Phone": 2}
    assert set(changed("line_item[*].max_cpm=5", overrides=terms).values()) == {5}
    again = changed("line_item[*].max_cpm=5", "line_item[Phone].max_cpm=6", "line_item[S* / *].max_cpm=7")
    assert again == {f"Spring / {name}": 7 for name in ("TV 1", "TV 2", "Phone")} | dict.fromkeys(rest[2:], 5)
    assert changed("campaigns.0.campaign.line_items.2.max_cpm=8", overrides=terms)["Spring / Phone"] == 8
    text = f"{SHELF}overrides: {terms}\n"
    by_place = load(text, "campaigns.0.campaign.line_items.2.frequency_caps.0.max_impressions=7")
    caps = [
        [cap.max_impressions for cap in one.frequency_caps]
        for one in by_place.listings["campaigns.0"].campaign.line_items
    ]
    assert caps == [[2], [2], [7]]


def test_whom_a_glob_meets_is_told() -> None:
    loaded = load(
        SHELF, "line_item[TV*].max_cpm=3", "campaign[*].lifetime_budget=7", "line_item[Phone].max_cpm=2"
    )
    assert list(told(loaded.met)) == [
        "line_item[TV*] means 3 line items: 'A / Spring / TV 1', 'A / Spring / TV 2', 'B / Autumn / TV 1'",
        "campaign[*] means 2 campaigns: 'Spring', 'Autumn'",
    ]
    both = f"{SHELF}overrides: {{'line_item[Ph*]': {{max_cpm: 4}}}}\n"
    assert list(told(load(both, "line_item[Ph*].max_cpm=3").met)) == [
        "line_item[Ph*] means 1 line item: 'Phone'"
    ]


def test_a_glob_that_meets_nobody_is_refused_with_those_who_are_there() -> None:
    there = "no line item of the scenario is like that; line items are 'TV 1', 'TV 2', 'Phone', …"
    assert refusal(SHELF, "line_item[Radio*].max_cpm=3") == f"--set: overrides.line_item[Radio*]: {there}"
    text = f"{SHELF}overrides:\n  line_item[Radio*]: {{max_cpm: 3}}\n"
    assert refusal(text) == f"mine.yml:6: overrides.line_item[Radio*]: {there}"
    assert refusal(SHELF, "profile[*].campaign.lifetime_budget=3").endswith(
        "no profile of the scenario is like that; it has none"
    )


@pytest.mark.parametrize(
    "name", ["2 * 15/30 s", "a].b=c", "[x", '"big"', "it's", '"', "'", "*", "x]", "a=.b", "v1.5 = [new]"]
)
def test_any_name_can_be_written(name: str) -> None:
    text = f"name: mine\ncampaigns:\n{listing('A', 'C', 'other')}".replace(
        "'other'", '"' + name.replace('"', '\\"') + '"'
    )
    for selector in (written("line_item", name), f"""line_item['{name.replace("'", "''")}']"""):
        assert split(f"{selector}.max_cpm=3") == (["overrides", selector, "max_cpm"], "3")
        found = parsed(selector)
        assert found is not None
        assert (found.noun, found.name, found.glob) == ("line_item", name, False)
        assert item(load(text, f"{selector}.max_cpm=3"), "campaigns.0").max_cpm == 3


def test_quotes_are_written_only_where_they_are_needed() -> None:
    assert written("line_item", "TV drama, 30 s") == "line_item[TV drama, 30 s]"
    assert written("line_item", 'the "*"') == 'line_item["the ""*"""]'
    paths = ["A / C / L", "B / C / L", "B / D / M"]
    assert [shortest("line_item", path, paths) for path in paths] == [
        "line_item[A / C / L]",
        "line_item[B / C / L]",
        "line_item[M]",
    ]


def test_a_profile_and_an_example_go_by_their_names() -> None:
    loaded = load(
        BASE,
        "profile[mobile_consideration].campaign.lifetime_budget=70000",
        "profile[mobile_consideration].creative_seconds=[10, 20]",
        "example[*].advertiser.category=cars",
        f"line_item[{SWITCH}].max_cpm=11",
        "profile[mobile_consideration].campaign.line_items.0.max_cpm=3",
    )
    mobile = loaded.listings["mobile_consideration"]
    assert mobile.campaign.lifetime_budget == 70_000
    assert [one.duration_s for one in item(loaded).creatives] == [10, 20]
    assert loaded.listings["luxury_auto_awareness"].advertiser.category == "cars"
    assert item(loaded).max_cpm == 11  # what is nearest has the last word
    again = loader.built(loaded.scenario)
    assert again.listings == loaded.listings
    assert refusal(BASE, "profile[mobile].campaign.lifetime_budget=1") == (
        "--set: overrides.profile[mobile]: no profile of the scenario goes by that name; "
        "did you mean profile[mobile_consideration]?"
    )
    assert refusal(BASE, "campaign[mobile_consideration].lifetime_budget=1").endswith(
        "did you mean profile[mobile_consideration]?"
    )


def test_a_setting_that_changes_nothing_is_found() -> None:
    Path("mine.yml").write_text(BASE)
    path = f"line_item[{SWITCH}]"
    same = [
        f"{path}.max_cpm=15.00",
        "seed=20261102",
        f"{path}.pacing.kind=traffic_shaped",
        "market.pods=structured",
    ]
    assert unchanged("mine.yml", same) == same
    assert unchanged("mine.yml", [f"{path}.pacing=pid", f"{path}.pacing.k_p=0.1", f"{path}.pacing=pid"]) == [
        f"{path}.pacing.k_p=0.1",
        f"{path}.pacing=pid",
    ]
    assert (
        unchanged("mine.yml", ["seed=1", "seed=2", "seed=20261102", "name=other", "line_item[*].max_cpm=15"])
        == []
    )
    assert unchanged("mine.yml", ["examples=[none]", "examples=[luxury_auto_awareness]"]) == []
