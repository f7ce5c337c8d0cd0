"""What a killed run was doing, operation by operation; and what a cluster has that the state lacks."""

from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.engine import State
from hub2ghcr.engine.state import with_created
from hub2ghcr.recovering import Found, missing, settle

SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pull", "namespace": "shop"}}


def deployment(doing: str, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    urn = f"urn:pulumi:s::hub2ghcr::{token}::{name}"
    stack = {"type": "pulumi:pulumi:Stack", "urn": "urn:pulumi:s::p::s::t", "outputs": {"phase": "cutover"}}
    resource = {"type": token, "urn": urn, "inputs": inputs}
    return {"resources": [stack], "pending_operations": [{"type": doing, "resource": resource}]}


@pytest.mark.parametrize(
    ("doing", "token", "managers", "action", "id_"),
    [
        ("creating", "kubernetes:core/v1:Secret", ("hub2ghcr-s", "kubelet"), "adopt", "shop/pull"),
        ("creating", "kubernetes:core/v1:Secret", ("kubectl",), "again", ""),
        ("creating", "kubernetes:core/v1:Secret", None, "again", ""),
        ("updating", "kubernetes:core/v1:Secret", None, "read", ""),
        ("deleting", "kubernetes:core/v1:Secret", None, "read", ""),
        ("creating", "pulumi-python:dynamic/hub2ghcr:WorkloadPatch", None, "again", ""),
        ("updating", "pulumi-python:dynamic/hub2ghcr:WorkloadPatch", None, "read", ""),
    ],
)
def test_each_operation_is_settled_by_what_is_there(
    doing: str, token: str, managers: tuple[str, ...] | None, action: str, id_: str
) -> None:
    (operation,) = State.of(deployment(doing, token, "lab/shop", SECRET)).operations
    asked = []

    def live(*which: str) -> tuple[str, ...] | None:
        asked.append(which)
        return managers

    found = settle(operation, live, "hub2ghcr-s")
    assert (found.action, found.id) == (action, id_)
    assert asked in ([], [("lab", "v1", "Secret", "shop", "pull")])
    assert found.line.startswith(f"{doing} {token.rpartition(':')[2]} lab/shop: ")


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("ActionsSecret", "shop:CR_PAT"),
        ("ActionsEnvironmentSecret", "shop:production:CR_PAT"),
        ("ActionsOrganizationSecret", "CR_PAT"),
        ("DependabotSecret", "shop:CR_PAT"),
    ],
)
def test_what_github_may_have_is_taken_in(kind: str, known: str) -> None:
    """It replaces a secret without a word, so the next run must know that it is its own."""
    inputs = {"repository": "shop", "environment": "production", "secretName": "CR_PAT", "value": {"secret": "x"}}
    made = deployment("creating", f"github:index/x:{kind}", "acme/shop/CR_PAT", inputs)
    (operation,) = State.of(made).operations
    found = settle(operation, lambda *_: None, "hub2ghcr-s")
    assert (found.action, found.id) == ("adopt", known)


def test_the_state_tells_its_phase() -> None:
    assert State.of(deployment("creating", "a:b:C", "x", {})).phase == "cutover"
    assert State.of({}) == State((), (), "")


def test_what_the_state_lacks_is_planned_or_an_orphan() -> None:
    known = {"type": "kubernetes:core/v1:Secret", "urn": "urn:pulumi:s::p::kubernetes:core/v1:Secret::lab/shop",
             "id": "shop/pull", "inputs": SECRET}  # fmt: skip
    state = State.of({"resources": [known]})
    web = Found("lab", "apps/v1", "Deployment", "shop", "web")
    old = Found("lab", "v1", "Secret", "left", "pull")
    found = missing([old, web, Found("lab", "v1", "Secret", "shop", "pull")], state, [web])
    assert (found.planned, found.orphans) == ((web,), (old,))
    assert str(old) == "cluster lab: Secret left/pull"
    assert old.remedy == "put it back, or delete it"


def test_what_was_switched_and_no_state_knows_is_an_orphan_to_leave_not_to_delete() -> None:
    document = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    patch = {"type": "pulumi-python:dynamic/hub2ghcr:WorkloadPatch", "id": "x", "inputs": {"document": document},
             "urn": "urn:pulumi:s::p::hub2ghcr:WorkloadPatch::lab/shop/Deployment/web"}  # fmt: skip
    state = State.of({"resources": [patch]})
    web, api = (Found("lab", "apps/v1", "Deployment", "shop", name, patched=True) for name in ("web", "api"))
    whole = Found("lab", "apps/v1", "Deployment", "shop", "web")
    assert missing([web, api], state, []).orphans == (api,)
    assert missing([whole], state, [whole]).planned == (whole,)  # its delivery has changed
    left = "kubectl annotate deployment/api -n shop hub2ghcr/stack-"
    assert api.remedy == f"put it back, or leave it for good: {left}"


def test_what_was_created_stands_in_the_state_with_its_id_and_nothing_else_changes() -> None:
    before = deployment("creating", "kubernetes:core/v1:Secret", "lab/shop", SECRET)
    other = {"type": "updating", "resource": {"type": "a:b:C", "urn": "urn:x"}}
    before["pending_operations"].append(other)
    urn = before["pending_operations"][0]["resource"]["urn"]
    after = with_created(before, {urn: "shop/pull"})
    assert after["pending_operations"] == [other]
    made = {**before["pending_operations"][0]["resource"], "id": "shop/pull", "outputs": SECRET}
    assert after["resources"] == [*before["resources"], made]
