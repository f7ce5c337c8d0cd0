"""Which node a lab gets, and what is said of it; no cluster is started here."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from lab import cluster, kubeconfig, node, processes
from lab.control_plane import USERS, _prepare, daemons
from lab.errors import LabError
from lab.processes import Status


class Programs:
    """A toolchain that has every program."""

    def program(self, name: str) -> Path:
        return Path("/toolchain") / name


@pytest.fixture
def rootless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "refusal", lambda: "not root")


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "refusal", lambda: None)


def test_auto_takes_a_kubelet_where_the_machine_allows_it(tmp_path: Path, able: None) -> None:
    assert cluster._choose(tmp_path, "auto") == ("kubelet", "")


def test_auto_takes_kwok_elsewhere_with_the_reason(tmp_path: Path, rootless: None) -> None:
    assert cluster._choose(tmp_path, "auto") == ("kwok", "not root")


def test_a_kubelet_asked_for_in_vain_is_refused_with_the_reason_and_a_remedy(tmp_path: Path, rootless: None) -> None:
    with pytest.raises(LabError, match="not root") as caught:
        cluster._choose(tmp_path, "kubelet")
    assert "kwok" in caught.value.remedy


def test_a_running_node_keeps_its_kind(tmp_path: Path, able: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cluster").mkdir()
    cluster._keep(tmp_path, "kwok", "not root")
    assert cluster._choose(tmp_path, "auto") == ("kubelet", "")  # nothing runs: chosen anew
    monkeypatch.setattr(processes, "status", lambda state: [Status("kwok", 1, True)])
    assert cluster._choose(tmp_path, "auto") == ("kwok", "not root")
    with pytest.raises(LabError, match="kind kwok, not kubelet"):
        cluster._choose(tmp_path, "kubelet")


def test_the_line_on_kwok_says_that_nothing_is_pulled(tmp_path: Path) -> None:
    assert cluster.describe(tmp_path) == "no cluster yet"
    (tmp_path / "cluster").mkdir()
    cluster._keep(tmp_path, "kwok", "not root")
    assert cluster.describe(tmp_path) == "one kwok node (not root): Pods turn Ready, nothing is pulled"
    assert not cluster.pulls(tmp_path)
    cluster._keep(tmp_path, "kubelet", "")
    assert "real kubelet" in cluster.describe(tmp_path)
    assert cluster.pulls(tmp_path)


def test_down_of_a_lab_that_never_was_does_nothing(tmp_path: Path) -> None:
    cluster.down(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_kubeconfig_stands_alone_and_is_the_owners(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("authority")
    path = tmp_path / "made" / "admin.kubeconfig"
    kubeconfig.write(path, server="https://127.0.0.1:1", authority=tmp_path / "ca.crt", user="admin", token="t")
    config = json.loads(path.read_text())
    assert config["current-context"] == config["contexts"][0]["name"] == config["clusters"][0]["name"] == "lab"
    assert base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]) == b"authority"
    assert path.stat().st_mode & 0o777 == 0o600


def test_tokens_and_keys_are_kept_and_the_owners(tmp_path: Path) -> None:
    first = _prepare(tmp_path)
    tokens = (tmp_path / "cluster" / "tokens.csv").read_text()
    assert len(set(line.partition(",")[0] for line in tokens.splitlines())) == len(USERS)
    assert _prepare(tmp_path) == first
    assert (tmp_path / "cluster" / "tokens.csv").read_text() == tokens
    assert (tmp_path / "cluster").stat().st_mode & 0o777 == 0o700
    for secret in ("tokens.csv", "admin.kubeconfig", "pki/apiserver.key", "pki/service-account.key"):
        assert (tmp_path / "cluster" / secret).stat().st_mode & 0o077 == 0, secret


def test_the_control_plane_listens_on_loopback_and_shows_no_token(tmp_path: Path) -> None:
    plane = _prepare(tmp_path)
    started = {daemon.name: daemon for daemon in daemons(tmp_path, plane, Programs())}
    assert list(started) == ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    assert "--bind-address=127.0.0.1" in started["kube-apiserver"].argv
    assert "--authorization-mode=Node,RBAC" in started["kube-apiserver"].argv
    words = " ".join(word for daemon in started.values() for word in daemon.argv)
    assert "0.0.0.0" not in words
    assert plane.api.token not in words
