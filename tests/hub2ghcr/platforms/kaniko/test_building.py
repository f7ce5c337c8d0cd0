from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, ClusterError, Hub2GhcrError, RegistryError
from hub2ghcr.platforms.kaniko.build import Build, Context
from hub2ghcr.platforms.kaniko.building import Built, Site, build
from hub2ghcr.registry import Descriptor, Registry
from tests.hub2ghcr.platforms.kaniko.pods import IMAGE_MISSING, RUNNING, Building, Pods, ended

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
GIT = Build("shop", Context("git", "https://github.com/acme/shop.git"), "ghcr.io/acme/shop", ("1",), "push", timeout=1)
FOLDER = replace(GIT, context=Context("folder", "app"), content="sha256:1")


class Holding:
    """A registry that holds one digest, or nothing, under every tag."""

    def __init__(self, digest: str = DIGEST) -> None:
        self.digest = digest

    def head_manifest(self, repository: str, reference: str, *, push: bool = False) -> Descriptor | None:
        assert push, "what was just pushed may be private"
        return Descriptor("", self.digest, 1) if self.digest else None


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("hub2ghcr.platforms.kaniko.running.time.monotonic", lambda: now[0])
    monkeypatch.setattr("hub2ghcr.platforms.kaniko.running.time.sleep", lambda seconds: now.append(now.pop() + seconds))


def run(
    cluster: Building,
    wanted: Build = GIT,
    content: Path | None = None,
    held: str = DIGEST,
    tell: Callable[[str], object] = print,
    keep: bool = False,
) -> Built:
    site = Site(cluster, "builds", cast(Registry, Holding(held)), Credential("robot", "the-value"), tell)
    return build(wanted, site, content, keep=keep)


def test_a_build_ends_with_the_digest_that_the_registry_holds_and_leaves_nothing() -> None:
    told: list[str] = []
    cluster = Building(Pods([RUNNING, RUNNING, ended(DIGEST)]), ["one", "two"])
    assert run(cluster, replace(GIT, tags=("1", "2")), tell=told.append) == Built(
        DIGEST, (f"ghcr.io/acme/shop:1@{DIGEST}", f"ghcr.io/acme/shop:2@{DIGEST}")
    )
    assert told == ["one", "two"]
    assert cluster.left() == set()


def test_the_secret_is_there_before_a_pod_can_be_and_belongs_to_the_job() -> None:
    cluster = Building(Pods([ended(DIGEST)]), ["log"])
    run(cluster, keep=True)
    name = GIT.object_name()
    assert cluster.written == [
        f"create Job/{name}",
        f"apply by force Secret/{name}",
        f"apply by force Job/{name}",
        f"delete Secret/{name}",
    ]
    assert cluster.left() == {"Job"}, "it is kept with its log"


