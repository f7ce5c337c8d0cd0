"""What people do to a repository by other ways than the API: collaborators, protection, commits, merges, runs."""

from __future__ import annotations

from collections.abc import Mapping

from lab.github_api import commits, git, protection, pulls, repositories, workflows
from lab.github_api.exchange import Answer, Call, Document, not_found
from lab.github_api.store import now


def answer(call: Call, method: str, what: str) -> Answer:
    """One deed, told by the body; see the table in ``admin.py``. 404 for any other."""
    document = call.store.read("repositories", call.path["owner"], call.path["repo"])
    if document is None:
        raise not_found()
    body = call.body
    match method, what:
        case "PUT", "collaborators":
            document.setdefault("collaborators", {})[body["user"]] = body["right"]
        case "PUT", "protection":
            _protect(document, body)
        case "POST", "commits":
            return Answer(200, {"sha": _commit(call, document)})
        case "POST", "pulls":
            return Answer(200, _suggest(call, document))
        case "PUT", "pulls":
            _pull(call, document)
        case "PUT", "runs":
            workflows.change_runs(
                document, body["status"], body.get("conclusion"), body.get("step", ""), str(body.get("run") or "")
            )
        case "PUT", "new-runs":
            document["new_runs"] = {name: body[name] for name in ("status", "conclusion", "step") if name in body}
        case _:
            raise not_found()
    repositories.save(call.store, document)
    return Answer(204)


def _protect(document: Document, body: Document) -> None:
    branch = body.get("branch") or document["default_branch"]
    if body.get("off"):
        protection.unprotect(document, branch)
        return
    protection.protect(
        document,
        branch,
        pull_request=body.get("pull_request", True),
        reviews=body.get("reviews", 0),
        checks=tuple(body.get("checks", ())),
        admins=body.get("admins", True),
        ruleset=body.get("ruleset", False),
    )


def _commit(call: Call, document: Document) -> str:
    branch = call.body.get("branch") or document["default_branch"]
    parents = [commits.head(document, branch)] if document["refs"] else []
    files: git.Files = dict(document["commits"][parents[0]]["files"]) if parents else {}
    _change(document, files, call.body["files"])
    person = commits.person(call)
    name = git.commit(document, files, parents, call.body.get("message") or "Change files", person, person)
    commits.advance(call, document, branch, name)
    return name


def _change(document: Document, files: git.Files, changed: Mapping[str, str | None]) -> None:
    for path, text in changed.items():
        if text is None:
            files.pop(path, None)
        else:
            files[path] = git.blob(document, text.encode())


def _suggest(call: Call, document: Document) -> Document:
    """Push a commit to a branch of the repository or of somebody's fork, and open its pull request if there is none."""
    body, base = call.body, document["default_branch"]
    branch, fork = str(body["branch"]), str(body.get("fork") or "")
    kept = pulls.open_from(document, branch, fork)
    before = kept["head_sha"] if kept else commits.head(document, base)
    files: git.Files = dict(document["commits"][before]["files"])
    _change(document, files, body["files"])
    person = commits.person(call)
    name = git.commit(document, files, [before], body.get("message") or "Change files", person, person)
    if not fork:
        commits.advance(call, document, branch, name)
    number = pulls.suggest(call, document, branch, fork, name)
    repositories.save(call.store, document)
    merge = document["refs"].get(f"pull/{number}/merge", "")
    return {"number": number, "head": name, "merge": merge}


def _pull(call: Call, document: Document) -> None:
    pull = pulls.find(document, str(call.body["number"]))
    if call.body["state"] == "merged":
        pulls.carry_out(call, document, pull, call.body.get("method") or "merge")
    else:
        pull |= {"state": "closed", "closed_at": now(), "updated_at": now()}
    if call.body.get("delete_branch") and f"heads/{pull['head']}" in document["refs"]:
        commits.remove_branch(document, pull["head"])
