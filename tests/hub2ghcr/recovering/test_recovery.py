"""What a recovery looks at, as far as the credential of a cluster may list it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.engine import RunOptions, Said, State, Step
from hub2ghcr.errors import Refused
from hub2ghcr.plan import Cluster, Kubeconfig, Namespace, Plan, Untouched, Workload
from hub2ghcr.recovering import Machine, Recovered, recover
from tests.hub2ghcr.pretended import Pretended


class Engine:
    """A stack without anything in its state."""

    def state(self) -> State:
        return State.of({})

    def adopt(self, created: Mapping[str, str]) -> None: ...

    def refresh(self, options: RunOptions, told: Callable[[Step | Said], object]) -> None: ...

    def unlock(self) -> None: ...


class Narrow(Pretended):
    """A cluster whose credential may list some kinds in some namespaces, and nothing beyond them."""

    def __init__(self, may: Mapping[str, tuple[str, ...]], *objects: Mapping[str, Any]) -> None:
        super().__init__(*objects)
        self.may = may
        self.refused: list[str] = []

    def list(self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> Any:
        self._allow(kind, namespace, f"list {kind} in {namespace or 'all'}")
        return super().list(api_version, kind, namespace, labels=labels, fields=fields)

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        self._allow(kind, name, f"get {kind} {name}")
        return super().get(api_version, kind, namespace, name)

    def _allow(self, kind: str, namespace: str, action: str) -> None:
        if namespace not in self.may.get(kind, ()):
            self.refused.append(action)
            raise Refused(f"may not {action} (403)", "cluster demo", reason="Forbidden")


def applied(api_version: str, kind: str, namespace: str, name: str, manager: str = "hub2ghcr-test") -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "managedFields": [{"manager": manager}]}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


OBJECTS = (
    applied("v1", "Namespace", "", "shop"),
    applied("v1", "Secret", "shop", "pull"),
    applied("v1", "Secret", "elsewhere", "pull"),
    applied("apps/v1", "Deployment", "shop", "web"),
    applied("apps/v1", "Deployment", "shop", "other", "helm"),
)
ALL = ("Namespace", "Secret", "CronJob", "DaemonSet", "Deployment", "StatefulSet")


def switched(kind: str, name: str, stack: str = "test", **metadata: Any) -> dict[str, Any]:
    found = applied("apps/v1", kind, "shop", name, "hub2ghcr")
    return {**found, "metadata": {**found["metadata"], "annotations": {"hub2ghcr/stack": stack}, **metadata}}


def workload(kind: str, name: str) -> Workload:
    return Workload("apps/v1", kind, "shop", name, "patch", {}, (), ())


def recovered(cluster: Pretended, tmp_path: Path, *workloads: Workload, left: tuple[Untouched, ...] = ()) -> Recovered:
    shop = Namespace("shop", False, None, workloads, untouched=left)
    namespaces = (shop, Namespace("web", False, None, ()))
    plan = Plan("test", "cutover", "copy", (), (), None, (Cluster("demo", Kubeconfig("k", "c"), namespaces),), ())
    return recover(Engine(), plan, {"demo": cluster}, (), lambda _: None, machine=Machine("here", tmp_path))


class Killed(Engine):
    """An engine that was killed while it created a secret on GitHub; what it hears, in its order."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def state(self) -> State:
        urn = "urn:pulumi:test::hub2ghcr::github:index/actionsSecret:ActionsSecret::acme/shop/CR_PAT"
        inputs = {"repository": "shop", "secretName": "CR_PAT"}
        made = {"type": "github:index/actionsSecret:ActionsSecret", "urn": urn, "inputs": inputs}
        return State.of({"pending_operations": [{"type": "creating", "resource": made}]})

    def adopt(self, created: Mapping[str, str]) -> None:
        self.heard.append(sorted(created.values()))

    def refresh(self, options: RunOptions, told: Callable[[Step | Said], object]) -> None:
        self.heard.append("refresh")


def test_a_secret_that_was_being_written_is_the_stacks_own_before_github_is_asked_whether_it_is_there(
    tmp_path: Path,
) -> None:
    """The refresh takes out of the state what was not written; what was, the next run finds to be its own."""
    engine = Killed()
    plan = Plan("test", "cutover", "copy", (), (), None, (), ())
    done = recover(engine, plan, {}, (), lambda _: None, machine=Machine("here", tmp_path))
    assert engine.heard == [["shop:CR_PAT"], "refresh"]
    assert [each.line for each in done.settled] == [
        "creating ActionsSecret acme/shop/CR_PAT: it may have been written; taken into the state"
    ]


def found(done: Recovered) -> list[str]:
    return [str(each) for each in done.missing.orphans]


def test_the_whole_cluster_is_looked_at(tmp_path: Path) -> None:
    cluster = Narrow(dict.fromkeys(ALL, ("",)), *OBJECTS)
    done = recovered(cluster, tmp_path)
    assert found(done) == [
        "cluster demo: Deployment shop/web",
        "cluster demo: Namespace shop",
        "cluster demo: Secret elsewhere/pull",
        "cluster demo: Secret shop/pull",
    ]
    assert done.unseen == () and cluster.refused == []


def test_a_workload_that_was_switched_and_dropped_from_the_settings_is_named(tmp_path: Path) -> None:
    """Nothing but its annotation tells whose it is: the manager of every switch is the same."""
    made = [{"kind": "Deployment", "name": "api", "controller": True}]
    cluster = Narrow(
        dict.fromkeys((*ALL, "ReplicaSet"), ("",)),
        switched("Deployment", "dropped"),
        switched("Deployment", "named"),
        switched("Deployment", "left"),
        switched("Deployment", "another", "other"),
        applied("apps/v1", "Deployment", "shop", "before", "hub2ghcr"),
        switched("ReplicaSet", "api-1", ownerReferences=made),
        switched("ReplicaSet", "bare"),
    )
    known = (workload("Deployment", "named"), workload("ReplicaSet", "x"))
    done = recovered(cluster, tmp_path, *known, left=(Untouched("Deployment", "left", ()),))
    assert found(done) == ["cluster demo: Deployment shop/dropped", "cluster demo: ReplicaSet shop/bare"]
    assert {each.patched for each in done.missing.orphans} == {True} and done.missing.planned == ()


def test_a_credential_of_namespaces_looks_at_those_of_the_plan_and_it_is_said(tmp_path: Path) -> None:
    may = {**dict.fromkeys(ALL, ("shop", "web")), "DaemonSet": (), "Namespace": ("shop",)}
    cluster = Narrow(may, *OBJECTS)
    done = recovered(cluster, tmp_path)
    assert found(done) == [
        "cluster demo: Deployment shop/web",
        "cluster demo: Namespace shop",
        "cluster demo: Secret shop/pull",
    ]
    assert done.unseen == (
        "cluster demo: may not list DaemonSet in all (403): looked in the namespaces of the plan alone",
        "cluster demo: may not list DaemonSet in shop (403): not looked at",
        "cluster demo: may not list DaemonSet in web (403): not looked at",
        "cluster demo: may not get Namespace web (403): not looked at",
    )
    assert [each for each in cluster.refused if "all" in each] == ["list DaemonSet in all"]


def test_what_else_a_cluster_refuses_ends_it(tmp_path: Path) -> None:
    class Broken(Pretended):
        def list(self, *_: Any, **__: Any) -> Any:
            raise Refused("is refused: no", "cluster demo", reason="BadRequest")

    with pytest.raises(Refused, match="is refused: no"):
        recovered(Broken(), tmp_path)
