"""The little of GraphQL that the provider may ask for: who the caller is, and the id of a repository."""

from __future__ import annotations

from lab.github_api.exchange import Answer, Document
from lab.github_api.store import Store, node
from lab.github_api.token import Token


def answer(store: Store, token: Token | None, body: Document) -> Answer:
    """``POST /graphql``. A query that is not understood is answered with an error, as GraphQL does, with status 200."""
    if token is None:
        return Answer(401, {"message": "This endpoint requires you to be authenticated."})
    query, variables = str(body.get("query", "")), body.get("variables") or {}
    data: Document = {}
    if "viewer" in query:
        data["viewer"] = {"login": token.user, "id": node("account", token.user)}
    if "repository" in query and {"owner", "name"} <= variables.keys():
        found = store.read("repositories", str(variables["owner"]), str(variables["name"]))
        data["repository"] = {"id": node("repository", found["owner"], found["name"])} if found else None
    if not data:
        return Answer(200, {"data": None, "errors": [{"type": "NOT_SUPPORTED", "message": "not known to the lab"}]})
    return Answer(200, {"data": data})
