"""Protected branches: what is refused there, by a branch's own protection or by a ruleset, in GitHub's words.

A repository's document holds ``protection``: branch to ``pull_request`` (whether changes need one), ``reviews`` (so
many approvals), ``checks`` (names that must have succeeded), ``admins`` (whether administrators are bound, too) and
``ruleset`` (whether it is one, which the older interface for branches does not show).
"""

from __future__ import annotations

from lab.github_api import repositories
from lab.github_api.exchange import Answer, Call, Document, Refusal
from lab.github_api.store import identity

DOCUMENTATION = "https://docs.github.com/articles/about-protected-branches"


def protect(
    document: Document,
    branch: str,
    *,
    pull_request: bool = True,
    reviews: int = 0,
    checks: tuple[str, ...] = (),
    admins: bool = True,
    ruleset: bool = False,
) -> None:
    """Protect a branch, as its settings page does."""
    kept = {"pull_request": pull_request or reviews > 0, "reviews": reviews, "checks": list(checks)}
    document.setdefault("protection", {})[branch] = {**kept, "admins": admins, "ruleset": ruleset}


def unprotect(document: Document, branch: str) -> None:
    """Protect it no more."""
    document.get("protection", {}).pop(branch, None)


def kept(document: Document, branch: str) -> Document | None:
    """How a branch is protected, None where it is not."""
    found: Document | None = document.get("protection", {}).get(branch)
    return found


def refuse_file(call: Call, document: Document, branch: str, verb: str) -> None:
    """Refuse (409) a commit that the contents API would put on a protected branch; ``verb`` such as ``create``."""
    if lines := _broken(call, document, branch):
        if _ruled(document, branch):
            raise Refusal(409, f"Repository rule violations found\n\n{lines}\n\n")
        raise Refusal(409, f"Could not {verb} file: {lines}", documentation=DOCUMENTATION)


def refuse_reference(call: Call, document: Document, branch: str) -> None:
    """Refuse (422) that a protected branch is moved."""
    if lines := _broken(call, document, branch):
        if _ruled(document, branch):
            raise Refusal(422, f"Repository rule violations found\n\n{lines}\n\n")
        raise Refusal(422, lines, documentation=DOCUMENTATION)


def refuse_removal(document: Document, branch: str) -> None:
    """Refuse (422) that a protected branch is deleted."""
    if kept(document, branch):
        raise Refusal(422, "Cannot delete a protected branch", documentation=DOCUMENTATION)


def refuse_merge(call: Call, document: Document, branch: str) -> None:
    """Refuse (405) the merge of a pull request that lacks what the branch wants; nobody approves in a lab."""
    found = kept(document, branch)
    if found and _binds(call, document, found) and (found["reviews"] or found["checks"]):
        raise Refusal(405, " ".join(_wanted(found)), documentation=DOCUMENTATION)


def get(call: Call) -> Answer:
    """``GET …/branches/{branch}/protection``, for administrators; a ruleset is none."""
    document = repositories.find(call)
    branch = call.path["branch"]
    if f"heads/{branch}" not in document["refs"]:
        raise Refusal(404, "Branch not found")
    repositories.find(call, "admin")
    found = kept(document, branch)
    if found is None or found["ruleset"]:
        raise Refusal(404, "Branch not protected")
    url = f"{call.api}/repos/{document['owner']}/{document['name']}/branches/{branch}/protection"
    body: Document = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": found["admins"]},
        **{name: {"enabled": False} for name in ("required_linear_history", "allow_force_pushes", "allow_deletions")},
    }
    if found["checks"]:
        body["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": False,
            "contexts": found["checks"],
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": name, "app_id": None} for name in found["checks"]],
        }
    if found["pull_request"]:
        body["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": found["reviews"],
        }
    return Answer(200, body)


def rules(call: Call) -> Answer:
    """``GET …/rules/branches/{branch}``: what rulesets say of a branch, whoever asks."""
    document = repositories.find(call)
    found = kept(document, call.path["branch"])
    if found is None or not found["ruleset"]:
        return Answer(200, [])
    name = f"{document['owner']}/{document['name']}"
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": name,
        "ruleset_id": identity("ruleset", name, call.path["branch"]),
    }
    listed: list[Document] = [{"type": "deletion", **source}]
    if found["pull_request"]:
        parameters = {
            "required_approving_review_count": found["reviews"],
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        }
        listed.append({"type": "pull_request", "parameters": parameters, **source})
    if found["checks"]:
        checks = [{"context": name} for name in found["checks"]]
        policy = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
        listed.append({"type": "required_status_checks", "parameters": policy, **source})
    return Answer(200, listed)


def summary(document: Document, branch: str) -> Document:
    """What a branch tells of its protection."""
    found = kept(document, branch)
    if found is None or found["ruleset"]:
        return {"enabled": False}
    checks = {"enforcement_level": "everyone" if found["admins"] else "non_admins", "contexts": found["checks"]}
    return {"enabled": True, "required_status_checks": {**checks, "checks": []}}


def _broken(call: Call, document: Document, branch: str) -> str:
    found = kept(document, branch)
    return " ".join(_wanted(found)) if found and _binds(call, document, found) else ""


def _binds(call: Call, document: Document, found: Document) -> bool:
    return bool(found["admins"]) or not repositories.administers(call, document)


def _wanted(found: Document) -> list[str]:
    lines = []
    if count := len(found["checks"]):
        name = found["checks"][0]
        one = f'Required status check "{name}" is expected.'
        lines.append(one if count == 1 else f"{count} of {count} required status checks are expected.")
    if found["reviews"]:
        what = f"At least {found['reviews']} approving review{' is' if found['reviews'] == 1 else 's are'}"
        lines.append(f"{what} required by reviewers with write access.")
    elif found["pull_request"]:
        lines.append("Changes must be made through a pull request.")
    return lines


def _ruled(document: Document, branch: str) -> bool:
    found = kept(document, branch)
    return bool(found and found["ruleset"])
