from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, cast

import pytest

from hub2ghcr.credentials import HUB_KEY, Credential
from hub2ghcr.credentials.keyring import Entry
from hub2ghcr.errors import AccessRefused, NotFound, RegistryError
from hub2ghcr.pull_secrets.pulling import Image, Puller, differences, readers
from hub2ghcr.registry import Manifest, Registry
from hub2ghcr.registry.content import OCI_INDEX, OCI_MANIFEST, digest_of

ROBOT = Credential("robot", "the-secret-value")
OTHER = Credential("other", "another-value")


def built(kind: str, **data: Any) -> Manifest:
    content = json.dumps({"schemaVersion": 2, "mediaType": kind, **data}).encode()
    return Manifest(kind, digest_of(content), content)


def described(kind: str, digest: str, platform: str = "") -> dict[str, Any]:
    os, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    told = {"os": os, "architecture": architecture, **({"variant": variant} if variant else {})}
    return {"mediaType": kind, "digest": digest, "size": 1, **({"platform": told} if platform else {})}


def child(number: int) -> Manifest:
    config = described("application/vnd.oci.image.config.v1+json", f"sha256:{number:064x}")
    return built(OCI_MANIFEST, config=config, layers=[])


AMD, ARM, SIGNED = child(1), child(2), child(3)
INDEX = built(
    OCI_INDEX,
    manifests=[
        described(OCI_MANIFEST, AMD.digest, "linux/amd64"),
        described(OCI_MANIFEST, ARM.digest, "linux/arm64/v8"),
        described(OCI_MANIFEST, SIGNED.digest, "unknown/unknown"),
    ],
)
TARGET = "ghcr.io/acme/shop:1"


class Shelf:
    """A registry that one user may read, and what it was asked."""

    def __init__(self, *manifests: Manifest, user: str | None = "robot", status: int = 403) -> None:
        self.manifests = {each.digest: each for each in manifests}
        self.user, self.status = user, status
        self.asked: list[str] = []

    def reader(self, host: str, credential: Credential | None) -> Registry:
        assert host == "ghcr.io"
        return cast(Registry, _Opened(self, credential.username if credential else None))


class _Opened:
    def __init__(self, shelf: Shelf, user: str | None) -> None:
        self.shelf, self.user = shelf, user

    def get_manifest(self, repository: str, digest: str) -> Manifest:
        self.shelf.asked.append(digest)
        if self.shelf.user not in (None, self.user):
            what = f"refused to {self.user or 'anonymous'} ({self.shelf.status}: DENIED)"
            raise AccessRefused(what, f"ghcr.io/{repository}@{digest}", remedy="check the token")
        if digest not in self.shelf.manifests:
            raise NotFound("not found (404: MANIFEST_UNKNOWN)", f"ghcr.io/{repository}@{digest}")
        return self.shelf.manifests[digest]

    def get_blob(self, repository: str, digest: str) -> bytes:
        self.shelf.asked.append(digest)
        return b"{}"


def test_index_manifests_and_configurations_of_the_wanted_platforms_are_fetched() -> None:
    shelf = Shelf(INDEX, AMD, ARM)
    assert Puller(shelf.reader).pull(Image(TARGET, INDEX.digest, ("linux/arm64",)), (ROBOT,)) == "robot"
    assert ARM.config is not None
    assert shelf.asked == [INDEX.digest, ARM.digest, ARM.config.digest]


def test_without_platforms_one_is_fetched_and_no_attestation() -> None:
    shelf = Shelf(INDEX, AMD)
    Puller(shelf.reader).pull(Image(TARGET, INDEX.digest), (ROBOT,))
    assert shelf.asked[:2] == [INDEX.digest, AMD.digest]


def test_a_platform_that_the_image_has_not_is_named_with_those_it_has() -> None:
    shelf = Shelf(INDEX, AMD, ARM)
    with pytest.raises(
        NotFound, match=r"ghcr\.io/acme/shop:1: .*has no image for linux/s390x \(it has linux/amd64, linux"
    ):
        Puller(shelf.reader).pull(Image(TARGET, INDEX.digest, ("linux/amd64", "linux/s390x")), (ROBOT,))


