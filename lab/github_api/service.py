"""The service: from an HTTP request to a route and back, with what GitHub puts around every answer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lab.github_api import admin, graphql, limits, seeds, tokens
from lab.github_api.description import Description
from lab.github_api.exchange import Answer, Call, Document, Refusal, not_found
from lab.github_api.faults import Faults
from lab.github_api.registry import Registry
from lab.github_api.routes import Route, match
from lab.github_api.store import Store

ENTERPRISE = "/api/v3"
"""Where the REST API of a GitHub Enterprise Server is, which the provider adds to any base URL but github.com's."""


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
        fault = None if path.startswith("/_lab/") else self.faults.take(request.method, short)
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        answer = fault.answer() if fault and fault.status else self._answer(request, path, text)
        if self.log and not path.startswith("/_lab/"):
            print(f"{request.method} {path} {answer.status}", flush=True)
        await _response(request, answer)(scope, receive, send)

    def _answer(self, request: Request, path: str, text: bytes) -> Answer:
        site = str(request.base_url).rstrip("/")
        headers = limits.headers()
        try:
            body = _body(text)
            if path.startswith("/_lab/"):
                return admin.answer(self, request.method, path, body, site)
            account, expires = tokens.authenticate(self.store, request.headers.get("authorization", ""))
            if account:
                headers["X-OAuth-Scopes"] = ", ".join(sorted(account.scopes))
            if expires:
                headers["github-authentication-token-expiration"] = expires
            if path in ("/api/graphql", "/graphql"):
                return graphql.answer(self.store, account, body)
            prefix = ENTERPRISE if path.startswith(f"{ENTERPRISE}/") else ""
            found = match(request.method, path.removeprefix(prefix))
            self.counters[f"{request.method} {found[0].template if found else path.removeprefix(prefix)}"] += 1
            if found is None:
                raise not_found()
            route, parameters = found
            headers["X-Accepted-OAuth-Scopes"] = ", ".join(route.scopes)
            call = Call(
                store=self.store,
                registry=self.registry,
                account=account,
                site=site,
                api=site + prefix,
                route=path.removeprefix(prefix),
                path=parameters,
                query=dict(request.query_params),
                body=body,
            )
            return self._held(route, call, body if text else None, headers)
        except Refusal as refusal:
            answer = refusal.answer()
            return Answer(answer.status, answer.body, {**headers, **answer.headers})
        except KeyError as missing:
            return Answer(400, {"message": f"the body lacks {missing}"}, headers)

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


def _permit(route: Route, call: Call) -> None:
    if call.account is None and not route.anonymous:
        raise Refusal(401, "Requires authentication")
    held = set(call.account.scopes) if call.account else set()
    missing = [scope for scope in route.scopes if scope not in held]
    if missing:
        raise Refusal(403, f"You need at least {missing[0]} scope to do this.")


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
