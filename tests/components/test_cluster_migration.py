from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.cluster_migration import ClusterMigration, ClusterMigrationArgs
from components.image_mirror import ImageMirror, ImageMirrorArgs
from hub2ghcr.plan import (
    Cluster,
    CredentialRef,
    Delivery,
    Guard,
    Kubeconfig,
    Namespace,
    Phase,
    Pull,
    PullSecret,
    Workload,
)
from hub2ghcr.platforms.kaniko.build import Build, Context
from hub2ghcr.platforms.rancher.registries import Rancher
from tests.components.recording import Registered, declared, is_secret, only

DIGEST = "sha256:" + "a" * 64
TARGET = "ghcr.io/acme/shop:1"
IMAGE = f"{TARGET}@{DIGEST}"
PULL = PullSecret("hub2ghcr-ghcr", {"ghcr.io": CredentialRef("pull", "robot", "pullToken")})
PULLS = (Pull(TARGET, DIGEST, ()), Pull("ghcr.io/acme/other:1", DIGEST, ()))
CONFIG = {"hub2ghcr:pullToken": "the-secret-value"}
OURS = "pulumi-python:dynamic/hub2ghcr:"


def workload(kind: str = "Deployment", name: str = "web", delivery: Delivery = "patch", **more: Any) -> Workload:
    document = {
        "apiVersion": "apps/v1" if kind != "Pod" else "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop", **more.pop("metadata", {})},
        "spec": {"template": {"spec": {"containers": [{"name": "a", "image": IMAGE}]}}},
    }
    return Workload(
        str(document["apiVersion"]), kind, "shop", name, delivery, document, (), more.pop("copies", (TARGET,)), **more
    )


def migrated(
    *namespaces: Namespace,
    guard: Guard | None = None,
    inventoried: bool = False,
    rancher: Rancher | None = None,
    **answers: Mapping[str, Any],
) -> list[Registered]:
    def declare() -> None:
        mirrors: dict[str, pulumi.Resource] = {
            target: ImageMirror(target, ImageMirrorArgs(source="docker.io/acme/shop:1", target=target, digest=DIGEST))
            for target in (TARGET, "ghcr.io/acme/other:1")
        }
        reach = Kubeconfig("/kube/config", "lab")
        cluster = Cluster("demo", reach, namespaces, ("kubectl",), (), guard, inventoried, rancher=rancher)
        ClusterMigration("demo", ClusterMigrationArgs(cluster, mirrors))

    return declared(declare, CONFIG, {f"{OURS}{key}": value for key, value in answers.items()})


def shop(*workloads: Workload, **more: Any) -> Namespace:
    return Namespace("shop", more.pop("create", False), PULL, workloads or (workload(),), pulls=PULLS, **more)


BACK = workload(switched=False, copies=(), was=("nginx:1.27",))


def test_a_workload_waits_for_the_proof_that_it_can_be_pulled_which_waits_for_copies_and_pull_access() -> None:
    assert set(only(migrated(shop()), f"{OURS}WorkloadPatch").depends_on) == {"demo/shop"}
    check = only(migrated(shop()), f"{OURS}PullCheck")
    assert set(check.depends_on) == {TARGET, "ghcr.io/acme/other:1", "demo", "demo/shop"}
    assert check.inputs["switches"] == ["Deployment/web"]


def test_a_namespace_that_skips_has_a_proof_and_a_roll_out_for_each_workload() -> None:
    other = workload(name="other", copies=("ghcr.io/acme/other:1",))
    found = migrated(shop(workload(), other, on_unready="skip"))
    assert (
        "demo/shop/Deployment/other" not in only(found, f"{OURS}WorkloadPatch", "demo/shop/Deployment/web").depends_on
    )
    checks = {each.name: each for each in found if each.type == f"{OURS}PullCheck"}
    assert {name: [one["target"] for one in each.inputs["images"]] for name, each in checks.items()} == {
        "demo/shop/Deployment/other": ["ghcr.io/acme/other:1"],
        "demo/shop/Deployment/web": [TARGET],
    }
    assert sorted(each.name for each in found if each.type == f"{OURS}RollOut") == sorted(checks)
    assert all(each.inputs["skips"] for each in checks.values())


