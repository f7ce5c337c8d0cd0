"""Environments of a repository, which have secrets of their own."""

from __future__ import annotations

from urllib.parse import quote

from lab.github_api import repositories, vault
from lab.github_api.exchange import Answer, Call, Document, not_found
from lab.github_api.paging import page
from lab.github_api.store import identity, node, now


def listing(call: Call) -> Answer:
    """``GET …/environments``, sorted by name."""
    document = repositories.find(call)
    found = sorted(document.get("environments", {}).values(), key=lambda one: str(one["name"]))
    return page(call, found, lambda one: _shape(call, document, one), key="environments")


def get(call: Call) -> Answer:
    """``GET …/environments/{environment_name}``."""
    document = repositories.find(call)
    return Answer(200, _shape(call, document, find(document, call.path["environment_name"])))


def put(call: Call) -> Answer:
    """``PUT …/environments/{environment_name}``: new or changed; its secrets stay."""
    document = repositories.find(call, "admin")
    name = call.path["environment_name"]
    moment = now()
    kept = document.setdefault("environments", {}).setdefault(
        name.lower(), {"name": name, "created_at": moment, **vault.new()}
    )
    kept |= {
        "updated_at": moment,
        "can_admins_bypass": call.body.get("can_admins_bypass", True),
        "wait_timer": call.body.get("wait_timer") or 0,
        "policy": call.body.get("deployment_branch_policy"),
    }
    repositories.save(call.store, document)
    return Answer(200, _shape(call, document, kept))


def remove(call: Call) -> Answer:
    """``DELETE …/environments/{environment_name}``, its secrets with it."""
    document = repositories.find(call, "admin")
    del document["environments"][str(find(document, call.path["environment_name"])["name"]).lower()]
    repositories.save(call.store, document)
    return Answer(204)


def find(document: Document, name: str) -> Document:
    """An environment by its name, whose case does not matter; 404 if there is none."""
    kept: Document | None = document.get("environments", {}).get(name.lower())
    if kept is None:
        raise not_found()
    return kept


def _shape(call: Call, document: Document, kept: Document) -> Document:
    repository = f"{document['owner']}/{document['name']}"
    number = identity("environment", repository, kept["name"])
    rules: list[Document] = []
    if kept["wait_timer"]:
        rule = {"id": number, "node_id": node("gate", repository, number), "type": "wait_timer"}
        rules.append({**rule, "wait_timer": kept["wait_timer"]})
    if kept["policy"]:
        rules.append({"id": number + 1, "node_id": node("gate", repository, number + 1), "type": "branch_policy"})
    return {
        "id": number,
        "node_id": node("environment", repository, kept["name"]),
        "name": kept["name"],
        "url": f"{call.api}/repos/{repository}/environments/{quote(kept['name'], safe='')}",
        "html_url": f"{call.site}/{repository}/deployments/activity_log?environments_filter={quote(kept['name'])}",
        "created_at": kept["created_at"],
        "updated_at": kept["updated_at"],
        "can_admins_bypass": kept["can_admins_bypass"],  # which GitHub's description leaves out
        "protection_rules": rules,
        "deployment_branch_policy": kept["policy"],
    }
