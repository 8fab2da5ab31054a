"""Colours that every eye tells apart.

Okabe and Ito, Color Universal Design (2002, revised 2008), https://jfly.uni-koeln.de/color/: eight colours
that people with protanopia, deuteranopia and tritanopia tell apart as well as others. Black is for words;
GREY is for what is compared with, or left over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import altair as alt

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#9A9A9A"

SERIES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW)
"""In the order in which series take them: those that differ most come first."""
STEPS = ("#BBDF27", "#44BF70", "#21918C", "#355F8D", "#482878")
"""For five steps in order, such as 1, 2, 3–5, 6–9, 10+: of viridis, whose lightness falls evenly."""
SEQUENTIAL: Literal["blues"] = "blues"
"""Vega's scheme for amounts: lightness alone says more or less."""


def named(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each of *names*, GREY for those for which none is left."""
    spare = iter(SERIES)
    return {name: next(spare, GREY) for name in names}


def colour(field: str, colours: Mapping[str, str]) -> alt.Color:
    """Return the channel that gives each name of *field* its colour; what it means, the figure's key says."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{field}:N", legend=None, scale=scale)


def amount(field: str, title: str, form: str) -> alt.Color:
    """Return the channel in which more is darker, with a legend of its own, since a key has no steps."""
    legend = alt.Legend(format=form, tickCount=4)
    return alt.Color(
        f"{field}:Q", title=title, scale=alt.Scale(scheme=SEQUENTIAL, domainMin=0), legend=legend
    )
