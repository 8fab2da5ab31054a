"""The pages keep their promises: their commands are run in order, and print what they say."""

import difflib
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import sim
from sim.laws import LAWS
from tests.docs.pages import ROOT, RUN, SAVED, blocks, commands, file_of, folder_of, plain

RUNNING = pytest.mark.parametrize("page", RUN, ids=lambda page: page.relative_to(ROOT).as_posix())
LINKED = (
    *(page.relative_to(ROOT).as_posix() for page in RUN),
    "sim/DESIGN.md",
    "sim/CHANGELOG.md",
    "sim/RELIABILITY.md",
    "sim/engine/SCALE.md",
    "entities/TABLES.md",
)


def test_what_a_change_touches_exists() -> None:
    section = text_of("sim/DESIGN.md").partition("## Where a change goes")[2].partition("\n## ")[0]
    named = re.findall(r"(?:sim|entities|tests)/[\w/.]+", section)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@RUNNING
def test_the_commands_of_a_page_print_what_it_says(page: Path, tmp_path: Path) -> None:
    folder, wrong = folder_of(page, tmp_path), []
    for block in blocks(page.read_text(encoding="utf-8")):
        folder.save(block)
        if block.language != "console":
            continue
        for command in commands(block):
            written, printed = plain(command.printed), plain(folder.run(command.line))
            if written != printed:
                changed = difflib.unified_diff(
                    written.splitlines(), printed.splitlines(), page.name, "now", lineterm="", n=0
                )
                wrong.append("\n".join((f"$ {command.line}", *changed)))
    if wrong:
        advice = f"{page} has changed. If that is meant: make generated, and review the diff."
        pytest.fail("\n\n".join((advice, *wrong)), pytrace=False)


@RUNNING
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        runs = block.language in {"console", "text"} or file_of(block)
        reason = re.search(r"(#|--) not run: \w+ .{8,}", block.text)
        assert runs or reason, f"{block.language or 'no language'}: not run, and no reason:\n{block.text}"


@RUNNING
def test_every_saved_file_is_used(page: Path) -> None:
    found = blocks(page.read_text(encoding="utf-8"))
    lines = [command.line for block in found if block.language == "console" for command in commands(block)]
    for block in found:
        if name := file_of(block):
            assert any(name in line for line in lines), f"{name} is saved, and no command uses it"


def test_the_readme_is_short_and_saves_files() -> None:
    assert len(text_of("README.md").splitlines()) <= 240
    assert {"python", "yaml"} <= set(SAVED)


def test_what_varies_is_left_out_and_nothing_else() -> None:
    printed = "Run        smoke-20261120-094303-b3dfac\nAuctions   91,659 in 0.2 s, 372.0 k a second\n"
    assert plain(printed) == plain(
        printed.replace("b3dfac", "000000").replace(" in 0.2 s, 372.0 k a second", "")
    )
    assert plain(printed) != plain(printed.replace("91,659", "91,658"))
    assert plain("Database   ads.db, 356.4 kB\n") == plain("Database   ads.db, 1.2 MB\n")
    assert (
        plain("preparing the market\n 11 %  2026-11-02  477.0 k auctions/s, 0:00:00 left\nRun\n") == "Run\n"
    )
    assert plain("seed 7, 2 workers\n") == plain("seed 7, 1 worker\n") != plain("seed 8, 2 workers\n")


@pytest.mark.parametrize("page", LINKED)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", LINKED)
def test_every_file_that_is_named_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for named in re.findall(r"`((?:sim|entities|scenarios|analysis|tests)/[\w/.-]+)`", text):
        assert (ROOT / named).exists(), f"{page} names {named}"


def test_no_address_is_made_up() -> None:
    lines = [line for block in blocks(text_of("README.md")) for line in block.text.splitlines()]
    assert [line for line in lines if re.search(r"git clone|\bURL\b", line)] == []


def test_the_exit_codes_are_told() -> None:
    told = " ".join(text_of("README.md").split()).partition("Exit codes: ")[2][:260]
    assert all(f"{code} " in told for code in range(4))


def test_the_changelog_tells_of_this_version() -> None:
    assert f"\n## [{sim.__version__}]" in (ROOT / "sim/CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = text_of("sim/DESIGN.md").partition("## Dependencies")[2]
    named = {
        name
        for row in re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)
        for name in re.findall(r"[\w-]+", row)
    }
    for line in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        assert Requirement(line).name in named, f"{line}: no row in sim/DESIGN.md, Dependencies"


def test_the_laws_are_those_that_the_audit_checks() -> None:
    section = text_of("analysis/README.md").partition("## The laws\n")[2].partition("\n## ")[0]
    told = " ".join(section.split())
    for law in LAWS.values():
        assert f"{law.number}. **{law.name}**: {law.text}." in told
