"""Who watches when: weights of age bands and genders by the hour of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Annotated, Any

from pydantic import Field

from entities.enums import AgeBand, Gender
from sim.audience.population import Population
from sim.family import Settings, Weight
from sim.layout import VIEWER_TRAITS

Day = Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24)]


class Mix(Settings):
    """How much some people watch in each local hour, against the others; who has no weights has 1.

    How much is watched in an hour altogether stays as it is: weights say who watches it.
    """

    age_band: Mapping[AgeBand, Day] = Field(
        default={}, description=f"24 weights of each of {', '.join(f'`{band}`' for band in AgeBand)}"
    )
    gender: Mapping[Gender, Day] = Field(
        default={}, description=f"24 weights of each of {', '.join(f'`{gender}`' for gender in Gender)}"
    )

    def times(self, population: Population) -> list[tuple[float, ...]]:
        """Return what each combination of traits multiplies the curve of viewing with, in 24 hours.

        They are in the order of viewer kinds within a region. ValueError where nobody is left to watch.
        """
        made = {
            "age_band": _factors(self.age_band, AgeBand, population.age_bands),
            "gender": _factors(self.gender, Gender, population.genders),
        }
        factors = [made[trait] for trait in VIEWER_TRAITS if trait in made]
        return [tuple(prod(hour) for hour in zip(*each, strict=True)) for each in product(*factors)]


def _factors(
    table: Mapping[Any, Sequence[float]], words: type[AgeBand] | type[Gender], shares: Sequence[float]
) -> list[tuple[float, ...]]:
    if not table:
        return [(1.0,) * 24 for _ in words]
    weights = [tuple(table.get(word, (1.0,) * 24)) for word in words]
    hours = zip(*weights, strict=True)
    mean = [sum(s * w for s, w in zip(shares, hour, strict=True)) / sum(shares) for hour in hours]
    if 0 in mean:
        raise ValueError(f"nobody is left to watch at {mean.index(0)}:00; one weight must be above zero")
    return [tuple(w / m for w, m in zip(each, mean, strict=True)) for each in weights]
