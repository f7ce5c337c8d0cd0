"""Secrets of every kind: sealed boxes, as GitHub's are, that only this stand-in's private keys open.

Repositories, environments and organisations, Actions and Dependabot have the same operations, on another vault each.
"""

from __future__ import annotations

import base64
import re

from lab.github_api import repositories, vault
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import Store, identity
from lab.github_api.vault import Vault

NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*")
"""Letters, digits and underscores, no digit first, not GITHUB_ (docs.github.com, naming your secrets)."""

VISIBILITIES = ("all", "private", "selected")
"""Which repositories see an organisation's secret."""


def public_key(call: Call) -> Answer:
    """``GET …/secrets/public-key``."""
    found = vault.asked(call)
    key = base64.b64encode(bytes(found.key.public_key)).decode()
    return Answer(200, {"key_id": found.key_id, "key": key})


def listing(call: Call) -> Answer:
    """``GET …/secrets``: names and times, sorted by name."""
    found = vault.asked(call)
    return page(call, sorted(found.secrets), lambda name: _shape(call, found, name), key="secrets")


def get(call: Call) -> Answer:
    """``GET …/secrets/{secret_name}``: never the value."""
    found = vault.asked(call)
    return Answer(200, _shape(call, found, _known(found, call)))


def put(call: Call) -> Answer:
    """``PUT …/secrets/{secret_name}``: 201 for a new one, 204 for a known one. The box must open."""
    found = vault.asked(call)
    name = call.path["secret_name"].upper()
    if not NAME.fullmatch(name):
        raise Refusal(
            422, "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_)"
        )
    more: Document = {}
    if found.organization:
        if call.body.get("visibility") not in VISIBILITIES:
            raise Refusal(422, f'Invalid request.\n\n"visibility" is none of {", ".join(VISIBILITIES)}.')
        more = {"visibility": call.body["visibility"], "selected": _chosen(call)}
    need(call, "Secret", "encrypted_value", "key_id")
    if call.body["key_id"] != found.key_id:
        raise Refusal(422, "Bad request - key_id does not match the repository's public key")
    found.open(call.body["encrypted_value"])
    new = found.put(name, call.body["encrypted_value"], **more)
    return Answer(201, {}) if new else Answer(204)


def remove(call: Call) -> Answer:
    """``DELETE …/secrets/{secret_name}``."""
    found = vault.asked(call)
    del found.secrets[_known(found, call)]
    found.save()
    return Answer(204)


def selected(call: Call) -> Answer:
    """``GET /orgs/{org}/…/secrets/{secret_name}/repositories``: those that were selected, sorted by name."""
    found = vault.asked(call)
    chosen = found.secrets[_known(found, call)]["selected"]
    documents = [one for one in call.store.documents("repositories", call.path["org"]) if _id(one) in chosen]
    return page(call, documents, lambda one: repositories.minimal(call, one), key="repositories")


def select(call: Call) -> Answer:
    """``PUT`` of the same: exactly these."""
    found = vault.asked(call)
    kept = found.secrets[_known(found, call)]
    if not isinstance(call.body.get("selected_repository_ids"), list):
        raise Refusal(422, 'Invalid request.\n\n"selected_repository_ids" wasn\'t supplied.')
    _only_selected(kept)
    kept["selected"] = _ids(call)
    found.save()
    return Answer(204)


def select_one(call: Call) -> Answer:
    """``PUT …/repositories/{repository_id}``: this one as well."""
    found, kept, number = _one(call)
    kept["selected"] = sorted({*kept["selected"], number})
    found.save()
    return Answer(204)


def deselect_one(call: Call) -> Answer:
    """``DELETE …/repositories/{repository_id}``: this one no more."""
    found, kept, number = _one(call)
    kept["selected"] = [one for one in kept["selected"] if one != number]
    found.save()
    return Answer(204)


def shared(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/organization-secrets``: the organisation's that it sees."""
    document = repositories.find(call, "admin")
    found = vault.organization(call.store, document["owner"])
    names = sorted(name for name, kept in found.secrets.items() if _sees(document, kept))
    # Without the visibility, which is the organisation's to know.
    return page(call, names, lambda name: _times(found, name), key="secrets")


def values(store: Store, document: Document, kind: str = "actions", environment: str = "") -> dict[str, str]:
    """All secrets that a job sees, for the lab's own eyes: the nearest of several with one name."""
    vaults = [vault.of(store, document, kind)]
    if environment:
        vaults.append(vault.of(store, document, kind, environment))
    found: dict[str, str] = {}
    if store.read("organizations", document["owner"]):
        ours = vault.organization(store, document["owner"], kind)
        found = {name: ours.reveal(name) or "" for name, kept in ours.secrets.items() if _sees(document, kept)}
    for one in vaults:
        found |= {name: one.reveal(name) or "" for name in one.secrets}
    return dict(sorted(found.items()))


def _sees(document: Document, kept: Document) -> bool:
    if kept["visibility"] == "selected":
        return _id(document) in kept["selected"]
    return kept["visibility"] == "all" or bool(document["private"])


def _ids(call: Call) -> list[int]:
    """The repositories that a body selects. Refuses those that the organisation does not have."""
    given = [int(one) for one in call.body.get("selected_repository_ids") or ()]
    known = {_id(one) for one in call.store.documents("repositories", call.path["org"])}
    if not {*given} <= known:
        raise Refusal(422, "Repositories must belong to the organization")
    return sorted({*given})


def _chosen(call: Call) -> list[int]:
    """The repositories of a secret that is being set: a body that names none selects none.

    As people have seen it: github.com/integrations/terraform-provider-github/issues/842.
    """
    return _ids(call) if call.body["visibility"] == "selected" else []


def _one(call: Call) -> tuple[Vault, Document, int]:
    found = vault.asked(call)
    kept = found.secrets[_known(found, call)]
    _only_selected(kept)
    known = {str(_id(one)): _id(one) for one in call.store.documents("repositories", call.path["org"])}
    if call.path["repository_id"] not in known:
        raise not_found()
    return found, kept, known[call.path["repository_id"]]


def _only_selected(kept: Document) -> None:
    if kept["visibility"] != "selected":
        raise Refusal(409, "Secret visibility must be set to selected to change its repositories")


def _id(document: Document) -> int:
    return identity("repository", document["owner"], document["name"])


def _known(found: Vault, call: Call) -> str:
    name = call.path["secret_name"].upper()
    if name not in found.secrets:
        raise not_found()
    return name


def _times(found: Vault, name: str) -> Document:
    kept = found.secrets[name]
    return {"name": name, "created_at": kept["created_at"], "updated_at": kept["updated_at"]}


def _shape(call: Call, found: Vault, name: str) -> Document:
    body = _times(found, name)
    if found.organization:
        kind, login = found.place
        body["visibility"] = found.secrets[name]["visibility"]
        if body["visibility"] == "selected":
            body["selected_repositories_url"] = f"{call.api}/orgs/{login}/{kind}/secrets/{name}/repositories"
    return body
