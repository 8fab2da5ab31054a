"""The vocabularies: positions that code is compiled with, forgiving input, helpful refusals."""

import subprocess
import sys
from pathlib import Path

import pytest

from entities import enums
from entities.enums import (
    AdFormat,
    AgeBand,
    CapUnit,
    CreativeMimeType,
    Currency,
    DeviceType,
    Genre,
    Language,
    Placement,
    SlotInPod,
    TargetingKey,
    UnderdeliveryReason,
    Weekday,
    Word,
)

VOCABULARIES = [getattr(enums, name) for name in enums.__all__ if name != "Word"]


@pytest.mark.parametrize(
    ("vocabulary", "names"),
    [
        (TargetingKey, "device genre region age_band gender placement title_tier language"),
        (Language, "english spanish french german portuguese hindi japanese korean"),
        (DeviceType, "tv desktop phone tablet"),
        (Placement, "pre_roll mid_roll"),
        (SlotInPod, "any first last first_or_last"),
        (CapUnit, "minute hour day week month lifetime pod stream"),
        (Weekday, "mon tue wed thu fri sat sun"),
        (
            Genre,
            "drama comedy documentary reality business family thriller action romance science_fiction",
        ),
        (AgeBand, "age_18_24 age_25_34 age_35_44 age_45_54 age_55_64 age_65_plus"),
        (
            UnderdeliveryReason,
            """
            blocked_daypart blocked_creative blocked_budget_lifetime blocked_budget_daily blocked_allowance
            blocked_frequency_cap blocked_separation blocked_throttle lost_below_floor lost_deal lost_ambient
            lost_outbid ghosts insufficient_avails errors invalid
            """,
        ),
    ],
)
def test_positions_are_frozen(vocabulary: type[Word], names: str) -> None:
    assert [member.name for member in vocabulary] == names.split()
    assert [member.code for member in vocabulary] == list(range(len(names.split())))


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_members_are_lowercase_and_found_by_value_name_code_and_alias(vocabulary: type[Word]) -> None:
    for member in vocabulary:
        assert member.name == member.name.lower()
        assert vocabulary(member.value) is member
        assert vocabulary(member.value.upper()) is member
        assert vocabulary.parse(member.name.replace("_", "-")) is member
        assert vocabulary.of_code(member.code) is member
        for alias in member.aliases:
            assert vocabulary.parse(alias) is member


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_no_code_beyond_the_ends(vocabulary: type[Word]) -> None:
    for code in (-1, len(vocabulary)):
        with pytest.raises(ValueError, match="has codes 0 to"):
            vocabulary.of_code(code)


@pytest.mark.parametrize(
    ("alias", "device"), [("mobile", "phone"), ("ctv", "tv"), ("pc", "desktop"), ("Connected TV", "tv")]
)
def test_the_trades_words_for_devices(alias: str, device: str) -> None:
    assert DeviceType.parse(alias) is DeviceType[device]


def test_an_unknown_word_is_refused_with_the_nearest_and_all_allowed() -> None:
    with pytest.raises(
        ValueError, match=r"'dramma' is not one of drama, comedy, .*; did you mean 'drama'[?]"
    ):
        Genre.parse("dramma")
    with pytest.raises(ValueError, match=r"did you mean 'phone'\?"):
        DeviceType.parse("mobil")  # near an alias: the member is suggested
    with pytest.raises(ValueError, match=r"science_fiction$"):
        Genre.parse("qqq")  # near nothing: no suggestion


def test_values_are_the_standards_own() -> None:
    assert CreativeMimeType.mp4.value == "video/mp4"
    assert CreativeMimeType.parse("mov") is CreativeMimeType.quicktime
    assert AgeBand.age_65_plus.value == "65+"
    assert Currency.usd.value == "USD"


def test_a_pre_roll_is_at_most_thirty_seconds() -> None:
    assert AdFormat.standard_video.max_seconds_in() == 75
    assert AdFormat.standard_video.max_seconds_in("pre_roll", "mid_roll") == 75
    assert AdFormat.standard_video.max_seconds_in("pre_roll") == 30


def test_enums_and_errors_need_no_third_party() -> None:
    code = (
        "import sys, entities.enums, entities.errors;"
        "bad = {'sqlalchemy', 'faker', 'pydantic', 'polars', 'numpy'} & set(sys.modules);"
        "sys.exit(', '.join(bad) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


@pytest.mark.parametrize(
    ("currency", "micros", "told", "in_units"),
    [
        ("USD", 1_234_567_890, "$1,234.57", "$1,235"),
        ("EUR", 5_000, "€0.01", "€0"),
        ("CAD", 1_500_000, "CAD 1.50", "CAD 2"),
        ("JPY", 2_500_400_000, "¥2,500", "¥2,500"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(
    currency: str, micros: int, told: str, in_units: str
) -> None:
    assert Currency(currency).shown(micros) == told
    assert Currency(currency).shown(micros, cents=False) == in_units