def test_what_is_skipped_stays_as_it_is_and_what_cannot_be_kept_back_holds() -> None:
    """With ``hold`` no proof is kept; an object of the engine's own cannot stay: its proof fails."""
    answer = {"unready": ["refused"]}
    own = workload("Pod", "own", delivery="own")
    found = migrated(shop(workload(), own, on_unready="skip"), PullCheck=answer)
    assert only(found, f"{OURS}WorkloadPatch").inputs["unready"] == ["refused"]
    checks = {each.name: each.inputs["skips"] for each in found if each.type == f"{OURS}PullCheck"}
    assert checks == {"demo/shop/Deployment/web": True, "demo/shop/Pod/own": False}
    found = migrated(shop(), PullCheck=answer)
    assert "unready" not in only(found, f"{OURS}WorkloadPatch").inputs
    assert only(found, f"{OURS}PullCheck").inputs["skips"] is False


@pytest.mark.parametrize("how", [{}, {"phase": "prepare"}, {"on_unready": "skip"}])
def test_a_pull_secret_that_opens_no_image_yet_is_read_back_too(how: dict[str, Any]) -> None:
    check = only(migrated(replace(shop(**how), pulls=())), f"{OURS}PullCheck")
    assert (check.name, check.inputs["images"], check.inputs["secret"]) == ("demo/shop", [], "hub2ghcr-ghcr")
    assert not [each for each in migrated(Namespace("shop", False, None, ())) if each.type == f"{OURS}PullCheck"]


def test_a_workload_without_a_proof_waits_for_its_own_copies_and_the_cluster() -> None:
    web = only(migrated(replace(shop(), pulls=(), pull_secret=None)), f"{OURS}WorkloadPatch")
    assert set(web.depends_on) == {TARGET, "demo"}


def test_before_the_switch_nothing_is_switched_and_it_is_proven_that_all_can_be_pulled() -> None:
    found = migrated(shop(BACK, phase="prepare"))
    assert TARGET not in only(found, f"{OURS}WorkloadPatch").depends_on
    assert only(found, f"{OURS}PullCheck").inputs["switches"] == []
    assert len(only(found, f"{OURS}PullCheck").inputs["images"]) == 2


def test_no_image_that_cannot_be_pulled_keeps_a_namespace_from_going_back() -> None:
    jobs = replace(shop(BACK, phase="prepare"), name="jobs")
    found = migrated(shop(BACK, phase="prepare"), jobs)
    for each in found:
        if each.type == f"{OURS}PullCheck":
            # the roll-outs of both, whose names are their namespaces'
            assert {"demo/shop", "demo/jobs"} <= set(each.depends_on)
        elif each.type in (f"{OURS}WorkloadPatch", f"{OURS}WayBack"):
            assert len({"demo/shop", "demo/jobs"} & set(each.depends_on)) == 1


def test_an_image_is_a_plain_string_so_that_a_preview_shows_it() -> None:
    web = only(migrated(shop()), f"{OURS}WorkloadPatch")
    assert web.inputs["document"]["spec"]["template"]["spec"]["containers"] == [{"name": "a", "image": IMAGE}]


def test_a_patch_stays_when_it_leaves_and_takes_from_those_that_are_named() -> None:
    for each in (workload(), BACK):
        web = only(migrated(shop(each)), f"{OURS}WorkloadPatch")
        assert web.retained
        assert web.inputs["takeFrom"] == "kubectl"


def test_a_patch_says_which_stack_has_switched_its_workload_as_long_as_it_is_switched() -> None:
    found = [only(migrated(shop(each)), f"{OURS}WorkloadPatch").inputs["document"] for each in (workload(), BACK)]
    assert [each["metadata"].get("annotations") for each in found] == [{"hub2ghcr/stack": "test"}, None]


