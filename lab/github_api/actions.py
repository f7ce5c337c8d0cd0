"""What Actions may do in a repository."""

from __future__ import annotations

from lab.github_api import people, repositories
from lab.github_api.exchange import Answer, Call, Refusal, invalid

ALLOWED = ("all", "local_only", "selected")


def permissions(call: Call) -> Answer:
    """``GET …/actions/permissions``."""
    document = repositories.find(call, "admin")
    kept = document["actions"]
    body = {"enabled": kept["enabled"], "sha_pinning_required": kept.get("sha_pinning_required", False)}
    if kept["enabled"]:
        body["allowed_actions"] = kept.get("allowed_actions", "all")
    return Answer(200, body)


def set_permissions(call: Call) -> Answer:
    """``PUT …/actions/permissions``."""
    document = repositories.find(call, "admin")
    if not isinstance(call.body.get("enabled"), bool):
        raise invalid("Actions", "enabled", "missing_field")
    if call.body.get("allowed_actions", "all") not in ALLOWED:
        raise invalid("Actions", "allowed_actions", "invalid")
    document["actions"] = dict(call.body)
    repositories.save(call.store, document)
    return Answer(204)


def organization(call: Call) -> Answer:
    """``GET /orgs/{org}/actions/permissions``: everything is allowed, everywhere."""
    people.administered(call)
    return Answer(200, {"enabled_repositories": "all", "allowed_actions": "all", "sha_pinning_required": False})


def workflow_permissions(call: Call) -> Answer:
    """``GET …/actions/permissions/workflow``: what ``GITHUB_TOKEN`` may do by default."""
    return Answer(200, repositories.find(call, "admin")["workflow_permissions"])


def set_workflow_permissions(call: Call) -> Answer:
    """``PUT …/actions/permissions/workflow``; what the body leaves out stays."""
    document = repositories.find(call, "admin")
    if call.body.get("default_workflow_permissions", "read") not in ("read", "write"):
        raise Refusal(409, "default_workflow_permissions must be read or write")
    kept = document["workflow_permissions"]
    kept |= {name: value for name, value in call.body.items() if name in kept}
    repositories.save(call.store, document)
    return Answer(204)
