"""One file over another: what merges, what replaces, and who is named for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.errors import InputError
from scenarios.layers import MAX_EXTENDS, Layered, places, resolve

Write = Callable[..., Layered]


@pytest.fixture
def layered(tmp_path: Path) -> Write:
    """Write each keyword as a file and resolve the last."""

    def search(name: str) -> Path:
        path = tmp_path / f"{name}.yml"
        if not path.exists():
            raise InputError(f"{name} is unknown")
        return path

    def write(**files: str) -> Layered:
        for name, text in files.items():
            (tmp_path / f"{name}.yml").write_text(text)
        return resolve(tmp_path / f"{list(files)[-1]}.yml", search)

    return write


def test_mappings_merge_and_all_else_is_replaced(layered: Write) -> None:
    found = layered(
        base="market: {viewers: 5, floor: 10, days: [1, 2, 3]}\nname: base\n",
        top="extends: base\nmarket:\n  viewers: 6\n  days: [4]\n",
    )
    assert found.data == {"market": {"viewers": 6, "floor": 10, "days": [4]}, "name": "base"}
    assert [document.path.stem for document in found.documents] == ["base", "top"]


def test_each_value_knows_its_file_and_line(layered: Write) -> None:
    found = layered(
        base="market: {viewers: 5, floor: 10, days: [1, 2, 3]}\nname: base\n",
        top="extends: base\nmarket:\n  viewers: 6\n  days: [4]\n",
    )
    told = {key: f"{Path(found.origin(key).source).name}:{found.origin(key).line}" for key in found.origins}
    assert told == {
        (): "top.yml:1",
        ("market",): "top.yml:2",
        ("market", "viewers"): "top.yml:3",
        ("market", "floor"): "base.yml:1",
        ("market", "days"): "top.yml:4",
        ("market", "days", 0): "top.yml:4",
        ("name",): "base.yml:2",
    }
    assert found.origin(("market", "nothing", "here")) == found.origin(("market",))


def test_another_kind_takes_the_parameters_of_the_old_one_away(layered: Write) -> None:
    base = "pacing: {kind: pid, gain: 3}\n"
    assert layered(base=base, top="extends: base\npacing: {kind: asap}\n").data == {
        "pacing": {"kind": "asap"}
    }
    assert layered(base=base, top="extends: base\npacing: {kind: pid, lag: 1}\n").data == {
        "pacing": {"kind": "pid", "gain": 3, "lag": 1}
    }


def test_null_and_a_mapping_replace_each_other(layered: Write) -> None:
    assert layered(base="cap: {count: 3}\n", top="extends: base\ncap:\n").data == {"cap": None}
    assert layered(base="cap:\n", top="extends: base\ncap: {count: 3}\n").data == {"cap": {"count": 3}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: top\n", "top.yml:1: extends: goes round in a circle: top.yml → top.yml"),
        ("a: 1\nextends: none\n", "top.yml:2: extends: none is unknown"),
        ("extends: [a, b]\n", "top.yml:1: extends: should be the name of one scenario"),
        ("extends: ''\n", "top.yml:1: extends: should be the name of one scenario"),
        ("extends: bad\n", "top.yml:1: extends: bad.yml:1: the key a stands here twice, first on line 1"),
    ],
)
def test_a_base_that_cannot_be_is_refused(layered: Write, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        layered(bad="{a: 1, a: 2}\n", top=text)
    assert str(refused.value).replace(f"{tmp_path}/", "") == message


def test_a_longer_circle_and_a_long_chain_are_refused(layered: Write) -> None:
    with pytest.raises(InputError, match=r"b\.yml:1: extends: goes round in a circle: .* → .* → "):
        layered(b="extends: a\n", a="extends: b\n")
    chain = {f"s{number}": f"extends: s{number - 1}\n" for number in range(1, MAX_EXTENDS + 2)}
    with pytest.raises(InputError, match=f"more than {MAX_EXTENDS} files build on one another"):
        layered(s0="a: 1\n", **chain)
    chain.popitem()
    assert layered(s0="a: 1\n", **chain).data == {"a": 1}


def _text(data: dict[str, Any]) -> str:
    import json

    return json.dumps(data)


keys = st.sampled_from(["a", "b", "c", "kind"])
tree = st.dictionaries(
    keys,
    st.recursive(st.integers(0, 3), lambda deeper: st.dictionaries(keys, deeper, max_size=3) | st.lists(deeper, max_size=2)),
    min_size=1,
    max_size=3,
)  # fmt: skip


@given(base=tree, top=tree)
def test_every_value_has_an_origin_and_no_origin_is_left_over(
    tmp_path_factory: pytest.TempPathFactory, base: dict[str, Any], top: dict[str, Any]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "base.yml").write_text(_text(base))
    (folder / "top.yml").write_text(_text({"extends": "base", **top}))
    found = resolve(folder / "top.yml", lambda name: folder / f"{name}.yml")
    assert set(found.origins) == set(places(found.data, ()))
    # Laying the same thing on again changes nothing.
    (folder / "again.yml").write_text(_text({"extends": "top", **top}))
    assert resolve(folder / "again.yml", lambda name: folder / f"{name}.yml").data == found.data


def test_a_file_builds_on_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "base.yml").write_text("extends: ours\na: 1\nb: {c: 2, d: 3}\n")
    (tmp_path / "ours.yml").write_text("z: 26\n")
    (tmp_path / "mine.yml").write_text("extends: shared/base.yml\nb: {d: 4}\n")
    layered = resolve(tmp_path / "mine.yml", lambda name: tmp_path / f"{name}.yml")
    assert layered.data == {"a": 1, "b": {"c": 2, "d": 4}, "z": 26}
    (tmp_path / "lost.yml").write_text("extends: ./none.yml\n")
    with pytest.raises(InputError, match=r"lost\.yml:1: extends: .*none\.yml"):
        resolve(tmp_path / "lost.yml", lambda name: tmp_path / name)
