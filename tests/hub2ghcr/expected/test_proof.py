from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Problems, Refused
from hub2ghcr.expected import Expectation, Expectations, Grant, prove
from hub2ghcr.expected.looking import MANY
from hub2ghcr.expected.proof import TRIED
from hub2ghcr.guarding.policy import API, binding, deny_name
from hub2ghcr.plan import Guard, Pull
from hub2ghcr.pull_secrets import secret as pull_secret
from hub2ghcr.pull_secrets.pulling import Puller
from hub2ghcr.registry import Registry
from tests.hub2ghcr.expected.objects import NEW, OLD, Objects, as_cluster, deployment, patched


def problems(objects: Objects, *expected: Expectation, **about: Any) -> list[str]:
    believed = about.pop("believed", ())
    whole = Expectations("hub2ghcr-test", expected, take_from=("kubectl*",), **about)
    try:
        prove(as_cluster(objects), whole, credential=no_credential, puller=Puller(no_registry), believed=believed)
    except Problems as found:
        return list(found.lines)
    return []


def no_credential(name: str) -> Credential:
    raise AssertionError(f"nobody has to ask for {name}")


def no_registry(host: str, credential: Credential | None) -> Registry:
    raise AssertionError(f"nobody has to ask {host}")


def tried(objects: Objects) -> list[tuple[str, ...]]:
    return [each for each in objects.asked if each[0] == "try"]


def test_everything_that_is_wrong_comes_in_one_run_and_nothing_is_written() -> None:
    objects = Objects(deployment(image="nginx:1.28"), deployment("api", by="someone"))
    namespace = Expectation("v1", "Namespace", "", "shop", "there", "create it")
    assert problems(objects, namespace, patched(), patched(name="api"), patched(name="gone")) == [
        "cluster demo: Deployment shop/api: its image is managed by someone; change the image where that "
        "manager has it from, or name it in `takeFrom`",
        "cluster demo: Deployment shop/gone: does not exist, and a patch would create it; do this",
        f"cluster demo: Deployment shop/web: container web runs nginx:1.28, and its manifest says {OLD}; bring the "
        "manifest up to date; where the inventory is its source, `hub2ghcr inventory` does",
        "cluster demo: Namespace shop: does not exist; create it",
    ]
    assert tried(objects) == []


def test_a_patch_is_tried_before_anything_is_changed() -> None:
    objects = Objects(deployment(), refuses="admission webhook policy denied the request")
    (line,) = problems(objects, patched())
    assert "admission webhook policy denied the request" in line
    assert tried(objects) == [("try", "web", "False")]


def test_one_that_takes_fields_from_a_named_manager_is_tried_by_force() -> None:
    objects = Objects(deployment(), conflicts=("kubectl-client-side-apply",))
    assert problems(objects, patched()) == []
    assert tried(objects) == [("try", "web", "False"), ("try", "web", "True")]


def test_fields_that_only_the_api_server_knows_of_belong_to_somebody_too() -> None:
    objects = Objects(deployment(), conflicts=("kubectl-edit", "someone"))
    (line,) = problems(objects, patched())
    assert "Deployment shop/web: its image is managed by someone" in line


@pytest.mark.parametrize("expected", [patched(OLD, switched=False), patched()])
def test_what_is_not_switched_or_runs_the_new_image_is_not_tried(expected: Expectation) -> None:
    objects = Objects(deployment(image=NEW if expected.switched else OLD))
    assert problems(objects, expected) == []
    assert tried(objects) == []


def test_many_are_listed_at_once_and_one_for_each_kind_and_labels_of_its_namespace_is_tried() -> None:
    count = TRIED + 1
    names = [f"web-{number}" for number in range(count)]
    spaces = [f"n{number}" for number in range(count)]

    def labels(name: str) -> dict[str, str]:
        return {"kubernetes.io/metadata.name": name, **({"team": "shop"} if name in ("n3", "n7") else {})}

    objects = Objects(
        *(deployment(name, namespace=space) for name, space in zip(names, spaces, strict=True)),
        *(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": each, "labels": labels(each)}}
            for each in spaces
        ),
    )
    expected = [replace(patched(name=name), namespace=space) for name, space in zip(names, spaces, strict=True)]
    there = [Expectation("v1", "Namespace", "", each, "there") for each in spaces]
    assert problems(objects, *there, *expected) == []
    assert objects.asked.count(("list", "apps/v1", "Deployment", "")) == 1
    assert sorted(tried(objects)) == [("try", "web-0", "False"), ("try", "web-3", "False")]
    assert not [each for each in objects.asked if each[:3] == ("get", "apps/v1", "Deployment")]


