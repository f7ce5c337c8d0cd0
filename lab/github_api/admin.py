"""What tests and the rest of the lab tell the stand-in, below ``/_lab/``. It listens on loopback alone.

| method and path | body | answer |
|---|---|---|
| GET health | | ok |
| POST registry-events | an envelope of distribution's notifications | |
| GET, POST, DELETE faults | see ``faults.Fault`` | those still to come |
| GET, DELETE counters | | calls by operation |
| GET, DELETE calls | | every call: method, template, path, status, user |
| GET, DELETE violations | | breaches of GitHub's description |
| POST organizations | login, owners | |
| POST repositories | owner, name, private, branch, files (path to text) | |
| POST repository | owner, name | it, as events tell it |
| POST workflow-permissions | owner, name | default: read or write |
| POST run-list | owner, name | its runs as they are kept, oldest first |
| POST files | owner, name, reference | path to content, in Base64 |
| POST git-objects | owner, name, reference | commit, and git's objects of it and all before, in Base64 |
| PUT collaborators | owner, name, user, right (read, write, admin) | |
| PUT protection | owner, name, branch, and the arguments of ``protection.protect``; off: no more | |
| POST tokens | token, and the fields of ``token.Token`` | |
| DELETE tokens | token | |
| POST registry-access | user, password, repositories (name to actions) | see ``access.py`` |
| PUT secret | owner, repository, environment, kind, name, value: as somebody else may set it | |
| POST secret-value | owner, repository, environment, kind (actions, dependabot), name | value, decrypted |
| POST secret-values | owner, repository, environment, kind | all that a job sees: name to value |
| PUT visibility | owner, name, visibility: of a package, as by its settings page | |
| PUT package-link | owner, name, repository (owner/name): as by the same page | |
| PUT package-access | owner, name, repository, role (read, write, admin; empty: none): as by the same page | |
| POST commits | owner, name, user, branch, message, files (path to text, null: none): whatever protects it | sha |
| POST pulls | owner, name, user, branch, files, fork: opened, or its branch pushed to | number, head, merge |
| PUT pulls | owner, name, number, user, state (merged, closed), method, delete_branch: whatever protects it | |
| PUT runs | owner, name, status, conclusion, step, run (the newest if none): another outcome | |
| PUT new-runs | owner, name, status, conclusion, step: the outcome of runs to come; empty: success | |
| POST reset | | everything is as after the first start |
"""

from __future__ import annotations

import base64
import re
from collections import Counter, deque
from typing import Any, Protocol

from nacl.public import SealedBox

from lab.github_api import access, deeds, git, packages, repositories, secrets, seeds, tokens, vault
from lab.github_api.exchange import Answer, Call, Document, Refusal, not_found
from lab.github_api.faults import Fault, Faults
from lab.github_api.registry import Registry
from lab.github_api.store import Store
from lab.github_api.token import Token
from lab.github_api.vault import Vault

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
    calls: deque[Document]
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
        case "GET", "calls", []:
            return Answer(200, list(service.calls))
        case "DELETE", "calls", []:
            service.calls.clear()
        case "GET", "violations", []:
            return Answer(200, service.violations)
        case "DELETE", "violations", []:
            service.violations.clear()
        case "POST", "organizations", []:
            service.store.write({"login": body["login"], "owners": body["owners"]}, "organizations", body["login"])
        case "POST", "repositories", []:
            return _repository(service.store, body)
        case "POST", "tokens", []:
            tokens.add(service.store, body["token"], body)
        case "DELETE", "tokens", []:
            tokens.remove(service.store, body["token"])
        case "POST", "registry-access", []:
            return Answer(200, access.answer(service.store, body["user"], body["password"], body["repositories"]))
        case "PUT", "secret", []:
            _set_secret(_vault(service.store, body), body["name"], body["value"])
        case "POST", "secret-value", []:
            return _secret(_vault(service.store, body), body["name"])
        case "POST", "secret-values", []:
            document = _found(service.store, body["owner"], body["repository"])
            kind, environment = body.get("kind", "actions"), body.get("environment", "")
            return Answer(200, secrets.values(service.store, document, kind, environment))
        case "PUT", "visibility", []:
            packages.set_visibility(service.store, service.registry, body["owner"], body["name"], body["visibility"])
        case "PUT", "package-link", []:
            packages.connect(service.store, body["owner"], body["name"], body["repository"])
        case "PUT", "package-access", []:
            packages.allow(service.store, body["owner"], body["name"], body["repository"], body["role"])
        case "POST", "repository", []:
            call = _call(service, body, site)
            return Answer(200, repositories.full(call, _found(service.store, body["owner"], body["name"])))
        case "POST", "workflow-permissions", []:
            kept = _found(service.store, body["owner"], body["name"])["workflow_permissions"]
            return Answer(200, {"default": kept["default_workflow_permissions"]})
        case "POST", "run-list", []:
            return Answer(200, _found(service.store, body["owner"], body["name"])["runs"])
        case "POST", "files", []:
            return _files(_found(service.store, body["owner"], body["name"]), body["reference"])
        case "POST", "git-objects", []:
            return _objects(_found(service.store, body["owner"], body["name"]), body["reference"])
        case _, "collaborators" | "protection" | "commits" | "pulls" | "runs" | "new-runs", []:
            return deeds.answer(_call(service, body, site), method, first)
        case "POST", "reset", []:
            service.store.clear()
            service.faults.clear()
            service.counters.clear()
            service.calls.clear()
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
                str(event.get("actor", {}).get("name", "")),
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


def _secret(found: Vault, name: str) -> Answer:
    value = found.reveal(name)
    if value is None:
        raise not_found()
    return Answer(200, {"value": value})


def _set_secret(found: Vault, name: str, value: str) -> None:
    kept = found.secrets.get(name.upper(), {"visibility": "all", "selected": []} if found.organization else {})
    more = {key: kept[key] for key in ("visibility", "selected") if key in kept}
    sealed = SealedBox(found.key.public_key).encrypt(value.encode())
    found.put(name.upper(), base64.b64encode(sealed).decode(), **more)


def _vault(store: Store, body: Document) -> Vault:
    """That of a repository, of one of its environments, or, without a repository, of the organisation."""
    kind = body.get("kind", "actions")
    if not body.get("repository"):
        return vault.organization(store, body["owner"], kind)
    document = _found(store, body["owner"], body["repository"])
    return vault.of(store, document, kind, body.get("environment", ""))


def _files(document: Document, reference: str) -> Answer:
    commit = git.resolve(document, reference)
    if commit is None:
        raise not_found()
    return Answer(200, {path: document["blobs"][blob] for path, blob in document["commits"][commit]["files"].items()})


def _objects(document: Document, reference: str) -> Answer:
    commit = git.resolve(document, reference)
    if commit is None:
        raise not_found()
    kept = [base64.b64encode(each).decode() for each in git.objects(document, commit)]
    return Answer(200, {"commit": commit, "objects": kept})


def _found(store: Store, owner: str, name: str) -> Document:
    document = store.read("repositories", owner, name)
    if document is None:
        raise not_found()
    return document


def _call(service: Running, body: Document, site: str) -> Call:
    """What a person does to a repository, as a call by that person."""
    _found(service.store, body["owner"], body["name"])
    user = str(body.get("user") or "acme-reviewer")
    service.store.write({"login": user}, "users", user)
    return Call(
        store=service.store,
        registry=service.registry,
        token=Token(user, scopes=("repo", "workflow")),
        site=site,
        api=site,
        route="",
        path={"owner": body["owner"], "repo": body["name"]},
        body=body,
    )
