"""Workloads in every phase and delivery, what they pull with, and what the inventory adds to a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from hub2ghcr.errors import Problems
from hub2ghcr.inventory import (
    AccountFacts,
    ClusterFacts,
    ImageFacts,
    Inventory,
    NamespaceFacts,
    WorkloadFacts,
)
from hub2ghcr.lock import Narrowed
from hub2ghcr.plan import Guard, Namespace, Plan, Server, Workload, build

from .conftest import DIGEST, Config, Project, entry

WEB = f"ghcr.io/acme/mirror/nginx:1.27@{DIGEST}"
OTHER = "sha256:" + "2" * 64


def planned(project: Project, inventory: Inventory | None = None) -> Plan:
    return build(project.settings(), project.lock, project.root, inventory)


def problems(project: Project, inventory: Inventory | None = None) -> tuple[str, ...]:
    with pytest.raises(Problems) as caught:
        planned(project, inventory)
    return caught.value.lines


def namespace(plan: Plan, name: str = "shop") -> Namespace:
    (found,) = (each for each in plan.clusters[0].namespaces if each.name == name)
    return found


def workload(plan: Plan, name: str = "web") -> Workload:
    found = {each.name: each for each in namespace(plan).all_workloads}
    return found[name]


def cluster(**keys: Any) -> Callable[[Config], None]:
    return lambda config: config["clusters"][0].update(keys)


def shop(**keys: Any) -> Callable[[Config], None]:
    return lambda config: config["clusters"][0]["namespaces"]["shop"].update(keys)


def in_phase(project: Project, phase: str) -> Project:
    return project.change(lambda config: config.update(phase=phase))


def manifest(project: Project, kind: str, spec: Mapping[str, Any], *more: object, **metadata: Any) -> Project:
    """Write one object whose pod spec is ``spec``, or holds it where the kind does, and others."""
    group = {"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}.get(kind, "apps/v1")
    body: Any = {"containers": [{"name": "web", "image": "nginx:1.27"}], **spec}
    if kind != "Pod":
        body = {"template": {"spec": body}}
    if kind == "CronJob":
        body = {"jobTemplate": {"spec": body}}
    found = {"apiVersion": group, "kind": kind, "metadata": {"name": "web", **metadata}, "spec": body}
    project.write("shop.yaml", yaml.safe_dump_all([found, *more]))
    return project


def facts(*workloads: WorkloadFacts, labels: Mapping[str, str] | None = None, **more: Any) -> Inventory:
    there = NamespaceFacts("shop", labels or {}, more.pop("accounts", (AccountFacts("default"),)), (), workloads)
    return Inventory((ClusterFacts("one", "v1.34.2", more.pop("platforms", ("linux/amd64",)), (), (there,)),))


def deployment(
    name: str = "web", image: str = "nginx:1.27", managers: tuple[str, ...] = (), **more: Any
) -> WorkloadFacts:
    images = (ImageFacts(f"containers[{name}]", image, managers),)
    return WorkloadFacts(
        more.pop("api_version", "apps/v1"), more.pop("kind", "Deployment"), name, images=images, **more
    )


# Phases


def test_in_prepare_a_patch_holds_the_fields_that_will_move_as_they_are(project: Project) -> None:
    web = workload(planned(project.change(lambda config: config.update(phase="prepare"))))
    assert not web.switched and web.copies == web.pulls == () and web.pull_secrets == ()
    assert web.was == ("nginx:1.27",)
    assert web.document["spec"] == {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}}
    assert (web.images[0].before, web.images[0].after, web.images[0].reason) == (
        "nginx:1.27", "nginx:1.27", "phase prepare: copied, not switched yet"
    )  # fmt: skip


def test_in_prepare_an_own_object_has_the_images_of_its_manifest(project: Project) -> None:
    manifest(project, "Deployment", {}).change(lambda config: config.update(phase="prepare"))
    web = workload(planned(project.change(shop(delivery="own"))))
    (before,) = yaml.safe_load_all((project.root / "shop.yaml").read_text())
    assert web.document == {**before, "metadata": {"name": "web", "namespace": "shop"}} and not web.switched


@pytest.mark.parametrize("delivery", ["patch", "own", "render"])
def test_there_and_back_is_where_it_began(project: Project, delivery: str) -> None:
    keys = {"delivery": delivery} | ({"render": {"folder": "out"}} if delivery == "render" else {})
    project.change(shop(**keys))
    phases = ["prepare", "cutover", "seal", "cutover", "prepare"]
    plans = [planned(in_phase(project, phase)) for phase in phases]
    assert plans[0] == plans[4] and plans[1] == plans[3]
    assert workload(plans[1]).document == workload(plans[2]).document != workload(plans[0]).document
    assert namespace(plans[0]).pulls == namespace(plans[1]).pulls


def test_a_secret_among_the_manifests_of_what_the_stack_owns_is_a_warning(project: Project) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "x"}}
    empty = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "empty"}}
    manifest(project, "Deployment", {}, secret, empty)
    assert planned(project).warnings == ()
    assert planned(project.change(shop(delivery="own"))).warnings == (
        "shop.yaml: Secret db: its values stand there in plain: whoever reads the manifest has them;"
        " the stack keeps them encrypted",
    )


def test_what_is_rendered_is_whole_and_not_declared(project: Project) -> None:
    found = namespace(planned(project.change(shop(delivery="render", render={"folder": "out"}))))
    assert found.workloads == () and [each.name for each in found.rendered] == ["web"]
    spec: Any = found.rendered[0].document["spec"]
    assert spec["template"]["spec"]["imagePullSecrets"] == [{"name": "hub2ghcr-ghcr"}]


def test_an_own_pod_is_made_at_cutover_alone_unless_it_may_be_made_anew(project: Project) -> None:
    plan = planned(project.change(lambda config: config.update(phase="prepare")))
    new = namespace(plan, "new")
    assert new.workloads == ()
    assert new.untouched[0].images[0].reason == (
        "phase prepare: a Pod cannot be changed once it exists, so it is made at cutover"
    )
    assert [(each.name, each.was, each.pulls) for each in new.waiting] == [("smoke", ("acme/shop:1.4.2",), ())]
    assert "acme/shop:1.4.2" in str(new.waiting[0].document) and "ghcr.io" not in str(new.waiting[0].document)
    project.change(lambda config: config["clusters"][0]["namespaces"]["new"].update(recreate=True))
    assert [each.recreate for each in namespace(planned(project), "new").workloads] == [True]


# Pull access

BOT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bot"}, "imagePullSecrets": [{"name": "a"}]}

SECRETS = [
    pytest.param({}, [], None, ("ours",), id="nothing listed"),
    pytest.param({"imagePullSecrets": [{"name": "hub"}]}, [], None, ("ours",), id="listed"),
    pytest.param({"imagePullSecrets": [{"name": "ours"}]}, [], None, (), id="ours listed"),
    pytest.param({}, [], (AccountFacts("default", ("quay",)),), ("quay", "ours"), id="its account's, of the inventory"),
    pytest.param(
        {"serviceAccountName": "bot"},
        [BOT],
        (AccountFacts("bot", ("old",)),),
        ("a", "ours"),
        id="its account's, of the manifests",
    ),
    pytest.param(
        {"serviceAccountName": "entered"}, [], (AccountFacts("entered", ("q",)),), (), id="its account has our entry"
    ),
    pytest.param(
        {"serviceAccountName": "entered", "imagePullSecrets": [{"name": "hub"}]},
        [],
        (AccountFacts("entered"),),
        ("ours",),
        id="its account has our entry, and it lists others itself",
    ),
]


@pytest.mark.parametrize("delivery", ["patch", "own", "render"])
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod"])
@pytest.mark.parametrize(("spec", "beside", "accounts", "added"), SECRETS)
def test_no_pull_secret_is_lost(
    project: Project,
    delivery: str,
    kind: str,
    spec: dict[str, Any],
    beside: list[Any],
    accounts: tuple[AccountFacts, ...] | None,
    added: tuple[str, ...],
) -> None:
    manifest(project, kind, spec, *beside)
    keys: dict[str, Any] = {"delivery": delivery, "recreate": True, "serviceAccounts": ["entered"]}
    keys |= {"pullSecretName": "ours"} | ({"render": {"folder": "out"}} if delivery == "render" else {})
    plan = planned(project.change(shop(**keys)), None if accounts is None else facts(accounts=accounts))
    web = workload(plan)
    assert web.pull_secrets == added
    body: Any = web.document
    for key in {"Pod": ["spec"], "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"]}.get(
        kind, ["spec", "template", "spec"]
    ):
        body = body[key]
    listed = [] if delivery == "patch" else [each["name"] for each in spec.get("imagePullSecrets", ())]
    assert [each["name"] for each in body.get("imagePullSecrets", ())] == [*listed, *added]


def test_an_account_that_neither_manifests_nor_inventory_know_is_a_warning(project: Project) -> None:
    manifest(project, "Deployment", {"serviceAccountName": "bot"})
    assert planned(project, facts()).warnings == (
        "shop.yaml: Deployment web: ServiceAccount bot is not among the manifests of shop or its inventory:"
        " pull Secrets that it may have are not kept",
    )


def test_a_secret_opens_each_registry_that_is_named_and_the_hub_until_it_is_sealed(project: Project) -> None:
    pull = {"ghcr.io": "pull", "docker.io": "pull", "quay.io": "pull"}
    opens = {}
    for phase in ("prepare", "cutover", "seal"):
        secret = namespace(planned(in_phase(project, phase).change(cluster(pull=pull)))).pull_secret
        assert secret is not None
        opens[phase] = list(secret.credentials)
    both = ["docker.io", "ghcr.io", "quay.io"]
    assert opens == {"prepare": both, "cutover": both, "seal": ["ghcr.io", "quay.io"]}


def test_a_secret_has_the_labels_and_annotations_of_its_namespace(project: Project) -> None:
    secret = namespace(planned(project.change(shop(labels={"team": "shop"}, annotations={"a": "b c"})))).pull_secret
    assert secret is not None and (secret.labels, secret.annotations) == ({"team": "shop"}, {"a": "b c"})


def public(config: Config) -> None:
    config["mapping"]["rules"][0]["public"] = True


def test_images_that_anyone_pulls_need_no_secret(project: Project) -> None:
    plan = planned(project.change(public))
    assert namespace(plan).pull_secret is None and workload(plan).pull_secrets == ()
    assert [each.public for each in namespace(plan).pulls] == [True]
    assert not [each for each in plan.warnings if "credential" in each]


def test_a_secret_that_is_asked_for_stays_also_where_all_images_are_public(project: Project) -> None:
    plan = planned(project.change(public).change(shop(serviceAccounts=["bot"])))
    assert namespace(plan).service_accounts == ("bot",) and workload(plan).pull_secrets == ()
    pull = {"ghcr.io": "pull", "quay.io": "pull"}
    project.change(shop(serviceAccounts=[], pull=pull))
    assert namespace(planned(project)).pull_secret is not None


def test_all_service_accounts_are_those_of_the_inventory(project: Project) -> None:
    project.change(cluster(serviceAccounts=["*"])).change(lambda config: config["clusters"][0]["namespaces"].pop("new"))
    found = namespace(planned(project, facts(accounts=(AccountFacts("default"), AccountFacts("bot")))))
    assert found.service_accounts == ("bot", "default")
    assert problems(project, Inventory()) == (
        "cluster one, namespace shop: `serviceAccounts` has *, and no inventory knows them: '*';"
        " run `hub2ghcr inventory`, or name the ServiceAccounts",
    )


def test_tokens_that_are_shared_or_do_more_than_pull_are_told(project: Project) -> None:
    def second(config: Config) -> None:
        config["credentials"]["again"] = {"username": "puller", "secretKey": "pullToken"}
        config["clusters"].append({**config["clusters"][0], "name": "two", "pull": "again"})
        config["registries"]["ghcr.io"]["push"] = "pull"

    assert [each for each in planned(project.change(second)).warnings if "credential" in each] == [
        "clusters one, two share the pull credential again and pull: revoking it stops them all",
        "pull Secrets hold the credential again and pull, which pushes, too: whoever reads one can push",
    ]


def credentials(warnings: tuple[str, ...]) -> list[str]:
    return [each for each in warnings if "credential" in each]


@pytest.mark.parametrize(
    ("namespaces", "line"),
    [
        (
            {"shop": "again"},
            "namespaces shop and all without one of their own share the pull credential again and pull",
        ),
        ({"shop": "again", "new": "again"}, "namespaces new, shop share the pull credential again"),
        (
            {"shop": "again", "new": "again", "a": "again", "b": "again"},
            "namespaces a … shop (4 of them) share the pull credential again",
        ),
    ],
)
def test_a_token_of_its_own_that_a_namespace_shares_is_told(
    project: Project, namespaces: dict[str, str], line: str
) -> None:
    def change(config: Config) -> None:
        config["credentials"]["again"] = {"username": "puller", "secretKey": "pullToken"}
        known = config["clusters"][0]["namespaces"]
        for name, pull in namespaces.items():
            known[name] = {**known.get(name, known["new"]), "pull": pull}

    found = credentials(planned(project.change(change)).warnings)
    assert found == [f"cluster one: {line}: revoking it stops all"]


def test_a_namespace_with_a_token_of_its_own_and_those_that_pull_as_their_cluster_does_share_none(
    project: Project,
) -> None:
    def change(config: Config) -> None:
        config["ownToken"] = {"secure": "v1:x"}
        config["credentials"]["own"] = {"username": "puller", "secretKey": "ownToken"}
        config["clusters"][0]["namespaces"]["new"]["pull"] = "own"

    assert credentials(planned(project.change(change)).warnings) == []


def test_all_that_a_selector_names_are_one_that_shares(project: Project) -> None:
    there = [NamespaceFacts(name, {"team": "shop"}, (), (), (deployment("api"),)) for name in ("a", "b")]
    selector = {"matchLabels": {"team": "shop"}, "settings": {"live": True, "pull": "pull"}}
    plan = planned(
        project.change(cluster(selector=selector)), Inventory((ClusterFacts("one", namespaces=tuple(there)),))
    )
    assert credentials(plan.warnings) == [
        "cluster one: those that the selector names and all without one of their own share the pull credential pull:"
        " revoking it stops all"
    ]


# How images are written


def test_a_policy_is_set_where_images_move_and_nowhere_else(project: Project) -> None:
    volumes = [{"name": "model", "image": {"reference": "nginx:1.27"}}]
    manifest(project, "Deployment", {"volumes": volumes})
    spec = workload(planned(project.change(cluster(imagePullPolicy="Always")))).document["spec"]
    assert spec["template"]["spec"] == {  # type: ignore[index]
        "containers": [{"name": "web", "image": WEB, "imagePullPolicy": "Always"}],
        "volumes": [{"name": "model", "image": {"reference": WEB, "pullPolicy": "Always"}}],
        "imagePullSecrets": [{"name": "hub2ghcr-ghcr"}],
    }
    whole = workload(planned(project.change(shop(delivery="own", imagePullPolicy="Never")))).document
    assert whole["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Never"  # type: ignore[index]


POLICIES = [
    ("nginx:1.27", None, "IfNotPresent"),
    ("nginx:1.27", "Never", "Never"),
    ("nginx", None, "Always"),
    ("nginx:latest", None, "Always"),
    (f"nginx@{DIGEST}", None, "IfNotPresent"),
    (f"nginx:latest@{DIGEST}", None, "Always"),
]


@pytest.mark.parametrize(("image", "own", "policy"), POLICIES)
def test_a_policy_that_was_set_goes_back_to_what_it_is_by_the_manifest(
    project: Project, image: str, own: str | None, policy: str
) -> None:
    project.lock = project.lock.merged(
        [
            entry("docker.io/library/nginx:latest", "ghcr.io/acme/mirror/nginx:latest"),
            entry(f"docker.io/library/nginx@{DIGEST}", "ghcr.io/acme/mirror/nginx"),
        ]
    )
    said = {"imagePullPolicy": own} if own else {}
    volume = {"name": "v", "image": {"reference": image, **({"pullPolicy": own} if own else {})}}
    manifest(project, "Deployment", {"containers": [{"name": "web", "image": image, **said}], "volumes": [volume]})
    assert "Policy" not in str(workload(planned(in_phase(project, "prepare"))).document)
    back: Any = workload(planned(project.change(cluster(imagePullPolicy="Always")))).document["spec"]
    assert back["template"]["spec"] == {
        "containers": [{"name": "web", "image": image, "imagePullPolicy": policy}],
        "volumes": [{"name": "v", "image": {"reference": image, "pullPolicy": policy}}],
    }
    project.change(shop(delivery="own"))
    assert "Always" not in str(workload(planned(project)).document)


def test_a_reference_may_be_written_by_its_digest_alone(project: Project) -> None:
    web = workload(planned(project.change(cluster(references="digest"))))
    assert web.images[0].after == f"ghcr.io/acme/mirror/nginx@{DIGEST}"
    assert web.copies == ("ghcr.io/acme/mirror/nginx:1.27",)


# What cannot be switched, and what switches in its own time


@pytest.mark.parametrize(
    ("kind", "spec", "metadata", "line"),
    [
        (
            "Pod",
            {},
            {"annotations": {"kubernetes.io/config.mirror": "x"}},
            "shop.yaml: Pod web: is a static Pod, which its kubelet runs from a file;"
            " change the image in the node's manifest folder, and leave it out here",
        ),
        (
            "Job",
            {},
            {},
            "shop.yaml: Job web: the template of a Job cannot be changed once it exists;"
            " set `recreate: true` of its namespace to have it deleted and made anew, or leave it out",
        ),
    ],
)
def test_what_cannot_be_switched_is_refused_with_its_reason(
    project: Project, kind: str, spec: dict[str, Any], metadata: dict[str, Any], line: str
) -> None:
    assert problems(manifest(project, kind, spec, **metadata)) == (line,)


@pytest.mark.parametrize("kind", ["Pod", "Job"])
def test_in_prepare_what_a_cutover_would_refuse_is_a_warning_and_its_images_are_copied(
    project: Project, kind: str
) -> None:
    manifest(project, kind, {}).change(lambda config: config.update(phase="prepare"))
    plan = planned(project)
    assert [line for line in plan.warnings if "shop.yaml" in line] == [
        f"shop.yaml: {kind} web: phase cutover will refuse it: the "
        + ("pull Secrets of a Pod" if kind == "Pod" else "template of a Job")
        + " cannot be changed once it exists;"
        " set `recreate: true` of its namespace to have it deleted and made anew, or leave it out"
    ]
    found = workload(plan)
    assert (found.delivery, found.switched, found.recreate) == ("patch", False, False)
    assert "ghcr.io/acme/mirror/nginx:1.27" in [each.target for each in plan.copies]
    project.change(shop(recreate=True))
    assert not [line for line in planned(project).warnings if "will refuse" in line]
    (line,) = problems(project.change(shop(recreate=False)).change(lambda config: config.update(phase="seal")))
    assert line.startswith(f"shop.yaml: {kind} web: the ")


def test_a_pod_that_is_there_is_not_adopted(project: Project) -> None:
    manifest(project, "Pod", {}).change(shop(delivery="own", adopt=True, recreate=True))
    assert problems(project) == (
        "shop.yaml: Pod web: the pull Secrets of a Pod cannot be changed once it exists;"
        " set `delivery: patch` and `recreate: true` of its namespace, or leave it out",
    )


def test_a_job_and_a_pod_may_be_made_anew_where_that_is_asked_for(project: Project) -> None:
    for kind in ("Job", "Pod"):
        plan = planned(manifest(project, kind, {}).change(shop(recreate=True)))
        assert workload(plan).recreate and workload(plan).delivery == "patch"
    assert not workload(planned(manifest(project, "Deployment", {}))).recreate


@pytest.mark.parametrize(
    ("kind", "state", "line"),
    [
        ("Deployment", {"paused": True}, "paused: it rolls out when it is resumed"),
        (
            "StatefulSet",
            {"partition": 2},
            "partition 2: Pods below ordinal 2 stay on the old images until it is lowered",
        ),
        (
            "DaemonSet",
            {"strategy": "OnDelete"},
            "update strategy OnDelete: each Pod takes the new images when it is deleted",
        ),
        ("Deployment", {"replicas": 0}, None),
    ],
)
@pytest.mark.parametrize("source", ["manifest", "inventory"])
def test_what_delays_a_switch_is_a_warning(
    project: Project, kind: str, state: dict[str, Any], line: str | None, source: str
) -> None:
    manifest(project, kind, {})
    inventory = None
    if source == "inventory":
        inventory = facts(deployment(kind=kind, state=state))
    else:
        document = yaml.safe_load((project.root / "shop.yaml").read_text())
        strategy = (
            {"rollingUpdate": {"partition": state["partition"]}} if "partition" in state else {"type": "OnDelete"}
        )
        said = {"updateStrategy": strategy} if kind != "Deployment" else state
        document["spec"].update(said)
        project.write("shop.yaml", yaml.safe_dump(document))
    warnings = [each.removeprefix("shop.yaml: ") for each in planned(project, inventory).warnings]
    assert warnings == ([f"{kind} web: {line}"] if line else [])


# The inventory


def test_a_workload_of_another_owner_is_refused_with_its_name(project: Project) -> None:
    found = facts(deployment(owner="Helm release shop/web", managers=("helm",)))
    assert problems(project, found) == (
        "shop.yaml: Deployment web: belongs to Helm release shop/web; change the image in the release's values,"
        " or name its manager in `takeFrom`: helm",
    )
    assert workload(planned(project.change(cluster(takeFrom=["helm"])), found)).switched


def test_a_field_of_a_manager_that_is_not_named_is_refused(project: Project) -> None:
    (line,) = problems(project, facts(deployment(managers=("vela", "kubectl-set"))))
    assert line.startswith("shop.yaml: Deployment web: its image is managed by vela; change the image where")
    project.change(cluster(takeFrom=["vela", "kubectl*"]))
    assert workload(planned(project, facts(deployment(managers=("vela", "kubectl-set"))))).switched


@pytest.mark.parametrize("live", ["nginx:1.27", "docker.io/library/nginx:1.27", "index.docker.io/nginx:1.26"])
def test_a_fields_manager_is_found_however_its_live_image_is_spelled(project: Project, live: str) -> None:
    (line,) = problems(project, facts(deployment(image=live, managers=("vela",))))
    assert "its image is managed by vela" in line


def test_the_manager_of_an_image_volume_is_found_and_that_of_what_stays_is_nobodys_business(project: Project) -> None:
    volumes = [{"name": "v", "image": {"reference": "nginx:1.27"}}, {"name": "e", "emptyDir": {}}]
    manifest(project, "Deployment", {"containers": [{"name": "web", "image": "quay.io/x:1"}], "volumes": volumes})

    def images(volume: str, container: str) -> Inventory:
        found = (ImageFacts("containers[web]", "quay.io/x:1", (container,)), ImageFacts("volumes[v]", "x", (volume,)))
        return facts(replace(deployment(), images=found))

    assert workload(planned(project, images("kubectl-set", "vela"))).switched
    assert "its image is managed by vela" in problems(project, images("vela", "kubectl-set"))[0]


def test_what_we_switched_or_own_is_no_stranger(project: Project) -> None:
    plan = planned(project, facts(deployment(managers=("hub2ghcr", "hub2ghcr-test", "kubectl"))))
    assert workload(plan).switched


def test_an_object_is_adopted_where_that_is_asked_for_and_nobody_else_owns_it(project: Project) -> None:
    project.change(shop(delivery="own", adopt=True))
    assert workload(planned(project, facts(deployment(managers=("kubectl",))))).adopt
    (line,) = problems(project, facts(deployment(owner="Argo CD application shop")))
    assert line.startswith("shop.yaml: Deployment web: belongs to Argo CD application shop")


def test_live_workloads_are_patched_as_the_inventory_has_them(project: Project) -> None:
    project.change(shop(live=True, manifests=[]))
    found = facts(
        deployment("api", pull_secrets=("hub",)),
        deployment("tool", image="quay.io/x/tool:1"),
        deployment("chart", owner="Helm release shop/chart"),
        deployment("once", kind="Job", api_version="batch/v1"),
    )
    plan = planned(project, found)
    assert [(each.name, each.delivery, each.was) for each in namespace(plan).workloads] == [
        ("api", "patch", ("nginx:1.27",))
    ]
    assert {each.name: each.images[0].reason for each in namespace(plan).untouched} == {
        "tool": "lives on quay.io, which no rule claims",
        "chart": "belongs to Helm release shop/chart",
        "once": "the template of a Job cannot be changed once it exists",
    }
    told = [each for each in plan.warnings if "left alone" in each]
    assert [each.split(": left alone: ")[0] for each in told] == [
        "stacks/test.inventory.yaml: shop: Deployment chart",
        "stacks/test.inventory.yaml: shop: Job once",
    ]


def test_what_a_manifest_names_is_not_taken_from_the_inventory_again(project: Project) -> None:
    project.change(shop(live=True))
    plan = planned(project, facts(deployment("web"), deployment("api")))
    assert [each.name for each in namespace(plan).workloads] == ["api", "web"]
    assert len(workload(plan).images) == 2  # the manifest's, with its sidecar


def test_namespaces_are_selected_by_their_labels_and_the_clusters_own_never(project: Project) -> None:
    there = [
        NamespaceFacts(name, {"team": "shop", "x": "y"}, (), (), (deployment("api"),))
        for name in ("a", "kube-system", "openshift-monitoring", "shop")
    ]
    inventory = Inventory((ClusterFacts("one", namespaces=(*there, NamespaceFacts("other", {"team": "x"}))),))
    selector = {"matchLabels": {"team": "shop"}, "settings": {"live": True, "phase": "seal"}}
    plan = planned(project.change(cluster(selector=selector)), inventory)
    assert [(each.name, each.phase) for each in plan.clusters[0].namespaces] == [
        ("a", "seal"),
        ("new", "cutover"),
        ("shop", "cutover"),
    ]
    assert [each.selected for each in plan.clusters[0].namespaces] == [{"team": "shop"}, {}, {}]


def test_a_selector_and_live_workloads_need_the_inventory(project: Project) -> None:
    project.change(cluster(selector={"matchLabels": {"a": "b"}})).change(shop(live=True))
    assert problems(project) == (
        "clusters[0].namespaces.shop.live: needs the inventory: 'one'; run `hub2ghcr inventory -s test`",
        "clusters[0].selector: needs the inventory: 'one'; run `hub2ghcr inventory -s test`",
    )


def test_an_image_must_be_locked_for_the_nodes_that_could_run_it(project: Project) -> None:
    wide = replace(project.lock.entries[1], platforms=("linux/amd64", "linux/arm64/v8"))
    project.lock = project.lock.merged([replace(wide, narrowed=Narrowed(OTHER, ("linux/amd64",)))])
    nodes = facts(platforms=("linux/amd64", "linux/arm64"))
    assert problems(project, nodes) == (
        "cluster one: shop.yaml: Deployment web: spec.template.spec.containers[0].image: the image is locked for"
        " linux/amd64; nodes need linux/arm64: 'nginx:1.27';"
        " widen `platforms` of its mapping rule, and run `hub2ghcr lock -s test`",
    )
    project.lock = project.lock.merged([wide])
    assert namespace(planned(project, nodes)).pulls[0].platforms == ("linux/amd64", "linux/arm64/v8")
    assert namespace(planned(project, facts())).pulls[0].platforms == ("linux/amd64",)


def test_a_plan_that_knows_no_nodes_says_which_platforms_a_target_has_and_lacks(project: Project) -> None:
    wide = replace(project.lock.entries[1], platforms=("linux/amd64", "linux/arm64/v8"))
    for locked, has, lacks in (
        (wide, ("linux/amd64", "linux/arm64/v8"), ()),
        (replace(wide, narrowed=Narrowed(OTHER, ("linux/amd64",))), ("linux/amd64",), ("linux/arm64/v8",)),
    ):
        project.lock = project.lock.merged([locked])
        (pull, *_) = namespace(planned(project)).pulls
        assert (pull.platforms, pull.without) == (has, lacks)


def test_a_platform_that_the_source_never_had_is_no_loss_unless_no_node_is_left(project: Project) -> None:
    assert planned(project, facts(platforms=("linux/amd64", "linux/s390x"))).clusters[0].platforms
    lines = problems(project, facts(platforms=("linux/s390x",)))
    assert len(lines) == 2
    assert all("locked for linux/amd64; nodes need linux/s390x" in each for each in lines)
    assert all("take an image for these nodes" in each for each in lines)


# Clusters


def test_the_guard_follows_the_phase_of_each_namespace(project: Project) -> None:
    project.change(shop(phase="seal")).change(
        cluster(guard={"exceptions": [{"match": "docker.io/acme/*", "reason": "ours"}]})
    )
    project.change(lambda config: config["registries"]["docker.io"].update(aliases=["hub.example"]))
    found = planned(project).clusters[0]
    assert found.guard == Guard("hub2ghcr-test", ("new",), ("shop",), ("docker.io/acme/*",), ("hub.example",))
    for off in ("off", False):  # quoted, and as YAML 1.1 reads it where it is not
        assert planned(project.change(cluster(guard={"action": off}))).clusters[0].guard is None


def test_in_prepare_the_guard_stands_in_nobodys_way(project: Project) -> None:
    plan = planned(project.change(lambda config: config.update(phase="prepare")))
    assert plan.clusters[0].guard == Guard("hub2ghcr-test")


def test_what_stays_on_the_hub_is_not_sealed_over(project: Project) -> None:
    project.change(lambda config: config["mapping"].update(exclude=[{"match": "nginx", "reason": "on the nodes"}]))
    project.change(lambda config: config.update(phase="seal"))
    (line,) = problems(project)
    assert line.startswith(
        "shop.yaml: Deployment web: spec.template.spec.containers[0].image: phase seal would deny it"
    )
    assert "on the nodes" in line and line.endswith("clusters[].guard.exceptions, or give it a mapping rule")
    project.change(cluster(guard={"exceptions": [{"match": "nginx", "reason": "on the nodes"}]}))
    assert namespace(planned(project)).phase == "seal"
    project.change(cluster(guard={"action": "off"}))
    assert namespace(planned(project)).phase == "seal"


def test_a_cluster_is_reached_by_server_and_token_without_its_value(project: Project) -> None:
    def served(config: Config) -> None:
        config["clusters"][0].update(server="https://api:6443", token="pull", certificateAuthority="ca.pem")
        del config["clusters"][0]["kubeconfig"], config["clusters"][0]["context"]

    reach = planned(project.change(served)).clusters[0].reach
    assert isinstance(reach, Server) and (reach.url, reach.token.secret_key) == ("https://api:6443", "pullToken")
    assert reach.certificate_authority == "ca.pem"


def test_a_namespace_knows_how_its_switch_goes(project: Project) -> None:
    project.change(cluster(onUnready="skip", rollOutSeconds=60)).change(lambda config: config.update(rollback="forced"))
    plan = planned(project.change(shop(onUnready="hold")))
    assert (namespace(plan).on_unready, namespace(plan, "new").on_unready) == ("hold", "skip")
    assert (namespace(plan).roll_out_seconds, plan.rollback) == (60, "forced")


def test_a_broken_inventory_is_a_problem_of_the_plan(project: Project) -> None:
    project.write("stacks/test.inventory.yaml", "version: 7")
    (line,) = problems(project)
    assert line.startswith("stacks/test.inventory.yaml: version: unknown version: '7'")


def test_a_cluster_is_known_from_its_inventory_or_from_nothing(project: Project) -> None:
    (known,) = planned(project, facts()).clusters
    (unknown,) = planned(project, Inventory()).clusters
    assert (known.inventoried, unknown.inventoried) == (True, False)


ARGS = ["--context=dir:///workspace", "--destination=acme/built:1", "--cache-repo", "acme/built/cache"]
BUILD: dict[str, Any] = {
    "containers": [
        {
            "name": "build",
            "image": "gcr.io/kaniko-project/executor:v1.23.2",
            "args": ARGS,
            "volumeMounts": [{"name": "auth", "mountPath": "/kaniko/.docker"}],
        }
    ],
    "volumes": [{"name": "auth", "secret": {"secretName": "regcred"}}],
}


def arguments(found: Workload) -> Any:
    return pod(found)["containers"][0]["args"]


def pod(found: Workload) -> Any:
    spec: Any = found.document["spec"]
    return spec["jobTemplate"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("delivery", ["own", "patch"])
def test_what_a_build_pushes_moves_without_a_lock_and_goes_back(project: Project, delivery: str) -> None:
    plan = planned(manifest(project, "CronJob", BUILD).change(shop(delivery=delivery)))
    moved = [ARGS[0], "--destination=ghcr.io/acme/built:1", ARGS[2], "ghcr.io/acme/built/cache"]
    assert arguments(workload(plan)) == moved
    assert not any("built" in each.entry.place for each in plan.copies)
    assert any("Secret regcred" in each for each in plan.warnings)
    assert arguments(workload(planned(in_phase(project, "prepare")))) == ARGS


def test_a_destination_that_something_fills_in_is_a_warning(project: Project) -> None:
    build_ = {"containers": [{**BUILD["containers"][0], "args": ["--destination=$(IMAGE)"]}]}
    warnings = planned(manifest(project, "CronJob", build_)).warnings
    assert any("a build pushes there, and it stays: templated" in each for each in warnings)


def test_two_sources_of_one_target_are_refused_where_one_is_pushed(project: Project) -> None:
    project.change(
        lambda config: config["mapping"]["rules"].insert(0, {"from": "docker.io/other/*", "to": "ghcr.io/acme/*"})
    )
    build_ = {"containers": [{**BUILD["containers"][0], "args": [*ARGS, "--destination=other/built:1"]}]}
    assert any("two sources would share one target" in each for each in problems(manifest(project, "CronJob", build_)))


def test_what_a_build_pushes_and_a_container_runs_is_pinned_where_it_runs(project: Project) -> None:
    run = {"name": "run", "image": "acme/shop:1.4.2"}
    build_ = {"containers": [{**BUILD["containers"][0], "args": ["--destination=acme/shop:1.4.2"]}, run]}
    project.change(shop(delivery="patch"))
    first, second = pod(workload(planned(manifest(project, "CronJob", build_))))["containers"]
    assert (first["name"], first["image"]) == ("run", f"ghcr.io/acme/shop:1.4.2@{DIGEST}")
    assert second == {"name": "build", "args": ["--destination=ghcr.io/acme/shop:1.4.2"]}


# Images that were imported on nodes

PUT = ("docker.io/library/nginx:1.27",)


def put(*images: str) -> Inventory:
    (found,) = facts(deployment()).clusters
    return Inventory((replace(found, imported=images),))


def test_an_image_that_was_imported_stays_and_the_plan_says_how_it_could_move(project: Project) -> None:
    found = planned(manifest(project, "Deployment", {}), put(*PUT))
    ((change,),) = ([image for image in each.images] for each in namespace(found).untouched)
    assert (change.before, change.after) == ("nginx:1.27", "nginx:1.27")
    assert change.reason == "imported on the nodes of one: no registry is known to hold it"
    (line,) = (each for each in found.warnings if each.startswith("nginx:1.27: imported"))
    assert "`ctr --namespace k8s.io images export nginx.tar docker.io/library/nginx:1.27`" in line


def test_one_that_a_rule_names_moves(project: Project) -> None:
    rule = {"from": "nginx", "to": "ghcr.io/acme/mirror/nginx"}
    project.change(lambda config: config["mapping"]["rules"].insert(0, rule))
    assert workload(planned(manifest(project, "Deployment", {}), put(*PUT))).images[0].after == WEB


@pytest.mark.parametrize(
    ("image", "policy", "told"),
    [
        ("nginx", None, True),
        ("nginx:latest", "Always", True),
        ("nginx:latest", "IfNotPresent", False),
        ("nginx:1.27", None, False),
        ("nginx:1.27", "Always", True),
    ],
)
def test_an_imported_image_that_is_always_pulled_is_told(
    project: Project, image: str, policy: str | None, told: bool
) -> None:
    container = {"name": "web", "image": image, **({"imagePullPolicy": policy} if policy else {})}
    manifest(project, "Deployment", {"containers": [container]})
    found = planned(project, put(*PUT, "docker.io/library/nginx:latest"))
    assert any("is asked of a registry at each start" in each for each in found.warnings) is told


@pytest.mark.parametrize(("wanted", "told"), [(None, True), ("IfNotPresent", False)])
def test_a_copy_that_is_never_pulled_is_told(project: Project, wanted: str | None, told: bool) -> None:
    container = {"name": "web", "image": "nginx:1.27", "imagePullPolicy": "Never"}
    manifest(project, "Deployment", {"containers": [container]}).change(shop(imagePullPolicy=wanted))
    assert any("its copy is not pulled" in each for each in planned(project).warnings) is told


def test_a_container_whose_image_is_injected_has_no_policy_to_be_told_of(project: Project) -> None:
    manifest(project, "Deployment", {"containers": [{"name": "web", "imagePullPolicy": "Always"}]})
    assert not any("container web" in each for each in planned(project, put(*PUT)).warnings)
