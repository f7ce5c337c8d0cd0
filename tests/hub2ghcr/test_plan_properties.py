"""What holds of every plan: the same bytes for the same input, back is where it began, no pull Secret is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.inventory import AccountFacts, ClusterFacts, ImageFacts, Inventory, NamespaceFacts, WorkloadFacts
from hub2ghcr.plan import Plan, Workload, build

from .conftest import Config, Project

PATHS = {
    "Deployment": ("apps/v1", ("spec", "template", "spec")),
    "StatefulSet": ("apps/v1", ("spec", "template", "spec")),
    "DaemonSet": ("apps/v1", ("spec", "template", "spec")),
    "Job": ("batch/v1", ("spec", "template", "spec")),
    "CronJob": ("batch/v1", ("spec", "jobTemplate", "spec", "template", "spec")),
    "Pod": ("v1", ("spec",)),
}
NAMES = st.lists(st.sampled_from(["a", "b", "ours"]), max_size=3, unique=True)
OBJECT = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(PATHS)),
        "images": st.lists(st.sampled_from(["nginx:1.27", "acme/shop:1.4.2", "quay.io/x/y:1"]), min_size=1, max_size=3),
        "secrets": NAMES,
        "account": st.sampled_from([None, "default", "bot"]),
    }
)
NAMESPACE = st.fixed_dictionaries(
    {
        "delivery": st.sampled_from(["patch", "own", "render"]),
        "recreate": st.booleans(),
        "serviceAccounts": st.lists(st.sampled_from(["default", "bot"]), max_size=2, unique=True),
        "imagePullPolicy": st.sampled_from([None, "Always", "IfNotPresent"]),
        "onUnready": st.sampled_from(["hold", "skip"]),
        "pullSecretName": st.just("ours"),
        "pull": st.sampled_from([None, "pull", {"ghcr.io": "pull", "docker.io": "pull"}]),
    }
)
ACCOUNTS = st.fixed_dictionaries({"default": NAMES, "bot": NAMES})


def document(name: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest."""
    api_version, path = PATHS[said["kind"]]
    body: Any = {"containers": [{"name": f"c{index}", "image": each} for index, each in enumerate(said["images"])]}
    if said["secrets"]:
        body["imagePullSecrets"] = [{"name": each} for each in said["secrets"]]
    if said["account"]:
        body["serviceAccountName"] = said["account"]
    for key in reversed(path):
        body = {key: body}
    return {"apiVersion": api_version, "kind": said["kind"], "metadata": {"name": name}, **body}


def inventory(objects: list[dict[str, Any]], accounts: dict[str, list[str]]) -> Inventory:
    """Return the facts of a cluster where kubectl applied all of it."""
    workloads = tuple(
        WorkloadFacts(
            PATHS[said["kind"]][0],
            said["kind"],
            f"w{index}",
            images=tuple(
                ImageFacts(f"containers[c{at}]", each, ("kubectl",)) for at, each in enumerate(said["images"])
            ),
        )
        for index, said in enumerate(objects)
    )
    known = tuple(
        AccountFacts(name, tuple(each for each in listed if each != "ours")) for name, listed in accounts.items()
    )
    return Inventory((ClusterFacts("one", namespaces=(NamespaceFacts("shop", {}, known, (), workloads),)),))


def secrets_of(workload: Workload) -> list[str]:
    """Return the pull Secrets that a workload's document lists."""
    body: Any = workload.document
    for key in PATHS[workload.kind][1]:
        body = body.get(key, {})
    return [each["name"] for each in body.get("imagePullSecrets", ())]


@given(st.lists(OBJECT, min_size=1, max_size=3), NAMESPACE, ACCOUNTS)
def test_a_plan_is_the_same_again_goes_back_where_it_began_and_loses_no_secret(
    objects: list[dict[str, Any]], namespace: dict[str, Any], accounts: dict[str, list[str]]
) -> None:
    if any(each["kind"] in ("Pod", "Job") for each in objects):
        namespace = {**namespace, "recreate": True}
    if namespace["delivery"] == "render":
        namespace = {**namespace, "render": {"folder": "out"}}
    found = inventory(objects, accounts)
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.write("shop.yaml", yaml.safe_dump_all([document(f"w{i}", each) for i, each in enumerate(objects)]))

        def planned(phase: str) -> Plan:
            def change(config: Config) -> None:
                config["phase"] = phase
                config["clusters"][0]["namespaces"] = {"shop": {**namespace, "manifests": ["shop.yaml"]}}

            return build(project.change(change).settings(), project.lock, project.root, found)

        prepared, cut_over, sealed = planned("prepare"), planned("cutover"), planned("seal")
        assert as_json(planned("cutover")) == as_json(cut_over)
        assert planned("prepare") == prepared
    before, after, last = (
        {each.name: each for each in ns.all_workloads}
        for ns in (plan.clusters[0].namespaces[0] for plan in (prepared, cut_over, sealed))
    )
    assert after.keys() == before.keys() == last.keys()
    for name, each in after.items():
        said = objects[int(name[1:])]
        assert last[name].document == each.document
        listed = said["secrets"] if each.delivery == "patch" else []
        old = said["secrets"] or [one for one in accounts[said["account"] or "default"] if one != "ours"]
        new = [*listed, *secrets_of(each)]
        assert not new or set(old) <= set(new)
        assert [*listed, *secrets_of(before[name])] == said["secrets"]
        assert not before[name].switched and before[name].was == each.was