def test_of_secrets_only_those_of_our_name_are_listed() -> None:
    objects = Objects()
    expected = [Expectation("v1", "Secret", f"n{number}", "ours", "absent") for number in range(MANY)]
    assert problems(objects, *expected) == []
    assert objects.asked == [("list", "v1", "Secret", "metadata.name=ours")]
    other = Expectation("v1", "Secret", "n0", "other", "absent")
    assert problems(objects, *expected, other) == []
    assert [each for each in objects.asked[1:] if each[0] == "list"] == []


def test_a_node_of_another_platform_is_named() -> None:
    info = {"operatingSystem": "linux", "architecture": "arm64"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": {"nodeInfo": info}}
    assert problems(Objects(node), platforms=("linux/amd64",)) == [
        "cluster demo: Node n1: is linux/arm64, and the plan counts with linux/amd64; run `hub2ghcr inventory`"
    ]
    assert problems(Objects(node), platforms=("linux/amd64", "linux/arm64")) == []
    assert problems(Objects(node)) == []


def node(name: str, platform: str) -> dict[str, Any]:
    system, _, architecture = platform.partition("/")
    info = {"operatingSystem": system, "architecture": architecture}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"nodeInfo": info}}


def pull(*platforms: str, without: tuple[str, ...] = ()) -> Pull:
    return Pull("ghcr.io/acme/nginx:1.27", "sha256:" + "a" * 64, platforms, without=without)


NODES = (node("n1", "linux/amd64"), node("n2", "linux/arm64"), node("n3", "linux/arm64"))
LACKS = "cluster demo: namespace shop: ghcr.io/acme/nginx:1.27: is locked for "
WIDEN = "; widen `platforms` of its mapping rule, and run `hub2ghcr lock`"


def test_an_image_that_lacks_the_platform_of_a_node_is_named_where_the_plan_does_not_know_the_nodes() -> None:
    narrowed = pull("linux/amd64", without=("linux/arm64/v8",))
    line = LACKS + "linux/amd64; nodes need linux/arm64 (Node n2)" + WIDEN
    assert problems(Objects(*NODES), pulls={"shop": [narrowed]}) == [line]
    both = {"shop": [narrowed, pull("linux/amd64", "linux/arm64/v8")], "jobs": [narrowed]}
    assert problems(Objects(*NODES), pulls=both) == [line.replace("shop", "jobs"), line]
    (foreign,) = problems(Objects(*NODES), pulls={"shop": [pull("linux/s390x")]})
    assert foreign == (
        LACKS + "linux/s390x; nodes need linux/amd64 (Node n1), linux/arm64 (Node n2); nothing of it runs in this "
        "cluster: leave it out, or take an image for these nodes"
    )


@pytest.mark.parametrize(
    ("pulled", "nodes"),
    [
        (pull("linux/amd64"), NODES),  # it never ran on the others
        (pull("linux/amd64", without=("linux/arm64",)), NODES[:1]),
        (pull(), NODES),  # the lock knows none
        (pull("linux/s390x"), ()),
        (pull("linux/s390x"), ({**NODES[0], "status": {}},)),
    ],
)
def test_an_image_loses_no_node_that_it_did_not_have(pulled: Pull, nodes: tuple[dict[str, Any], ...]) -> None:
    assert problems(Objects(*nodes), pulls={"shop": [pulled]}) == []


class NoNodes(Objects):
    """A cluster of which nodes may not be listed, or that does not answer."""

    reason = "Forbidden"

    def list(self, *kind: str, **about: str) -> Iterator[Mapping[str, Any]]:
        raise Refused("may not list nodes (403)", "cluster demo", reason=self.reason)


def test_nodes_that_may_not_be_listed_keep_nobody_from_a_run() -> None:
    lacks = {"shop": [pull("linux/s390x")]}
    assert problems(NoNodes(), pulls=lacks) == []
    assert problems(NoNodes()) == [], "and nobody asks for them where nothing is to run"
    broken = NoNodes()
    broken.reason = "Invalid"
    with pytest.raises(Refused):
        problems(broken, pulls=lacks)


@pytest.mark.parametrize("status", [{}, {"nodeInfo": {"operatingSystem": "", "architecture": ""}}])
def test_a_node_that_never_reported_has_no_platform_yet(status: dict[str, object]) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": status}
    assert problems(Objects(node), platforms=("linux/amd64",)) == []


