"""Pull requests of a repository, between its own branches."""

from __future__ import annotations

from lab.github_api import commits, git, people, protection, repositories, workflows
from lab.github_api.exchange import Answer, Call, Document, Refusal, invalid, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import identity, node, now


def create(call: Call) -> Answer:
    """``POST …/pulls``. The head is a branch, with or without ``owner:``."""
    document = repositories.find(call, "write")
    need(call, "PullRequest", "title", "head", "base")
    head, base = call.body["head"].removeprefix(f"{document['owner']}:"), call.body["base"]
    for field, name in (("head", head), ("base", base)):
        if f"heads/{name}" not in document["refs"]:
            raise invalid("PullRequest", field, "invalid")
    if _ahead(document, head, base) == 0:
        raise invalid("PullRequest", "head", "custom", f"No commits between {base} and {head}")
    for known in document["pulls"].values():
        if known["state"] == "open" and (known["head"], known["base"]) == (head, base):
            message = f"A pull request already exists for {document['owner']}:{head}."
            raise invalid("PullRequest", "base", "custom", message)
    kept = _open(call, document, head, base, commits.head(document, head))
    workflows.requested(call, document, head, commits.head(document, head))
    repositories.save(call.store, document)
    return Answer(201, _full(call, document, kept))


def open_from(document: Document, branch: str, fork: str) -> Document | None:
    """The open pull request of a branch of the repository, or of somebody's fork; None for none."""
    for kept in document["pulls"].values():
        if (kept["state"], kept["head"], kept.get("fork", "")) == ("open", branch, fork):
            found: Document = kept
            return found
    return None


def suggest(call: Call, document: Document, branch: str, fork: str, head: str) -> int:
    """Let a branch's pull request have this head, opened if there is none; returns its number.

    ``refs/pull/N/head`` and, where both sides can be merged, ``refs/pull/N/merge`` name commits as on GitHub.
    """
    base = document["default_branch"]
    kept = open_from(document, branch, fork) or _open(call, document, branch, base, head, fork)
    kept |= {"head_sha": head, "updated_at": now()}
    number = int(kept["number"])
    document["refs"][f"pull/{number}/head"] = head
    merged = _merged(document, kept)
    if merged is not None:
        person = commits.person(call)
        parents = [commits.head(document, base), head]
        merge = git.commit(document, merged, parents, f"Merge {head} into {parents[0]}", person, person)
        document["refs"][f"pull/{number}/merge"] = merge
    return number


def _open(call: Call, document: Document, head: str, base: str, sha: str, fork: str = "") -> Document:
    number = max(map(int, document["pulls"]), default=0) + 1
    moment = now()
    kept = document["pulls"][str(number)] = {
        "number": number,
        "title": call.body.get("title") or head,
        "body": call.body.get("body") if "title" in call.body else None,
        "head": head,
        "base": base,
        "fork": fork,
        "head_sha": sha,
        "state": "open",
        "draft": bool(call.body.get("draft")),
        "maintainer_can_modify": bool(call.body.get("maintainer_can_modify", True)),
        "user": call.login,
        "created_at": moment,
        "updated_at": moment,
        "closed_at": None,
        "merged_at": None,
        "merged_by": None,
        "merge_commit_sha": None,
    }
    return kept


def listing(call: Call) -> Answer:
    """``GET …/pulls``, newest first, by ``state`` (open unless told), ``head`` (``owner:branch``) and ``base``."""
    document = repositories.find(call)
    state = call.query.get("state", "open")
    chosen = [pull for pull in document["pulls"].values() if state in (pull["state"], "all")]
    if head := call.query.get("head"):
        chosen = [pull for pull in chosen if head == _label(document, pull)]
    if base := call.query.get("base"):
        chosen = [pull for pull in chosen if base == pull["base"]]
    newest = call.query.get("direction", "desc") == "desc"
    chosen.sort(key=lambda pull: int(pull["number"]), reverse=newest)
    return page(call, chosen, lambda pull: _simple(call, document, pull))


def get(call: Call) -> Answer:
    """``GET …/pulls/{pull_number}``."""
    document = repositories.find(call)
    return Answer(200, _full(call, document, find(document, call.path["pull_number"])))


def update(call: Call) -> Answer:
    """``PATCH …/pulls/{pull_number}``: title, body, base and state."""
    document = repositories.find(call, "write")
    pull = find(document, call.path["pull_number"])
    if (base := call.body.get("base")) and f"heads/{base}" not in document["refs"]:
        raise invalid("PullRequest", "base", "invalid")
    state = call.body.get("state", pull["state"])
    if state not in ("open", "closed"):
        raise invalid("PullRequest", "state", "invalid")
    if (
        state == "open"
        and pull["state"] == "closed"
        and (pull["merged_at"] or f"heads/{pull['head']}" not in document["refs"])
    ):
        raise invalid("PullRequest", "state", "custom", "state cannot be changed. The pull request cannot be reopened.")
    pull |= {name: call.body[name] for name in ("title", "body", "base", "maintainer_can_modify") if name in call.body}
    pull |= {
        "state": state,
        "updated_at": now(),
        "closed_at": (pull["closed_at"] or now()) if state == "closed" else None,
    }
    repositories.save(call.store, document)
    return Answer(200, _full(call, document, pull))


def merge(call: Call) -> Answer:
    """``PUT …/pulls/{pull_number}/merge``: a merge commit, or one commit for ``squash`` and ``rebase``."""
    document = repositories.find(call, "write")
    pull = find(document, call.path["pull_number"])
    head = _head(document, pull)
    if call.body.get("sha", head) != head:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    protection.refuse_merge(call, document, pull["base"])
    title, text = call.body.get("commit_title", ""), call.body.get("commit_message", "")
    name = carry_out(call, document, pull, call.body.get("merge_method", "merge"), title, text)
    return Answer(200, {"sha": name, "merged": True, "message": "Pull Request successfully merged"})


