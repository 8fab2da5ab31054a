"""A figure: the finding as its title, what is drawn, the key of its colours, and one chart or several panels.

The words are HTML and not part of the drawing: they wrap at any width, and a search finds them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt

from analysis.charts.axes import INK
from entities.enums import Currency

if TYPE_CHECKING:
    from marimo import Html

AnyChart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart
MOST_ROWS = 4_000
"""What is drawn has no more rows than this; whoever has more aggregates them before."""
VEGA_LITE = "application/vnd.vegalite.v6+json"
_STATIC_WIDTH = 640
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

    def drawn(self, *, checked: bool = False) -> list[dict[str, Any]]:
        """Return each panel in Vega-Lite, as wide as its place and described by the finding.

        *checked* against Vega-Lite's schema, which takes longer than all the rest and is for tests.
        """
        own = {
            "width": "container",
            "autosize": {"type": "fit-x", "contains": "padding"},
            "description": self.finding,
            "usermeta": {"embedOptions": {"actions": False}},  # what would be saved lacks its words
        }
        config = {**_config(self.currency), "background": "transparent"}
        return [{**_specified(chart, checked), **own, "config": config} for chart in self.panels.values()]

    def _display_(self) -> Html | _Static:
        import marimo as mo  # noqa: PLC0415 - only who shows a figure needs it

        if os.environ.get("MARIMO_NO_JS") == "true":  # as marimo exports for Jupyter
            return _Static(self._repr_mimebundle_())
        shown = zip(self.panels, map(_Shown, self.drawn()), strict=True)
        cells = "".join(f"<div>{_heading(name)}{mo.as_html(each).text}</div>" for name, each in shown)
        columns = f"repeat(auto-fill, minmax(min(100%, {_width(len(self.panels))}), 1fr))"
        grid = f'<div style="display: grid; grid-template-columns: {columns}; gap: 1rem 1.5rem">{cells}</div>'
        return mo.Html(f'<figure style="{_FIGURE}">{self._words}{_key(self.key)}{grid}</figure>')

    @property
    def _words(self) -> str:
        title = f'<div role="heading" aria-level="3" style="{_TITLE}">{escape(self.finding)}</div>'
        return f'{title}<div style="{_ABOUT}">{escape(self.about)}</div>'

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        # For Jupyter: one drawing of all panels, with its words and its key in it.
        bundle = {"text/html": self._words, "text/plain": self.finding}
        if not self.panels:
            return bundle
        panels = [chart.properties(width=_STATIC_WIDTH, title=name) for name, chart in self.panels.items()]
        title = alt.TitleParams(
            wrap(self.finding, 80), subtitle=wrap(self.about, 100), anchor="start", offset=12
        )
        whole = _specified(alt.vconcat(*panels).properties(title=title))
        return {**bundle, VEGA_LITE: {**_with_keys(whole), "config": _config(self.currency)}}


@dataclass(frozen=True)
class _Shown:
    # A drawing that marimo shows as it is, without checking it again.
    specification: dict[str, Any]

    def _mime_(self) -> tuple[str, str]:
        return VEGA_LITE, json.dumps(self.specification)


@dataclass(frozen=True)
class _Static:
    # What marimo passes on as it is.
    bundle: dict[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return self.bundle


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


_FIGURE = "margin: 1.25rem 0 2rem; max-width: 100%; overflow-x: clip; overflow-wrap: anywhere"
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
        f'<span><span style="{_SWATCH}; background: {colour}"></span>{escape(name)}</span>'
        for name, colour in colours.items()
    )
    return f'<div style="{_KEY}">{"".join(entries)}</div>'


def _specified(chart: Any, checked: bool = False) -> dict[str, Any]:
    # Its data in it, whatever marimo would do with them.
    with alt.data_transformers.enable("default"):
        found: dict[str, Any] = chart.to_dict(validate=checked)
    return found


def _config(currency: Currency) -> dict[str, Any]:
    # What the `$` of a number format stands for.
    number = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": [currency.symbol, ""]}
    words = {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal"}
    lines = {"gridColor": "#EEEEEE", "domainColor": "#BBBBBB", "tickColor": "#BBBBBB"}
    return {
        "font": _FONT,
        "locale": {"number": number},
        "view": {"stroke": None},
        "axis": {**lines, **words, "labelFontSize": 12, "titleFontSize": 12},
        "legend": {"orient": "top", "gradientLength": 200, **words},
    }


def _with_keys(part: Any) -> Any:
    # The legends that a key of HTML stands for.
    if isinstance(part, dict):
        own = {"legend": {"title": None, "columns": 4}} if part.get("legend", "") is None else {}
        return {name: _with_keys(each) for name, each in part.items()} | own
    return [_with_keys(each) for each in part] if isinstance(part, list) else part
