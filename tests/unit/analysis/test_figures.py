"""The drawing room: words that wrap, names that are text and no markup, colours for every name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import altair as alt
import polars as pl
import pytest

from analysis.charts import axes, colours
from analysis.charts.figure import figure, nothing
from entities.enums import Currency

BARS = alt.Chart(pl.DataFrame({"name": ["a"], "value": [1]})).mark_bar().encode(x="value:Q")


def drawn(*panels: str) -> str:
    shown = figure("A <b> finding", "about & unit", dict.fromkeys(panels, BARS), key={"<i>": colours.BLUE})
    return shown._display_().text


def test_words_are_text() -> None:
    html = drawn("left <", "right")
    for text in ("A &lt;b&gt; finding", "about &amp; unit", "&lt;i&gt;", "left &lt;", "right"):
        assert text in html
    assert html.count("marimo-") >= 2
    assert 'role="heading"' in html


def test_a_figure_of_nothing_is_a_sentence() -> None:
    shown = nothing("Nobody bid.")
    assert shown.drawn() == []
    assert "Nobody bid." in shown._display_().text


def test_a_chart_is_as_wide_as_its_place_and_describes_itself() -> None:
    (found,) = figure("A finding", "about", BARS, currency=Currency.eur).drawn(checked=True)
    alt.Chart.from_dict(found)  # with its own style it still is Vega-Lite
    assert found["width"] == "container"
    assert found["description"] == "A finding"
    assert found["config"]["locale"]["number"]["currency"] == ["€", ""]


def test_a_long_name_takes_no_width_from_the_marks() -> None:
    (found,) = figure("A finding", "about", axes.labels("name", ["n" * 120])).drawn(checked=True)
    assert found["mark"]["limit"] == {"expr": "width"}
    assert "overflow-wrap: anywhere" in drawn("n" * 120)


def test_each_name_has_a_colour_and_the_rest_is_grey() -> None:
    named = colours.named(f"arm {at}" for at in range(9))
    assert len({*named.values()}) == 8
    assert list(named.values())[-2:] == [colours.GREY] * 2


def luminance(colour: str) -> float:
    # Relative luminance, WCAG 2.2.
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_steps_can_be_told_apart_without_any_colour() -> None:
    light = [luminance(colour) for colour in colours.STEPS]
    assert light == sorted(light, reverse=True)
    assert all((one + 0.05) / (other + 0.05) > 1.4 for one, other in pairwise(light))


@pytest.mark.parametrize(("days", "title"), [(0, "hour, UTC"), (3, "hour, UTC"), (4, "day, UTC")])
def test_axes_name_hours_where_there_are_few_days(days: int, title: str) -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    frame = pl.DataFrame({"at": [start, start + timedelta(days=days)]})
    assert axes.moments("at", axes.span(frame, "at")).to_dict()["title"] == title


def test_no_moments_span_nothing() -> None:
    assert axes.span(pl.DataFrame(schema={"at": pl.Datetime("us", "UTC")}), "at") == timedelta()


def test_notes_stand_beside_the_names_that_have_one() -> None:
    rows = axes.labels("name", ["a", "b"], {"b": "2.0"}).to_dict()["datasets"].values()
    assert [row["label"] for row in next(iter(rows))] == ["a", "b: 2.0"]


def test_jupyter_has_one_drawing_with_its_words_and_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = BARS.encode(color=colours.colour("name", {"a": colours.BLUE}))
    shown = figure("A finding", "about", {"one": coloured, "two": alt.layer(BARS, BARS)})
    monkeypatch.setenv("MARIMO_NO_JS", "true")
    bundle = shown._display_()._repr_mimebundle_()
    assert bundle == shown._repr_mimebundle_()
    assert "A finding" in bundle["text/html"]
    drawing = bundle["application/vnd.vegalite.v6+json"]
    assert drawing["title"]["text"] == ["A finding"]
    assert [panel["title"] for panel in drawing["vconcat"]] == ["one", "two"]
    assert drawing["vconcat"][0]["encoding"]["color"]["legend"] == {"title": None, "columns": 4}
    assert "application/vnd.vegalite.v6+json" not in nothing("Nobody bid.")._repr_mimebundle_()
