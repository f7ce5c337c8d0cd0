"""Our dynamic providers without an engine: what they keep, when they see a change, what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import dill  # type: ignore[import-untyped]
import pytest
from pulumi.dynamic import ConfigureRequest, ResourceProvider
from pulumi.dynamic.config import Config
from pulumi.provider.experimental.component import ComponentProvider

from components import image_job, registry_access
from components.delivered_files import DeliveredFilesProvider
from components.expected_objects import ExpectedObjectsProvider
from components.expected_repositories import ExpectedRepositoriesProvider
from components.image_copy import ImageCopyProvider
from components.image_mirror import ImageMirror
from components.kubernetes_object import type_token
from components.package_check import PackageCheckProvider
from components.package_settings import PackageSettings
from components.pull_check import PullCheckProvider
from components.removed_secrets import RemovedSecretsProvider
from components.seal_notice import SealNoticeProvider
from hub2ghcr.attached import Attached
from hub2ghcr.copying import Job
from hub2ghcr.errors import CredentialError

PROVIDERS = [
    DeliveredFilesProvider,
    ExpectedObjectsProvider,
    ExpectedRepositoriesProvider,
    ImageCopyProvider,
    PackageCheckProvider,
    PullCheckProvider,
    RemovedSecretsProvider,
    SealNoticeProvider,
]
COPY = {"source": "docker.io/a:1", "target": "ghcr.io/a:1", "digest": "sha256:1", "mode": "copy", "__provider": "p"}
SIGNATURE = Attached(
    "sha256:1", "signature", "sha256:2", "application/vnd.oci.image.manifest.v1+json", "", 12, "sha256-1.sig"
)


def configured(provider: Callable[[], ResourceProvider], **values: object) -> Any:
    made = provider()
    raw = {f"hub2ghcr:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    made.configure(ConfigureRequest(Config(raw, "hub2ghcr")))
    registry_access.copier.cache_clear()
    return made


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_kept_by_its_name_alone(provider: Callable[[], ResourceProvider]) -> None:
    kept = dill.dumps(provider(), recurse=True)
    assert len(kept) < 100
    assert b"components." in kept
    assert type(dill.loads(kept)) is provider


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_no_secret_so_that_what_is_encrypted_is_one(provider: Callable[[], ResourceProvider]) -> None:
    assert provider().serialize_as_secret_always is False


@pytest.mark.parametrize("provider", PROVIDERS)
def test_deleting_asks_nobody(provider: Callable[[], ResourceProvider]) -> None:
    provider().delete("id", {})


@pytest.mark.parametrize(
    ("change", "changes", "replaces"),
    [
        ({}, False, []),
        ({"mode": "require"}, False, []),
        ({"digest": "sha256:2"}, True, []),
        ({"source": "docker.io/b:1"}, True, []),
        ({"attached": [asdict(SIGNATURE)]}, True, []),
        ({"narrowed": "sha256:3", "platforms": ["linux/amd64"]}, True, []),
        ({"attached": []}, False, []),
        ({"target": "ghcr.io/b:1"}, True, ["target"]),
        ({"__provider": "another module"}, True, []),
    ],
)
def test_a_copy_changes_with_what_is_copied(change: dict[str, object], changes: bool, replaces: list[str]) -> None:
    found = ImageCopyProvider().diff("id", COPY, {**COPY, **change})
    assert (found.changes, found.replaces) == (changes, replaces)


def test_a_required_image_that_cannot_be_looked_at_fails_in_a_preview() -> None:
    provider = configured(ImageCopyProvider, registries={"ghcr.io": {"endpoint": "${NO_SUCH_VARIABLE}"}})
    (failure,) = provider.check({}, {**COPY, "target": "ghcr.io/acme/a:1", "mode": "require"}).failures
    assert failure.property == ""
    assert "ghcr.io: the endpoint is not a URL: '${NO_SUCH_VARIABLE}'" in failure.reason


@pytest.mark.parametrize("numbers", [int, float])
def test_a_job_comes_back_from_what_the_engine_keeps(numbers: Callable[[int], float]) -> None:
    job = Job("docker.io/a:1", "ghcr.io/a:1", "sha256:1", (SIGNATURE,), 3, 99, ("linux/amd64",), "sha256:3", "a.tar")
    kept = image_job.properties(job)
    for each in kept["attached"]:
        each["size"] = numbers(each["size"])  # the engine's numbers are floats
    assert image_job.job(kept) == replace(job, manifests=0, size=0)
    assert type(image_job.job(kept).attached[0].size) is int


def test_the_state_of_a_plain_copy_says_no_more_than_it_needs() -> None:
    plain = Job("docker.io/a:1", "ghcr.io/a:1", "sha256:1", size=99)
    assert image_job.properties(plain) == {"source": plain.source, "target": plain.target, "digest": plain.digest}


def test_a_copy_is_made_in_an_update_and_not_in_a_preview() -> None:
    assert ImageCopyProvider().check({}, dict(COPY)).failures == []


def test_a_named_credential_without_a_value_says_how_to_set_it() -> None:
    configured(ImageCopyProvider, credentials={"push": {"username": "u", "secretKey": "pushToken"}})
    with pytest.raises(CredentialError, match=r"push: .*pulumi config set --secret hub2ghcr:pushToken"):
        registry_access.credential("push")


def test_a_credential_is_read_from_the_stacks_secret() -> None:
    configured(ImageCopyProvider, credentials={"push": {"username": "u", "secretKey": "pushToken"}}, pushToken="v")
    assert registry_access.credential("push").secret == "v"


@pytest.mark.parametrize(
    ("api_version", "kind", "token"),
    [
        ("v1", "Pod", "kubernetes:core/v1:Pod"),
        ("apps/v1", "Deployment", "kubernetes:apps/v1:Deployment"),
        ("example.com/v1", "Thing", "kubernetes:example.com/v1:Thing"),
    ],
)
def test_a_kind_has_the_type_of_pulumi_kubernetes(api_version: str, kind: str, token: str) -> None:
    assert type_token(api_version, kind) == token


@pytest.mark.parametrize(
    ("component", "inputs"),
    [
        (ImageMirror, {"source", "target", "digest", "mode", "attached", "platforms", "narrowed", "archive"}),
        (
            PackageSettings,
            {"owner", "name", "registry", "visibility", "repository", "enforce", "endpoint", "credential"},
        ),
    ],
)
def test_components_of_plain_values_have_a_schema_for_other_languages(component: Any, inputs: set[str]) -> None:
    schema = json.loads(ComponentProvider([component], "hub2ghcr", None, "0.1.0").schema or "")
    assert set(schema["resources"][f"hub2ghcr:index:{component.__name__}"]["inputProperties"]) == inputs
