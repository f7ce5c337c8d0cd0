"""The cluster's control plane: etcd, kube-apiserver, kube-controller-manager and kube-scheduler on loopback."""

from __future__ import annotations

import os
import secrets
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab import kubeconfig, processes
from lab.certificates import Certificates, certificates
from lab.kube_api import KubeApi
from lab.ports import port
from lab.processes import Daemon

NODE = "lab-node"
"""The name of the one node."""

USERS = {
    "admin": ("admin", "system:masters"),
    # Its controllers share one identity here, which needs what their many service accounts together may do.
    "controller-manager": ("system:kube-controller-manager", "system:masters"),
    "scheduler": ("system:kube-scheduler", ""),
    "node": (f"system:node:{NODE}", "system:nodes"),
    "kwok": ("kwok", "system:masters"),
}
"""Who has a token: by the file name of the kubeconfig, the user and its group."""

DIRECT = {"NO_PROXY": "*", "no_proxy": "*"}
"""Environment of programs that talk to this machine only."""

NAMES = ("kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd")
"""The processes, in the order in which they are stopped."""


class Programs(Protocol):
    """Where programs are found: the toolchain."""

    def program(self, name: str) -> Path:
        """The path of a program by its name."""
        ...


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane: its files, and how it is reached."""

    folder: Path
    certificates: Certificates
    api: KubeApi

    def kubeconfig(self, user: str) -> Path:
        """The kubeconfig of one of ``USERS``."""
        return self.folder / f"{user}.kubeconfig"


def folder(state: Path) -> Path:
    """Where the control plane's files are."""
    return state / "cluster"


def up(state: Path, programs: Programs) -> ControlPlane:
    """Start what does not run yet and wait until all of it is healthy."""
    plane = _prepare(state)
    etcd, apiserver, *others = daemons(state, plane, programs)
    processes.start_all(state, (etcd, apiserver))
    # on a busy machine, where a controller manager would give up: it waits 10 s for a healthy API server
    processes.start_all(state, others)
    return plane


def down(state: Path) -> None:
    """Stop all of it; what etcd holds stays for the next start."""
    for name in NAMES:
        processes.stop(state, name)


def daemons(state: Path, plane: ControlPlane, programs: Programs) -> tuple[Daemon, ...]:
    """The four processes, in the order in which they come up."""
    client, peer, secure = (port(state, name) for name in ("etcd", "etcd-peer", "apiserver"))
    keys = plane.certificates
    etcd_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    etcd = (
        f"--data-dir={plane.folder / 'etcd'}",
        "--name=lab",
        f"--listen-client-urls={etcd_url}",
        f"--advertise-client-urls={etcd_url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=lab={peer_url}",
        # What a power cut would lose, a lab can lose.
        "--unsafe-no-fsync",
        "--log-level=warn",
    )
    apiserver = (
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        # Both keep the server from asking for the machine's default route, which may not exist.
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={secure}",
        f"--tls-cert-file={keys.server}",
        f"--tls-private-key-file={keys.server_key}",
        f"--token-auth-file={plane.folder / 'tokens.csv'}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={keys.token_public_key}",
        f"--service-account-signing-key-file={keys.token_key}",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--kubelet-client-certificate={keys.kubelet_client}",
        f"--kubelet-client-key={keys.kubelet_client_key}",
        "--kubelet-preferred-address-types=InternalIP",
        "--allow-privileged=true",
    )
    controllers = (
        f"--kubeconfig={plane.kubeconfig('controller-manager')}",
        "--controllers=*,-node-ipam-controller",
        f"--service-account-private-key-file={keys.token_key}",
        f"--root-ca-file={keys.authority}",
        "--leader-elect=false",
        "--secure-port=0",
    )
    scheduler = (
        f"--kubeconfig={plane.kubeconfig('scheduler')}",
        "--leader-elect=false",
        "--secure-port=0",
    )

    def argv(name: str, flags: tuple[str, ...]) -> tuple[str, ...]:
        return (str(programs.program(name)), *flags)

    def default_account() -> str | None:
        return plane.api.missing("/api/v1/namespaces/default/serviceaccounts/default")

    return (
        Daemon(
            "etcd",
            argv("etcd", etcd),
            ready=lambda: _serves(f"{etcd_url}/health"),
            env=DIRECT,
            ports=(client, peer),
        ),
        Daemon(
            "kube-apiserver",
            argv("kube-apiserver", apiserver),
            ready=lambda: plane.api.missing("/readyz"),
            env=DIRECT,
            deadline=90.0,
            ports=(secure,),
        ),
        # The default account is the first thing made by a controller that a Pod cannot do without.
        Daemon(
            "kube-controller-manager",
            argv("kube-controller-manager", controllers),
            ready=default_account,
            env=DIRECT,
            deadline=60.0,
        ),
        # Serves nothing here: that Pods get their node shows that it works.
        Daemon("kube-scheduler", argv("kube-scheduler", scheduler), ready=lambda: None, env=DIRECT),
    )


def _prepare(state: Path) -> ControlPlane:
    where = folder(state)
    where.mkdir(parents=True, exist_ok=True)
    where.chmod(0o700)
    keys = certificates(where / "pki")
    tokens = _tokens(where / "tokens.csv")
    url = f"https://127.0.0.1:{port(state, 'apiserver')}"
    plane = ControlPlane(where, keys, KubeApi(url, keys.authority, tokens["admin"]))
    for user, token in tokens.items():
        kubeconfig.write(plane.kubeconfig(user), server=url, authority=keys.authority, user=user, token=token)
    return plane


def _tokens(path: Path) -> dict[str, str]:
    """Token of each user, made once (kube-apiserver's file: token,user,uid,"group")."""
    if not path.exists():
        made = [
            f"{secrets.token_hex(16)},{user},{name}" + (f',"{group}"' if group else "")
            for name, (user, group) in USERS.items()
        ]
        draft = path.with_suffix(".tmp")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
            sink.write("\n".join(made) + "\n")
        draft.replace(path)
    rows = [line.split(",") for line in path.read_text().splitlines()]
    return {row[2]: row[0] for row in rows}


def _serves(url: str) -> str | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return None if answer.status == 200 else f"{url} answers {answer.status}"
