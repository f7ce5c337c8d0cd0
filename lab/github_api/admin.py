"""What tests and the rest of the lab tell the stand-in, below ``/_lab/``. It listens on loopback alone.

| method and path | body | answer |
|---|---|---|
| GET health | | ok |
| POST registry-events | an envelope of distribution's notifications | |
| GET, POST, DELETE faults | see ``faults.Fault`` | those still to come |
| GET, DELETE counters | | calls by operation |
| GET, DELETE violations | | breaches of GitHub's description |
| POST organizations | login, owners | |
| POST repositories | owner, name, private, branch, files (path to text) | |
| POST tokens | user, token, scopes, expires | |
| GET secrets/{owner}/{repo}/{name} | | value, the decrypted one |
| PUT visibility | owner, name, visibility: of a package, as by its settings page | |
| POST reset | | everything is as after the first start |
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Protocol

from lab.github_api import packages, repositories, secrets, seeds, tokens
from lab.github_api.exchange import Answer, Document, Refusal, not_found
from lab.github_api.faults import Fault, Faults
from lab.github_api.registry import Registry
from lab.github_api.store import Store

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""Media types of what becomes a version of a package."""


class Running(Protocol):
    """What this part needs of the running service."""

    store: Store
    registry: Registry
    faults: Faults
    counters: Counter[str]
    violations: list[str]


def answer(service: Running, method: str, path: str, body: Document, site: str) -> Answer:
    """One administrative call; 404 for anything but those of the table above."""
    first, *rest = path.removeprefix("/_lab/").split("/")
    match method, first, rest:
        case "GET", "health", []:
            return Answer(200, "ok")
        case "POST", "registry-events", []:
            return _events(service, body, site)
        case "GET", "faults", []:
            return Answer(200, service.faults.waiting())
        case "POST", "faults", []:
            return _fault(service, body)
        case "DELETE", "faults", []:
            service.faults.clear()
        case "GET", "counters", []:
            return Answer(200, dict(sorted(service.counters.items())))
        case "DELETE", "counters", []:
            service.counters.clear()
        case "GET", "violations", []:
            return Answer(200, service.violations)
        case "DELETE", "violations", []:
            service.violations.clear()
        case "POST", "organizations", []:
            service.store.write({"login": body["login"], "owners": body["owners"]}, "organizations", body["login"])
        case "POST", "repositories", []:
            return _repository(service.store, body)
        case "POST", "tokens", []:
            tokens.add(service.store, body["user"], body["token"], body.get("scopes", []), body.get("expires", ""))
        case "GET", "secrets", [owner, repository, name]:
            return _secret(service.store, owner, repository, name)
        case "PUT", "visibility", []:
            packages.set_visibility(service.store, service.registry, body["owner"], body["name"], body["visibility"])
        case "POST", "reset", []:
            service.store.clear()
            service.faults.clear()
            service.counters.clear()
            service.violations.clear()
            seeds.plant(service.store)
        case _:
            raise not_found()
    return Answer(204)


def _events(service: Running, body: Document, site: str) -> Answer:
    for event in body.get("events", []):
        target: dict[str, Any] = event.get("target", {})
        if event.get("action") == "push" and target.get("mediaType") in MANIFESTS:
            packages.pushed(
                service.store,
                service.registry,
                str(target["repository"]),
                str(target["digest"]),
                str(target.get("tag", "")),
                (site,),
            )
    return Answer(204)


def _fault(service: Running, body: Document) -> Answer:
    try:
        service.faults.add(Fault(**body))
    except (TypeError, re.error) as error:
        raise Refusal(400, f"no fault: {error}") from None
    return Answer(204)


def _repository(store: Store, body: Document) -> Answer:
    document = repositories.new(
        store, body["owner"], body["name"], private=body.get("private", False), branch=body.get("branch", "main")
    )
    if files := body.get("files"):
        repositories.seed(store, document, {path: text.encode() for path, text in files.items()})
    return Answer(204)


def _secret(store: Store, owner: str, repository: str, name: str) -> Answer:
    document = store.read("repositories", owner, repository)
    value = secrets.reveal(document, name) if document else None
    if value is None:
        raise not_found()
    return Answer(200, {"value": value})
