"""Files that nothing is to be moved in are read once, and each content is another question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub2ghcr.delivering import Delivery
from hub2ghcr.delivering import settled as module
from hub2ghcr.delivering.settled import Settled, default_folder
from hub2ghcr.mapping import Mapping, Rule
from tests.hub2ghcr.delivering.conftest import MAPPING, Place

SHOP = Delivery("acme", "shop", "prod", image="ghcr.io/acme/shop", mapping=MAPPING)


def test_a_file_without_anything_to_move_is_read_by_the_first_look_alone(place: Place, tmp_path: Path) -> None:
    place.wants(path="", also_rewrite=("*.md",))
    seen = []
    for _ in range(2):
        place.forget()
        seen.append((place.look(Settled(tmp_path)).state, place.calls()))
    assert seen == [("delivered", 2), ("delivered", 1)]
    place.forget()
    place.look()
    assert place.calls() == 2, "the control: nothing is remembered"


def test_what_somebody_writes_into_it_is_seen(place: Place, tmp_path: Path) -> None:
    place.wants(path="", also_rewrite=("*.md",))
    place.look(Settled(tmp_path))
    place.write("README.md", "docker run acme/shop:1\n")
    assert [each.path for each in place.look(Settled(tmp_path)).changes] == ["README.md"]
    assert [each.path for each in place.look(Settled(tmp_path)).changes] == ["README.md"], "not settled by a look"


@pytest.mark.parametrize(
    ("delivery", "path", "name"),
    [
        (replace(SHOP, mapping=Mapping((Rule.parse("docker.io/other/*", "ghcr.io/other/*"),))), "README.md", "1"),
        (replace(SHOP, mapping=replace(MAPPING, imported={"docker.io/acme/shop:1": "a node"})), "README.md", "1"),
        (replace(SHOP, mapping=replace(MAPPING, homes=frozenset({"ghcr.example.com"}))), "README.md", "1"),
        (replace(SHOP, image="ghcr.io/acme/web"), "README.md", "1"),
        (SHOP, "docs/README.md", "1"),
        (SHOP, "README.md", "2"),
    ],
)
def test_each_question_is_another_one(tmp_path: Path, delivery: Delivery, path: str, name: str) -> None:
    settled = Settled(tmp_path)
    settled.keep(SHOP, "README.md", "1")
    assert settled.knows(SHOP, "README.md", "1") and Settled(tmp_path).knows(SHOP, "README.md", "1")
    assert not settled.knows(delivery, path, name)


def test_another_version_of_the_program_asks_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Settled(tmp_path).keep(SHOP, "README.md", "1")
    monkeypatch.setattr(module, "_code", lambda: "another")
    assert not Settled(tmp_path).knows(SHOP, "README.md", "1")


def test_neither_names_nor_contents_are_kept(tmp_path: Path) -> None:
    Settled(tmp_path).keep(SHOP, "secret-project.md", "1")
    [file] = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert file.read_bytes() == b"" and "secret" not in str(file.relative_to(tmp_path))


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settled = Settled(tmp_path / "file")
    settled.keep(SHOP, "README.md", "1")
    assert not settled.knows(SHOP, "README.md", "1")


def test_answers_are_kept_in_the_folder_of_caches() -> None:
    assert default_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/hub2ghcr/settled")
    assert default_folder({"HOME": "/h"}) == Path("/h/.cache/hub2ghcr/settled")
