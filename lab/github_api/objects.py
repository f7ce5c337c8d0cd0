"""Git's objects by themselves: trees and commits that no branch names yet."""

from __future__ import annotations

from lab.github_api import commits, git, repositories
from lab.github_api.contents import WORKFLOWS, no_workflows
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found


def tree(call: Call) -> Answer:
    """``GET …/git/trees/{tree_sha}``, by the name of a tree, commit, branch or ``HEAD``, the default branch.

    With ``recursive`` files alone, by whole paths.
    """
    document = repositories.find(call)
    if not document["refs"]:
        raise Refusal(409, "Git Repository is empty.")
    wanted = document["default_branch"] if call.path["tree_sha"] == "HEAD" else call.path["tree_sha"]
    files = _files(document, git.resolve(document, wanted) or wanted)
    if files is None:
        raise not_found()
    return Answer(200, _listing(call, document, files, whole=bool(call.query.get("recursive"))))


def create_tree(call: Call) -> Answer:
    """``POST …/git/trees``: ``base_tree`` with entries put in place; ``sha: null`` takes a file out."""
    document = repositories.find(call, "write")
    files: git.Files = {}
    if base := call.body.get("base_tree"):
        found = _files(document, base)
        if found is None:
            raise Refusal(422, "base_tree is not a valid tree oid")
        files = dict(found)
    if not isinstance(call.body.get("tree"), list):
        raise Refusal(422, 'Invalid request.\n\n"tree" wasn\'t supplied.')
    for entry in call.body["tree"]:
        path = entry["path"]
        if path.startswith(WORKFLOWS) and (call.token is None or not call.token.writes_workflows):
            raise no_workflows(call)
        if "content" in entry:
            files[path] = git.blob(document, entry["content"].encode())
        elif entry.get("sha") is None:
            if files.pop(path, None) is None:
                raise Refusal(422, "GitRPC::BadObjectState")
        elif entry["sha"] in document["blobs"]:
            files[path] = entry["sha"]
        else:
            raise Refusal(422, f"tree.sha {entry['sha']} is not a valid blob")
    document.setdefault("trees", {})[git.tree(files)] = files
    repositories.save(call.store, document)
    return Answer(201, _listing(call, document, files, whole=False))


def create_commit(call: Call) -> Answer:
    """``POST …/git/commits``: of a tree, after its parents."""
    document = repositories.find(call, "write")
    need(call, "Commit", "message", "tree")
    files = _files(document, call.body["tree"])
    if files is None:
        raise Refusal(422, "Tree SHA does not exist")
    parents = call.body.get("parents", [])
    if any(parent not in document["commits"] for parent in parents):
        raise Refusal(422, "Parent SHA does not exist or is not a commit object")
    author = commits.person(call, call.body.get("author"))
    committer = commits.person(call, call.body.get("committer") or call.body.get("author"))
    name = git.commit(document, dict(files), parents, call.body["message"], author, committer)
    repositories.save(call.store, document)
    return Answer(201, commits.short(call, document, name))


def _files(document: Document, name: str) -> git.Files | None:
    """The files of a tree, with paths as seen from it."""
    tops: list[git.Files] = [*document.get("trees", {}).values()]
    for commit, kept in document["commits"].items():
        if name == commit:
            return dict(kept["files"])
        tops.append(kept["files"])
    for files in tops:
        folders = {"", *(path[: at + 1] for path in files for at, sign in enumerate(path) if sign == "/")}
        for folder in folders:
            inside = {path.removeprefix(folder): blob for path, blob in files.items() if path.startswith(folder)}
            if git.tree(inside) == name:
                return inside
    return None


def _listing(call: Call, document: Document, files: git.Files, *, whole: bool) -> Document:
    url = f"{call.api}/repos/{document['owner']}/{document['name']}/git"
    entries: dict[str, Document] = {}
    for path, blob in sorted(files.items()):
        head, deeper, _ = path.partition("/")
        if whole or not deeper:
            size = len(git.content(document, blob))
            entry = {"path": path, "mode": "100644", "type": "blob", "sha": blob, "size": size}
            entries[path] = {**entry, "url": f"{url}/blobs/{blob}"}
        elif head not in entries:
            inside = {
                each.removeprefix(f"{head}/"): kept for each, kept in files.items() if each.startswith(f"{head}/")
            }
            sha = git.tree(inside)
            entries[head] = {"path": head, "mode": "040000", "type": "tree", "sha": sha, "url": f"{url}/trees/{sha}"}
    sha = git.tree(files)
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": list(entries.values()), "truncated": False}
