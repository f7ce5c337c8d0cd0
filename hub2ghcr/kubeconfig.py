"""How a cluster is reached: by URL and token, or as a kubeconfig says it.

Of a kubeconfig (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/) are read the server, its authority,
proxy and server name, and a user's token, certificate, password or ``exec`` command.
Not read are the long deprecated ``auth-provider`` entries.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from .errors import ClusterError

EXEC_SECONDS: Final = 60.0
"""Seconds that a user's ``exec`` command may take."""


@dataclass(frozen=True)
class Access:
    """How a cluster is reached: server URL, TLS, and the headers that say who asks; ``repr`` shows the URL alone."""

    server: str
    tls: ssl.SSLContext = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    proxy: str | None = field(default=None, repr=False)
    server_name: str | None = field(default=None, repr=False)


def access(kubeconfig: str, context: str) -> Access:
    """Return how ``context`` of the file ``kubeconfig`` is reached; an ``exec`` command is run.

    Raises:
        ClusterError: no such file, context, cluster or user; not YAML; the command failed.
    """
    if "${" in kubeconfig:
        raise ClusterError("the kubeconfig's variable is not set", "kubeconfig", kubeconfig, "export it")
    path = Path(kubeconfig).expanduser()
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClusterError(f"the kubeconfig cannot be read: {error.strerror}", str(path)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ClusterError("the kubeconfig is not YAML", str(path)) from None
    config = found if isinstance(found, dict) else {}
    names = [str(entry.get("name")) for entry in config.get("contexts") or []]
    if context not in names:
        remedy = f"it has {', '.join(sorted(names)) or 'none'}"
        raise ClusterError("no such context in the kubeconfig", str(path), context, remedy)
    chosen = _named(config, "contexts", context, "context", path)
    cluster = _named(config, "clusters", str(chosen.get("cluster")), "cluster", path)
    user = _named(config, "users", str(chosen.get("user")), "user", path) if chosen.get("user") else {}
    if "exec" in user:
        user = {**user, **_executed(user["exec"], path)}
    return Access(
        str(cluster.get("server", "")).rstrip("/"),
        _tls(
            _material(cluster, "certificate-authority", path),
            _material(user, "client-certificate", path),
            _material(user, "client-key", path),
            path,
            verified=not cluster.get("insecure-skip-tls-verify"),
        ),
        _headers(user, path),
        cluster.get("proxy-url"),
        cluster.get("tls-server-name"),
    )


def server(url: str, token: str, certificate_authority: Path | None = None) -> Access:
    """Return how a server is reached by a bearer token, as ``oc whoami -t`` prints one.

    Args:
        url: of the API, ``https://api.example.com:6443``.
        token: the bearer token.
        certificate_authority: a PEM file; without it the system's authorities hold.

    Raises:
        ClusterError: no https URL (a token would go over the wire in the clear), no token, no certificate in the file.
    """
    if "${" in url:
        raise ClusterError("the server's variable is not set", "server", url, "export it")
    if not url.startswith("https://"):
        raise ClusterError("the server must be an https:// URL", "server", url, "a token must not travel in the clear")
    if not token.strip() or not token.strip().isascii() or len(token.split()) != 1:
        raise ClusterError("the token is empty, or no token", "token", remedy="it is what `oc whoami -t` prints")
    authority = b""
    if certificate_authority is not None:
        try:
            authority = certificate_authority.expanduser().read_bytes()
        except OSError as error:
            what = f"the certificate authority cannot be read: {error.strerror}"
            raise ClusterError(what, str(certificate_authority)) from None
    tls = _tls(authority, b"", b"", certificate_authority or Path())
    return Access(url.rstrip("/"), tls, {"Authorization": f"Bearer {token.strip()}"})


def _named(config: Mapping[str, Any], group: str, name: str, inner: str, path: Path) -> dict[str, Any]:
    for entry in config.get(group) or []:
        if entry.get("name") == name:
            return dict(entry.get(inner) or {})
    raise ClusterError(f"no such {inner} in the kubeconfig", str(path), name)


def _headers(user: Mapping[str, Any], path: Path) -> dict[str, str]:
    token = user.get("token")
    if not token and user.get("tokenFile"):
        token = _read(path, str(user["tokenFile"])).decode().strip()
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _tls(authority: bytes, certificate: bytes, key: bytes, path: Path, *, verified: bool = True) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        if not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate and key:
            # the standard library takes a chain from a file alone
            with tempfile.NamedTemporaryFile() as chain:  # mode 0600
                chain.write(certificate + b"\n" + key)
                chain.flush()
                context.load_cert_chain(chain.name)
    except (ssl.SSLError, ValueError):
        raise ClusterError("holds a certificate that does not parse", str(path)) from None
    return context


def _material(entry: Mapping[str, Any], name: str, path: Path) -> bytes:
    if data := entry.get(f"{name}-data"):
        try:
            return base64.b64decode("".join(str(data).split()), validate=True)
        except (binascii.Error, ValueError):
            raise ClusterError(f"{name}-data is not base64", str(path)) from None
    return _read(path, str(entry[name])) if entry.get(name) else b""


def _read(path: Path, name: str) -> bytes:
    """Read a file that the kubeconfig names; a relative one is relative to the kubeconfig."""
    file = path.parent / Path(name).expanduser()
    try:
        return file.read_bytes()
    except OSError as error:
        raise ClusterError(f"a file of the kubeconfig cannot be read: {error.strerror}", str(path), str(file)) from None


def _executed(command: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Run a client-go credential plugin and return the user fields that its answer stands for."""
    argv = [str(command.get("command")), *map(str, command.get("args") or [])]
    extra = {str(each["name"]): str(each["value"]) for each in command.get("env") or []}
    version = command.get("apiVersion", "client.authentication.k8s.io/v1")
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    env = {**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(info)}
    try:
        done = subprocess.run(argv, env=env, capture_output=True, timeout=EXEC_SECONDS, check=True)
        status = json.loads(done.stdout)["status"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        # neither its output nor its arguments are shown: both may hold a token
        raise ClusterError("the kubeconfig's exec command failed", str(path), argv[0], "run it by hand") from None
    fields = {"token": status.get("token")}
    for ours, theirs in (("client-certificate", "clientCertificateData"), ("client-key", "clientKeyData")):
        if status.get(theirs):
            fields[f"{ours}-data"] = base64.b64encode(status[theirs].encode()).decode()
    return {key: value for key, value in fields.items() if value}