@pytest.mark.parametrize(
    ("how", "retained"),
    [
        ({"switched": True}, True),
        ({"switched": False}, True),
        ({"switched": True, "recreate": True}, False),
        ({"switched": False, "adopt": True}, True),
        ({"switched": False, "metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}}, True),
    ],
)
def test_an_owned_workload_stays_when_it_leaves_unless_it_may_be_made_anew(how: dict[str, Any], retained: bool) -> None:
    web = only(migrated(shop(workload(delivery="own", **how))), "kubernetes:apps/v1:Deployment")
    assert web.retained is retained
    assert web.inputs["metadata"]["annotations"]["pulumi.com/patchFieldManager"] == "hub2ghcr-test"
    assert ("pulumi.com/patchForce" in web.inputs["metadata"]["annotations"]) is how.get("adopt", False)


def test_what_is_adopted_enters_by_import_once_kubectl_has_let_go_of_it() -> None:
    """But not what the engine would have to replace for what the API server has filled in."""
    web, gone = workload(delivery="own", adopt=True), workload(name="new", delivery="own")
    db = replace(workload("Secret", "db", delivery="own", adopt=True), document={
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}})  # fmt: skip
    log = workload("StatefulSet", "log", delivery="own", adopt=True)
    found = migrated(shop(web, gone, db, log))
    objects = {each.name: each for each in found if "/shop/" in each.name and each.type.startswith("kubernetes:")}
    assert {name.removeprefix("demo/shop/"): each.imported for name, each in objects.items()} == {
        "Deployment/web": "shop/web",
        "Deployment/new": "",
        "Secret/db": "",
        "StatefulSet/log": "",
    }
    adoption = only(found, f"{OURS}Adoption")
    assert [(each["kind"], each["name"]) for each in adoption.inputs["objects"]] == [
        ("Deployment", "web"),
        ("Secret", "db"),
        ("StatefulSet", "log"),
    ]
    new = objects["demo/shop/Deployment/new"].depends_on
    assert objects["demo/shop/Deployment/web"].depends_on == (*new, adoption.name)
    assert not [each for each in migrated(shop(gone)) if each.type == f"{OURS}Adoption"]


def test_a_preview_that_asks_no_cluster_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.migrated_workloads.foreseen", lambda inventoried: inventoried)
    adopted = shop(workload(delivery="own", adopt=True))
    for inventoried, imported in ((True, ""), (False, "shop/web")):
        found = migrated(adopted, inventoried=inventoried)
        assert only(found, "kubernetes:apps/v1:Deployment").imported == imported


def test_the_engine_waits_for_what_no_roll_out_watches() -> None:
    found = migrated(shop(workload(delivery="own"), workload("Pod", delivery="own")))
    waits = {each.inputs["kind"]: each.inputs["metadata"]["annotations"] for each in found if "kubernetes:" in each.type
             and each.inputs.get("kind") in ("Deployment", "Pod")}  # fmt: skip
    assert waits["Deployment"]["pulumi.com/skipAwait"] == "true"
    assert waits["Pod"]["pulumi.com/timeoutSeconds"] == "300"


def test_secrets_and_workloads_are_known_by_the_components_of_the_first_versions() -> None:
    """What does not say so would be deleted by an upgrade, and made anew."""
    pod = workload("Pod", delivery="own")
    found = migrated(shop(pod))
    component = "hub2ghcr:index"
    assert only(found, "kubernetes:core/v1:Pod").formerly == (f"{component}:MigratedWorkloads::demo/shop",)
    assert only(found, "kubernetes:core/v1:Secret").formerly == (f"{component}:PullAccess::demo/shop",)


def test_annotations_of_the_document_win_over_ours() -> None:
    pod = workload("Pod", delivery="own", metadata={"annotations": {"pulumi.com/timeoutSeconds": "20"}})
    found = only(migrated(shop(pod)), "kubernetes:core/v1:Pod")
    assert found.inputs["metadata"]["annotations"]["pulumi.com/timeoutSeconds"] == "20"


def test_what_was_written_to_is_watched_until_it_has_rolled_out() -> None:
    found = only(migrated(shop(), WorkloadPatch={"mark": "u/7"}), f"{OURS}RollOut")
    assert found.inputs["marks"] == {"shop/Deployment/web": "u/7"}
    assert json.loads(found.inputs["workloads"]) == {
        "shop/Deployment/web": {"apiVersion": "apps/v1", "images": {"a": IMAGE}}
    }


def test_of_many_namespaces_some_are_watched_together() -> None:
    names = [f"team-{number:02}" for number in range(100)]
    found = migrated(*(replace(shop(workload(name=f"web-{name}")), name=name) for name in names))
    watching = [each for each in found if each.type == f"{OURS}RollOut"]
    assert 1 < len(watching) < 10
    assert sorted(key for each in watching for key in each.inputs["marks"]) == [
        f"{name}/Deployment/web-{name}" for name in names
    ]
    assert {each.name for each in watching} <= {f"demo/{name}" for name in names}


def test_what_has_no_containers_is_not_watched() -> None:
    config = replace(workload("ConfigMap", delivery="own"), document={"apiVersion": "v1", "kind": "ConfigMap"})
    assert not [each for each in migrated(shop(config)) if each.type == f"{OURS}RollOut"]


def test_the_way_back_knows_the_guard_of_an_earlier_run_where_the_settings_have_none_now() -> None:
    """From ``seal``, with ``guard.action: off`` in the same change: what stands would deny the old images."""
    way_back = only(migrated(shop(BACK)), f"{OURS}WayBack")
    assert way_back.inputs["guard"] == "hub2ghcr-test"


def test_the_way_back_stands_before_what_goes_back_and_knows_the_guard_and_who_pulls() -> None:
    found = migrated(shop(BACK, workload(name="stays")), guard=Guard("the-guard"))
    way_back = only(found, f"{OURS}WayBack")
    assert [each["document"]["metadata"]["name"] for each in way_back.inputs["leaving"]] == ["web"]
    assert way_back.inputs["guard"] == "the-guard"
    assert way_back.inputs["credentials"] == {"ghcr.io": "pull"}
    assert way_back.inputs["rollback"] == "checked"


def test_the_guard_comes_after_every_roll_out() -> None:
    found = only(migrated(shop(), guard=Guard("g", ("a",), ("shop",), ("docker.io/x/*",))), f"{OURS}Guard")
    assert set(found.depends_on) == {"demo", "demo/shop"}
    assert {key: found.inputs[key] for key in ("name", "audit", "deny", "exceptions")} == {
        "name": "g",
        "audit": ["a"],
        "deny": ["shop"],
        "exceptions": ["docker.io/x/*"],
    }


def test_the_pull_secret_goes_over_the_wire_as_a_secret_and_opens_ghcr() -> None:
    secret = only(migrated(shop()), "kubernetes:core/v1:Secret")
    data = secret.inputs["data"]
    assert is_secret(data)
    decoded = json.loads(base64.b64decode(data["value"][".dockerconfigjson"]))
    assert decoded["auths"]["ghcr.io"]["username"] == "robot"
    assert decoded["auths"]["ghcr.io"]["password"] == CONFIG["hub2ghcr:pullToken"]
    assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert secret.inputs["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "hub2ghcr"}
    assert set(secret.secret_outputs) == {"data", "stringData"}


def test_nothing_but_the_pull_secret_holds_the_credential() -> None:
    for each in migrated(shop(), Namespace("jobs", True, PULL, ())):
        text = json.dumps({key: value for key, value in each.inputs.items() if key != "data"})
        assert CONFIG["hub2ghcr:pullToken"] not in text


def test_values_of_a_secret_among_the_manifests_go_over_the_wire_as_secrets() -> None:
    values = {"data": {"password": "cGxhaW4="}, "stringData": {"token": "plain"}}
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}, **values}
    secret = Workload("v1", "Secret", "shop", "db", "own", document, (), ())
    found = only(migrated(shop(secret)), "kubernetes:core/v1:Secret", "demo/shop/Secret/db")
    assert all(is_secret(found.inputs[key]) for key in values)
    assert set(found.secret_outputs) == set(values)


