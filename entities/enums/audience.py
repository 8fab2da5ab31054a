"""Who watches, on what and which content: the values that targeting can name."""

from entities.enums.word import Word


class DeviceType(Word):
    """The screen of a session (AdCOM device types 3, 2, 4 and 5)."""

    tv = "tv", "ctv", "connected_tv"
    desktop = "desktop", "pc"
    phone = "phone", "mobile"
    tablet = "tablet"


class Placement(Word):
    """Where in the stream a pod stands."""

    pre_roll = "pre_roll"
    mid_roll = "mid_roll"


class SlotInPod(Word):
    """The place in the pod that a bid buys (OpenRTB 2.6 `slotinpod` 0, 1, -1 and 2).

    A pod of one slot is both first and last.
    """

    any = "any"
    first = "first"
    last = "last"
    first_or_last = "first_or_last"

    @property
    def ends(self) -> int:
        """Return the ends of the pod that will do, as bits: 1 the first slot, 2 the last; 0 is any slot."""
        return {"any": 0, "first": 1, "last": 2, "first_or_last": 3}[self.value]


class Genre(Word):
    """What a title is; a title has one or two."""

    drama = "drama"
    comedy = "comedy"
    documentary = "documentary"
    reality = "reality"
    business = "business"
    family = "family"
    thriller = "thriller"
    action = "action"
    romance = "romance"
    science_fiction = "science_fiction", "sci_fi", "scifi"


class Language(Word):
    """What a title is spoken in (OpenRTB `content.language`, whose ISO 639-1 codes are understood)."""

    english = "english", "en"
    spanish = "spanish", "es"
    french = "french", "fr"
    german = "german", "de"
    portuguese = "portuguese", "pt"
    hindi = "hindi", "hi"
    japanese = "japanese", "ja"
    korean = "korean", "ko"


class AgeBand(Word):
    """A viewer's age, in the bands that buyers use."""

    age_18_24 = "18-24"
    age_25_34 = "25-34"
    age_35_44 = "35-44"
    age_45_54 = "45-54"
    age_55_64 = "55-64"
    age_65_plus = "65+", "65_plus", "65"


class Gender(Word):
    """A viewer's gender, as the market's audience data has it."""

    female = "female"
    male = "male"


class TitleTier(Word):
    """Whether a title is among the ten most watched."""

    top_10 = "top_10"
    catalogue = "catalogue"


class Weekday(Word):
    """A day of the week, Monday first."""

    mon = "mon", "monday"
    tue = "tue", "tuesday"
    wed = "wed", "wednesday"
    thu = "thu", "thursday"
    fri = "fri", "friday"
    sat = "sat", "saturday"
    sun = "sun", "sunday"
