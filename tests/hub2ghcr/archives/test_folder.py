"""OCI layouts in folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub2ghcr.archives import folder
from hub2ghcr.errors import ArchiveError

from . import shapes

BLOB = "blobs/sha256/" + "a" * 64


def test_files_have_the_names_that_they_would_have_in_a_tar(tmp_path: Path) -> None:
    shapes.spread(tmp_path, {"index.json": b"1", BLOB: b"22", "other/deep/file": b""})
    assert {name: extent.size for name, extent in folder.members(tmp_path).items()} == {"index.json": 1, BLOB: 2}


def test_a_link_may_stay_inside_and_not_lead_out(tmp_path: Path) -> None:
    root = shapes.spread(tmp_path / "layout", {"index.json": b"1"})
    (root / "inside").symlink_to("index.json")
    assert folder.members(root)["inside"].size == 1
    (tmp_path / "secret").write_text("x")
    (root / "outside").symlink_to("../secret")
    with pytest.raises(ArchiveError, match="leads out of the folder: 'outside'"):
        folder.members(root)


def test_a_linked_folder_of_blobs_is_a_link_that_leads_out(tmp_path: Path) -> None:
    shapes.spread(tmp_path / "shared", {BLOB: b""})
    root = shapes.spread(tmp_path / "layout", {"index.json": b"1"})
    (root / "blobs").symlink_to("../shared/blobs")
    with pytest.raises(ArchiveError, match="leads out of the folder"):
        folder.members(root)


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to("missing")
    assert folder.members(tmp_path) == {}
