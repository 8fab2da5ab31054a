"""What is on: genres, titles with one genre or two, languages, and the few titles of the Top 10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from entities.enums import Genre, Language, TargetingKey
from entities.errors import InputError
from sim.family import SHARES, SOME, Settings, Weight

# Shares of a title's first genre. With half the titles carrying two genres a slot matches drama 44 % of the
# time, comedy 27, documentary 20, reality 14 and business 12. Drama leads the US catalogue with more than a
# quarter, documentary 19 %, comedy 17 % (overlapping shares, vodclickstream); the rest is [assumption].
DEFAULT_GENRES: Mapping[Genre, float] = {
    Genre.drama: 0.3183,
    Genre.comedy: 0.1792,
    Genre.documentary: 0.1298,
    Genre.reality: 0.0894,
    Genre.business: 0.0762,
    Genre.family: 0.0524,
    Genre.thriller: 0.0468,
    Genre.action: 0.0421,
    Genre.romance: 0.0356,
    Genre.science_fiction: 0.0302,
}

DEFAULT_LANGUAGES: Mapping[Language, float] = {Language.english: 1.0}


class Content(Settings):
    """The catalogue as a viewer meets it."""

    title_minutes: int = Field(default=30, ge=1, le=600, description="Minutes of a title, ads included")
    genres: Annotated[Mapping[Genre, Weight], SHARES] = Field(
        default=DEFAULT_GENRES, description="Weights of a title's first genre (vodclickstream, [assumption])"
    )
    second_genre: float = Field(
        default=0.5, ge=0, le=1, description="Share of titles that carry a second genre [assumption]"
    )
    top_10: float = Field(
        default=0.036,
        ge=0,
        le=1,
        description="Share of viewing that goes to the ten most watched titles (Netflix, H1 2023)",
    )  # Zipf exponent .60 over 18,000 titles: from Netflix H1 2023, 18,000 titles, top title .8 % of hours
    languages: Annotated[Mapping[Language, Weight], SHARES, SOME] = Field(
        default=DEFAULT_LANGUAGES,
        description="Weights of a title's language",
        exclude_if=lambda weights: weights == DEFAULT_LANGUAGES,  # or every older fingerprint would change
    )

    @field_validator("genres")
    @classmethod
    def _weights(cls, genres: Mapping[Genre, float]) -> Mapping[Genre, float]:
        if sum(weight > 0 for weight in genres.values()) < 2:
            raise ValueError("at least two genres need a weight above zero")
        return genres

    def weights(self) -> tuple[float, ...]:
        """Return the weight of each genre in the order of its code."""
        return tuple(self.genres.get(genre, 0.0) for genre in Genre)

    def weights_of(self, key: TargetingKey) -> tuple[float, ...]:
        """Return the weight of each value of a trait that titles draw, in the order of its code."""
        weights: Mapping[str, float] | None = getattr(self, key.trait.weights, None)
        if weights is None:
            raise InputError(f"sim/audience/content.py: Content has no {key.trait.weights}, weights of {key}")
        return tuple(weights.get(word, 0.0) for word in key.words(()))
