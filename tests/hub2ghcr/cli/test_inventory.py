from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.hub2ghcr.answering import Answering, answering
from tests.hub2ghcr.cli.running import hub2ghcr, lines

FILE = "stacks/t.inventory.yaml"
LISTED = "?limit=500"
WEB = {
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}},
}


def kinds(*names: str) -> dict[str, Any]:
    return {"resources": [{"name": f"{name.lower()}s", "kind": name, "namespaced": name != "Node"} for name in names]}


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items)}


API: dict[str, Any] = {
    "/version": {"gitVersion": "v1.34.2"},
    "/apis": {"groups": []},
    "/api/v1": {"resources": [{"name": "namespaces", "kind": "Namespace", "namespaced": False}]},
    "/apis/apps/v1": kinds("Deployment"),
    "/api/v1/namespaces/shop": {"metadata": {"name": "shop", "labels": {"team": "shop"}}},
    f"/apis/apps/v1/namespaces/shop/deployments{LISTED}": listed(WEB),
}


@pytest.fixture
def api() -> Iterator[Answering]:
    with answering(dict(API)) as server:
        yield server


def project(folder: Path, url: str) -> Path:
    kubeconfig = {
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "lab", "context": {"cluster": "c", "user": "u"}}],
    }
    cluster = {"name": "demo", "kubeconfig": "kubeconfig", "context": "lab", "namespaces": {"shop": {}}}
    config = {"pulumi:disable-default-providers": ["kubernetes", "github"], "hub2ghcr:clusters": [cluster]}
    (folder / "kubeconfig").write_text(json.dumps(kubeconfig))
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.t.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


def test_it_writes_what_is_there_once(tmp_path: Path, api: Answering) -> None:
    folder = project(tmp_path, api.url)
    first = hub2ghcr(folder, "inventory", "-s", "t")
    assert first.returncode == 0, first.stderr
    assert lines(first.stdout)[1:] == [
        "demo     shop       1          1       0        -",
        "plans depend on it: cluster demo is new",
        f"{FILE}: written",
    ]
    (cluster,) = yaml.safe_load((folder / FILE).read_text())["clusters"]
    (namespace,) = cluster["namespaces"]
    assert namespace["workloads"][0]["images"] == [{"field": "containers[web]", "image": "nginx:1.27"}]
    again = hub2ghcr(folder, "inventory", "-s", "t", "--check")
    assert (again.returncode, lines(again.stdout)[-1]) == (0, f"{FILE}: unchanged")


def test_check_writes_nothing_and_fails(tmp_path: Path, api: Answering) -> None:
    folder = project(tmp_path, api.url)
    done = hub2ghcr(folder, "inventory", "-s", "t", "--check", "--output", "json")
    assert done.returncode == 1
    assert not (folder / FILE).exists()
    found = json.loads(done.stdout)
    assert (found["file"], found["written"], found["stale"]) == (FILE, False, ["cluster demo is new"])
    assert found["clusters"][0]["name"] == "demo"


def test_a_file_that_is_broken_is_not_overwritten(tmp_path: Path, api: Answering) -> None:
    folder = project(tmp_path, api.url)
    (folder / FILE).write_text("version: 1\nclusters: [{nam: x}]\n")
    done = hub2ghcr(folder, "inventory", "-s", "t")
    assert done.returncode == 1
    assert any("clusters[0].nam: is no key of this" in line and "delete it" in line for line in lines(done.stderr))
    assert "nam: x" in (folder / FILE).read_text()


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            {"/version": 401},
            "error: cluster demo: refuses the credential (401): '{url}'; renew the credential of context",
        ),
        ({"/api/v1/namespaces/shop": 403}, "error: cluster demo: Namespace shop: may not get namespaces in shop (403)"),
    ],
)
def test_a_cluster_that_refuses_is_one_line(tmp_path: Path, answers: dict[str, Any], told: str) -> None:
    with answering({**API, **answers}) as server:
        done = hub2ghcr(project(tmp_path, server.url), "inventory", "-s", "t")
        (line,) = lines(done.stderr)
        assert line.startswith(told.format(url=server.url))
    assert done.returncode == 1


def test_a_cluster_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    done = hub2ghcr(project(tmp_path, "http://127.0.0.1:1"), "inventory", "-s", "t")
    (line,) = lines(done.stderr)
    assert line.startswith("error: cluster demo: is unreachable")