@pytest.mark.parametrize(("phase", "retained"), [("prepare", False), ("cutover", True), ("seal", True)])
def test_pull_access_stays_as_long_as_anything_may_run_on_it(phase: str, retained: bool) -> None:
    found = migrated(shop(phase=phase, service_accounts=("default",)))
    assert only(found, "kubernetes:core/v1:Secret").retained is retained
    assert only(found, f"{OURS}ServiceAccountEntry").retained is retained


def test_a_created_namespace_comes_first_and_is_never_deleted() -> None:
    registered = migrated(shop(create=True, labels={"team": "shop"}))
    namespace = only(registered, "kubernetes:core/v1:Namespace")
    assert namespace.retained
    assert namespace.depends_on == ("demo",)
    assert namespace.inputs["metadata"]["labels"] == {"team": "shop", "app.kubernetes.io/managed-by": "hub2ghcr"}
    assert "demo/shop" in only(registered, "kubernetes:core/v1:Secret").depends_on


def test_an_existing_namespace_is_not_declared() -> None:
    assert not [each for each in migrated(shop()) if each.type == "kubernetes:core/v1:Namespace"]


def test_every_object_of_the_cluster_goes_through_the_clusters_own_provider() -> None:
    for each in migrated(shop(), shop(workload("Pod", delivery="own"), create=True)):
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


