"""Commits, branches and references of a repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.github_api import git, people, protection, repositories, workflows
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import node, now

UNVERIFIED: Document = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def person(call: Call, given: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Who makes a commit: the one the body names, else the caller, at this second."""
    chosen = given or {}
    return {
        "name": chosen.get("name") or call.login,
        "email": chosen.get("email") or f"{call.login}@users.noreply.github.com",
        "date": chosen.get("date") or now(),
    }


def advance(call: Call, document: Document, branch: str, name: str) -> None:
    """Let a branch name another commit, as a push does; workflows that listen to pushes run."""
    document["refs"][f"heads/{branch}"] = name
    document["pushed_at"] = document["updated_at"] = now()
    workflows.pushed(call, document, branch, name)
    repositories.save(call.store, document)


def head(document: Document, branch: str) -> str:
    """The commit of a branch; 404 if there is no such branch."""
    name = document["refs"].get(f"heads/{branch}")
    if name is None:
        raise Refusal(404, f"Branch {branch} not found")
    return str(name)


def get(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits/{ref}``."""
    document = repositories.find(call)
    name = git.resolve(document, call.path["ref"])
    if name is None:
        raise Refusal(422, f"No commit found for SHA: {call.path['ref']}")
    return Answer(200, full(call, document, name))


def listing(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits``: of ``sha`` (the default branch without it), of one ``path`` if given."""
    document = repositories.find(call)
    if not document["refs"]:
        raise Refusal(409, "Git Repository is empty.")
    start = git.resolve(document, call.query.get("sha") or document["default_branch"])
    if start is None:
        raise not_found()
    names = git.ancestors(document, start)
    if wanted := call.query.get("path"):
        names = [name for name in names if wanted in _changes(document, name)]
    return page(call, names, lambda name: _entry(call, document, name))


def branch(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/branches/{branch}``."""
    document = repositories.find(call)
    name = call.path["branch"]
    if f"heads/{name}" not in document["refs"]:
        raise Refusal(404, "Branch not found")
    url = f"{_url(call, document)}/branches/{name}"
    body = {
        "name": name,
        "commit": full(call, document, head(document, name)),
        "_links": {"self": url, "html": f"{_html(call, document)}/tree/{name}"},
        "protected": protection.kept(document, name) is not None,
        "protection": protection.summary(document, name),
        "protection_url": f"{url}/protection",
    }
    return Answer(200, body)


def branches(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/branches``, sorted by name."""
    document = repositories.find(call)
    names = sorted(ref.removeprefix("heads/") for ref in document["refs"] if ref.startswith("heads/"))
    return page(call, names, lambda name: _short(call, document, name))


def reference(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/git/ref/{ref}``, such as ``heads/main``."""
    document = repositories.find(call)
    if not document["refs"]:
        raise Refusal(409, "Git Repository is empty.")
    ref = call.path["ref"]
    if ref not in document["refs"]:
        raise not_found()
    return Answer(200, _reference(call, document, ref))


def create_reference(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/git/refs``."""
    document = repositories.find(call, "write")
    need(call, "Reference", "ref", "sha")
    ref = call.body["ref"]
    if not ref.startswith("refs/") or ref.count("/") < 2:
        raise Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.")
    if call.body["sha"] not in document["commits"]:
        raise Refusal(422, "Object does not exist")
    short = ref.removeprefix("refs/")
    if short in document["refs"]:
        raise Refusal(422, "Reference already exists")
    document["refs"][short] = call.body["sha"]
    if short.startswith("tags/"):
        workflows.tagged(call, document, short.removeprefix("tags/"), call.body["sha"])
    repositories.save(call.store, document)
    return Answer(201, _reference(call, document, short))


def update_reference(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/git/refs/{ref}``: forward only, unless forced."""
    document = repositories.find(call, "write")
    need(call, "Reference", "sha")
    ref, name = call.path["ref"], call.body["sha"]
    if ref not in document["refs"]:
        raise Refusal(422, "Reference does not exist")
    if name not in document["commits"]:
        raise Refusal(422, "Object does not exist")
    if not call.body.get("force") and document["refs"][ref] not in git.ancestors(document, name):
        raise Refusal(422, "Update is not a fast forward")
    if ref.startswith("heads/"):
        protection.refuse_reference(call, document, ref.removeprefix("heads/"))
        advance(call, document, ref.removeprefix("heads/"), name)
    else:
        document["refs"][ref] = name
        repositories.save(call.store, document)
    return Answer(200, _reference(call, document, ref))


def remove_reference(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/git/refs/{ref}``; the default branch stays. It closes open pull requests."""
    document = repositories.find(call, "write")
    ref = call.path["ref"]
    if ref not in document["refs"]:
        raise Refusal(422, "Reference does not exist")
    if ref == f"heads/{document['default_branch']}":
        raise Refusal(422, "Cannot delete the default branch")
    protection.refuse_removal(document, ref.removeprefix("heads/"))
    if ref.startswith("heads/"):
        remove_branch(document, ref.removeprefix("heads/"))
    else:
        del document["refs"][ref]
    repositories.save(call.store, document)
    return Answer(204)


def remove_branch(document: Document, branch: str) -> None:
    """Take a branch away, which closes its open pull requests."""
    ref = f"heads/{branch}"
    del document["refs"][ref]
    for pull in document["pulls"].values():
        if pull["state"] == "open" and ref in (f"heads/{pull['head']}", f"heads/{pull['base']}"):
            pull |= {"state": "closed", "closed_at": now(), "updated_at": now()}


def full(call: Call, document: Document, name: str) -> Document:
    """A commit with the files that it changed."""
    files = [_file(call, document, name, path, new) for path, new in _changes(document, name).items()]
    added, removed = sum(file["additions"] for file in files), sum(file["deletions"] for file in files)
    return {
        **_entry(call, document, name),
        "stats": {"additions": added, "deletions": removed, "total": added + removed},
        "files": files,
    }


def short(call: Call, document: Document, name: str) -> Document:
    """A commit as the answer to a change of a file names it."""
    kept = document["commits"][name]
    url = f"{_url(call, document)}/git/commits"
    html = f"{_html(call, document)}/commit"
    return {
        "sha": name,
        "node_id": node("commit", name),
        "url": f"{url}/{name}",
        "html_url": f"{html}/{name}",
        "author": kept["author"],
        "committer": kept["committer"],
        "message": kept["message"],
        "tree": {"sha": kept["tree"], "url": f"{_url(call, document)}/git/trees/{kept['tree']}"},
        "parents": [{"sha": p, "url": f"{url}/{p}", "html_url": f"{html}/{p}"} for p in kept["parents"]],
        "verification": UNVERIFIED,
    }


def _entry(call: Call, document: Document, name: str) -> Document:
    kept = document["commits"][name]
    url, html = f"{_url(call, document)}/commits", f"{_html(call, document)}/commit"
    return {
        "url": f"{url}/{name}",
        "sha": name,
        "node_id": node("commit", name),
        "html_url": f"{html}/{name}",
        "comments_url": f"{url}/{name}/comments",
        "commit": {
            "url": f"{_url(call, document)}/git/commits/{name}",
            "author": kept["author"],
            "committer": kept["committer"],
            "message": kept["message"],
            "comment_count": 0,
            "tree": {"sha": kept["tree"], "url": f"{_url(call, document)}/git/trees/{kept['tree']}"},
            "verification": UNVERIFIED,
        },
        "author": _known(call, kept["author"]["name"]),
        "committer": _known(call, kept["committer"]["name"]),
        "parents": [{"sha": p, "url": f"{url}/{p}", "html_url": f"{html}/{p}"} for p in kept["parents"]],
    }


def _known(call: Call, name: str) -> Document | None:
    return people.simple(call, name) if call.store.read("users", name) else None


def _changes(document: Document, name: str) -> dict[str, str | None]:
    kept = document["commits"][name]
    before = document["commits"][kept["parents"][0]]["files"] if kept["parents"] else {}
    return git.changes(before, kept["files"])


def _file(call: Call, document: Document, name: str, path: str, new: str | None) -> Document:
    parents = document["commits"][name]["parents"]
    old = document["commits"][parents[0]]["files"].get(path) if parents else None
    added, removed = _lines(document, new), _lines(document, old)
    return {
        "sha": new or old,
        "filename": path,
        "status": "removed" if new is None else "modified" if old else "added",
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
        "blob_url": f"{_html(call, document)}/blob/{name}/{path}",
        "raw_url": f"{_html(call, document)}/raw/{name}/{path}",
        "contents_url": f"{_url(call, document)}/contents/{path}?ref={name}",
    }


def _lines(document: Document, name: str | None) -> int:
    """Lines of a blob: a changed file counts as wholly removed and wholly added."""
    return len(git.content(document, name).splitlines()) if name else 0


def _short(call: Call, document: Document, name: str) -> Document:
    commit = head(document, name)
    return {
        "name": name,
        "commit": {"sha": commit, "url": f"{_url(call, document)}/commits/{commit}"},
        "protected": protection.kept(document, name) is not None,
    }


def _reference(call: Call, document: Document, ref: str) -> Document:
    name = document["refs"][ref]
    return {
        "ref": f"refs/{ref}",
        "node_id": node("reference", document["owner"], document["name"], ref),
        "url": f"{_url(call, document)}/git/refs/{ref}",
        "object": {"type": "commit", "sha": name, "url": f"{_url(call, document)}/git/commits/{name}"},
    }


def _url(call: Call, document: Document) -> str:
    return f"{call.api}/repos/{document['owner']}/{document['name']}"


def _html(call: Call, document: Document) -> str:
    return f"{call.site}/{document['owner']}/{document['name']}"
