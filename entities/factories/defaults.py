"""Defaults of the factories: figures of streaming TV; assumptions are marked."""

from decimal import Decimal

from pydantic import Field

from entities.enums import AdFormat, AgeBand, CapUnit, CreativeMimeType, DeviceType, Genre, Objective
from entities.schemas import FrequencyCapSchema, Schema


class PricingDefaults(Schema):
    """The price of a thousand impressions, and how many a campaign buys."""

    # Bids on streaming TV are mostly $22 to 26 (ANA/Innovid). The log-normal around them is an [assumption].
    cpm_median: Decimal = Decimal(22)
    cpm_sigma: float = 0.35
    # Programmatic streaming TV starts at $8; direct premium ends at $40 (portada-online).
    cpm_least: Decimal = Decimal(8)
    cpm_most: Decimal = Decimal(40)
    # Prices are agreed in quarters of a dollar [assumption].
    cpm_step: Decimal = Decimal("0.25")
    # What an objective pays beside the median, in percent [assumption].
    cpm_percent: dict[Objective, int] = Field(
        default_factory=lambda: {
            Objective.awareness: 110,
            Objective.consideration: 90,
            Objective.conversion: 95,
        }
    )
    # One line item buys as many impressions a day as the three examples do [assumption].
    daily_impressions_least: int = 100_000
    daily_impressions_most: int = 250_000
    # Budgets are agreed in thousands [assumption].
    budget_step: Decimal = Decimal(1000)


class TargetingDefaults(Schema):
    """The targeting of each objective, and the shares of devices and genres."""

    # Devices in percent of Netflix streams (2018, macrumors/vox).
    device_percent: dict[DeviceType, int] = Field(
        default_factory=lambda: {
            DeviceType.tv: 70,
            DeviceType.desktop: 15,
            DeviceType.phone: 10,
            DeviceType.tablet: 5,
        }
    )
    # Awareness is bought on the large screen, conversion where one can click [assumption].
    objective_devices: dict[Objective, tuple[DeviceType, ...]] = Field(
        default_factory=lambda: {
            Objective.awareness: (DeviceType.tv,),
            Objective.consideration: (DeviceType.tv, DeviceType.phone, DeviceType.tablet),
            Objective.conversion: (DeviceType.desktop, DeviceType.phone, DeviceType.tablet),
        }
    )
    # Genres in percent of the US catalogue: the first five from vodclickstream, the others [assumption].
    genre_percent: dict[Genre, int] = Field(
        default_factory=lambda: {
            Genre.drama: 25,
            Genre.comedy: 17,
            Genre.documentary: 19,
            Genre.reality: 9,
            Genre.business: 3,
            Genre.family: 16,
            Genre.thriller: 4,
            Genre.action: 4,
            Genre.romance: 2,
            Genre.science_fiction: 1,
        }
    )
    genres_most: int = 2  # [assumption]
    # One line item in so many asks for an age band, or leaves a genre out [assumption].
    age_band_one_in: int = 4
    exclusion_one_in: int = 4
    age_bands: tuple[AgeBand, ...] = (
        AgeBand.age_18_24,
        AgeBand.age_25_34,
        AgeBand.age_35_44,
        AgeBand.age_45_54,
    )


class CreativeDefaults(Schema):
    """Format, length and frequency of creatives."""

    # Lengths in percent [assumption], near the 64/33/2 of 30, 15 and 60 seconds in 2019 (crossscreen.media).
    duration_percent: dict[int, int] = Field(default_factory=lambda: {30: 70, 15: 25, 60: 5})
    # What an objective shows [assumption].
    objective_format: dict[Objective, AdFormat] = Field(
        default_factory=lambda: {
            Objective.awareness: AdFormat.standard_video,
            Objective.consideration: AdFormat.standard_video,
            Objective.conversion: AdFormat.interactive_video,
        }
    )
    format_mime_type: dict[AdFormat, CreativeMimeType] = Field(
        default_factory=lambda: {
            AdFormat.standard_video: CreativeMimeType.mp4,
            AdFormat.interactive_video: CreativeMimeType.simid,
            AdFormat.live_video: CreativeMimeType.hls,
            AdFormat.pause_ad: CreativeMimeType.mp4,
        }
    )
    host: str = "https://cdn.example.com"
    # Three a day and brand at the launch of the Netflix ad tier (mi-3.com.au); one a pod [assumption].
    frequency_caps: tuple[FrequencyCapSchema, ...] = (
        FrequencyCapSchema(max_impressions=3, unit=CapUnit.day),
        FrequencyCapSchema(max_impressions=1, unit=CapUnit.pod),
    )
