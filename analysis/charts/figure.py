"""A figure: the finding as its title, what is drawn, the key of its colours, and one chart or several panels.

The words are HTML and not part of the drawing: they wrap at any width, and a search finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt

from analysis.charts.axes import INK
from entities.enums import Currency

if TYPE_CHECKING:
    from marimo import Html

AnyChart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart
MOST_ROWS = 4_000
"""What is drawn has no more rows than this; whoever has more aggregates them before."""
_FONT = "'PT Sans', system-ui, sans-serif"
_PANEL = 290
"""Pixels that a panel wants at least: a phone has room for one, a page for three."""


@dataclass(frozen=True)
class Figure:
    """What a notebook shows: it draws itself where marimo displays it."""

    finding: str
    """The title: what is seen, a sentence in plain words, made from the data."""
    about: str
    """What is drawn, with its unit, and how to read it."""
    panels: Mapping[str, AnyChart] = field(default_factory=dict)
    """Charts by title, side by side as far as there is room; a chart alone has none."""
    key: Mapping[str, str] = field(default_factory=dict)
    """What each colour stands for; empty where one colour is all there is."""
    currency: Currency = Currency.usd
    """What the `$` of a number format stands for."""

    @property
    def charts(self) -> list[AnyChart]:
        """Return the charts as they are drawn: as wide as their place, each described by the finding."""
        return [_themed(chart, self.finding, self.currency) for chart in self.panels.values()]

    def _display_(self) -> Html:
        import marimo as mo  # noqa: PLC0415 - only who shows a figure needs it

        drawn = zip(self.panels, self.charts, strict=True)
        cells = "".join(f"<div>{_heading(name)}{mo.as_html(chart).text}</div>" for name, chart in drawn)
        columns = f"repeat(auto-fill, minmax(min(100%, {_width(len(self.panels))}), 1fr))"
        grid = f'<div style="display: grid; grid-template-columns: {columns}; gap: 1rem 1.5rem">{cells}</div>'
        title = f'<div role="heading" aria-level="3" style="{_TITLE}">{escape(self.finding)}</div>'
        about = f'<div style="{_ABOUT}">{escape(self.about)}</div>'
        return mo.Html(f'<figure style="{_FIGURE}">{title}{about}{_key(self.key)}{grid}</figure>')


def figure(
    finding: str,
    about: str,
    chart: AnyChart | Mapping[str, AnyChart],
    *,
    key: Mapping[str, str] | None = None,
    currency: Currency = Currency.usd,
) -> Figure:
    """Return a figure of one chart, or of several panels by title."""
    panels = chart if isinstance(chart, Mapping) else {"": chart}
    return Figure(finding, about, panels, key or {}, currency)


def nothing(finding: str, about: str = "") -> Figure:
    """Return what stands in the place of a figure that has nothing to draw: a sentence that says why."""
    return Figure(finding, about)


_FIGURE = "margin: 1.25rem 0 2rem; max-width: 100%; overflow-x: clip"
_TITLE = "font-size: 1.125rem; font-weight: 700; line-height: 1.35"
_ABOUT = "font-size: 0.875rem; line-height: 1.45; opacity: 0.75; margin: 0.15rem 0 0.75rem; max-width: 46rem"
_KEY = "display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; font-size: 0.8125rem; margin-bottom: 0.6rem"
_SWATCH = "display: inline-block; width: 0.85em; height: 0.85em; border-radius: 2px; margin-right: 0.4em"


def _width(panels: int) -> str:
    return {1: "100%", 2: "380px"}.get(panels, f"{_PANEL}px")


def _heading(name: str) -> str:
    return f'<div style="font-weight: 700; font-size: 0.875rem">{escape(name)}</div>' if name else ""


def _key(colours: Mapping[str, str]) -> str:
    if not colours:
        return ""
    entries = (
        f'<span style="white-space: nowrap"><span style="{_SWATCH}; background: {colour}"></span>'
        f"{escape(name)}</span>"
        for name, colour in colours.items()
    )
    return f'<div style="{_KEY}">{"".join(entries)}</div>'


_EMBEDDED = {"embedOptions": {"actions": False}}  # what would be saved is the drawing without its words


def _themed(chart: AnyChart, finding: str, currency: Currency) -> Any:
    # What the `$` of a number format stands for.
    number = alt.NumberLocale(decimal=".", thousands=",", grouping=[3], currency=[currency.symbol, ""])
    fitted = alt.AutoSizeParams(type="fit-x", contains="padding")
    drawn = chart.properties(width="container", description=finding, autosize=fitted, usermeta=_EMBEDDED)
    axis = {"gridColor": "#EEEEEE", "domainColor": "#BBBBBB", "tickColor": "#BBBBBB"}
    words = {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal", "labelFontSize": 12}
    return (
        drawn.configure(font=_FONT, locale=alt.Locale(number=number), background="transparent")
        .configure_view(stroke=None)
        .configure_axis(**axis, **words, titleFontSize=12)
        .configure_legend(
            orient="top", labelColor=INK, titleColor=INK, gradientLength=200, titleFontWeight="normal"
        )
    )
