"""Repositories: create, look up, and what the caller may do with one."""

from __future__ import annotations

from typing import Literal, get_args

from nacl.public import PrivateKey

from lab.github_api import git, people
from lab.github_api.exchange import Answer, Call, Document, Refusal, invalid, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import Store, identity, node, now

Right = Literal["read", "write", "admin"]

RIGHTS: tuple[Right, ...] = get_args(Right)

_LINKS = {
    "archive_url": "{archive_format}{/ref}",
    "assignees_url": "assignees{/user}",
    "blobs_url": "git/blobs{/sha}",
    "branches_url": "branches{/branch}",
    "collaborators_url": "collaborators{/collaborator}",
    "comments_url": "comments{/number}",
    "commits_url": "commits{/sha}",
    "compare_url": "compare/{base}...{head}",
    "contents_url": "contents/{+path}",
    "contributors_url": "contributors",
    "deployments_url": "deployments",
    "downloads_url": "downloads",
    "events_url": "events",
    "forks_url": "forks",
    "git_commits_url": "git/commits{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "hooks_url": "hooks",
    "issue_comment_url": "issues/comments{/number}",
    "issue_events_url": "issues/events{/number}",
    "issues_url": "issues{/number}",
    "keys_url": "keys{/key_id}",
    "labels_url": "labels{/name}",
    "languages_url": "languages",
    "merges_url": "merges",
    "milestones_url": "milestones{/number}",
    "notifications_url": "notifications{?since,all,participating}",
    "pulls_url": "pulls{/number}",
    "releases_url": "releases{/id}",
    "stargazers_url": "stargazers",
    "statuses_url": "statuses/{sha}",
    "subscribers_url": "subscribers",
    "subscription_url": "subscription",
    "tags_url": "tags",
    "teams_url": "teams",
    "trees_url": "git/trees{/sha}",
}
"""Further addresses that a repository lists, below its own."""


def new(
    store: Store, owner: str, name: str, *, private: bool = False, branch: str = "main", about: str = ""
) -> Document:
    """Keep an empty repository and return its document."""
    moment = now()
    document: Document = {
        "owner": owner,
        "name": name,
        "private": private,
        "description": about or None,
        "default_branch": branch,
        "archived": False,
        "created_at": moment,
        "updated_at": moment,
        "pushed_at": moment,
        "blobs": {},
        "commits": {},
        "refs": {},
        "pulls": {},
        "comments": {},
        "secrets": {},
        "secret_key": bytes(PrivateKey.generate()).hex(),
        "actions": {"enabled": True, "allowed_actions": "all"},
        "workflow_permissions": {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False},
        "workflows": {},
        "runs": [],
    }
    save(store, document)
    return document


def save(store: Store, document: Document) -> None:
    """Keep a changed repository."""
    store.write(document, "repositories", document["owner"], document["name"])


def seed(store: Store, document: Document, files: dict[str, bytes], message: str = "Initial commit") -> str:
    """Commit files to the default branch, beside those already there, as the lab; returns the commit."""
    branch = f"heads/{document['default_branch']}"
    parents = [document["refs"][branch]] if branch in document["refs"] else []
    kept: git.Files = dict(document["commits"][parents[0]]["files"]) if parents else {}
    kept |= {path: git.blob(document, content) for path, content in files.items()}
    person = {"name": "lab", "email": "lab@users.noreply.github.com", "date": now()}
    document["refs"][branch] = git.commit(document, kept, parents, message, person, person)
    save(store, document)
    return str(document["refs"][branch])


def find(call: Call, right: Right = "read") -> Document:
    """The repository that the call names, if the caller may do so much with it.

    GitHub answers 404 where the caller must not learn of it, and 403 where it is seen but may not be changed.
    """
    document = call.store.read("repositories", call.path["owner"], call.path["repo"])
    if document is None:
        raise not_found()
    held = _rights(call, document)
    if "read" not in held:
        raise not_found()
    if right not in held:
        if call.token and not call.token.classic:
            raise Refusal(403, call.token.inaccessible)
        what = "admin rights to" if right == "admin" else "push access to"
        raise Refusal(403, f"Must have {what} Repository.")
    return document


