"""Files of a repository: read at any reference, created, changed and removed by a commit each."""

from __future__ import annotations

import base64
import binascii
import textwrap
from typing import Any
from urllib.parse import quote

from lab.github_api import commits, git, protection, repositories
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found

WORKFLOWS = ".github/workflows/"
"""The folder that a token without the scope ``workflow`` cannot write."""


def get(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/contents/{path}``: a file, or the list of a folder, at ``ref``."""
    document = repositories.find(call)
    ref = call.query.get("ref") or document["default_branch"]
    commit = git.resolve(document, ref)
    if commit is None:
        raise Refusal(404, f"No commit found for the ref {ref}") if call.query.get("ref") else not_found()
    files: git.Files = document["commits"][commit]["files"]
    path = call.path["path"].strip("/")
    if path in files:
        return Answer(200, _file(call, document, path, ref, files[path]))
    listed = _folder(call, document, files, path, ref)
    if path and not listed:
        raise not_found()
    return Answer(200, listed)


def put(call: Call) -> Answer:
    """``PUT``: create (201) or, with the ``sha`` of the file as it is, change (200)."""
    document, path, branch = _target(call)
    need(call, "Content", "message")
    if not isinstance(call.body.get("content"), str):
        raise Refusal(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
    try:
        content = base64.b64decode("".join(call.body["content"].split()), validate=True)
    except binascii.Error:
        raise Refusal(422, "content is not valid Base64") from None
    files = _files(document, branch)
    old = files.get(path)
    if old:
        _agree(call, path, old)
    protection.refuse_file(call, document, branch, "update" if old else "create")
    files[path] = git.blob(document, content)
    name = _commit(call, document, branch, files)
    body = {
        "content": _file(call, document, path, branch, files[path], whole=False),
        "commit": commits.short(call, document, name),
    }
    return Answer(200 if old else 201, body)


def remove(call: Call) -> Answer:
    """``DELETE``, with the ``sha`` of the file as it is."""
    document, path, branch = _target(call)
    need(call, "Content", "message")
    files = _files(document, branch)
    old = files.pop(path, None)
    if old is None:
        raise not_found()
    _agree(call, path, old)
    protection.refuse_file(call, document, branch, "delete")
    name = _commit(call, document, branch, files)
    return Answer(200, {"content": None, "commit": commits.short(call, document, name)})


def no_workflows(call: Call) -> Refusal:
    """How a token is refused that may not change workflows: a classic one learns of nothing."""
    if call.token is None or call.token.classic:
        return Refusal(404, "Not Found", headers={"X-Accepted-OAuth-Scopes": "repo, workflow"})
    return Refusal(403, call.token.inaccessible, headers={"X-Accepted-GitHub-Permissions": "workflows=write"})


def _target(call: Call) -> tuple[Document, str, str]:
    document = repositories.find(call, "write")
    path = call.path["path"].strip("/")
    if path.startswith(WORKFLOWS) and (call.token is None or not call.token.writes_workflows):
        raise no_workflows(call)
    return document, path, call.body.get("branch") or document["default_branch"]


def _files(document: Document, branch: str) -> git.Files:
    if not document["refs"] and branch == document["default_branch"]:
        return {}
    return dict(document["commits"][commits.head(document, branch)]["files"])


def _agree(call: Call, path: str, old: str) -> None:
    given = call.body.get("sha")
    if not given:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given != old:
        raise Refusal(409, f"{path} does not match {given}")


def _commit(call: Call, document: Document, branch: str, files: git.Files) -> str:
    parents = [commits.head(document, branch)] if document["refs"] else []
    author = commits.person(call, call.body.get("author") or call.body.get("committer"))
    committer = commits.person(call, call.body.get("committer") or call.body.get("author"))
    name = git.commit(document, files, parents, call.body["message"], author, committer)
    commits.advance(call, document, branch, name)
    return name


def _file(call: Call, document: Document, path: str, ref: str, blob: str, *, whole: bool = True) -> Document:
    content = git.content(document, blob)
    entry = _entry(call, document, path, ref, "file", blob, len(content))
    if whole:  # GitHub breaks the lines of base64 after 60 characters
        text = "".join(f"{line}\n" for line in textwrap.wrap(base64.b64encode(content).decode(), 60))
        entry |= {"content": text, "encoding": "base64"}
    return entry


def _folder(call: Call, document: Document, files: git.Files, path: str, ref: str) -> list[Document]:
    inside = {
        known.removeprefix(f"{path}/" if path else ""): blob for known, blob in files.items() if _below(path, known)
    }
    entries: dict[str, Any] = {}
    for rest, blob in sorted(inside.items()):
        name, _, deeper = rest.partition("/")
        full = f"{path}/{name}".strip("/")
        if deeper:
            below = {known: kept for known, kept in files.items() if _below(full, known)}
            tree = git.tree({known.removeprefix(f"{full}/"): kept for known, kept in below.items()})
            entries[name] = _entry(call, document, full, ref, "dir", tree, 0)
        else:
            entries[name] = _entry(call, document, full, ref, "file", blob, len(git.content(document, blob)))
    return [entries[name] for name in sorted(entries)]


def _below(path: str, known: str) -> bool:
    return not path or known.startswith(f"{path}/")


def _entry(call: Call, document: Document, path: str, ref: str, kind: str, sha: str, size: int) -> Document:
    repository = f"{document['owner']}/{document['name']}"
    url = f"{call.api}/repos/{repository}/contents/{quote(path)}?ref={quote(ref, safe='')}"
    store = "blobs" if kind == "file" else "trees"
    git_url = f"{call.api}/repos/{repository}/git/{store}/{sha}"
    html = f"{call.site}/{repository}/{'blob' if kind == 'file' else 'tree'}/{quote(ref)}/{quote(path)}"
    raw = f"{call.site}/{repository}/raw/{quote(ref)}/{quote(path)}"
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": size,
        "url": url,
        "git_url": git_url,
        "html_url": html,
        "download_url": raw if kind == "file" else None,
        "_links": {"self": url, "git": git_url, "html": html},
    }
