"""One call and its answer: what every route receives, returns and raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.github_api.registry import Registry
from lab.github_api.store import Store
from lab.github_api.token import Token

Document = dict[str, Any]
"""A JSON object."""

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Call:
    """A request, after authentication and routing.

    ``token`` is None for an anonymous one. ``site`` is the stand-in's own root and ``api`` the root of the REST API
    as the caller wrote it (with or without ``/api/v3``), both without a slash at the end. ``path`` holds the decoded
    parameters of the route's template; ``body`` is empty where none was sent.
    """

    store: Store
    registry: Registry
    token: Token | None
    site: str
    api: str
    route: str
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Document = field(default_factory=dict)

    @property
    def login(self) -> str:
        """The caller's user name, ``ghost`` for nobody, which is what GitHub shows for a user that is gone."""
        return self.token.user if self.token else "ghost"


@dataclass(frozen=True)
class Answer:
    """A response: its status, its JSON body (None for an empty one) and its own headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A call that GitHub answers with an error: its status, message and, for 422, the offending fields."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Document] = (),
        headers: Mapping[str, str] | None = None,
        documentation: str = DOCUMENTATION,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.documentation = documentation

    def answer(self) -> Answer:
        """The response in the shape that all of GitHub's errors have."""
        body: Document = {"message": self.message, "documentation_url": self.documentation, "status": str(self.status)}
        if self.errors:
            body["errors"] = list(self.errors)
        return Answer(self.status, body, self.headers)


def not_found() -> Refusal:
    """What is not there, or not for the caller's eyes: GitHub does not tell the two apart."""
    return Refusal(404, "Not Found")


def invalid(resource: str, field_name: str, code: str, message: str = "") -> Refusal:
    """A body whose field breaks a rule of GitHub's."""
    error: Document = {"resource": resource, "field": field_name, "code": code}
    if message:
        error["message"] = message
    return Refusal(422, "Validation Failed", errors=[error])


def need(call: Call, resource: str, *names: str) -> None:
    """Refuse a body that lacks a required field; all of them are named at once."""
    missing = [name for name in names if call.body.get(name) in (None, "")]
    if missing:
        errors = [{"resource": resource, "field": name, "code": "missing_field"} for name in missing]
        raise Refusal(422, "Validation Failed", errors=errors)
