"""The lock file: read strictly, written with the same bytes, asked by reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import Hub2GhcrError, LockError
from hub2ghcr.lock import Entry, Lock, Resolved, source_of, target_of
from hub2ghcr.reference import Reference

from .strategies import digests, references

DIGEST, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
NGINX = Entry(
    "docker.io/library/nginx:1.27",
    DIGEST,
    "application/vnd.oci.image.index.v1+json",
    ("linux/amd64", "linux/arm64/v8"),
    12,
    "ghcr.io/acme/nginx:1.27",
    Resolved("2026-11-20T10:00:00Z", "docker.io"),
)
REDIS = replace(NGINX, source=f"docker.io/library/redis@{DIGEST}", target="ghcr.io/acme/redis")
TEXT = Lock((NGINX, REDIS)).dumps()


def decode(tmp_path: Path, text: str) -> Lock:
    (tmp_path / "images.lock.yaml").write_text(text, encoding="utf-8")
    return Lock.load(tmp_path / "images.lock.yaml")


def test_a_lock_survives_writing_and_reading(tmp_path: Path) -> None:
    Lock((REDIS, NGINX)).dump(tmp_path / "images.lock.yaml")
    assert Lock.load(tmp_path / "images.lock.yaml") == Lock((NGINX, REDIS))
    assert [each.name for each in tmp_path.iterdir()] == ["images.lock.yaml"]


@given(st.lists(references(), max_size=6), digests, st.randoms())
def test_the_bytes_depend_on_the_entries_alone(texts: list[str], digest: str, random: Random) -> None:
    sources = {source_of(Reference.parse(text)): Reference.parse(text) for text in texts}
    entries = [replace(NGINX, source=each, digest=digest, target=target_of(ref)) for each, ref in sources.items()]
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert Lock(tuple(entries)).dumps() == Lock(tuple(shuffled)).dumps()


def test_a_missing_file_is_an_empty_lock(tmp_path: Path) -> None:
    assert Lock.load(tmp_path / "images.lock.yaml") == Lock()


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "images.lock.yaml").mkdir()
    with pytest.raises(LockError, match=r"images\.lock\.yaml: cannot be read: Is a directory"):
        Lock((NGINX,)).dump(tmp_path / "images.lock.yaml")
    assert [each.name for each in tmp_path.iterdir()] == ["images.lock.yaml"]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("nginx:1.27", NGINX),
        ("docker.io/library/nginx:1.27", NGINX),
        (f"nginx:1.27@{DIGEST}", NGINX),
        (f"redis@{DIGEST}", REDIS),
        ("nginx", None),
        ("nginx:1.28", None),
        (f"redis@{OTHER}", None),
        (f"redis:7@{DIGEST}", None),
    ],
)
def test_an_image_is_found_by_its_tag_or_else_by_its_digest(text: str, entry: Entry | None) -> None:
    assert Lock((NGINX, REDIS)).entry(Reference.parse(text)) == entry


def test_a_digest_that_contradicts_its_locked_tag_is_a_problem() -> None:
    with pytest.raises(LockError) as caught:
        Lock((NGINX,)).entry(Reference.parse(f"nginx:1.27@{OTHER}"))
    assert str(caught.value) == (
        f"the image names a digest and its tag is locked at {DIGEST}: 'nginx:1.27@{OTHER}';"
        " correct the image's digest, or `hub2ghcr lock --update`"
    )


def test_entries_are_added_or_take_the_place_of_their_source() -> None:
    newer = replace(NGINX, digest=OTHER)
    assert Lock((NGINX,)).merged([REDIS, newer]).entries == (newer, REDIS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: 2", "images.lock.yaml: version: unknown version: '2'; this program reads 1"),
        (
            "nginx:1.27\n  digest",
            "Nginx:1.27\n  digest",
            "images.lock.yaml: images[0]: source: the repository name must be",
        ),
        ("docker.io/library/nginx:1.27", "nginx:1.27", "images.lock.yaml: images[0]: source: must be spelled in full"),
        (f"digest: {DIGEST}", "digest: sha256:1", "images.lock.yaml: images[0]: digest: must be sha256: and 64"),
        ("size: 12", "size: -1", "images.lock.yaml: images[0]: size: must be a number of bytes: '-1'"),
        ("size: 12", "size: true", "images.lock.yaml: images[0]: size: must be a number of bytes: 'true'"),
        ("size: 12", "bytes: 12", "images.lock.yaml: images[0]: bytes: is no field of this; remove it"),
        ("  size: 12\n", "", "images.lock.yaml: images[0]: size: is missing"),
        ("- linux/amd64", "- linux", "images.lock.yaml: images[0]: platforms: must be a list of os/architecture"),
        ("at: '2026-11-20T10:00:00Z'", "at: yesterday", "images.lock.yaml: images[0]: resolved: at: must be YYYY-MM-DDThh"),
        (f"redis@{DIGEST}", "nginx:1.27@x", "images.lock.yaml: images[1]: source: the digest is malformed"),
        ("version: 1\n", "", "images.lock.yaml: version: unknown version"),
        ("images:", "image:", "images.lock.yaml: not a lock file"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(Hub2GhcrError) as caught:
        decode(tmp_path, TEXT.replace(old, new, 1))
    assert caught.value.lines[0].startswith(message)


def test_all_malformed_entries_are_reported_in_one_run(tmp_path: Path) -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        decode(tmp_path, TEXT.replace("size: 12", "size: x").replace("- linux/amd64", "- 1"))
    assert len(caught.value.lines) == 4


def test_a_source_that_is_locked_twice_is_refused(tmp_path: Path) -> None:
    entry = TEXT.partition("images:\n")[2].partition("- source: docker.io/library/redis")[0]
    with pytest.raises(
        LockError, match=r"images\.lock\.yaml: an image is locked twice: 'docker\.io/library/nginx:1\.27'"
    ):
        decode(tmp_path, TEXT + entry)
