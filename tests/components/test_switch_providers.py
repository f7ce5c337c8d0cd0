"""The providers of the switch without an engine: what they keep, what they see as a change, what they leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import dill  # type: ignore[import-untyped]
import pytest
from pulumi.dynamic import ResourceProvider

from components import cluster_access
from components.adoption import AdoptionProvider
from components.all_moved import AllMovedProvider
from components.guard import GuardProvider
from components.roll_out import RollOutProvider
from components.way_back import WayBackProvider
from components.workload_patch import WorkloadPatchProvider
from hub2ghcr.errors import ClusterError, Problems
from hub2ghcr.guarding import policy as guarding
from hub2ghcr.switching.patching import as_live
from hub2ghcr.switching.watching import Watched
from tests.hub2ghcr.pretended import Pretended
from tests.hub2ghcr.switching.test_patching import KUBECTL, NEW, OLD, deployment

PROVIDERS = [AdoptionProvider, AllMovedProvider, GuardProvider, RollOutProvider, WayBackProvider, WorkloadPatchProvider]
WHERE = {"cluster": "demo", "reach": {"kubeconfig": "k", "context": "c"}, "__provider": "p"}
SWITCH = {**WHERE, "document": NEW.document, "switched": True, "takeFrom": "\n".join(KUBECTL), "recreate": False}
BACK = {**SWITCH, "document": OLD.document, "switched": False}
GUARD = {**WHERE, "name": "g", "audit": ["a"], "deny": ["b"], "exceptions": [], "aliases": []}

ROLLING = {
    **WHERE,
    "workloads": json.dumps(
        {
            f"{namespace}/Deployment/{name}": {"apiVersion": "apps/v1", "images": {}}
            for namespace, name in (("shop", "a"), ("web", "b"), ("web", "c"))
        }
    ),
    "marks": {"shop/Deployment/a": "1", "web/Deployment/b": "2", "web/Deployment/c": ""},
    "seconds": 5,
}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    """A cluster with one Deployment, which every provider reaches."""
    found = Pretended(deployment())
    monkeypatch.setattr(cluster_access, "cluster", lambda _: found)
    return found


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_kept_by_its_name_alone(provider: Callable[[], ResourceProvider]) -> None:
    kept = dill.dumps(provider(), recurse=True)
    assert len(kept) < 100
    assert type(dill.loads(kept)) is provider


@pytest.mark.parametrize(
    "provider", [AdoptionProvider, AllMovedProvider, RollOutProvider, WayBackProvider, WorkloadPatchProvider]
)
def test_deleting_asks_nobody(provider: Callable[[], ResourceProvider]) -> None:
    provider().delete("id", {})


@pytest.mark.parametrize(
    ("change", "changes", "replaces"),
    [
        ({}, False, []),
        ({"reach": {"server": "https://other"}}, False, []),
        ({"takeFrom": ""}, False, []),
        ({"document": OLD.document}, True, []),
        ({"switched": False}, True, []),
        ({"cluster": "other"}, True, ["cluster"]),
        ({"__provider": "another module"}, True, []),
    ],
)
def test_a_patch_changes_with_what_is_applied(
    cluster: Pretended, change: dict[str, Any], changes: bool, replaces: list[str]
) -> None:
    WorkloadPatchProvider().create(dict(SWITCH))
    found = WorkloadPatchProvider().diff("id", SWITCH, {**SWITCH, **change})
    assert (found.changes, found.replaces) == (changes, replaces)


def test_a_patch_that_wrote_nothing_has_no_mark(cluster: Pretended) -> None:
    made = WorkloadPatchProvider().create(dict(BACK))
    assert (made.id, made.outs and made.outs["mark"], cluster.written) == ("demo/shop/Deployment/web", "", [])


def test_a_patch_whose_images_cannot_be_pulled_writes_nothing_until_they_can(cluster: Pretended) -> None:
    provider, unready = WorkloadPatchProvider(), {**SWITCH, "unready": ["refused"]}
    kept = provider.create(dict(unready)).outs or {}
    kept = provider.update("id", {**kept, "mark": "before"}, dict(unready)).outs or {}
    assert (kept["mark"], cluster.written) == ("before", [])
    assert provider.diff("id", kept, {**SWITCH, "unready": []}).changes
    assert (provider.update("id", kept, {**SWITCH, "unready": []}).outs or {})["mark"] != "before"


def test_an_adoption_acts_on_what_comes_and_reports_all_that_is_missing(cluster: Pretended) -> None:
    live = cluster.objects["apps/v1", "Deployment", "shop", "web"]
    live["metadata"]["managedFields"] = [{"manager": each, "operation": "Update"} for each in ("kubectl-set", "helm")]
    web, api, db = ({"apiVersion": "apps/v1", "kind": "Deployment", "name": name} for name in ("web", "api", "db"))
    provider, props = AdoptionProvider(), {**WHERE, "namespace": "shop", "objects": [web], "manager": "hub2ghcr-prod"}
    made = provider.create(dict(props))
    assert (made.id, cluster.written) == ("demo/shop", ["replace Deployment/web"])
    more = {**props, "objects": [web, api, db]}
    assert not provider.diff("id", props, {**props, "reach": {}}).changes
    assert provider.diff("id", props, more).changes
    cluster.written.clear()
    with pytest.raises(Problems) as told:
        provider.update("id", props, more)
    assert [line.partition(":")[2].partition(";")[0] for line in told.value.lines] == [
        " Deployment shop/api: does not exist",
        " Deployment shop/db: does not exist",
    ]
    assert (provider.read("id", props).outs, cluster.written) == (props, [])


def test_all_that_did_not_move_is_told(cluster: Pretended) -> None:
    provider, fine = AllMovedProvider(), {"unready": {"demo/shop/Deployment/web": []}, "__provider": "p"}
    kept = provider.create(dict(fine)).outs or {}
    assert not provider.diff("id", kept, fine).changes
    bad = {**fine, "unready": {"demo/shop/Deployment/web": ["a: refused"], "demo/shop/Job/x": ["b: gone"]}}
    assert provider.diff("id", kept, bad).changes
    for failing in (lambda: provider.create(bad), lambda: provider.update("id", kept, bad)):
        with pytest.raises(Problems) as told:
            failing()
        assert told.value.lines == (
            "demo/shop/Deployment/web: did not move: a: refused",
            "demo/shop/Job/x: did not move: b: gone",
        )


def test_there_and_back(cluster: Pretended) -> None:
    provider = WorkloadPatchProvider()
    there = provider.create(dict(SWITCH)).outs or {}
    back = provider.update("id", there, dict(BACK)).outs or {}
    assert there["mark"] and back["mark"] and there["mark"] != back["mark"]
    found = as_live(OLD.document, cluster.objects["apps/v1", "Deployment", "shop", "web"])
    assert found == OLD.document


@pytest.mark.parametrize("props", [SWITCH, BACK])
def test_what_somebody_put_back_is_a_change_without_a_refresh(cluster: Pretended, props: dict[str, Any]) -> None:
    provider = WorkloadPatchProvider()
    provider.create(dict(SWITCH))
    provider.update("id", dict(SWITCH), dict(props))
    assert not provider.diff("id", props, props).changes
    live = cluster.objects["apps/v1", "Deployment", "shop", "web"]
    live["spec"]["template"]["spec"]["containers"][1]["image"] = "nginx:1.28"
    assert provider.diff("id", props, props).changes is props["switched"]


def test_what_was_made_anew_and_went_back_is_no_change(cluster: Pretended) -> None:
    provider, there, back = WorkloadPatchProvider(), {**SWITCH, "recreate": True}, {**BACK, "recreate": True}
    provider.create(dict(there))
    assert not provider.diff("id", there, there).changes
    provider.update("id", there, dict(back))
    assert not provider.diff("id", back, back).changes


def test_a_refresh_sees_what_somebody_changed_and_the_next_run_mends_it(cluster: Pretended) -> None:
    provider = WorkloadPatchProvider()
    kept = provider.create(dict(SWITCH)).outs or {}
    assert not provider.diff("id", provider.read("id", kept).outs or {}, kept).changes
    live = cluster.objects["apps/v1", "Deployment", "shop", "web"]
    live["spec"]["template"]["spec"]["containers"][1]["image"] = "nginx:1.28"
    assert provider.diff("id", provider.read("id", kept).outs or {}, kept).changes


def test_a_refresh_does_not_look_at_what_was_never_switched(cluster: Pretended) -> None:
    read = WorkloadPatchProvider().read("id", dict(BACK))
    assert read.outs == BACK


def test_a_refresh_forgets_what_is_gone(cluster: Pretended) -> None:
    cluster.objects.clear()
    assert WorkloadPatchProvider().read("id", dict(SWITCH)).id == ""


@pytest.mark.parametrize(
    ("before", "watched"),
    [
        ({}, ["shop/a", "web/b"]),
        ({"shop/Deployment/a": "1"}, ["web/b"]),
        ({"shop/Deployment/a": "1", "web/Deployment/b": "2"}, []),
    ],
)
def test_what_was_written_to_since_is_watched(
    cluster: Pretended, monkeypatch: pytest.MonkeyPatch, before: dict[str, str], watched: list[str]
) -> None:
    seen: list[str] = []

    def watch(_: object, workloads: dict[str, list[Watched]], seconds: float) -> dict[str, dict[str, str]]:
        seen.extend(f"{namespace}/{each.name}" for namespace, found in workloads.items() for each in found)
        return {namespace: {"Deployment b": "is paused"} for namespace in workloads if namespace == "web"}

    monkeypatch.setattr("hub2ghcr.switching.watching.watch_all", watch)
    outs = RollOutProvider().update("id", {"marks": before}, dict(ROLLING)).outs or {}
    assert seen == watched
    assert outs["notes"] == (["web: Deployment b: is paused"] if watched else [])


def test_what_a_patch_of_this_run_wrote_to_is_fresh(cluster: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run before it wrote may have failed since: it is given another try."""
    seen: list[bool] = []

    def watch(_: object, workloads: dict[str, list[Watched]], seconds: float) -> dict[str, dict[str, str]]:
        seen.extend(each.fresh for each in workloads["shop"])
        return {}

    monkeypatch.setattr("hub2ghcr.switching.watching.watch_all", watch)
    monkeypatch.setattr("components.workload_patch._written", set())
    workloads = json.dumps({"shop/Deployment/web": {"apiVersion": "apps/v1", "images": {}}})
    props = {**WHERE, "workloads": workloads, "marks": {"shop/Deployment/web": "u/2"}, "seconds": 5}
    provider = WorkloadPatchProvider()
    provider.create(dict(SWITCH))
    RollOutProvider().create(props)
    provider.update("id", {**BACK, "mark": ""}, dict(SWITCH))
    RollOutProvider().create(props)
    assert seen == [False, True]


