from __future__ import annotations

import pytest

from hub2ghcr.inventory import ClusterFacts, ImageFacts, Inventory, NamespaceFacts, WorkloadFacts
from hub2ghcr.inventory.spelling import Spelling
from hub2ghcr.lock import Entry, Lock, Resolved

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
PLACE = ("demo", "shop", "Deployment", "web", "containers[web]")


def entry(source: str, target: str, digest: str = DIGEST) -> Entry:
    return Entry(source, digest, "m", ("linux/amd64",), 1, target, Resolved("2026-11-20T10:00:00Z", "docker.io"))


LOCK = Lock(
    (
        entry("docker.io/library/nginx:1.27", "ghcr.io/acme/nginx:1.27"),
        entry("docker.io/library/nginx:stable", "ghcr.io/acme/nginx:stable"),
        entry(f"docker.io/library/redis@{DIGEST}", "ghcr.io/acme/redis"),
        entry("", "ghcr.io/acme/born:1"),
    )
)


def before(image: str) -> Inventory:
    workload = WorkloadFacts("apps/v1", "Deployment", "web", images=(ImageFacts("containers[web]", image),))
    return Inventory((ClusterFacts("demo", namespaces=(NamespaceFacts("shop", workloads=(workload,)),)),))


@pytest.mark.parametrize(
    ("image", "spelled"),
    [
        (f"ghcr.io/acme/nginx:1.27@{DIGEST}", "docker.io/library/nginx:1.27"),
        ("ghcr.io/acme/nginx:1.27", "docker.io/library/nginx:1.27"),
        # an earlier digest of the same tag: going back to it stays on GHCR
        (f"ghcr.io/acme/nginx:1.27@{OTHER}", "docker.io/library/nginx:1.27"),
        (f"ghcr.io/acme/redis@{DIGEST}", f"docker.io/library/redis@{DIGEST}"),
        # `references: digest`: two tags have it, and nothing says which one was meant
        (f"ghcr.io/acme/nginx@{DIGEST}", "docker.io/library/nginx:1.27"),
        ("ghcr.io/acme/born:1", "ghcr.io/acme/born:1"),
        ("ghcr.io/acme/unknown:1", "ghcr.io/acme/unknown:1"),
        ("Not An Image", "Not An Image"),
        ("nginx:1.27", "nginx:1.27"),
    ],
)
def test_what_we_moved_has_its_source_again(image: str, spelled: str) -> None:
    assert Spelling(LOCK).of(image, ("hub2ghcr", "kubectl"), PLACE) == spelled


@pytest.mark.parametrize("spelled", ["nginx:1.27", "docker.io/nginx:1.27", "index.docker.io/library/nginx:1.27"])
def test_the_spelling_of_the_inventory_before_is_kept(spelled: str) -> None:
    found = Spelling(LOCK, before(spelled)).of(f"ghcr.io/acme/nginx:1.27@{DIGEST}", ("hub2ghcr-demo",), PLACE)
    assert found == spelled


def test_a_digest_that_several_tags_have_is_the_one_that_was_there() -> None:
    found = Spelling(LOCK, before("nginx:stable")).of(f"ghcr.io/acme/nginx@{DIGEST}", ("hub2ghcr",), PLACE)
    assert found == "nginx:stable"


def test_a_spelling_of_another_image_is_not_kept() -> None:
    found = Spelling(LOCK, before("redis:7")).of("ghcr.io/acme/nginx:1.27", ("hub2ghcr",), PLACE)
    assert found == "docker.io/library/nginx:1.27"


@pytest.mark.parametrize("managers", [(), ("kubectl",), ("argocd-controller",), ("hub2ghcrx",)])
def test_what_others_wrote_stays(managers: tuple[str, ...]) -> None:
    assert Spelling(LOCK).of("ghcr.io/acme/nginx:1.27", managers, PLACE) == "ghcr.io/acme/nginx:1.27"


def test_a_registry_with_several_names_is_one() -> None:
    found = Spelling(LOCK, aliases={"mirror.example.com": "ghcr.io"})
    assert found.of("mirror.example.com/acme/nginx:1.27", ("hub2ghcr",), PLACE) == "docker.io/library/nginx:1.27"
