"""A file of observed values: read where the scenario is loaded, and part of it from then on."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from entities.errors import InputError
from scenarios import loader
from scenarios.show import as_yaml
from scenarios.value_files import frame_of
from sim.valuation.empirical import MOST_VALUES, Empirical

SCENARIO = """\
name: seen
extends: exact
bidders:
  - name: Bidder
    valuation: {kind: empirical, file: FILE}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def load(file: str, *settings: str) -> loader.Loaded:
    Path("seen.yml").write_text(SCENARIO.replace("FILE", file))
    return loader.load("seen.yml", settings)


def worth(loaded: loader.Loaded) -> Empirical:
    return Empirical.model_validate(loaded.scenario.bidders[0].valuation)


def refused(file: str, *settings: str) -> str:
    with pytest.raises(InputError) as error:
        load(file, *settings)
    return str(error.value)


def test_the_values_take_the_place_of_the_file_s_name() -> None:
    Path("worth.csv").write_text("worth\n0.5\n0.25\n1\n")
    loaded = load("worth.csv")
    assert worth(loaded).values == (0.25, 0.5, 1.0)
    (listing,) = loaded.listings.values()
    assert listing.campaign.line_items[0].valuation["values"] == [0.25, 0.5, 1.0]


def test_another_file_is_another_scenario_and_one_that_was_shown_needs_none() -> None:
    Path("worth.csv").write_text("worth\n0.5\n")
    first = load("worth.csv")
    shown = as_yaml(first)
    Path("worth.csv").write_text("worth\n0.75\n")
    assert load("worth.csv").scenario != first.scenario
    Path("worth.csv").unlink()
    Path("shown.yml").write_text(shown)
    assert loader.load("shown.yml").scenario == first.scenario


def test_a_column_of_a_parquet_file_in_a_folder_below() -> None:
    Path("data").mkdir()
    pl.DataFrame({"day": ["mon", "tue"], "worth": [1, 2]}).write_parquet("data/worth.parquet")
    assert worth(load("data/worth.parquet, column: worth")).values == (1.0, 2.0)
    assert "has 2 columns; say which with `column`: day, worth" in refused("data/worth.parquet")


def test_a_file_is_looked_for_beside_the_scenario_that_names_it(here: Path) -> None:
    (here / "base").mkdir()
    (here / "base" / "worth.csv").write_text("worth\n0.5\n")
    (here / "base" / "seen.yml").write_text(SCENARIO.replace("FILE", "worth.csv"))
    Path("on.yml").write_text('name: "on"\nextends: base/seen.yml\n')
    assert worth(loader.load("on.yml")).values == (0.5,)


def test_a_long_file_is_cut_into_equal_parts_that_keep_its_mean() -> None:
    count = 3 * MOST_VALUES + 1000
    numbers = [(place * 7919) % count / count for place in range(count)]
    pl.DataFrame({"worth": numbers}).write_csv("worth.csv")
    values = worth(load("worth.csv")).values
    assert len(values) == MOST_VALUES
    assert sum(values) / MOST_VALUES == pytest.approx(sum(numbers) / count, rel=1e-12)
    assert values[0] == pytest.approx(1 / count, abs=1 / count)
    assert values[-1] == pytest.approx(1, abs=4 / count)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("../worth.csv", '"../worth.csv" is not allowed; must be a file beside the scenario, or in a folder there'),
        ("/tmp/worth.csv", '"/tmp/worth.csv" is not allowed; must be a file beside the scenario, or in a folder there'),
        ("worth.txt", '"worth.txt" is not allowed; must end in .csv or .parquet'),
        ("none.csv", "none.csv: no such file"),
        ("folder.csv", "folder.csv: is not a file"),
        ("out.csv", '"out.csv" is a link that leads out of the scenario\'s folder'),
        ("words.csv", 'the column "worth" holds no numbers'),
        ("empty.csv", "empty.csv: has no rows; a value needs one"),
        ("minus.csv", "minus.csv: row 2: -1 is not allowed; must be a number from 0 to 100, a multiple of the maximum CPM"),
        ("gap.csv, column: worth", "gap.csv: row 2: nothing is not allowed; must be a number from 0 to 100, a multiple of the maximum CPM"),
        ("worth.csv, column: woth", 'no column "woth"; the file has worth'),
        ("broken.parquet", "broken.parquet: is not a PARQUET file: "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told(here: Path, file: str, message: str) -> None:
    (here.parent / "worth.csv").write_text("worth\n1\n")
    (here / "out.csv").symlink_to(here.parent / "worth.csv")
    (here / "folder.csv").mkdir()
    texts = {"worth": "1", "words": "a\nb", "empty": "", "minus": "1\n-1"}
    for name, text in texts.items():
        (here / f"{name}.csv").write_text(f"worth\n{text}\n" if text else "worth\n")
    (here / "gap.csv").write_text("day,worth\n1,1\n2,\n")
    (here / "broken.parquet").write_text("no")
    told = refused(file)
    assert told.startswith(f"seen.yml:5: bidders.0.valuation.file: {message}"), told


def test_a_file_that_is_set_lies_beside_the_scenario() -> None:
    Path("worth.csv").write_text("worth\n1\n")
    Path("other.csv").write_text("worth\n2\n")
    assert worth(load("worth.csv", "bidders.0.valuation.file=other.csv")).values == (2.0,)
    assert re.match(
        r"--set: bidders.0.valuation.file: .*no such file",
        refused("worth.csv", "bidders.0.valuation.file=x.csv"),
    )


def test_nobody_else_reads_files() -> None:
    with pytest.raises(ValueError, match="a file is read where a scenario names it; give its values here"):
        Empirical(file="worth.csv")


def test_a_small_file_that_unfolds_to_many_values_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "many.parquet"
    pl.DataFrame({"value": [1.0] * 30, "price": [1.0] * 30}).write_parquet(file)
    monkeypatch.setattr("scenarios.value_files.MOST_CELLS", 60)
    assert len(frame_of(file)) == 30
    monkeypatch.setattr("scenarios.value_files.MOST_CELLS", 59)
    monkeypatch.setattr(pl, "read_parquet", None)  # it is refused by what its end says of it
    with pytest.raises(InputError, match="has 30 rows of 2 columns; 59 values are read at most"):
        frame_of(file)


def test_a_small_file_of_lines_without_most_of_their_columns_is_not_unfolded(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{number}" for number in range(20_001)) + "\n" + "1\n" * 5_000)
    assert file.stat().st_size < 200_000
    with pytest.raises(
        InputError, match="has 5,000 rows of 20,001 columns; 100,000,000 values are read at most"
    ):
        frame_of(file)
