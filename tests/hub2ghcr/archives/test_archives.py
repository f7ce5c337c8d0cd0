"""All archives of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.archives import Archives
from hub2ghcr.errors import Problems
from hub2ghcr.reference import Reference

from . import shapes

APP, TOOL = shapes.image(name="app"), shapes.image(name="tool")


def test_images_are_found_by_each_spelling_of_their_name_and_by_digest(tmp_path: Path) -> None:
    path = shapes.write(tmp_path / "a.tar", shapes.layout({"docker.io/library/app:1": APP}))
    archives = Archives([path])
    for text in ("app:1", "docker.io/app:1", "index.docker.io/library/app:1", f"app:1@{APP.digest}"):
        found = archives.named(Reference.parse(text))
        assert found is not None, text
        assert (found.digest, found.place) == (APP.digest, str(path))
    for text in ("app", "app:2", "ghcr.io/library/app:1", f"app:1@{TOOL.digest}"):
        assert archives.named(Reference.parse(text)) is None
    by_digest = archives.named(Reference.parse(f"other@{APP.digest}"))
    assert by_digest is not None and by_digest.digest == APP.digest


def test_content_is_found_in_whatever_archive_holds_it(tmp_path: Path) -> None:
    one = shapes.write(tmp_path / "one.tar", shapes.layout({"app:1": APP}))
    two = shapes.spread(tmp_path / "two", shapes.layout({"tool:1": TOOL}))
    archives = Archives([one, two])
    found = [archives.at(each.digest) for each in (APP, TOOL, shapes.image(name="none"))]
    assert [each and each.host for each in found] == [str(one), str(two), None]
    assert [each.reference for each in archives.images()] == ["docker.io/library/app:1", "docker.io/library/tool:1"]


def test_the_same_image_may_be_there_twice_and_another_of_its_name_not(tmp_path: Path) -> None:
    one = shapes.write(tmp_path / "one.tar", shapes.layout({"app:1": APP}))
    again = shapes.write(tmp_path / "again.tar", shapes.layout({"app:1": APP}))
    assert len(Archives([one, again]).images()) == 1
    other = shapes.write(tmp_path / "other.tar", shapes.layout({"app:1": TOOL}))
    with pytest.raises(Problems, match=rf"other\.tar: docker\.io/library/app:1: stands for {APP.digest} in .*one\.tar"):
        Archives([one, other])


def test_every_archive_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problems) as caught:
        Archives([tmp_path / "one", tmp_path / "two"])
    assert len(caught.value.lines) == 2


def test_an_export_of_one_platform_lacks_the_others_by_name(tmp_path: Path) -> None:
    files = shapes.layout({"app:1": APP})
    amd64, arm64 = APP.manifests
    del files[f"blobs/{arm64.digest.replace(':', '/')}"]
    archives = Archives([shapes.write(tmp_path / "a.tar", files)])
    assert archives.at(arm64.digest) is None
    error = str(archives.incomplete(arm64.digest))
    assert "docker.io/library/app:1, and the registry does not give them: linux/arm64;" in error
    assert "ctr image pull --all-platforms" in error
    assert archives.incomplete(amd64.digest) is None