def test_nothing_that_goes_back_is_nothing_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    props = {**WHERE, "namespace": "shop", "leaving": [], "rollback": "checked", "credentials": {}, "guard": "g"}
    assert WayBackProvider().check({}, props).failures == []
    assert (WayBackProvider().create(props).outs or {})["obstacles"] == []


def test_a_way_back_that_is_only_foreseen_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: object) -> None:
        raise ClusterError("is unreachable")

    monkeypatch.setattr(cluster_access, "cluster", nobody)
    leaving = [{"document": OLD.document, "patched": True}]
    props = {**WHERE, "namespace": "shop", "leaving": leaving, "rollback": "checked", "credentials": {}, "guard": ""}
    found = WayBackProvider().check({}, {**props, "foreseen": True})
    assert (found.failures, found.inputs) == ([], props)
    assert WayBackProvider().check({}, {**props, "foreseen": False}).failures, "the control"


def test_what_goes_back_and_was_never_switched_asks_no_registry(cluster: Pretended) -> None:
    leaving = [{"document": OLD.document, "patched": True}]
    props = {**WHERE, "namespace": "shop", "leaving": leaving, "rollback": "checked", "credentials": {}, "guard": "g"}
    assert WayBackProvider().check({}, props).failures == []


@pytest.mark.parametrize(("denied", "changes"), [(["shop", "web"], True), (["web"], False)])
def test_a_way_back_that_an_unfinished_run_left_in_the_state_is_opened_again(
    cluster: Pretended, denied: list[str], changes: bool
) -> None:
    """From prepare to seal, and killed before the engine came to delete it: the guard denies, the way back is known."""
    cluster.apply(guarding.binding(guarding.deny_name("g"), "g", ["Deny"], denied), manager="hub2ghcr")
    leaving = [{"document": OLD.document, "patched": True}]
    props = {**WHERE, "namespace": "shop", "leaving": leaving, "rollback": "checked", "credentials": {}, "guard": "g"}
    provider = WayBackProvider()
    assert provider.diff("id", props, props).changes is changes
    provider.update("id", props, props)
    assert not provider.diff("id", props, props).changes


def test_a_guard_that_was_lifted_comes_back(cluster: Pretended) -> None:
    provider = GuardProvider()
    kept = provider.create(dict(GUARD)).outs or {}
    assert not provider.diff("id", kept, GUARD).changes
    cluster.delete(guarding.API, "ValidatingAdmissionPolicyBinding", "", "g-deny")
    assert provider.diff("id", kept, GUARD).changes


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, ["g", "g-audit", "g-deny"]),
        ({"audit": []}, ["g", "g-deny"]),
        ({"deny": []}, ["g", "g-audit"]),
        ({"audit": [], "deny": []}, []),
    ],
)
def test_what_is_not_guarded_any_more_has_no_guard(cluster: Pretended, change: dict[str, Any], left: list[str]) -> None:
    provider = GuardProvider()
    provider.create(dict(GUARD))
    provider.update("id", GUARD, {**GUARD, **change})
    assert sorted({key[3] for key in cluster.objects if key[0] == guarding.API}) == left
    provider.delete("id", GUARD)
    assert not [key for key in cluster.objects if key[0] == guarding.API]