def test_our_resources_say_how_their_cluster_is_reached() -> None:
    for each in migrated(shop(), guard=Guard("g")):
        if each.type.removeprefix(OURS) in ("Guard", "PullCheck", "RollOut", "WayBack", "WorkloadPatch"):
            assert each.inputs["cluster"] == "demo"
            assert each.inputs["reach"] == {"kubeconfig": "/kube/config", "context": "lab"}


def test_workloads_wait_for_what_is_built_in_their_namespace() -> None:
    wanted = Build("web", Context("git", "https://github.com/acme/web.git"), "ghcr.io/acme/web", ("1",), "pull")
    found = migrated(shop(builds=(wanted,)))
    built = only(found, f"{OURS}KanikoBuild")
    assert built.name == "demo/shop/web" and built.inputs["build"]["image"] == "ghcr.io/acme/web"
    assert "demo/shop/web" in only(found, f"{OURS}PullCheck").depends_on
    assert not [each for each in migrated(shop()) if each.type == f"{OURS}KanikoBuild"]


PUSH = PullSecret("hub2ghcr-push", PULL.credentials, pushes="ghcr.io", keys=("config.json",))


@pytest.mark.parametrize("phase", ["prepare", "cutover"])
def test_builds_that_are_there_have_their_secret_before_they_mount_it(phase: Phase) -> None:
    found = migrated(shop(phase=phase, push_secret=PUSH))
    secret = only(found, "kubernetes:core/v1:Secret", "demo/shop/push")
    assert secret.inputs["metadata"]["name"] == "hub2ghcr-push"
    assert secret.retained == (phase == "cutover")
    assert secret.provider
    assert "demo/shop/push" in only(found, f"{OURS}PullCheck").depends_on
    # The control: where no build asks for it there is none
    assert "demo/shop/push" not in {each.name for each in migrated(shop(phase=phase))}


def test_without_a_proof_the_build_itself_waits_for_its_secret() -> None:
    namespace = Namespace("shop", False, None, (workload(copies=()),), push_secret=PUSH)
    assert "demo/shop/push" in only(migrated(namespace), f"{OURS}WorkloadPatch").depends_on
