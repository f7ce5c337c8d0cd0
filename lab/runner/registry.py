"""A registry as Docker's programs use it: found by its name, logged in to, pulled from and pushed to.

``LAB_REGISTRIES`` says where a name such as ``ghcr.io`` is in this lab, and Docker's ``config.json`` who is logged in.
https://distribution.github.io/distribution/spec/auth/token/ and https://github.com/opencontainers/distribution-spec.
"""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import httpx

from lab import images, oci
from lab.errors import LabError
from lab.runner.step import StepError

HUB = "docker.io"
HUB_KEY = "https://index.docker.io/v1/"
"""How Docker Hub is called in ``config.json``."""

MANIFESTS = (
    oci.INDEX_TYPE,
    oci.MANIFEST_TYPE,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


def split(reference: str) -> tuple[str, str, str]:
    """A reference's registry, repository and tag or digest (``latest`` where there is none)."""
    name, _, digest = reference.partition("@")
    head, slash, rest = name.partition("/")
    host = bool(slash) and (head == "localhost" or "." in head or ":" in head)
    registry, path = (head, rest) if host else (HUB, name)
    path, _, tag = path.rpartition(":") if ":" in path else (path, "", "")
    if registry in (HUB, "index.docker.io", "registry-1.docker.io"):
        registry, path = HUB, path if "/" in path else f"library/{path}"
    if not re.fullmatch(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*", path):
        raise StepError(f"invalid reference format: {reference}")
    return registry, path, digest or tag or "latest"


def login(registry: str, user: str, password: str) -> None:
    """Log in as ``docker login`` does, and keep it. Raises ``StepError`` when the registry refuses."""
    registry = HUB if registry in ("", HUB, "index.docker.io", HUB_KEY) else registry
    if not user or not password:
        raise StepError("Username and password required")
    _token(registry, (), (user, password))
    config = _config()
    entry = base64.b64encode(f"{user}:{password}".encode()).decode()
    config.setdefault("auths", {})[HUB_KEY if registry == HUB else registry] = {"auth": entry}
    _config_file().parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(_config_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(config, file)


def logout(registry: str) -> None:
    """Forget a login."""
    config = _config()
    config.get("auths", {}).pop(HUB_KEY if registry in ("", HUB) else registry, None)
    if _config_file().exists():
        _config_file().write_text(json.dumps(config))


def push(reference: str, image: oci.Image) -> None:
    """Push an image under a reference. Raises ``StepError`` when the registry refuses."""
    registry, repository, tag = split(reference)
    with _client(registry, repository, "pull,push") as client:
        try:
            images.push(client, repository, tag, image)
        except LabError as error:
            said = "; ".join((error.what, *error.details))
            raise StepError(f"failed to push {reference}: {said}") from error


def manifest(reference: str) -> oci.Blob:
    """A manifest or index. Raises ``StepError`` when there is none for who is logged in."""
    registry, repository, tag = split(reference)
    with _client(registry, repository, "pull") as client:
        found = client.get(f"/v2/{repository}/manifests/{tag}", headers={"Accept": ", ".join(MANIFESTS)})
    if found.status_code != 200:
        raise StepError(f"{reference}: not found: HTTP {found.status_code} {found.text.strip()[:200]}")
    return oci.Blob(found.headers["content-type"], found.content)


def blob(reference: str, descriptor: dict[str, Any]) -> oci.Blob:
    """A blob of the repository of a reference."""
    registry, repository, _ = split(reference)
    with _client(registry, repository, "pull") as client:
        found = client.get(f"/v2/{repository}/blobs/{descriptor['digest']}", follow_redirects=True)
    if found.status_code != 200:
        raise StepError(f"{reference}: {descriptor['digest']}: HTTP {found.status_code}")
    return oci.Blob(descriptor["mediaType"], found.content)


def has_referrers(reference: str) -> bool:
    """Whether the registry tells itself what is attached to a digest."""
    registry, repository, digest = split(reference)
    with _client(registry, repository, "pull") as client:
        return client.get(f"/v2/{repository}/referrers/{digest}").status_code == 200


def _client(registry: str, repository: str, actions: str) -> httpx.Client:
    bearer = _token(registry, (f"repository:{repository}:{actions}",), _kept(registry))
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.Client(base_url=_url(registry), headers=headers, timeout=20, trust_env=False, verify=False)


def _token(registry: str, scopes: tuple[str, ...], login: tuple[str, str] | None) -> str:
    url = _url(registry)
    with httpx.Client(timeout=20, trust_env=False, verify=False) as client:
        asked = client.get(f"{url}/v2/").headers.get("www-authenticate", "")
        told = dict(re.findall(r'(\w+)="([^"]*)"', asked))
        params: list[tuple[str, str | int | float | bool | None]] = [("service", told["service"])]
        params += [("scope", scope) for scope in scopes]
        answer = client.get(told["realm"], params=params, auth=login)
    if answer.status_code != 200:
        said = "; ".join(one.get("message", "") for one in answer.json().get("errors", []))
        raise StepError(f"Error response from daemon: Get {registry}/v2/: denied: {said} (HTTP {answer.status_code})")
    return str(answer.json()["token"])


def _url(registry: str) -> str:
    known: dict[str, str] = json.loads(os.environ["LAB_REGISTRIES"])
    if registry not in known:
        raise StepError(f"{registry}: no such registry in this lab: {', '.join(sorted(known))}")
    return known[registry]


def _kept(registry: str) -> tuple[str, str] | None:
    entry = _config().get("auths", {}).get(HUB_KEY if registry == HUB else registry)
    if not entry:
        return None
    user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
    return user, password


def _config() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_config_file().read_text())
    except FileNotFoundError:
        return {}
    return found


def _config_file() -> Path:
    return Path(os.environ["DOCKER_CONFIG"]) / "config.json"
