"""The service: from an HTTP request to a route and back, with what GitHub puts around every answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, deque
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lab.github_api import admin, graphql, limits, people, repositories, seeds, tokens
from lab.github_api.description import Description
from lab.github_api.exchange import Answer, Call, Document, Refusal, not_found
from lab.github_api.faults import Faults, no_sso
from lab.github_api.registry import Registry
from lab.github_api.routes import CLOSED, PEOPLE, Route, match
from lab.github_api.store import Store
from lab.github_api.token import Token

ENTERPRISE = "/api/v3"
"""Where the REST API of a GitHub Enterprise Server is, which the provider adds to any base URL but github.com's."""


CALLS = 100_000
"""Calls that the log keeps at most, the newest."""


class Service:
    """The stand-in as an ASGI application.

    ``state`` is the lab's folder. With a ``description`` every exchange is held to it, and what breaks it is kept in
    ``violations``. Handlers run one at a time, so that none sees another's half-made change.
    """

    def __init__(self, state: Path, description: Description | None = None, *, log: bool = False) -> None:
        self.store = Store(state / "github")
        self.registry = Registry(state)
        self.faults = Faults()
        self.counters: Counter[str] = Counter()
        self.calls: deque[Document] = deque(maxlen=CALLS)
        self.violations: list[str] = []
        self.description = description
        self.log = log
        seeds.plant(self.store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = str(scope.get("raw_path", scope["path"].encode()).decode("ascii")).partition("?")[0]
        text = await request.body()
        short = path.removeprefix(ENTERPRISE) if path.startswith(f"{ENTERPRISE}/") else path
        if short.startswith("/_lab/"):
            await _response(request, self._answer(request, path, text)[0])(scope, receive, send)
            return
        fault = self.faults.take(request.method, short)
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault and fault.status:
            route = match(request.method, _named(self.store, short))
            if fault.after:
                self._answer(request, path, text)
            answer, template, user = fault.answer(), route[0].template if route else short, ""
        else:
            answer, template, user = self._answer(request, path, text)
        response = _response(request, answer)
        told = {"template": template, "path": short, "status": response.status_code, "user": user}
        self.calls.append({"method": request.method, **told})
        if self.log:
            print(f"{request.method} {path} {response.status_code}", flush=True)
        await response(scope, receive, send)

    def _answer(self, request: Request, path: str, text: bytes) -> tuple[Answer, str, str]:
        """The answer, with the template of its path (the path where there is none) and the caller's name."""
        site = str(request.base_url).rstrip("/")
        headers = limits.headers()
        prefix = ENTERPRISE if path.startswith(f"{ENTERPRISE}/") else ""
        short = _named(self.store, path.removeprefix(prefix))
        template, user = short, ""
        try:
            body = _body(text)
            if path.startswith("/_lab/"):
                return admin.answer(self, request.method, path, body, site), template, user
            token = tokens.authenticate(self.store, request.headers.get("authorization", ""))
            if token:
                user = token.user
                headers |= _told(token)
            if path in ("/api/graphql", "/graphql"):
                return graphql.answer(self.store, token, body), template, user
            found = match(request.method, short)
            template = found[0].template if found else short
            self.counters[f"{request.method} {template}"] += 1
            if found is None:
                raise not_found()
            route, parameters = found
            if token is None or token.classic:
                accepted = route.scopes or (("repo",) if template.startswith("/repos/") else ())
                headers["X-Accepted-OAuth-Scopes"] = ", ".join(accepted)
            call = Call(
                store=self.store,
                registry=self.registry,
                token=token,
                site=site,
                api=site + prefix,
                route=short,
                path=parameters,
                query=dict(request.query_params),
                body=body,
            )
            return self._held(route, call, body if text else None, headers), template, user
        except Refusal as refusal:
            answer = refusal.answer()
            return Answer(answer.status, answer.body, {**headers, **answer.headers}), template, user
        except KeyError as missing:
            return Answer(400, {"message": f"the body lacks {missing}"}, headers), template, user

    def _held(self, route: Route, call: Call, body: Document | None, headers: dict[str, str]) -> Answer:
        """Answer a routed call, and hold the exchange to GitHub's description."""
        try:
            _permit(route, call)
            answer = route.handler(call)
        except Refusal as refusal:
            answer = refusal.answer()
        if self.description:
            self.violations += self.description.violations(route.method, route.template, body, answer)
        return Answer(answer.status, answer.body, {**headers, **answer.headers})


def _named(store: Store, path: str) -> str:
    """A path by a repository's name: GitHub takes its id as well, as the provider gives it for environments."""
    found = re.match(r"/repositories/(\d+)(/.*)?$", path)
    document = repositories.by_id(store, found[1]) if found else None
    return f"/repos/{document['owner']}/{document['name']}{found[2] or ''}" if found and document else path


def _told(token: Token) -> dict[str, str]:
    """What an answer says of the token itself: scopes for a classic one alone."""
    told = {"X-OAuth-Scopes": ", ".join(sorted(token.scopes))} if token.classic else {}
    return told | ({"github-authentication-token-expiration": token.expires} if token.expires else {})


def _permit(route: Route, call: Call) -> None:
    """Refuse a token that is not of the kind, or has not the scopes or permissions, that the operation wants."""
    token = call.token
    if token is None:
        if not route.anonymous:
            raise Refusal(401, "Requires authentication")
        return
    _authorized(token, call)
    if token.classic:
        missing = [scope for scope in route.scopes if not token.has(scope)]
        if "admin:org" in missing:
            raise people.no_owner(call)
        if missing:
            raise Refusal(403, f"You need at least {missing[0]} scope to {route.purpose or 'do this'}.")
    elif route.permission == CLOSED and token.integration and route.template.endswith("/packages"):
        raise Refusal(400, "Invalid argument.")  # seen, rather than documented: github.com/cli/cli/issues/9606
    elif route.permission == CLOSED or (route.permission == PEOPLE and token.integration):
        raise Refusal(403, token.inaccessible)
    elif route.permission != PEOPLE and not token.permits(route.permission) and not (route.anonymous and _public(call)):
        wanted = route.permission.replace(":", "=")
        raise Refusal(403, token.inaccessible, headers={"X-Accepted-GitHub-Permissions": wanted})


def _authorized(token: Token, call: Call) -> None:
    """Refuse a token that its user has not authorised for the single sign-on of the organisation that is concerned."""
    if call.route.startswith("/user/"):  # where GitHub leaves out what is protected
        return
    for organization in token.unauthorized:
        if organization.lower() in (call.path.get(name, "").lower() for name in ("owner", "org", "username")):
            fault = no_sso(organization)
            raise Refusal(fault.status, fault.message, headers=fault.headers)


def _public(call: Call) -> bool:
    document = call.store.read("repositories", call.path.get("owner", ""), call.path.get("repo", ""))
    return document is not None and not document["private"]


def _body(text: bytes) -> Document:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refusal(400, "Body should be a JSON object")
    return found


def _response(request: Request, answer: Answer) -> Response:
    headers = {"X-GitHub-Request-Id": "LAB", **answer.headers}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    content = json.dumps(answer.body).encode()
    if request.method == "GET" and answer.status == 200:
        headers["ETag"] = f'W/"{sha256(content).hexdigest()}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
    return Response(content, answer.status, headers, media_type="application/json; charset=utf-8")
