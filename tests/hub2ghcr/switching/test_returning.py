from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hub2ghcr.allowance import Budget
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, Unreachable
from hub2ghcr.registry import Descriptor
from hub2ghcr.switching.returning import Leaving, Needed, needed, obstacles
from tests.hub2ghcr.pretended import Pretended

NEW = "ghcr.io/acme/nginx:1.27@sha256:" + "a" * 64
OURS = [{"manager": "hub2ghcr", "operation": "Apply"}]


def deployment(
    image: str = NEW, *, managed: list[dict[str, str]] | None = None, policy: str = "IfNotPresent"
) -> dict[str, Any]:
    container = {"name": "web", "image": image, "imagePullPolicy": policy}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "managedFields": OURS if managed is None else managed},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"spec": {"containers": [container]}}},
    }


def pod(name: str, node: str, image: str = NEW) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"nodeName": node, "containers": [{"name": "web", "image": image}]},
    }


def node(name: str, *images: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "status": {"images": [{"names": list(images)}]},
    }


LEAVING = Leaving(
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}},
    },
    patched=True,
)
NEEDED = Needed("nginx:1.27", ("Deployment web",), frozenset({"one", "two"}), always=False)


def test_the_way_back_needs_the_old_images_where_pods_run_on_the_new_ones() -> None:
    cluster = Pretended(deployment(), pod("a", "one"), pod("b", "two"), pod("c", "three", "other"))
    assert needed(cluster, "shop", [LEAVING]) == [NEEDED]


@pytest.mark.parametrize("live", [deployment("nginx:1.27"), deployment(managed=[]), None])
def test_what_was_never_switched_or_went_back_already_needs_nothing(live: dict[str, Any] | None) -> None:
    cluster = Pretended(*([live] if live else []), pod("a", "one"))
    assert needed(cluster, "shop", [LEAVING]) == []


def test_what_pulumi_owns_goes_back_whoever_manages_it() -> None:
    cluster = Pretended(deployment(managed=[]))
    assert [each.image for each in needed(cluster, "shop", [Leaving(LEAVING.document, patched=False)])] == [
        "nginx:1.27"
    ]


class Hub:
    """A registry that answers what it is told, and remembers as whom it was asked."""

    def __init__(self, answer: Callable[[Credential | None], Descriptor | None], remaining: int | None = None) -> None:
        self.asked: list[str] = []
        self._answer, self._remaining = answer, remaining

    def opens(self, host: str, credential: Credential | None, budget: Budget) -> Any:
        hub = self

        class At:
            def head_manifest(self, repository: str, reference: str) -> Descriptor | None:
                hub.asked.append(f"{credential.username if credential else 'nobody'} {host}/{repository}:{reference}")
                if hub._remaining is not None:
                    budget.observe(host, {"ratelimit-limit": "100;w=1", "ratelimit-remaining": f"{hub._remaining};w=1"})
                return hub._answer(credential)

        return At()


def answers(_: Credential | None) -> Descriptor | None:
    return Descriptor("x", "sha256:" + "a" * 64, 1)


def to_robot(credential: Credential | None) -> Descriptor | None:
    if credential is None or credential.username != "robot":
        raise AccessRefused("refused", "docker.io")
    return answers(credential)


def silent(_: Credential | None) -> Descriptor | None:
    raise Unreachable("no answer", "docker.io")


ROBOT: Mapping[str, Credential] = {"docker.io": Credential("robot", "token")}


@pytest.mark.parametrize(
    ("wanted", "nodes", "hub", "own", "told"),
    [
        (NEEDED, [], Hub(answers), {}, ""),
        (NEEDED, [node("one", "docker.io/library/nginx:1.27"), node("two", "nginx:1.27")], Hub(silent), {}, ""),
        (NEEDED, [node("one", "docker.io/library/nginx:1.27")], Hub(silent), {}, "no answer"),
        (NEEDED, [], Hub(silent), {}, "cannot go back to nginx:1.27, which not every node has"),
        (NEEDED, [], Hub(to_robot), {}, "refused"),
        (NEEDED, [], Hub(to_robot), ROBOT, ""),
        (NEEDED, [], Hub(lambda _: None), {}, "the registry does not have it"),
        (NEEDED, [], Hub(answers, 2), {}, ""),
        (NEEDED, [], Hub(answers, 1), {}, "the way back takes 2 pulls of docker.io, and 1 are left"),
        (NEEDED, [node("one", "nginx:1.27")], Hub(answers, 1), {}, ""),
        (Needed("nginx:1.27", ("Deployment web",), frozenset({"one"}), always=True), [node("one", "nginx:1.27")],
         Hub(silent), {}, "no answer"),
        (Needed("nginx:1.27", ("CronJob web",), frozenset(), always=False), [node("one", "nginx:1.27")],
         Hub(silent), {}, "no answer"),
    ],
)  # fmt: skip
def test_the_way_back_is_open_or_it_is_said_what_bars_it(
    wanted: Needed, nodes: list[dict[str, Any]], hub: Hub, own: Mapping[str, Credential], told: str
) -> None:
    found = obstacles(Pretended(*nodes), "shop", [wanted], own, hub.opens)
    assert len(found) == bool(told)
    for each in found:
        assert told in str(each)
        assert "rollback: forced" in str(each)


def test_it_is_asked_as_those_who_will_pull_and_as_nobody_last() -> None:
    hub = Hub(lambda _: None)
    obstacles(Pretended(), "shop", [NEEDED], ROBOT, hub.opens)
    assert hub.asked == ["robot docker.io/library/nginx:1.27", "nobody docker.io/library/nginx:1.27"]
