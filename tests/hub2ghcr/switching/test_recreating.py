from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hub2ghcr.errors import ClusterError
from hub2ghcr.owning import STACK, signed
from hub2ghcr.switching.patching import Switch
from hub2ghcr.switching.recreating import _keep, fresh, recreate
from tests.hub2ghcr.pretended import Pretended

TOKEN = {"name": "kube-api-access-x1", "projected": {}}
KEPT = ("v1", "Secret", "shop", "hub2ghcr-recreates-pod-one")


def pod(image: str = "nginx:1.27") -> dict[str, Any]:
    container = {"name": "web", "image": image, "volumeMounts": [{"name": "kube-api-access-x1"}, {"name": "data"}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "namespace": "shop", "uid": "u", "labels": {"app": "web"}, "resourceVersion": "7"},
        "spec": {"nodeName": "node-1", "containers": [container], "volumes": [TOKEN, {"name": "data"}]},
        "status": {"phase": "Running"},
    }


def wanted(image: str, *, on: bool = True) -> Switch:
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": image}]},
    }
    return Switch(document, on)


NEW, OLD = wanted("ghcr.io/acme/nginx:1"), wanted("nginx:1.27", on=False)


def image(cluster: Pretended) -> str:
    return str(cluster.objects["v1", "Pod", "shop", "one"]["spec"]["containers"][0]["image"])


def test_a_pod_is_made_anew_with_what_it_had_and_other_images() -> None:
    cluster = Pretended(pod())
    assert recreate(cluster, NEW)
    made = cluster.objects["v1", "Pod", "shop", "one"]
    assert made["spec"] == {
        "containers": [{"name": "web", "image": "ghcr.io/acme/nginx:1", "volumeMounts": [{"name": "data"}]}],
        "volumes": [{"name": "data"}],
    }
    assert made["metadata"]["labels"] == {"app": "web"}
    assert "status" not in made
    assert KEPT not in cluster.objects


def test_before_it_is_deleted_it_is_kept_and_only_then_let_go_of() -> None:
    cluster = Pretended(pod())
    recreate(cluster, NEW)
    assert cluster.written == [
        f"apply by force Secret/{KEPT[3]}",
        "delete Pod/one",
        "create Pod/one",
        f"delete Secret/{KEPT[3]}",
    ]


@pytest.mark.parametrize("moment", ["delete Pod/one", "create Pod/one", f"delete Secret/{KEPT[3]}"])
def test_a_run_that_ended_at_any_moment_is_finished_by_the_next_one(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Pretended(pod())
    verb = moment.split()[0]
    whole = getattr(cluster, verb)

    def killed(*arguments: Any, **named: Any) -> Any:
        name = arguments[0]["metadata"]["name"] if verb == "create" else arguments[3]
        if moment.endswith(f"/{name}"):
            raise KeyboardInterrupt
        return whole(*arguments, **named)

    monkeypatch.setattr(cluster, verb, killed)
    with pytest.raises(KeyboardInterrupt):
        recreate(cluster, NEW)
    monkeypatch.undo()
    assert recreate(cluster, NEW)
    assert image(cluster) == "ghcr.io/acme/nginx:1"
    assert KEPT not in cluster.objects


def test_one_that_was_lost_on_its_way_can_also_go_back() -> None:
    data = base64.b64encode(json.dumps(fresh(pod())).encode()).decode()
    metadata = {"name": KEPT[3], "namespace": "shop"}
    cluster = Pretended({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"object": data}})
    assert recreate(cluster, OLD)
    assert image(cluster) == "nginx:1.27"


def test_the_way_back_makes_it_anew_again_and_one_that_never_moved_stays() -> None:
    cluster = Pretended(pod())
    assert recreate(cluster, OLD) == ""
    assert cluster.written == []
    recreate(cluster, NEW)
    recreate(cluster, OLD)
    assert image(cluster) == "nginx:1.27"


def test_the_way_back_lets_go_of_the_name_of_the_stack_and_keeps_other_annotations() -> None:
    named = pod()
    named["metadata"]["annotations"] = {"team": "shop"}
    cluster = Pretended(named)
    recreate(cluster, Switch(signed(NEW.document, "dev"), True))
    assert cluster.objects["v1", "Pod", "shop", "one"]["metadata"]["annotations"] == {"team": "shop", STACK: "dev"}
    recreate(cluster, OLD)
    assert cluster.objects["v1", "Pod", "shop", "one"]["metadata"]["annotations"] == {"team": "shop"}


def test_one_that_is_right_already_is_left_alone() -> None:
    cluster = Pretended(pod("ghcr.io/acme/nginx:1"))
    assert recreate(cluster, NEW) == "u/1"
    assert cluster.written == []


def test_one_that_is_not_there_and_was_not_on_its_way_is_an_error() -> None:
    with pytest.raises(ClusterError, match="Pod shop/one: does not exist"):
        recreate(Pretended(), NEW)


def test_a_job_loses_what_its_controller_gave_it() -> None:
    labels = {"app": "x", "controller-uid": "u", "batch.kubernetes.io/job-name": "j"}
    job: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", "namespace": "shop", "uid": "u", "labels": labels},
        "spec": {
            "selector": {"matchLabels": {"controller-uid": "u"}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": []}},
        },
        "status": {"succeeded": 1},
    }
    made = fresh(job)
    assert made["metadata"] == {"name": "j", "namespace": "shop", "labels": {"app": "x"}}
    assert made["spec"] == {"template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": []}}}
    assert "selector" in fresh({**job, "spec": {**job["spec"], "manualSelector": True}})["spec"]


def test_what_was_kept_and_never_deleted_is_let_go_of_on_the_way_back() -> None:
    """Else it would be created once more, long after somebody deleted it."""
    cluster = Pretended(pod())
    _keep(cluster, NEW, pod())
    assert recreate(cluster, OLD) == ""
    assert image(cluster) == "nginx:1.27"
    assert KEPT not in cluster.objects
