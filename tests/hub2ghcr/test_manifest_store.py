"""Manifests by digest: fetched once, kept on disk, checked when they are read back."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from hub2ghcr.allowance import Budget
from hub2ghcr.errors import BudgetSpent, NotFound
from hub2ghcr.manifest_store import ManifestStore, default_folder
from hub2ghcr.registry import Manifest, Registry
from hub2ghcr.registry.content import OCI_MANIFEST, digest_of

CONTENT = b'{"schemaVersion": 2, "layers": []}'
DIGEST = digest_of(CONTENT)


class Source:
    """A registry that counts what is asked of it, and answers when it may."""

    host = "docker.io"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may = threading.Event()
        self.may.set()
        self.broken = False

    def get_manifest(self, repository: str, digest: str) -> Manifest:
        self.asked.append(digest)
        assert self.may.wait(10)
        if self.broken:
            raise NotFound("no such manifest")
        return Manifest(OCI_MANIFEST, digest, CONTENT)


def get(store: ManifestStore, source: Source, digest: str = DIGEST) -> Manifest:
    return store.get(cast(Registry, source), "acme/shop", digest)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_manifest_is_fetched_once_in_the_life_of_its_digest(tmp_path: Path) -> None:
    source = Source()
    first = get(ManifestStore(tmp_path / "kept"), source)
    again = get(ManifestStore(tmp_path / "kept"), source)
    assert (first, source.asked) == (again, [DIGEST])
    assert ManifestStore(tmp_path / "kept").known(DIGEST) == first
    assert ManifestStore(tmp_path / "other").known(DIGEST) is None


def test_what_is_kept_is_nobody_elses_to_read_and_a_file_of_its_own(tmp_path: Path) -> None:
    get(ManifestStore(tmp_path / "kept"), Source())
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "damage",
    [b"", CONTENT, OCI_MANIFEST.encode() + b"\n" + CONTENT[:-1], b"text/html\n" + CONTENT, b"\xff\n" + CONTENT],
)
def test_a_file_that_does_not_hold_is_fetched_anew(tmp_path: Path, damage: bytes) -> None:
    source = Source()
    get(ManifestStore(tmp_path), source)
    (kept,) = files(tmp_path)
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert get(ManifestStore(tmp_path), source).content == CONTENT
    assert (len(source.asked), kept.read_bytes()) == (2, whole)


def test_a_folder_that_cannot_be_written_keeps_for_the_run_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    source, store = Source(), ManifestStore(tmp_path / "file" / "manifests")
    get(store, source)
    get(store, source)
    assert source.asked == [DIGEST]


def test_threads_that_want_one_digest_fetch_it_once_and_others_do_not_wait() -> None:
    source, store = Source(), ManifestStore(None)
    other = digest_of(b"other")
    source.may.clear()
    with ThreadPoolExecutor(8) as pool:
        same = [pool.submit(get, store, source) for _ in range(6)]
        pool.submit(get, store, source, other)
        while other not in source.asked:  # it is asked for while the first one is still under way
            pass
        source.may.set()
        assert len({id(each.result()) for each in same}) == 1
    assert sorted(source.asked) == sorted([DIGEST, other])


def test_what_could_not_be_fetched_is_tried_again() -> None:
    source, store = Source(), ManifestStore(None)
    source.broken = True
    with pytest.raises(NotFound):
        get(store, source)
    source.broken = False
    assert get(store, source).content == CONTENT


def test_only_what_is_fetched_is_a_pull(tmp_path: Path) -> None:
    source, budget = Source(), Budget(1)
    store = ManifestStore(tmp_path, budget)
    get(store, source)
    get(store, source)
    assert budget.spent == 1
    with pytest.raises(BudgetSpent):
        get(store, source, digest_of(b"other"))
    assert source.asked == [DIGEST]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/hub2ghcr/manifests"),
        ({"HOME": "/h"}, "/h/.cache/hub2ghcr/manifests"),
        ({"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/hub2ghcr/manifests"),
    ],
)
def test_manifests_are_kept_where_caches_are(environ: dict[str, str], expected: str) -> None:
    assert default_folder(environ) == Path(expected)
