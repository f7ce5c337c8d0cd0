"""The lock file: read strictly, written with the same bytes, asked by reference."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr.attached import Attached
from hub2ghcr.errors import Hub2GhcrError, LockError
from hub2ghcr.lock import Entry, Lock, Narrowed, Resolved, parsing, reading, source_of, target_of, writing
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
SIGNATURE = Attached(DIGEST, "signature", OTHER, "application/vnd.oci.image.manifest.v1+json", "", 7, "sha256-1.sig")
SHOP = replace(
    NGINX,
    source="",
    target="ghcr.io/acme/shop:1.4.3",
    resolved=Resolved("2026-11-20T10:00:00Z", "ghcr.io"),
)
WIDE = replace(
    NGINX,
    source="docker.io/acme/wide:1",
    target="ghcr.io/acme/wide:1",
    manifests=7,
    attached=(SIGNATURE, replace(SIGNATURE, kind="sbom", artifact_type="application/spdx+json", tag="")),
    narrowed=Narrowed(OTHER, ("linux/amd64",)),
)
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
        ("at: '2026-11-20T10:00:00Z'", "at: yesterday", "images.lock.yaml: images[0]: resolved: at: must be YYYY"),
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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("origin: published", "origin: elsewhere", "images[2]: origin: must be published, or left out: 'elsewhere'"),
        ("origin: published", "source: a/b:1\n  origin: published", "images[2]: source: is no field of this"),
        ("kind: sbom", "kind: letter", "images[0]: attached: [0]: kind: must be one of signature,"),
        (f"- subject: {DIGEST}", "- subject: x", "images[0]: attached: [0]: subject: must be sha256: and 64"),
        ("manifests: 7", "manifests: many", "images[0]: manifests: must be a number of manifests: 'many'"),
        (f"narrowed:\n    digest: {OTHER}\n", "narrowed:\n", "images[0]: narrowed: digest: is missing"),
        ("    platforms:\n    - linux/amd64", "    platforms: []", "images[0]: narrowed: platforms: must be a list"),
        ("version: 1", "version: &a 1", ":1:10: an anchor or a tag has no place in a lock"),
        ("version: 1", "version: 1\nversion: 1", ":2:1: the key 'version' stands twice"),
        ("version: 1", "---\nversion: 1\n---\nversion: 1", ":3:1: holds several documents"),
        ("version: 1", "version: [1", ":2:7: not valid YAML"),
    ],
)
def test_what_is_wrong_with_the_newer_parts_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = Lock((NGINX, SHOP, WIDE)).dumps().partition("\n")[2]
    assert old in text
    with pytest.raises(Hub2GhcrError) as caught:
        decode(tmp_path, text.replace(old, new, 1))
    assert message in caught.value.lines[0]


def test_what_an_entry_does_not_have_is_not_written() -> None:
    text = Lock((NGINX,)).dumps()
    assert not any(field in text for field in ("origin", "manifests:", "attached", "narrowed", "artifactType"))
    assert "- origin: published\n" in Lock((SHOP,)).dumps()
    assert "source" not in Lock((SHOP,)).dumps()


def test_an_image_is_found_by_where_it_went_and_by_where_it_was_published() -> None:
    lock = Lock((WIDE, SHOP, REDIS))
    assert lock.entry(Reference.parse("ghcr.io/acme/shop:1.4.3")) == SHOP
    assert lock.entry(Reference.parse(f"ghcr.io/acme/wide:1@{OTHER}")) == WIDE
    assert lock.entry(Reference.parse(f"acme/wide:1@{DIGEST}")) == WIDE
    assert lock.entry(Reference.parse("ghcr.io/acme/redis")) is None  # many digests may share a target without a tag
    with pytest.raises(LockError, match=f"locked at {OTHER}"):
        lock.entry(Reference.parse(f"ghcr.io/acme/wide:1@{DIGEST}"))


def test_what_was_published_takes_the_place_of_what_was_copied_there() -> None:
    release = replace(SHOP, target=NGINX.target)
    assert Lock((NGINX, REDIS)).merged([release]).entries == (REDIS, release)


_digests = st.sampled_from([DIGEST, OTHER, "sha512:" + "3" * 128])
_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
_sizes = st.integers(0, 10**15)
_platforms = st.lists(st.sampled_from(["linux/amd64", "linux/arm64/v8", "windows/amd64"]), unique=True).map(
    lambda found: tuple(sorted(found))
)
_attached = st.builds(
    Attached,
    _digests,
    st.sampled_from(["signature", "attestation", "sbom", "referrer"]),
    _digests,
    _words,
    _words,
    _sizes,
    _words,
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw an entry with any of its parts."""
    reference = Reference.parse(draw(references()))
    published = draw(st.booleans())
    narrowed = draw(st.none() | st.builds(Narrowed, _digests, _platforms.filter(bool)))
    return Entry(
        "" if published else source_of(reference),
        draw(_digests),
        draw(_words),
        draw(_platforms),
        draw(_sizes),
        target_of(reference.with_digest(None)) if published else target_of(reference),
        Resolved("2026-11-20T10:00:00Z", draw(_words)),
        draw(st.integers(0, 99)),
        tuple(sorted(draw(st.lists(_attached, max_size=3)))),
        narrowed,
    )


