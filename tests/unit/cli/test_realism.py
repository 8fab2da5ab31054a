"""The scorecard at the command line: what it prints, how it exits, and what it refuses."""

import json

from analysis.realism.ranges import RANGES
from tests.unit.cli.small import Paceline


def test_the_command_exits_with_3_where_a_figure_is_out(paceline: Paceline) -> None:
    assert paceline("simulate", "smoke", "-q").exit_code == 0
    ranges = ("price_spread=2..6", "shading=0.8..1")
    other = [part for one in ranges for part in ("--range", one)]
    found = paceline("realism", "--json", *other)
    card = json.loads(found.stdout)
    assert (found.exit_code, card["passes"]) == (3, False)
    assert [row["name"] for row in card["rows"]] == list(RANGES)
    assert {"figure", "least", "most", "source", "assumption", "verdict", "note"} <= set(card["rows"][0])
    good = paceline("realism")
    assert (good.exit_code, good.stderr) == (0, "")
    assert "no figure is out of range; 15 of 17 held" in good.stdout
    out = paceline("realism", "-q", *other)
    assert (out.exit_code, out.stdout) == (3, "price_spread\nshading\n")


def test_the_command_refuses_bad_input_in_one_line(paceline: Paceline) -> None:
    paceline("simulate", "smoke", "-q")
    for words, line in (
        (("nobody",), "nobody"),
        (("--range", "fill"), "must be NAME=LEAST..MOST"),
        (("--range", "fill=1..x"), "must be NAME=LEAST..MOST"),
    ):
        refused = paceline("realism", *words)
        assert refused.exit_code == 2
        assert line in refused.stderr
        assert refused.stderr.count("\n") == 1
