"""What is asked of a cluster and of registries to tell where a namespace stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from hub2ghcr.cluster.client import Live
from hub2ghcr.plan import Cluster, CredentialRef, Kubeconfig, Namespace, Plan, Pull, PullSecret
from hub2ghcr.pull_secrets import secret as pull_secret
from hub2ghcr.pull_secrets.pulling import Puller
from hub2ghcr.registry import Registries
from hub2ghcr.status import Asking, Status, look
from tests.hub2ghcr.pretended import Pretended
from tests.hub2ghcr.pull_secrets.test_pulling import AMD, ROBOT, Shelf
from tests.hub2ghcr.status.test_judging import NEW, TARGET, namespace
from tests.hub2ghcr.switching.test_rollout import DEPLOYED, pod, workload

SHOP = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
SECRET = PullSecret("pull", {"ghcr.io": CredentialRef("pull", "robot", "pullToken")})
WRITTEN = pull_secret.document("pull", "shop", {"ghcr.io": ROBOT})


class Asked(Pretended):
    """A cluster that remembers which kinds were listed."""

    def __init__(self, *objects: Mapping[str, Any]) -> None:
        super().__init__(*objects)
        self.listed: list[str] = []

    def live(self, api_version: str, kind: str, namespace: str, name: str) -> Live | None:
        return None if self.get(api_version, kind, namespace, name) is None else Live({}, ())

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        self.listed.append(kind)
        return super().list(api_version, kind, namespace, labels=labels, fields=fields)


class Everything:
    """Registries that have whatever is asked for."""

    def at(self, host: str) -> Everything:
        return self

    def head_manifest(self, repository: str, digest: str) -> str:
        return digest


def in_shop(found: Mapping[str, Any]) -> dict[str, Any]:
    version = {"Pod": "v1"}.get(found["kind"], "apps/v1")
    return {**found, "apiVersion": version, "metadata": {**found["metadata"], "namespace": "shop"}}


def web(image: str = NEW) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "web", "image": image}]}}
    return in_shop(workload("Deployment", DEPLOYED, replicas=3, template=template))


def looked(cluster: Asked, wanted: Namespace, shelf: Shelf | None = None) -> Status:
    plan = Plan("test", "cutover", "copy", (), (), None, (Cluster("lab", Kubeconfig("", ""), (wanted,)),), ())
    asking = Asking({"lab": cluster}, Puller((shelf or Shelf()).reader), cast(Registries, Everything()))
    (found,) = look(plan, asking)
    return found


def unpulled() -> Namespace:
    return replace(namespace("cutover"), pulls=())


def test_each_kind_is_listed_once_and_pods_last() -> None:
    cluster = Asked(SHOP, web(), in_shop(pod(image=NEW)))
    found = looked(cluster, unpulled())
    assert cluster.listed == ["Deployment", "Pod"]
    assert [str(part) for name, part in found.parts() if name in ("switched", "running")] == ["1/1", "1/1"]


def test_pods_that_stay_are_counted_whoever_made_them() -> None:
    old = [in_shop(pod(name, "nginx:1.27", leaving=name == "c", labels={"app": "x"})) for name in ("a", "b", "c")]
    assert looked(Asked(SHOP, web(), *old), unpulled()).on_hub == ("nginx:1.27 (2 Pods)",)


def test_a_pod_that_cannot_have_its_image_is_told_in_the_kubelets_words_with_the_remedy() -> None:
    stuck = in_shop(pod(image=NEW, waiting=("ErrImageNeverPull", "it is not present with pull policy of Never")))
    stuck["spec"]["containers"].append({"name": "side", "image": "quay.io/x/side:1"})
    (lacking,) = looked(Asked(SHOP, web(), stuck), unpulled()).running.lacking
    for part in ("Deployment web: Pod web-1", "ErrImageNeverPull: it is not", "`imagePullPolicy: IfNotPresent`"):
        assert part in lacking


def test_a_workload_that_is_not_there_is_missing() -> None:
    assert looked(Asked(SHOP), unpulled()).switched.lacking == ("Deployment web: it is not there",)


@pytest.mark.parametrize("there", [True, False], ids=["with its Secret", "without"])
@pytest.mark.parametrize(("user", "granted"), [(None, "1/1"), ("robot", "0/1")], ids=["open to anyone", "to one alone"])
def test_a_public_image_has_to_open_to_anyone(there: bool, user: str | None, granted: str) -> None:
    """The Secret of the namespace would open it: that does not count."""
    wanted = replace(namespace("prepare"), pull_secret=SECRET, pulls=(Pull(TARGET, AMD.digest, (), True),))
    found = looked(Asked(SHOP, *[WRITTEN] * there), wanted, Shelf(AMD, user=user))
    assert str(found.granted) == granted
    assert [each.startswith(f"{TARGET}: cannot be pulled anonymously") for each in found.granted.lacking] == (
        [] if granted == "1/1" else [True]
    )


def test_a_private_image_is_tried_with_the_secret_that_lies_there() -> None:
    wanted = replace(namespace("prepare"), pull_secret=SECRET, pulls=(Pull(TARGET, AMD.digest, (), False),))
    assert str(looked(Asked(SHOP, WRITTEN), wanted, Shelf(AMD, user="robot")).granted) == "1/1"
    assert looked(Asked(SHOP), wanted, Shelf(AMD, user=None)).granted.lacking == (
        f"{TARGET}: Secret pull: is not there",
    )
