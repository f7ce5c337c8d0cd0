from __future__ import annotations

import copy
from typing import Any

import pytest

from hub2ghcr.errors import ClusterError
from hub2ghcr.switching.patching import ATTEMPTS, Switch, as_live, mark, merged, released, switch, switched
from tests.hub2ghcr.pretended import Pretended

KUBECTL = ("kubectl-client-side-apply",)


def deployment(image: str = "nginx:1.27", **spec: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "side", "image": "ghcr.io/acme/side:1"}, {"name": "web", "image": image}], **spec}
    metadata = {"name": "web", "namespace": "shop", "uid": "u", "generation": 3}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": 7, "template": {"spec": pod}},
    }


def wanted(image: str, *, on: bool, secrets: tuple[str, ...] = (), take_from: tuple[str, ...] = KUBECTL) -> Switch:
    pod: dict[str, Any] = {"containers": [{"name": "web", "image": image}]}
    if secrets:
        pod["imagePullSecrets"] = [{"name": each} for each in secrets]
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": pod}},
    }
    return Switch(document, on, take_from)


NEW = wanted("ghcr.io/acme/nginx:1.27", on=True, secrets=("ours",))
OLD = wanted("nginx:1.27", on=False)


def live(cluster: Pretended) -> dict[str, Any]:
    return cluster.objects["apps/v1", "Deployment", "shop", "web"]


def test_what_was_never_switched_is_not_written_to() -> None:
    cluster = Pretended(deployment())
    before = copy.deepcopy(live(cluster))
    assert switch(cluster, OLD) == ""
    assert (cluster.written, live(cluster)) == ([], before)


def test_a_switch_changes_its_images_and_leaves_the_rest() -> None:
    cluster = Pretended(deployment(serviceAccountName="robot"))
    assert switch(cluster, NEW) == "u/4"
    assert live(cluster)["spec"] == deployment("ghcr.io/acme/nginx:1.27", serviceAccountName="robot",
                                               imagePullSecrets=[{"name": "ours"}])["spec"]  # fmt: skip


def test_the_way_back_applies_the_old_images_and_lets_go_of_the_fields() -> None:
    cluster = Pretended(deployment())
    switch(cluster, NEW)
    assert switched(live(cluster))
    assert switch(cluster, OLD)
    assert not switched(live(cluster))
    assert (
        live(cluster)["spec"]["template"]["spec"]["containers"]
        == deployment()["spec"]["template"]["spec"]["containers"]
    )
    cluster.written.clear()
    assert switch(cluster, OLD) == ""
    assert cluster.written == []


def test_a_field_is_taken_by_force_from_managers_that_are_named() -> None:
    cluster = Pretended(deployment(), owners={"web": KUBECTL})
    switch(cluster, NEW)
    assert cluster.written == ["apply by force Deployment/web"]


def spec_of(**pod: Any) -> dict[str, Any]:
    """Fields of a pod spec, as the API server writes whose they are."""
    return {"f:spec": {"f:replicas": {}, "f:template": {"f:spec": pod}}}


def entry(name: str, **fields: Any) -> dict[str, Any]:
    return {f'k:{{"name":"{name}"}}': {".": {}, "f:name": {}, **fields}}


CONTAINER = {"f:containers": {**entry("web", **{"f:image": {}, "f:env": {}}), **entry("side", **{"f:image": {}})}}
LEFT = {"f:containers": {'k:{"name":"web"}': {".": {}, "f:env": {}}, **entry("side", **{"f:image": {}})}}


@pytest.mark.parametrize(
    ("other", "listed", "left"),
    [
        (
            "hub2ghcr-prod",
            {**entry("theirs"), **entry("ours")},
            spec_of(**LEFT, **{"f:imagePullSecrets": entry("theirs")}),
        ),
        ("hub2ghcr-prod", {".": {}, **entry("ours")}, spec_of(**LEFT)),
        ("hub2ghcr-other", entry("ours"), spec_of(**CONTAINER, **{"f:imagePullSecrets": entry("ours")})),
    ],
)
def test_of_what_was_pulumis_own_its_stack_lets_go_of_what_the_patch_says_alone(
    other: str, listed: dict[str, Any], left: dict[str, Any]
) -> None:
    """Else our pull Secret would outlast the way back; and of a list that nobody has, all would go with it."""
    found = deployment()
    fields = spec_of(**CONTAINER, **{"f:imagePullSecrets": listed})
    found["metadata"]["managedFields"] = [{"manager": other, "operation": "Apply", "fieldsV1": fields}]
    cluster = Pretended(found)
    new = wanted("ghcr.io/acme/nginx:1.27", on=True, secrets=("ours",), take_from=(*KUBECTL, "hub2ghcr-prod"))
    switch(cluster, new)
    kept, ours = live(cluster)["metadata"]["managedFields"]
    assert (kept["manager"], kept["fieldsV1"], ours["manager"]) == (other, left, "hub2ghcr")
    cluster.written.clear()
    switch(cluster, new)
    assert not [each for each in cluster.written if each.startswith("replace")]