locks = st.lists(entries(), max_size=5, unique_by=lambda each: each.key).map(lambda found: Lock(tuple(found)))


def read(text: str) -> Lock:
    return Lock(tuple(reading.entries(parsing.parse(text, "t"), "t")))


@given(locks)
@settings(max_examples=50)
def test_reading_gives_what_was_written(lock: Lock) -> None:
    text = lock.dumps()
    assert read(text) == lock
    assert yaml.safe_load(text)["version"] == 1
    assert [each["digest"] for each in yaml.safe_load(text)["images"]] == [each.digest for each in lock.entries]


@given(locks, locks)
@settings(max_examples=30)
def test_merging_twice_is_merging_once(lock: Lock, more: Lock) -> None:
    once = lock.merged(more.entries)
    assert once.merged(more.entries) == once
    assert {each.key for each in more.entries} <= {each.key for each in once.entries}


@given(locks, st.data())
@settings(max_examples=60)
def test_comments_stay_wherever_they_stand_and_what_did_not_change_keeps_its_bytes(
    lock: Lock, data: st.DataObject
) -> None:
    lines = lock.dumps().splitlines()
    for number in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(lines)))
        if at < len(lines) and data.draw(st.booleans()):
            lines[at] += f"  # beside {number}"
        else:
            lines.insert(at, data.draw(st.sampled_from(["", "  ", "      "])) + f"# alone {number}")
    text = "\n".join(lines) + "\n"
    assert read(text) == lock
    assert writing.text(lock.entries, text) == text

    changed = {
        each.key: replace(each, digest=OTHER, attached=(), narrowed=None, platforms=("a/b",))
        for each in lock.entries
        if data.draw(st.booleans())
    }
    added = replace(NGINX, source="docker.io/zzz/new:1", target="ghcr.io/zzz/new:1")
    after = Lock(tuple(changed.get(each.key, each) for each in lock.entries)).merged([added])
    written = writing.text(after.entries, text)
    assert read(written) == after
    assert _comments(written) == _comments(text)
    assert writing.text(after.entries, written) == written


def _comments(text: str) -> list[str]:
    return sorted(re.findall(r"# (?:beside|alone) \d", text))


def test_one_change_is_a_few_lines(tmp_path: Path) -> None:
    before = Lock((NGINX, REDIS, WIDE)).dumps().splitlines()
    newer = replace(NGINX, digest=OTHER, resolved=Resolved("2026-11-21T10:00:00Z", "docker.io"))
    after = writing.text(Lock((newer, REDIS, WIDE)).entries, "\n".join(before) + "\n").splitlines()
    assert [line.strip().partition(":")[0] for line in after if line not in before] == ["digest", "at"]
    assert len(before) == len(after)


@pytest.mark.parametrize(
    "text", ["version: 1\nimages: []\n", '{"version": 1, "images": []}\n', "# mine\nversion: 1\n", ""]
)
def test_a_file_that_is_laid_out_otherwise_is_written_anew_with_its_comments(text: str) -> None:
    written = writing.text((NGINX,), text)
    assert read(written) == Lock((NGINX,))
    assert ("# mine" in written) == ("# mine" in text)


def test_a_file_that_people_indented_keeps_its_layout() -> None:
    indented = TEXT.replace("\n- ", "\n  - ").replace("\n  ", "\n    ").replace("\n    - source", "\n  - source")
    assert read(indented) == Lock((NGINX, REDIS))
    assert writing.text((NGINX, REDIS), indented) == indented
    newer = replace(REDIS, digest=OTHER, source=REDIS.source.replace(DIGEST, OTHER))
    assert read(writing.text((NGINX, newer), indented)) == Lock((NGINX, newer))


def test_the_mode_of_the_file_is_kept_and_a_new_one_can_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.yaml"
    Lock((NGINX,)).dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    Lock((REDIS,)).dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
