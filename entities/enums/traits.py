"""The one table of traits that line items target: masks, checks, event columns and texts derive from it."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from entities.enums.audience import AgeBand, DeviceType, Gender, Genre, Language, Placement, TitleTier
from entities.enums.word import Word


class Trait(NamedTuple):
    """One trait; its key names its column in records and event files."""

    vocabulary: type[Word] | None
    """Its values by code; None for the regions, which each market names itself."""
    owner: Literal["viewer", "pod"]
    """The record that has the column: VIEWER or POD."""
    text: str
    """What its column holds, for the data dictionary."""
    second: str = ""
    """The column of a second value, for a pod that may have two."""
    second_text: str = ""
    weights: str = ""
    """The mapping in `market.content` by whose weights each title draws it, at the purpose of its name."""


class TargetingKey(Word):
    """What a line item can include or exclude."""

    device = "device", Trait(DeviceType, "pod", "What the viewer watches on.")
    genre = (
        "genre",
        Trait(Genre, "pod", "The title's genre.", "second_genre", "Its other genre, NULL where it has one."),
    )
    region = "region", Trait(None, "viewer", "Where the viewer lives.")
    age_band = "age_band", Trait(AgeBand, "viewer", "The viewer's age.")
    gender = "gender", Trait(Gender, "viewer", "The viewer's gender.")
    placement = "placement", Trait(Placement, "pod", "Before or within a title.")
    title_tier = "title_tier", Trait(TitleTier, "pod", "Whether the title is in the Top 10.")
    language = "language", Trait(Language, "pod", "What the title is spoken in.", weights="languages")

    trait: Trait

    def __new__(cls, key: str, trait: Trait) -> "TargetingKey":
        """Return the member named *key*, with its row of the table."""
        member = str.__new__(cls, key)
        member._value_, member.aliases, member.trait = key, (), trait
        return member

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of its columns: one, or two where a pod may have two values."""
        return (self.value, self.trait.second) if self.trait.second else (self.value,)

    def words(self, regions: Iterable[str]) -> tuple[str, ...]:
        """Return its values by code, in a market of those *regions*."""
        vocabulary = self.trait.vocabulary
        return tuple(regions) if vocabulary is None else tuple(word.value for word in vocabulary)