def get(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}``."""
    document = find(call)
    return Answer(200, full(call, document))


def create(call: Call) -> Answer:
    """``POST /orgs/{org}/repos``, with ``auto_init`` for a first commit."""
    organization = call.store.read("organizations", call.path["org"])
    if organization is None:
        raise not_found()
    if call.login not in organization["owners"]:
        raise Refusal(403, "You need admin access to the organization before adding a repository to it.")
    need(call, "Repository", "name")
    name = call.body["name"]
    if call.store.read("repositories", organization["login"], name):
        raise invalid("Repository", "name", "custom", "name already exists on this account")
    private = call.body.get("private", call.body.get("visibility") == "private")
    document = new(call.store, organization["login"], name, private=private, about=call.body.get("description") or "")
    if call.body.get("auto_init"):
        seed(call.store, document, {"README.md": f"# {name}\n".encode()})
    return Answer(201, full(call, document))


def listing(call: Call) -> Answer:
    """``GET /orgs/{org}/repos``: those that the caller may see, sorted by name."""
    if call.store.read("organizations", call.path["org"]) is None:
        raise not_found()
    return page(call, seen(call, call.path["org"]), lambda one: minimal(call, one))


def installed(call: Call) -> Answer:
    """``GET /installation/repositories``: those of an App's installation, which its token alone may ask for."""
    if call.token is None or not call.token.integration:
        raise Refusal(403, "You must authenticate with an installation access token in order to list repositories.")
    found = [
        one
        for owner in call.store.folders("repositories")
        for one in seen(call, owner)
        if call.token.covers(f"{one['owner']}/{one['name']}")
    ]
    return page(call, found, lambda one: full(call, one), key="repositories")


def minimal(call: Call, document: Document) -> Document:
    """A repository as other objects name it."""
    owner, name = document["owner"], document["name"]
    url = f"{call.api}/repos/{owner}/{name}"
    html = f"{call.site}/{owner}/{name}"
    host = call.site.partition("://")[2]
    held = _rights(call, document)
    open_pulls = sum(pull["state"] == "open" for pull in document["pulls"].values())
    return {
        "id": identity("repository", owner, name),
        "node_id": node("repository", owner, name),
        "name": name,
        "full_name": f"{owner}/{name}",
        "owner": people.simple(call, owner),
        "private": document["private"],
        "visibility": "private" if document["private"] else "public",
        "html_url": html,
        "description": document["description"],
        "fork": False,
        "url": url,
        **{key: f"{url}/{template}" for key, template in _LINKS.items()},
        "git_url": f"git://{host}/{owner}/{name}.git",
        "ssh_url": f"git@{host}:{owner}/{name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "size": sum(len(text) for text in document["blobs"].values()) * 3 // 4 // 1024,
        "default_branch": document["default_branch"],
        "open_issues_count": open_pulls,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "archived": document["archived"],
        "disabled": False,
        "pushed_at": document["pushed_at"],
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
        "permissions": {
            "admin": "admin" in held,
            "maintain": "admin" in held,
            "push": "write" in held,
            "triage": "write" in held,
            "pull": "read" in held,
        },
        "forks": 0,
        "open_issues": open_pulls,
        "watchers": 0,
    }


def full(call: Call, document: Document) -> Document:
    """A repository as its own page shows it."""
    return {
        **minimal(call, document),
        "subscribers_count": 0,
        "network_count": 0,
        "license": None,
        "organization": people.simple(call, document["owner"]),
        "allow_rebase_merge": True,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
    }


def administers(call: Call, document: Document) -> bool:
    """Whether the caller is a user who administers the repository; an App never is."""
    return call.token is not None and not call.token.integration and "admin" in _rights(call, document)


def by_id(store: Store, number: str) -> Document | None:
    """The repository with this id, None for none; callers are given ids by ``minimal``."""
    for owner in store.folders("repositories"):
        for document in store.documents("repositories", owner):
            if str(identity("repository", document["owner"], document["name"])) == number:
                return document
    return None


def seen(call: Call, owner: str) -> list[Document]:
    """The repositories of an owner that the caller may see, sorted by name."""
    return [one for one in call.store.documents("repositories", owner) if "read" in _rights(call, one)]


def _rights(call: Call, document: Document) -> set[Right]:
    token = call.token
    held: set[Right] = set() if document["private"] else {"read"}
    if token is None or not token.covers(f"{document['owner']}/{document['name']}"):
        return held
    if token.integration:  # what it may do is for its permissions to say
        return {"read", "write", "admin"}
    users = _users(call, document, token.user)
    if token.classic and "repo" not in token.scopes:
        return held | (users if "public_repo" in token.scopes and not document["private"] else set())
    return held | users


def _users(call: Call, document: Document, user: str) -> set[Right]:
    if user in (*people.owners(call.store, document["owner"]), document["owner"]):
        return {"read", "write", "admin"}
    right = document.get("collaborators", {}).get(user)
    return set(RIGHTS[: RIGHTS.index(right) + 1]) if right else set()