def carry_out(
    call: Call, document: Document, pull: Document, method: str = "merge", title: str = "", text: str = ""
) -> str:
    """Merge a pull request, whatever protects its base; returns the commit."""
    head, merged = _head(document, pull), _merged(document, pull)
    if pull["state"] != "open" or merged is None:
        raise Refusal(405, "Pull Request is not mergeable")
    base = commits.head(document, pull["base"])
    parents = [base, head] if method == "merge" else [base]
    title = title or f"Merge pull request #{pull['number']} from {document['owner']}/{pull['head']}"
    message = f"{title}\n\n{text or pull['title']}"
    name = git.commit(document, merged, parents, message, commits.person(call), commits.person(call))
    moment = now()
    pull |= {"state": "closed", "closed_at": moment, "updated_at": moment, "merged_at": moment, "head_sha": head}
    pull |= {"merged_by": call.login, "merge_commit_sha": name, "base_sha": base}
    commits.advance(call, document, pull["base"], name)
    return name


def find(document: Document, number: str) -> Document:
    """A pull request by its number; 404 if there is none."""
    pull: Document | None = document["pulls"].get(number)
    if pull is None:
        raise not_found()
    return pull


def _head(document: Document, pull: Document) -> str:
    """The head's commit: as it is while the request is open, as it was once it is closed."""
    if pull["state"] == "open" and not pull.get("fork"):
        pull["head_sha"] = document["refs"].get(f"heads/{pull['head']}", pull["head_sha"])
    return str(pull["head_sha"])


def _base(document: Document, pull: Document) -> str:
    return str(pull.get("base_sha") or document["refs"].get(f"heads/{pull['base']}", pull["head_sha"]))


def _ahead(document: Document, head: str, base: str) -> int:
    behind = set(git.ancestors(document, commits.head(document, base)))
    return sum(name not in behind for name in git.ancestors(document, commits.head(document, head)))


def _merged(document: Document, pull: Document) -> git.Files | None:
    """The files after a merge, None where both sides changed the same file in different ways."""
    head, base = _head(document, pull), _base(document, pull)
    shared = git.merge_base(document, head, base)
    before: git.Files = document["commits"][shared]["files"] if shared else {}
    ours: git.Files = dict(document["commits"][base]["files"])
    elsewhere = git.changes(before, ours)
    for path, blob in git.changes(before, document["commits"][head]["files"]).items():
        if path in elsewhere and elsewhere[path] != blob:
            return None
        if blob is None:
            ours.pop(path, None)
        else:
            ours[path] = blob
    return ours


def _label(document: Document, pull: Document) -> str:
    return f"{pull.get('fork') or document['owner']}:{pull['head']}"


def _side(call: Call, document: Document, branch: str, sha: str, fork: str = "") -> Document:
    owner = fork or document["owner"]
    repository = repositories.full(call, document)
    if fork:
        repository |= {"fork": True, "full_name": f"{fork}/{document['name']}", "owner": people.simple(call, fork)}
    return {
        "label": f"{owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": people.simple(call, owner),
        "repo": repository,
    }


def _simple(call: Call, document: Document, pull: Document) -> Document:
    repository, number = f"{document['owner']}/{document['name']}", pull["number"]
    api = f"{call.api}/repos/{repository}"
    url, html, issue = f"{api}/pulls/{number}", f"{call.site}/{repository}/pull/{number}", f"{api}/issues/{number}"
    links = {
        "self": url,
        "html": html,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{_head(document, pull)}",
    }
    return {
        "url": url,
        "id": identity("pull", repository, number),
        "node_id": node("pull", repository, number),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "number": number,
        "state": pull["state"],
        "locked": False,
        "title": pull["title"],
        "user": people.simple(call, pull["user"]),
        "body": pull["body"],
        "labels": [],
        "milestone": None,
        "created_at": pull["created_at"],
        "updated_at": pull["updated_at"],
        "closed_at": pull["closed_at"],
        "merged_at": pull["merged_at"],
        "merge_commit_sha": pull["merge_commit_sha"],
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _side(call, document, pull["head"], _head(document, pull), pull.get("fork", "")),
        "base": _side(call, document, pull["base"], _base(document, pull)),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": "OWNER",
        "auto_merge": None,
        "draft": pull["draft"],
    }


def _full(call: Call, document: Document, pull: Document) -> Document:
    merged = _merged(document, pull) if pull["state"] == "open" else None
    base = document["commits"][_base(document, pull)]["files"]
    head = _head(document, pull)
    behind = set(git.ancestors(document, _base(document, pull)))
    comments = [one for one in document["comments"].values() if one["number"] == pull["number"]]
    return {
        **_simple(call, document, pull),
        "merged": pull["merged_at"] is not None,
        "mergeable": merged is not None if pull["state"] == "open" else None,
        "mergeable_state": "unknown" if pull["state"] != "open" else "clean" if merged is not None else "dirty",
        "merged_by": people.simple(call, pull["merged_by"]) if pull["merged_by"] else None,
        "comments": len(comments),
        "review_comments": 0,
        "maintainer_can_modify": pull["maintainer_can_modify"],
        "commits": sum(name not in behind for name in git.ancestors(document, head)),
        "additions": 0,
        "deletions": 0,
        "changed_files": len(git.changes(base, merged)) if merged is not None else 0,
    }