def test_every_credential_is_tried_as_a_kubelet_does() -> None:
    shelf = Shelf(AMD)
    assert Puller(shelf.reader).pull(Image(TARGET, AMD.digest), (OTHER, ROBOT)) == "robot"


def test_a_credential_hides_that_anyone_could_pull() -> None:
    class Picky(Shelf):
        def reader(self, host: str, credential: Credential | None) -> Registry:
            self.user = None if credential is None else "nobody has this name"
            return super().reader(host, credential)

    shelf = Picky(AMD)
    assert Puller(shelf.reader).pull(Image(TARGET, AMD.digest)) == "anonymous"
    with pytest.raises(AccessRefused):
        Puller(shelf.reader).pull(Image(TARGET, AMD.digest), (ROBOT,))


PAGE = "https://github.com/orgs/acme/packages/container/shop/settings"
REFUSALS = [
    (OTHER, 403, f"cannot be pulled as other: refused to other (403: DENIED); give other read access to the package, "
                 f"or name another `pull` credential: {PAGE}"),
    (OTHER, 401, "cannot be pulled as other: refused to other (401: DENIED); set a valid token of other "
                 "(read:packages)"),
    (None, 403, "cannot be pulled anonymously: refused to anonymous (403: DENIED); make the package public, or name a "
                f"`pull` credential: {PAGE}"),
]  # fmt: skip


@pytest.mark.parametrize(("credential", "status", "told"), REFUSALS)
def test_a_refusal_is_one_line_with_image_user_answer_and_remedy(
    credential: Credential | None, status: int, told: str
) -> None:
    shelf = Shelf(AMD, status=status)
    with pytest.raises(RegistryError) as caught:
        Puller(shelf.reader).pull(Image(TARGET, AMD.digest), (credential,))
    assert str(caught.value) == f"{TARGET}: {told}"
    assert "another-value" not in repr(caught.value)


def test_many_namespaces_with_one_credential_ask_once_and_fail_alike() -> None:
    good, bad = Shelf(AMD), Shelf(AMD, user="somebody")
    for shelf in (good, bad):
        puller = Puller(shelf.reader)
        problems: list[str] = []

        def pull(puller: Puller = puller, problems: list[str] = problems) -> None:
            try:
                puller.pull(Image(TARGET, AMD.digest), (ROBOT,))
            except RegistryError as error:
                problems.append(str(error))

        threads = [threading.Thread(target=pull) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(10)
        assert shelf.asked.count(AMD.digest) == 1
        assert len(problems) == (8 if shelf is bad else 0)


def test_what_a_kubelet_tries_for_an_image_is_what_the_secret_matches() -> None:
    found = {
        "ghcr.io": Entry("a", "1"),
        "ghcr.io/acme": Entry("b", "2"),
        "quay.io": Entry("c", "3"),
        "*.io": Entry("", ""),
    }
    assert readers(found, "ghcr.io/acme/shop") == (Credential("b", "2"), Credential("a", "1"), None)
    assert readers(found, "registry.example/x") == ()


WRITTEN: Mapping[str, Entry] = {"ghcr.io": Entry("robot", "the-secret-value"), HUB_KEY: Entry("hub", "v")}
DIFFERENCES: list[tuple[dict[str, Entry | None], tuple[str, ...]]] = [
    ({}, ()),
    ({"ghcr.io": None}, ("it has no entry for ghcr.io",)),
    ({"ghcr.io": Entry("x", "the-secret-value")}, ("its entry for ghcr.io is of x, not of robot",)),
    ({"ghcr.io": Entry("robot", "old")}, ("its entry for ghcr.io has another token of robot than the stack",)),
    ({"quay.io": Entry("q", "v")}, ("it has an entry for quay.io that nobody asked for",)),
]


@pytest.mark.parametrize(("change", "told"), DIFFERENCES)
def test_a_secret_is_compared_without_a_value_in_what_is_told(
    change: dict[str, Entry | None], told: tuple[str, ...]
) -> None:
    found = {key: each for key, each in {**WRITTEN, **change}.items() if each is not None}
    assert differences(found, {"ghcr.io": ROBOT, "docker.io": Credential("hub", "v")}) == told
