from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.inventory.state import state

from .test_seeing import obj


def condition(type_: str, status: str = "True") -> dict[str, Any]:
    return {"status": {"conditions": [{"type": type_, "status": status}]}}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (obj(), {}),
        (obj(replicas=3), {}),
        (obj(replicas=0), {"replicas": 0}),
        (obj(paused=True), {"paused": True}),
        (obj(strategy={"type": "Recreate"}), {"strategy": "Recreate"}),
        (obj(strategy={"type": "RollingUpdate"}), {}),
        (
            obj("StatefulSet", updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}),
            {"partition": 2},
        ),
        (obj("StatefulSet", updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}), {}),
        (obj("DaemonSet", updateStrategy={"type": "OnDelete"}), {"strategy": "OnDelete"}),
        (obj("Job", suspend=True), {"suspend": True}),
        (obj("Job", **condition("Complete")), {"finished": "Complete"}),
        (obj("Job", **condition("Failed")), {"finished": "Failed"}),
        (obj("Job", **condition("Complete", "False")), {}),
        (obj(**condition("Failed")), {}),
        (obj("Pod", status={"phase": "Succeeded"}), {"finished": "Succeeded"}),
        (obj("Pod", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}}), {"mirror": True}),
    ],
)
def test_the_state_is_what_a_rule_may_need(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert state(found) == wanted


@pytest.mark.parametrize(
    "found",
    [
        {"kind": "Deployment"},
        {"kind": "Deployment", "metadata": None, "spec": None, "status": None},
        {"kind": "Deployment", "metadata": {"annotations": "kubernetes.io/config.mirror"}, "spec": []},
        {"kind": "StatefulSet", "spec": {"updateStrategy": "OnDelete", "paused": "true"}},
        {"kind": "StatefulSet", "spec": {"updateStrategy": {"type": ["OnDelete"]}}},
        {"kind": "StatefulSet", "spec": {"updateStrategy": {"rollingUpdate": 3}}},
        {"kind": "StatefulSet", "spec": {"updateStrategy": {"rollingUpdate": {"partition": "3"}}}},
        {"kind": "StatefulSet", "spec": {"updateStrategy": {"rollingUpdate": {"partition": -1}}}},
        {"kind": "Job", "status": {"conditions": 3}},
        {"kind": "Job", "status": {"conditions": ["Complete"]}},
    ],
)
def test_what_is_malformed_in_a_manifest_says_nothing(found: dict[str, Any]) -> None:
    assert state(found) == {}
