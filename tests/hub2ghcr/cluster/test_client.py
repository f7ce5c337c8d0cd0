from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr import kubeconfig
from hub2ghcr.cluster import Cluster, Live
from hub2ghcr.errors import ClusterError
from tests.hub2ghcr.answering import Answering, answering

TOKEN = "the-secret-token"
API: dict[str, Any] = {
    "/apis/apps/v1": {
        "resources": [
            {"name": "deployments", "kind": "Deployment", "namespaced": True},
            {"name": "deployments/status", "kind": "Deployment", "namespaced": True},
        ]
    },
    "/api/v1": {"resources": [{"name": "namespaces", "kind": "Namespace", "namespaced": False}]},
    "/apis/apps/v1/namespaces/shop/deployments/web": {
        "metadata": {"labels": {"a": "b"}, "managedFields": [{"manager": "kubectl"}, {"manager": "hub2ghcr"}]}
    },
    "/api/v1/namespaces/shop": {"metadata": {}},
}


def write(
    path: Path, server: str, user: Mapping[str, Any] | None = None, cluster: Mapping[str, Any] | None = None
) -> str:
    config = {
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [{"name": "lab", "context": {"cluster": "c", "user": "u"}}],
    }
    (path / "kubeconfig").write_text(json.dumps(config))
    return str(path / "kubeconfig")


@pytest.fixture
def api() -> Iterator[Answering]:
    with answering(dict(API)) as server:
        yield server


def test_an_object_is_known_by_its_labels_and_managers(api: Answering, tmp_path: Path) -> None:
    with Cluster.by_kubeconfig("demo", write(tmp_path, api.url), "lab") as cluster:
        assert cluster.live("apps/v1", "Deployment", "shop", "web") == Live({"a": "b"}, ("hub2ghcr", "kubectl"))
        assert cluster.live("v1", "Namespace", "", "shop") == Live({}, ())


def test_an_absent_object_and_a_kind_that_is_not_served_are_none(api: Answering, tmp_path: Path) -> None:
    with Cluster.by_kubeconfig("demo", write(tmp_path, api.url), "lab") as cluster:
        assert cluster.live("apps/v1", "Deployment", "shop", "other") is None
        assert cluster.live("apps/v1", "Unknown", "shop", "web") is None
        assert cluster.live("example.com/v1", "Thing", "shop", "web") is None


def test_the_kinds_of_a_group_are_asked_once(api: Answering, tmp_path: Path) -> None:
    with Cluster.by_kubeconfig("demo", write(tmp_path, api.url), "lab") as cluster:
        for name in ("web", "other", "web"):
            cluster.live("apps/v1", "Deployment", "shop", name)
    assert api.asked.count("/apis/apps/v1") == 1


def test_only_metadata_is_asked_for(api: Answering, tmp_path: Path) -> None:
    with Cluster.by_kubeconfig("demo", write(tmp_path, api.url), "lab") as cluster:
        cluster.live("apps/v1", "Deployment", "shop", "web")
    assert "as=PartialObjectMetadata" in api.headers[-1]["Accept"]
    assert api.headers[-1]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "refuses the credential (401)"), (403, "may not list the kinds of apps/v1 (403)"), (500, "answered 500")],
)
def test_a_refusal_is_one_line_with_the_cluster_and_no_token(tmp_path: Path, status: int, told: str) -> None:
    with (
        answering({"/apis/apps/v1": status}) as server,
        Cluster.by_kubeconfig("demo", write(tmp_path, server.url), "lab") as cluster,
    ):
        with pytest.raises(ClusterError) as caught:
            cluster.live("apps/v1", "Deployment", "shop", "web")
        assert str(caught.value).startswith(f"cluster demo: {told}")
        assert "\n" not in str(caught.value)
        assert TOKEN not in repr(caught.value)


def test_an_unreachable_cluster_is_one_line(tmp_path: Path) -> None:
    unreachable = pytest.raises(ClusterError, match=r"cluster demo: is unreachable .*127\.0\.0\.1:1")
    with Cluster.by_kubeconfig("demo", write(tmp_path, "http://127.0.0.1:1"), "lab") as cluster, unreachable:
        cluster.live("v1", "Namespace", "", "shop")


@pytest.mark.parametrize(
    ("content", "context", "told"),
    [
        (None, "lab", "cannot be read: No such file"),
        ("a: [", "lab", "is not YAML"),
        ("", "lab", "no such context in the kubeconfig: 'lab'"),
        ("contexts: [{name: lab, context: {cluster: c}}]", "lab", "no such cluster in the kubeconfig: 'c'"),
        ("contexts: [{name: other, context: {}}]", "lab", "it has other"),
    ],
)
def test_a_kubeconfig_that_reaches_nothing_says_why(
    tmp_path: Path, content: str | None, context: str, told: str
) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ClusterError) as caught:
        Cluster.by_kubeconfig("demo", str(path), context)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"cluster demo: {path}: ")


def test_an_unset_variable_in_the_path_is_refused() -> None:
    with pytest.raises(ClusterError, match="variable is not set"):
        kubeconfig.access("${KUBECONFIG}", "lab")


def test_a_token_may_come_from_a_file_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    path = write(tmp_path, "http://127.0.0.1:1", {"tokenFile": "token"})
    assert kubeconfig.access(path, "lab").headers == {"Authorization": f"Bearer {TOKEN}"}


def test_a_user_and_password_are_basic_authentication(tmp_path: Path) -> None:
    path = write(tmp_path, "http://127.0.0.1:1", {"username": "u", "password": "p"})
    expected = base64.b64encode(b"u:p").decode()
    assert kubeconfig.access(path, "lab").headers == {"Authorization": f"Basic {expected}"}


def test_an_exec_command_gives_the_token(tmp_path: Path) -> None:
    code = f"import json; print(json.dumps({{'status': {{'token': {TOKEN!r}}}}}))"
    user = {"exec": {"command": sys.executable, "args": ["-c", code]}}
    path = write(tmp_path, "http://127.0.0.1:1", user)
    assert kubeconfig.access(path, "lab").headers == {"Authorization": f"Bearer {TOKEN}"}


def test_an_exec_command_that_fails_is_named_without_what_it_printed(tmp_path: Path) -> None:
    user = {"exec": {"command": sys.executable, "args": ["-c", f"import sys; print({TOKEN!r}); sys.exit(1)"]}}
    with pytest.raises(ClusterError) as caught:
        kubeconfig.access(write(tmp_path, "http://127.0.0.1:1", user), "lab")
    assert "exec command failed" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("data", ["%%%", base64.b64encode(b"no certificate").decode()])
def test_a_broken_certificate_is_one_line(tmp_path: Path, data: str) -> None:
    path = write(tmp_path, "https://127.0.0.1:1", cluster={"certificate-authority-data": data})
    with pytest.raises(ClusterError, match="certificate"):
        kubeconfig.access(path, "lab")


def test_what_is_read_never_shows_the_token(tmp_path: Path) -> None:
    assert TOKEN not in repr(kubeconfig.access(write(tmp_path, "http://127.0.0.1:1"), "lab"))
