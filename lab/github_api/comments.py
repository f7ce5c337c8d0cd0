"""Comments of pull requests, which GitHub keeps with issues."""

from __future__ import annotations

from lab.github_api import people, pulls, repositories
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import identity, node, now

LONGEST = 65536
"""Characters of a comment's body at most."""


def listing(call: Call) -> Answer:
    """``GET …/issues/{issue_number}/comments``, oldest first."""
    document = repositories.find(call)
    number = pulls.find(document, call.path["issue_number"])["number"]
    chosen = [kept for kept in document["comments"].values() if kept["number"] == number]
    chosen.sort(key=lambda kept: int(kept["serial"]))
    return page(call, chosen, lambda kept: _shape(call, document, kept))


def create(call: Call) -> Answer:
    """``POST …/issues/{issue_number}/comments``."""
    document = repositories.find(call, "write")
    number = pulls.find(document, call.path["issue_number"])["number"]
    serial = document["comment_serial"] = document.get("comment_serial", 0) + 1
    moment = now()
    kept = {
        "id": identity("comment", document["owner"], document["name"], serial),
        "serial": serial,
        "number": number,
        "body": _body(call),
        "user": call.login,
        "created_at": moment,
        "updated_at": moment,
    }
    document["comments"][str(kept["id"])] = kept
    repositories.save(call.store, document)
    return Answer(201, _shape(call, document, kept))


def get(call: Call) -> Answer:
    """``GET …/issues/comments/{comment_id}``."""
    document = repositories.find(call)
    return Answer(200, _shape(call, document, _find(call, document)))


def update(call: Call) -> Answer:
    """``PATCH …/issues/comments/{comment_id}``."""
    document = repositories.find(call, "write")
    kept = _find(call, document)
    kept |= {"body": _body(call), "updated_at": now()}
    repositories.save(call.store, document)
    return Answer(200, _shape(call, document, kept))


def remove(call: Call) -> Answer:
    """``DELETE …/issues/comments/{comment_id}``."""
    document = repositories.find(call, "write")
    del document["comments"][str(_find(call, document)["id"])]
    repositories.save(call.store, document)
    return Answer(204)


def _body(call: Call) -> str:
    need(call, "IssueComment", "body")
    body = str(call.body["body"])
    if len(body) > LONGEST:
        raise Refusal(422, f"Validation Failed: body is too long (maximum is {LONGEST} characters)")
    return body


def _find(call: Call, document: Document) -> Document:
    kept: Document | None = document["comments"].get(call.path["comment_id"])
    if kept is None:
        raise not_found()
    return kept


def _shape(call: Call, document: Document, kept: Document) -> Document:
    repository = f"{document['owner']}/{document['name']}"
    issue = f"{call.api}/repos/{repository}/issues"
    return {
        "id": kept["id"],
        "node_id": node("comment", repository, kept["id"]),
        "url": f"{issue}/comments/{kept['id']}",
        "html_url": f"{call.site}/{repository}/pull/{kept['number']}#issuecomment-{kept['id']}",
        "issue_url": f"{issue}/{kept['number']}",
        "body": kept["body"],
        "user": people.simple(call, kept["user"]),
        "created_at": kept["created_at"],
        "updated_at": kept["updated_at"],
        "author_association": "OWNER",
    }
