"""The provider of builds without an engine: when it builds, and what it keeps."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import dill  # type: ignore[import-untyped]
import pytest

from components import cluster_access, registry_access
from components.kaniko_build import KanikoBuildProvider
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import SettingsError
from hub2ghcr.platforms.kaniko import building
from hub2ghcr.platforms.kaniko.build import Build, Context
from hub2ghcr.platforms.kaniko.building import Built, Site
from tests.hub2ghcr.pretended import Pretended

DIGEST = "sha256:" + "a" * 64
GIT = Build("web", Context("git", "https://github.com/acme/web.git"), "ghcr.io/acme/web", ("1",), "push")


def props(build: Build = GIT, **more: Any) -> dict[str, Any]:
    return {
        "cluster": "demo",
        "reach": {"kubeconfig": "k", "context": "c"},
        "namespace": "builds",
        "build": asdict(build),
        "digest": None,
        "__provider": "p",
        **more,
    }


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Build, Path | None]]:
    """What was built."""
    found: list[tuple[Build, Path | None]] = []

    def build(wanted: Build, site: Site, content: Path | None, *, keep: bool) -> Built:
        assert keep and site.namespace == "builds" and site.credential.secret == "the-value"
        assert site.tell("a line of the log") is None
        found.append((wanted, content))
        return Built(DIGEST, ())

    monkeypatch.setattr(building, "build", build)
    monkeypatch.setattr(cluster_access, "cluster", lambda _: Pretended())
    monkeypatch.setattr(registry_access, "credential", lambda name: Credential(name, "the-value"))
    monkeypatch.setattr(registry_access, "section", lambda _: {})
    return found


def test_the_provider_is_kept_by_its_name_alone() -> None:
    assert len(dill.dumps(KanikoBuildProvider(), recurse=True)) < 100


def test_what_is_built_is_kept_with_its_digest_and_without_a_secret(built: list[Any]) -> None:
    made = KanikoBuildProvider().create(props())
    assert made.id == "demo/builds/web"
    assert made.outs is not None and made.outs["digest"] == DIGEST
    assert built == [(GIT, None)] and "the-value" not in str(made.outs)


def test_a_private_repository_is_cloned_with_its_credential(built: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    clones: list[str] = []

    def build(wanted: Build, site: Site, content: Path | None, *, keep: bool) -> Built:
        clones.append(site.clone.username if site.clone else "")
        return Built(DIGEST, ())

    monkeypatch.setattr(building, "build", build)
    private = KanikoBuildProvider().create(props(replace(GIT, clone="reader")))
    KanikoBuildProvider().create(props())
    assert clones == ["reader", ""]
    assert "the-value" not in str(private.outs)


def test_only_what_is_built_makes_a_new_build(built: list[Any]) -> None:
    provider, before = KanikoBuildProvider(), props(digest=DIGEST)
    assert not provider.diff("", before, props()).changes
    assert not provider.diff("", before, props(replace(GIT, timeout=5, push="other", clone="x"))).changes
    assert provider.diff("", before, props(replace(GIT, tags=("2",)))).changes
    assert provider.diff("", before, props(namespace="other")).replaces == ["namespace"]
    assert provider.update("", before, props(replace(GIT, timeout=5))).outs["digest"] == DIGEST  # type: ignore[index]
    assert built == []
    assert provider.update("", props(digest="sha256:old"), props(replace(GIT, tags=("2",)))).outs["digest"] == DIGEST  # type: ignore[index]
    assert len(built) == 1


def test_a_read_changes_nothing() -> None:
    assert KanikoBuildProvider().read("id", props()).outs == props()


def test_leaving_removes_the_job_and_leaves_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": GIT.object_name(), "namespace": "builds"}}
    cluster = Pretended(job)
    monkeypatch.setattr(cluster_access, "cluster", lambda _: cluster)
    KanikoBuildProvider().delete("", props())
    assert cluster.written == [f"delete Job/{GIT.object_name()}"]


def test_a_folder_that_changed_since_it_was_declared_is_not_built(
    built: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    folder = replace(GIT, context=Context("folder", "."), content="sha256:of another time")
    with pytest.raises(SettingsError, match="changed while the run went on"):
        KanikoBuildProvider().create(props(folder))
    assert built == []
