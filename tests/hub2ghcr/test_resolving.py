"""Which images are resolved, and what becomes of them; tests/e2e/test_lock.py proves it against real registries."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from hub2ghcr.errors import Problems
from hub2ghcr.lock import Lock, Narrowed
from hub2ghcr.reference import Reference
from hub2ghcr.registry import Descriptor, Registries
from hub2ghcr.registry.content import OCI_INDEX
from hub2ghcr.resolving import Resolution, Wanted, locked, matches, not_locked, resolve

from .conftest import DIGEST, entry

OTHER = "sha256:" + "2" * 64
NGINX = entry("docker.io/library/nginx:1.27", "ghcr.io/acme/nginx:1.27")
RELEASE = entry("", "ghcr.io/acme/shop:2")


class Heads:
    """Registries that answer to HEAD alone."""

    def __init__(self, **digests: str) -> None:
        self._digests = digests
        self.asked: list[str] = []

    def at(self, host: str) -> Heads:
        return self

    def head_manifest(self, repository: str, reference: str) -> Descriptor | None:
        self.asked.append(f"{repository}:{reference}")
        digest = self._digests.get(repository.rpartition("/")[2])
        return Descriptor(OCI_INDEX, digest, 1) if digest else None


def wanted(text: str, target: str, *platforms: str, published: bool = False) -> Wanted:
    return Wanted(Reference.parse(text), target, platforms, published)


def run(heads: Heads, lock: Lock, *images: Wanted, update: bool | str = False) -> tuple[Resolution, ...]:
    return resolve(images, lock, cast(Registries, heads), update=update, look=True)


@pytest.mark.parametrize(
    ("key", "pattern", "expected"),
    [
        ("docker.io/library/nginx:1.27", "docker.io/library/*", True),
        ("docker.io/library/nginx:1.27", "docker.io/library/nginx", True),
        ("docker.io/library/nginx:1.27", "docker.io/*:1.27", True),
        ("docker.io/library/nginx:1.27", "*", True),
        ("docker.io/library/nginx:1.27", "nginx", False),
        ("docker.io/library/nginx:1.27", "docker.io/library/ngin", False),
        (f"docker.io/library/redis@{DIGEST}", "docker.io/library/redis", True),
    ],
)
def test_a_pattern_means_sources_with_or_without_their_tags(key: str, pattern: str, expected: bool) -> None:
    assert matches(key, pattern) is expected


def test_an_image_whose_tag_moved_keeps_its_digest_and_takes_its_new_target() -> None:
    (found,) = run(Heads(nginx=OTHER), Lock((NGINX,)), wanted("nginx:1.27", "ghcr.io/other/nginx:1.27"))
    assert (found.state, found.before, found.found) == ("moved", DIGEST, OTHER)
    assert locked(Lock((NGINX,)), [found]).entries == (replace(NGINX, target="ghcr.io/other/nginx:1.27"),)


@pytest.mark.parametrize(
    ("narrowed", "platforms", "state"),
    [
        (None, (), "unchanged"),
        (None, ("linux/amd64",), "unchanged"),  # it has no other
        (None, ("linux/arm64",), "narrowed"),
        (Narrowed(OTHER, ("linux/amd64",)), ("linux/amd64",), "unchanged"),
        (Narrowed(OTHER, ("linux/amd64",)), ("linux/amd64", "linux/arm64"), "narrowed"),
        (Narrowed(OTHER, ("linux/amd64",)), (), "narrowed"),
    ],
)
def test_a_rule_that_asks_for_other_platforms_is_seen(
    narrowed: Narrowed | None, platforms: tuple[str, ...], state: str
) -> None:
    lock = Lock((replace(NGINX, narrowed=narrowed),))
    (found,) = run(Heads(nginx=DIGEST), lock, wanted("nginx:1.27", NGINX.target, *platforms))
    assert found.state == state


def test_what_is_on_ghcr_is_looked_at_only_where_it_is_locked_or_an_update_takes_it_up() -> None:
    image, heads = wanted("ghcr.io/acme/shop:2", "ghcr.io/acme/shop:2", published=True), Heads(shop=DIGEST)
    assert run(heads, Lock(), image) == ()
    assert run(heads, Lock(), image, update="docker.io/*") == ()
    assert heads.asked == []
    assert not_locked([image], Lock()) == ("ghcr.io/acme/shop:2",)
    assert [each.state for each in run(heads, Lock(), image, update=True)] == ["added"]
    assert [each.state for each in run(heads, Lock((RELEASE,)), image)] == ["unchanged"]
    assert not_locked([image], Lock((RELEASE,))) == ()


def test_an_image_that_is_still_to_be_copied_is_no_missing_release() -> None:
    lock = Lock((NGINX,))
    image = wanted(NGINX.target, NGINX.target, published=True)
    (found,) = run(Heads(), lock, image, update=True)
    assert (found.state, locked(lock, [found])) == ("unchanged", lock)


def test_a_target_that_source_and_workload_name_is_one_image() -> None:
    heads = Heads(nginx=DIGEST)
    images = [wanted(NGINX.target, NGINX.target, published=True), wanted("nginx:1.27", NGINX.target)]
    assert [each.source for each in run(heads, Lock(), *images, update=True)] == [NGINX.source]
    assert heads.asked == ["library/nginx:1.27"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    images = [
        wanted("nginx:1.27", NGINX.target),
        wanted("acme/shop:2", RELEASE.target),
        wanted(f"redis:7@{DIGEST}", "ghcr.io/acme/redis:7"),
        wanted(f"redis:7@{OTHER}", "ghcr.io/acme/redis:7"),
    ]
    with pytest.raises(Problems) as caught:
        run(Heads(redis=DIGEST), Lock((RELEASE,)), *images)
    assert [str(each).partition(":")[0] for each in caught.value.problems] == [
        "docker.io/acme/shop",
        "docker.io/library/nginx",
        "docker.io/library/redis",
    ]
    assert "its target was published" in str(caught.value)


def test_an_image_that_was_imported_is_asked_of_no_registry_until_an_archive_names_it() -> None:
    """Whatever a registry has under its name is somebody else's."""
    heads = Heads(nginx=DIGEST)
    one = replace(wanted("nginx:1.27", NGINX.target), imported="the nodes of demo")
    with pytest.raises(Problems) as failed:
        run(heads, Lock(()), one)
    assert str(failed.value.problems[0]) == (
        "docker.io/library/nginx:1.27: was imported on the nodes of demo, and no archive names it; export it on one of"
        " them, `ctr --namespace k8s.io images export nginx.tar docker.io/library/nginx:1.27`, and give that as"
        " --archive"
    )
    assert heads.asked == []
    (kept,) = run(heads, Lock((NGINX,)), one)
    assert kept.state == "unchanged"
