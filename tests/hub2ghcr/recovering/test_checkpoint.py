from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.recovering import mend


def test_an_empty_description_of_the_state_is_removed_and_nothing_else(tmp_path: Path) -> None:
    stacks = tmp_path / "a b" / ".pulumi" / "stacks" / "p"
    stacks.mkdir(parents=True)
    for name, text in {"s.json": "", "s.json.attrs": "", "s.json.bak.attrs": "{}", "other.json.attrs": ""}.items():
        (stacks / name).write_text(text)
    backend = (tmp_path / "a b").as_uri()
    assert mend(backend, "p", "s") == (stacks / "s.json.attrs",)
    assert mend(backend, "p", "s") == ()
    assert sorted(each.name for each in stacks.iterdir()) == ["other.json.attrs", "s.json", "s.json.bak.attrs"]


@pytest.mark.parametrize("name", ["s.json.attrs", "s.json.bak.attrs", "s.json.gz.attrs", "s.json.zst.bak.attrs"])
def test_it_stands_beside_a_compressed_state_and_a_state_before(tmp_path: Path, name: str) -> None:
    stacks = tmp_path / ".pulumi" / "stacks" / "p"
    stacks.mkdir(parents=True)
    (stacks / name).touch()
    assert mend(tmp_path.as_uri(), "p", "s") == (stacks / name,)


def test_another_backend_is_left_alone() -> None:
    assert mend("s3://bucket", "p", "s") == ()