@pytest.mark.parametrize(("writers", "asked"), [(KUBECTL, []), ((*KUBECTL, "helm"), [False]), ((), [False])])
def test_who_may_be_taken_from_is_not_asked_about(writers: tuple[str, ...], asked: list[bool]) -> None:
    """The status is the controller's, and nobody's way to an image."""
    entries = [{"manager": each} for each in writers]
    found = deployment()
    found["metadata"]["managedFields"] = [
        *entries, {"manager": "kube-controller-manager", "subresource": "status"}
    ]  # fmt: skip
    cluster = Pretended(found, owners={"web": KUBECTL})
    switch(cluster, NEW)
    assert cluster.forced == [*asked, True]


@pytest.mark.parametrize("managers", [("helm",), ("argocd-controller", *KUBECTL)])
def test_a_field_of_any_other_manager_is_left_and_its_manager_named(managers: tuple[str, ...]) -> None:
    cluster = Pretended(deployment(), owners={"web": managers})
    with pytest.raises(ClusterError) as refused:
        switch(cluster, NEW)
    assert cluster.written == []
    assert str(refused.value) == (
        f"cluster demo: Deployment shop/web: .image belongs to {managers[0]}; change the image where {managers[0]} has "
        "it from, or name it in the cluster's `takeFrom`"
    )


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_a_writer_that_is_faster_is_outlasted(times: int) -> None:
    cluster = Pretended(deployment())
    cluster.outrun = times
    assert switch(cluster, NEW)


def test_writers_that_are_always_faster_end_it() -> None:
    cluster = Pretended(deployment())
    cluster.outrun = 100
    with pytest.raises(ClusterError, match="written to by others all the time"):
        switch(cluster, NEW)


@pytest.mark.parametrize("how", [NEW, OLD])
def test_what_does_not_exist_is_not_created(how: Switch) -> None:
    cluster = Pretended()
    with pytest.raises(ClusterError, match="Deployment shop/web: does not exist, and a patch creates nothing"):
        switch(cluster, how)
    assert cluster.objects == {}


def test_a_mark_changes_with_the_spec_and_with_the_object() -> None:
    marks = {mark({"metadata": each}) for each in ({"uid": "a", "generation": 1}, {"uid": "a", "generation": 2},
                                                   {"uid": "b", "generation": 1}, {"uid": "b"})}  # fmt: skip
    assert len(marks) == 4


def test_an_object_whose_only_manager_we_were_is_let_go_of_too() -> None:
    """An empty list would leave it as it is, one empty entry is what the API server takes for none."""
    ours = {"metadata": {"managedFields": [{"manager": "hub2ghcr"}]}}
    assert released(ours)["metadata"]["managedFields"] == [{}]


def test_a_document_as_it_is_live_shows_what_drifted() -> None:
    found = as_live(NEW.document, deployment("nginx:1.28", imagePullSecrets=[{"name": "listed"}]))
    assert found["spec"]["template"]["spec"] == {
        "containers": [{"name": "web", "image": "nginx:1.28"}],
        "imagePullSecrets": [],
    }
    assert as_live(NEW.document, merged(deployment(), NEW.document)) == NEW.document


def test_lists_merge_by_name_and_what_is_new_comes_last() -> None:
    there = {"a": [{"name": "one", "x": 1}, {"name": "two"}], "b": [1, 2], "c": 1}
    assert merged(there, {"a": [{"name": "two", "y": 2}, {"name": "three"}], "b": [3]}) == {
        "a": [{"name": "one", "x": 1}, {"name": "two", "y": 2}, {"name": "three"}],
        "b": [3],
        "c": 1,
    }