def test_pull_secrets_that_pods_would_lose_are_found_in_the_live_serviceaccount() -> None:
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": "shop"},
        "imagePullSecrets": [{"name": "new-one"}],
    }
    expected = patched(imagePullSecrets=[{"name": "ours"}])
    assert problems(Objects(deployment()), expected) == []
    (line,) = problems(Objects(deployment(), account), expected)
    assert "its Pods would lose the pull Secrets new-one of ServiceAccount default" in line


GRANT = Grant("shop", "ours", {"ghcr.io": "pull"})
GONE = "cluster demo: Secret shop/ours: was deleted, and is pulled with by "


def account(*secrets: str) -> dict[str, Any]:
    metadata = {"name": "default", "namespace": "shop"}
    listed = [{"name": each} for each in secrets]
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "imagePullSecrets": listed}


def test_a_pull_secret_that_somebody_deleted_is_missed_by_what_was_switched_and_lists_it() -> None:
    listing = {"imagePullSecrets": [{"name": "ours"}]}
    switched = (
        deployment(image=NEW, by="hub2ghcr", pod=listing),
        deployment("by-account", image=NEW, by="hub2ghcr"),
        deployment("other", image=NEW, by="hub2ghcr", pod={"imagePullSecrets": [{"name": "theirs"}]}),
        deployment("never-switched", pod=listing),
    )
    names = [each["metadata"]["name"] for each in switched]
    secret = Expectation("v1", "Secret", "shop", "ours", "absent")
    there = Expectation("v1", "ServiceAccount", "shop", "default", "there")
    expected = (secret, there, *(patched(name=name) for name in names))
    found = problems(Objects(*switched, account("ours")), *expected, grants=(GRANT,), believed={"shop/ours"})
    assert found == [GONE + "Deployment by-account, Deployment web; `pulumi up --refresh` writes it anew"]
    for believed in ({"shop/other"}, set()):  # of which the engine knows that it is not there, it makes itself
        assert problems(Objects(*switched, account("ours")), *expected, grants=(GRANT,), believed=believed) == []
    assert problems(Objects(deployment()), *expected[:3], grants=(GRANT,), believed={"shop/ours"}) == [
        "cluster demo: ServiceAccount shop/default: does not exist"
    ]


def test_who_goes_back_needs_no_pull_secret() -> None:
    live = deployment(image=NEW, by="hub2ghcr", pod={"imagePullSecrets": [{"name": "ours"}]})
    expected = (Expectation("v1", "Secret", "shop", "ours", "absent"), patched(OLD, switched=False))
    assert problems(Objects(live), *expected, grants=(GRANT,), believed={"shop/ours"}) == []


def opening(**entries: str) -> dict[str, Any]:
    """A pull Secret of ours that opens registries, each as somebody."""
    named = {host.replace("_", "."): Credential(user, f"{user}-token") for host, user in entries.items()}
    found = pull_secret.document("ours", "shop", named)
    return {**found, "metadata": {**found["metadata"], "managedFields": [{"manager": "hub2ghcr-test"}]}}


LISTING = {"imagePullSecrets": [{"name": "ours"}]}
SECRET = Expectation("v1", "Secret", "shop", "ours", "absent")


def dropping(
    *objects: dict[str, Any],
    expected: Expectation | None = None,
    opens: tuple[str, ...] = (),
    secret: Expectation = SECRET,
) -> list[str]:
    hosts = ("ghcr.io", *opens)
    grant = Grant("shop", "ours", {host: host for host in hosts})

    def credential(name: str) -> Credential:
        user = {"ghcr.io": "robot"}.get(name, "reader")
        return Credential(user, f"{user}-token")

    whole = Expectations("hub2ghcr-test", (secret, expected or patched()), [grant], ("kubectl*",))
    try:
        prove(as_cluster(Objects(*objects)), whole, credential=credential, puller=Puller(no_registry))
    except Problems as found:
        return list(found.lines)
    return []


KEPT = (
    "cluster demo: Secret shop/ours: stays as it is: Deployment web would still pull with its entry for "
    "https://index.docker.io/v1/; run phase cutover with that entry first"
)


def test_a_pull_secret_keeps_docker_hubs_credential_until_what_pulls_with_it_is_switched() -> None:
    both = opening(ghcr_io="robot", docker_io="reader")
    assert dropping(both, deployment(pod=LISTING)) == [KEPT]
    assert dropping(both, deployment(), account("ours")) == [KEPT], "its ServiceAccount lists the Secret"
    assert dropping(both, deployment(image=NEW, by="hub2ghcr", pod=LISTING)) == [], "it is switched"
    assert dropping(both, deployment(pod=LISTING), opens=("docker.io",)) == [], "the Secret keeps it"
    assert dropping(opening(ghcr_io="robot"), deployment(pod=LISTING)) == [], "there is none to lose"
    assert dropping(deployment(pod=LISTING)) == [], "there is no Secret"


