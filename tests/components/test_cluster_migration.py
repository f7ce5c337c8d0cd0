from __future__ import annotations

import base64
import json

import pulumi

from components.cluster_migration import ClusterMigration, ClusterMigrationArgs
from components.image_mirror import ImageMirror, ImageMirrorArgs
from hub2ghcr.plan import Cluster, CredentialRef, Kubeconfig, Namespace, PullSecret, Workload
from tests.components.recording import Registered, declared, is_secret, only

DIGEST = "sha256:" + "a" * 64
TARGET = "ghcr.io/acme/shop:1"
IMAGE = f"{TARGET}@{DIGEST}"
PULL = PullSecret("hub2ghcr-ghcr", {"ghcr.io": CredentialRef("pull", "robot", "pullToken")})
CONFIG = {"hub2ghcr:pullToken": "the-secret-value"}


def workload(kind: str, namespace: str, name: str, delivery: str, copies: tuple[str, ...] = (TARGET,)) -> Workload:
    document = {
        "apiVersion": "apps/v1" if kind != "Pod" else "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"spec": {"containers": [{"name": "a", "image": IMAGE}]}}},
    }
    return Workload(str(document["apiVersion"]), kind, namespace, name, delivery, document, (), copies)  # type: ignore[arg-type]


def migrated(*namespaces: Namespace) -> list[Registered]:
    def declare() -> None:
        mirrors: dict[str, pulumi.Resource] = {
            target: ImageMirror(target, ImageMirrorArgs("docker.io/acme/shop:1", target, DIGEST))
            for target in (TARGET, "ghcr.io/acme/other:1")
        }
        cluster = Cluster("demo", Kubeconfig("/kube/config", "lab"), namespaces)
        ClusterMigration("demo", ClusterMigrationArgs(cluster, mirrors))

    return declared(declare, CONFIG)


def shop(delivery: str = "patch", *, create: bool = False) -> Namespace:
    return Namespace("shop", create, PULL, (workload("Deployment", "shop", "web", delivery),))


def test_a_workload_waits_for_the_copies_of_its_own_images_for_the_pull_secret_and_for_the_proof() -> None:
    web = only(migrated(shop()), "kubernetes:apps/v1:DeploymentPatch")
    assert set(web.depends_on) == {TARGET, "demo", "demo/shop"}
    assert "ghcr.io/acme/other:1" not in web.depends_on


def test_an_image_is_a_plain_string_so_that_a_preview_shows_it() -> None:
    web = only(migrated(shop()), "kubernetes:apps/v1:DeploymentPatch")
    assert web.inputs["spec"]["template"]["spec"]["containers"] == [{"name": "a", "image": IMAGE}]


def test_a_patch_keeps_its_fields_when_it_leaves_and_has_a_fixed_manager_and_a_bounded_wait() -> None:
    web = only(migrated(shop()), "kubernetes:apps/v1:DeploymentPatch")
    assert web.retained
    assert web.inputs["metadata"]["annotations"] == {
        "pulumi.com/patchFieldManager": "hub2ghcr",
        "pulumi.com/patchForce": "true",
        "pulumi.com/timeoutSeconds": "300",
    }


def test_an_owned_workload_is_the_whole_object_and_goes_with_the_stack() -> None:
    web = only(migrated(shop("own")), "kubernetes:apps/v1:Deployment")
    assert not web.retained
    assert web.inputs["metadata"]["annotations"]["pulumi.com/patchFieldManager"] == "hub2ghcr-test"
    assert "pulumi.com/patchForce" not in web.inputs["metadata"]["annotations"]


def test_annotations_of_the_document_win_over_ours() -> None:
    web = workload("Deployment", "shop", "web", "own")
    document = dict(web.document)
    document["metadata"] = {"name": "web", "namespace": "shop", "annotations": {"pulumi.com/timeoutSeconds": "20"}}
    changed = Workload("apps/v1", "Deployment", "shop", "web", "own", document, (), ())
    found = only(migrated(Namespace("shop", False, None, (changed,))), "kubernetes:apps/v1:Deployment")
    assert found.inputs["metadata"]["annotations"]["pulumi.com/timeoutSeconds"] == "20"


def test_the_pull_secret_goes_over_the_wire_as_a_secret_and_opens_ghcr() -> None:
    secret = only(migrated(shop()), "kubernetes:core/v1:Secret")
    data = secret.inputs["data"][".dockerconfigjson"]
    assert is_secret(data)
    decoded = json.loads(base64.b64decode(data["value"]))
    assert decoded["auths"]["ghcr.io"]["username"] == "robot"
    assert decoded["auths"]["ghcr.io"]["password"] == CONFIG["hub2ghcr:pullToken"]
    assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert secret.inputs["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "hub2ghcr"}
    assert set(secret.secret_outputs) == {"data", "stringData"}


def test_nothing_but_the_pull_secret_holds_the_credential() -> None:
    for each in migrated(shop(), Namespace("jobs", True, PULL, ())):
        text = json.dumps({key: value for key, value in each.inputs.items() if key != "data"})
        assert CONFIG["hub2ghcr:pullToken"] not in text


def test_a_pull_secret_stays_as_long_as_patched_workloads_that_use_it_stay() -> None:
    assert only(migrated(shop("patch")), "kubernetes:core/v1:Secret").retained
    assert not only(migrated(shop("own")), "kubernetes:core/v1:Secret").retained


def test_a_created_namespace_comes_first_and_is_never_deleted() -> None:
    registered = migrated(shop("own", create=True))
    namespace = only(registered, "kubernetes:core/v1:Namespace")
    assert namespace.retained
    assert namespace.depends_on == ("demo",)
    assert "demo/shop" in only(registered, "kubernetes:core/v1:Secret").depends_on


def test_an_existing_namespace_is_not_declared() -> None:
    assert not [each for each in migrated(shop()) if each.type == "kubernetes:core/v1:Namespace"]


def test_every_object_of_the_cluster_goes_through_the_clusters_own_provider() -> None:
    for each in migrated(shop(), shop("own", create=True)):
        if each.type.startswith("kubernetes:"):
            assert each.provider.endswith("pulumi:providers:kubernetes::demo"), each


def test_the_providers_identity_is_the_clusters_name() -> None:
    provider = only(migrated(shop()), "pulumi:providers:kubernetes")
    assert provider.inputs == {
        "clusterIdentifier": "demo",
        "context": "lab",
        "enableSecretMutable": "true",
        "enableServerSideApply": "true",
        "kubeconfig": "/kube/config",
    }


def test_every_declared_object_is_expected_first() -> None:
    proof = only(
        migrated(shop(), Namespace("smoke", True, None, (workload("Pod", "smoke", "one", "own"),))),
        "pulumi-python:dynamic/hub2ghcr:ExpectedObjects",
    )
    seen = {(each["kind"], each["namespace"], each["name"], each["delivery"]) for each in proof.inputs["objects"]}
    assert seen == {
        ("Namespace", "", "shop", "patch"),
        ("Secret", "shop", "hub2ghcr-ghcr", "own"),
        ("Deployment", "shop", "web", "patch"),
        ("Namespace", "", "smoke", "own"),
        ("Pod", "smoke", "one", "own"),
    }