def test_the_secret_holds_what_clones_where_a_credential_does(monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[dict[str, Any]] = []
    cluster = Building(Pods([ended(DIGEST)]), ["log"])
    apply = cluster.apply

    def seen(document: dict[str, Any], **how: Any) -> Any:
        applied.append(document)
        return apply(document, **how)

    monkeypatch.setattr(cluster, "apply", seen)
    private = replace(GIT, clone="reader")
    clone = Credential("reader", "the-other-value")
    build(private, Site(cluster, "builds", cast(Registry, Holding(DIGEST)), Credential("robot", "v"), print, clone))
    assert b64decode(applied[0]["data"]["git-password"]) == b"the-other-value"


def test_what_a_killed_run_left_is_removed_first() -> None:
    cluster = Building(Pods([ended(DIGEST)]), ["log"])
    run(cluster, keep=True)
    cluster.written.clear()
    run(cluster)
    assert cluster.written[:2] == [f"delete Job/{GIT.object_name()}", f"create Job/{GIT.object_name()}"]


def test_a_folder_is_handed_over_with_its_size_and_hash(tmp_path: Path) -> None:
    (tmp_path / "c.tar.gz").write_bytes(b"x" * 100_000)
    cluster = Building(Pods([ended(DIGEST)], [{}, RUNNING]), ["log"])
    run(cluster, FOLDER, tmp_path / "c.tar.gz")
    assert cluster.fed == [b"x" * 100_000]
    assert list(cluster.commands[0][3:]) == ["sh", "100000", hashlib.sha256(b"x" * 100_000).hexdigest()]


@pytest.mark.parametrize(("held", "there"), [("", "nothing"), (OTHER, OTHER)])
def test_a_digest_that_the_registry_does_not_hold_is_refused(held: str, there: str) -> None:
    cluster = Building(Pods([ended(DIGEST)]), ["log"])
    with pytest.raises(RegistryError, match=f"holds {there}, and the build told {DIGEST}"):
        run(cluster, held=held)
    assert cluster.left() == set()


@pytest.mark.parametrize(
    ("pods", "wanted", "kind", "told"),
    [
        (Pods([ended("error checking push permissions: DENIED", 1)]), GIT, AccessRefused, "push needs write"),
        (Pods([ended('PUT https://ghcr.io/v2/x: DENIED: no', 1)]), GIT, AccessRefused, "may not push"),
        (Pods([ended("one\nerror building image: COPY failed\n", 1)]), GIT, ClusterError, "error building image: COPY"),
        (Pods([ended("", 1)]), GIT, ClusterError, "the build failed: a line"),
        (Pods([ended("all is well")]), GIT, ClusterError, "without a digest"),
        (Pods([IMAGE_MISSING]), GIT, ClusterError, "container kaniko does not start: Back-off"),
        (Pods([], [ended("no such file: sh", 127)]), FOLDER, ClusterError, "take its `debug` variant"),
        (Pods(scheduled="0/1 nodes"), GIT, ClusterError, "within 1 s: its Pod has no node: 0/1 nodes"),
        (Pods([{"waiting": {"reason": "Creating"}}]), GIT, ClusterError, "container kaniko waits: Creating"),
        (Pods([RUNNING]), GIT, ClusterError, "within 1 s: the build was still running"),
        (None, GIT, ClusterError, "no Pod of it was made"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_in_one_line_and_taken_away(
    pods: Pods | None, wanted: Build, kind: type[Hub2GhcrError], told: str, tmp_path: Path
) -> None:
    (tmp_path / "c").write_bytes(b"")
    cluster = Building(pods, ["a line"])
    with pytest.raises(kind) as caught:
        run(cluster, wanted, tmp_path / "c" if wanted.context.handed else None)
    assert told in str(caught.value) and len(caught.value.lines) == 1
    assert "the-value" not in str(caught.value)
    assert cluster.left() == set()


def failed(reason: str) -> dict[str, object]:
    return {"active": 1, "conditions": [{"type": "Failed", "status": "True", "reason": reason, "message": "why"}]}


@pytest.mark.parametrize(
    ("reason", "told"), [("DeadlineExceeded", "did not end within 1 s"), ("BackoffLimitExceeded", "failed: why")]
)
def test_a_job_that_ended_without_its_pod_is_told(reason: str, told: str) -> None:
    with pytest.raises(ClusterError, match=told):
        run(Building(None, job=failed(reason)))


def test_a_job_that_gets_no_pod_is_told_with_the_reason() -> None:
    cluster = Building(None)
    cluster.events = [{"message": "violates PodSecurity"}]
    with pytest.raises(ClusterError, match="has no Pod: violates PodSecurity"):
        run(cluster)


def test_a_job_that_somebody_deleted_is_told() -> None:
    class Deleted(Building):
        def get(self, *_: str) -> None: ...

    with pytest.raises(ClusterError, match="was deleted while"):
        run(Deleted(None))


def test_an_interrupted_build_is_taken_away() -> None:
    class Interrupted(Building):
        def list(self, *_: str, **__: str) -> object:  # type: ignore[override]
            raise KeyboardInterrupt

    cluster = Interrupted(None)
    with pytest.raises(KeyboardInterrupt):
        run(cluster)
    assert cluster.left() == set()


def test_what_cannot_be_removed_is_told_behind_the_failure_and_is_one_without_it() -> None:
    told: list[str] = []
    cluster = Building(Pods([ended("failed", 1)]), ["a line"])
    cluster.stays = {"Secret"}
    with pytest.raises(ClusterError, match="the build failed"):
        run(cluster, tell=told.append)
    assert told[-1] == "not removed: Secret may not be deleted"
    cluster = Building(Pods([ended(DIGEST)]), ["a line"])
    cluster.stays = {"Secret"}
    with pytest.raises(ClusterError, match="may not be deleted"):
        run(cluster)


def test_a_log_that_cannot_be_followed_does_not_end_a_build_and_a_token_in_it_is_not_shown() -> None:
    told: list[str] = []
    run(Building(Pods([ended(DIGEST)])), tell=told.append)
    assert told == ["(the log cannot be followed: no log)"]
    told.clear()
    run(Building(Pods([ended(DIGEST)]), [f"token ghp_{'x' * 36}"]), tell=told.append)
    assert "ghp_" not in told[0]