def test_what_rancher_copies_to_a_namespace_is_held_to_the_same() -> None:
    copied = replace(SECRET, state="copied")
    both = opening(ghcr_io="robot", docker_io="reader")
    assert dropping(both, deployment(pod=LISTING), secret=copied) == [KEPT]
    assert dropping(deployment(pod=LISTING), secret=copied) == [], "it is not copied yet"


@pytest.mark.parametrize(
    "live",
    [
        deployment(),
        deployment(pod={"imagePullSecrets": [{"name": "theirs"}]}),
        deployment(image="quay.io/acme/web:1", pod=LISTING),
        deployment(image="no image@", pod=LISTING),
    ],
)
def test_a_credential_that_a_workload_does_not_pull_with_keeps_nothing(live: dict[str, Any]) -> None:
    was = live["spec"]["template"]["spec"]["containers"][0]["image"]
    both = opening(ghcr_io="robot", docker_io="reader")
    assert dropping(both, live, account("theirs"), expected=patched(was=was)) == []


def test_who_goes_back_loses_no_credential() -> None:
    both = opening(ghcr_io="robot", docker_io="reader")
    assert dropping(both, deployment(pod=LISTING), expected=patched(OLD, switched=False)) == []


def hub_pod(name: str, app: str = "") -> dict[str, Any]:
    labels = {"app": app} if app else {}
    metadata = {"name": name, "namespace": "shop", "labels": labels}
    spec = {"containers": [{"name": "web", "image": OLD}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def selecting(live: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {**live, "spec": {**live["spec"], "selector": {"matchLabels": {"app": live["metadata"]["name"]}}, **spec}}


SEAL = Guard("g", deny=("shop",))


def unsealed(*objects: dict[str, Any], expected: tuple[Expectation, ...] = (), guard: Guard = SEAL) -> list[str]:
    found = problems(Objects(*objects), *expected, guard=guard)
    return [line.partition(": namespace shop: ")[2].partition(": is not sealed")[0] for line in found]


def test_what_stays_on_docker_hub_keeps_a_namespace_from_being_sealed_before_anything_is_changed() -> None:
    stranger = selecting(deployment("stranger"))
    assert unsealed(stranger, hub_pod("stranger-1", "stranger"), hub_pod("bare")) == [
        "Deployment stranger",
        "Pod bare",
        "Pod stranger-1",
    ]
    denied = binding(deny_name("g"), "g", ["Deny"], ["shop"])
    assert unsealed(stranger, denied) == [], "a namespace that is sealed has no credential to lose"
    assert unsealed(stranger, guard=Guard("g", audit=("shop",))) == []


def test_what_this_run_moves_may_be_on_docker_hub_until_then_and_so_may_its_pods() -> None:
    web, sidecar = selecting(deployment()), {"name": "injected", "image": "busybox"}
    pods = (hub_pod("web-1", "web"), hub_pod("web-2", "web"))
    assert unsealed(web, *pods, expected=(patched(),)) == []
    assert unsealed(web, *pods, expected=(patched(OLD, switched=False),)) != []
    assert unsealed(selecting(web, paused=True), *pods, expected=(patched(),)) == ["Pod web-1", "Pod web-2"]
    with_sidecar = deployment()
    with_sidecar["spec"]["template"]["spec"]["containers"].append(sidecar)
    assert unsealed(selecting(with_sidecar), expected=(patched(),)) == ["Deployment web"]
    switched = selecting(deployment(image=NEW, by="hub2ghcr"))
    assert unsealed(switched, *pods, expected=(patched(),)) == ["Pod web-1", "Pod web-2"], "they were to go before"


def test_a_cluster_that_knows_no_admission_policies_is_told_before_anything_is_changed() -> None:
    objects = Objects()
    objects.unserved = {"ValidatingAdmissionPolicy"}
    for guard in (SEAL, Guard("g", audit=("shop",))):
        assert problems(objects, guard=guard) == [
            f"cluster demo: ValidatingAdmissionPolicy: the cluster does not serve {API}: Kubernetes does from 1.30 on; "
            'set `guard: {action: "off"}` of cluster demo'
        ]
    assert problems(objects, guard=Guard("g")) == []
    assert problems(objects) == []
