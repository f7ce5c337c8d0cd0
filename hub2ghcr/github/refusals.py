"""What GitHub's refusals mean: each as one line, in GitHub's words, with what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from ..errors import GitHubError
from .limits import Limit
from .token import listed

_SSO = re.compile(r"\s*required\s*;\s*url=(\S+)", re.IGNORECASE)
ARCHIVED: Final = "unarchive it, or take it out of the settings"
"""What to do about a repository that is read-only."""
_ADMIN = "a classic token with repo and read:packages, authorised for the organisation's single sign-on"


def said(answer: httpx.Response) -> str:
    """Return GitHub's own words, in one line, empty where it says nothing."""
    try:
        found = answer.json()
        words = [str(found.get("message") or ""), *map(_detail, found.get("errors") or ())]
    except (ValueError, AttributeError, TypeError):
        return ""
    return ": ".join(each for each in words if each)


def sso_page(answer: httpx.Response) -> str:
    """Return the page where a token is authorised for an organisation's single sign-on, empty where it needs not."""
    found = _SSO.match(answer.headers.get("x-github-sso", ""))
    return found[1] if found else ""


def refusal(answer: httpx.Response, user: str) -> GitHubError:
    """Return the error for an answer that is none of a success."""
    status = answer.status_code
    words = said(answer)
    behind = f": {words}" if words else ""
    match status:
        case 401:
            what, remedy = f"GitHub refuses the token of {user} (401){behind}", "set a valid token"
        case 403:
            what = f"GitHub refuses {user} (403){behind}"
            remedy = ARCHIVED if "was archived" in words else _permission(answer) or _ADMIN
        case 404:
            what = f"GitHub answered 404{behind}"
            remedy = _permission(answer) or (
                f"it is not there, or {user} may not see it"
                if answer.request.method in ("GET", "HEAD")
                else "may the token write there (scope repo, and workflow for workflows)?"
            )
        case 409:
            what, remedy = f"GitHub answered 409{behind}", "somebody changed it meanwhile: run again"
        case _ if status >= 500 and answer.request.method not in ("GET", "HEAD"):
            what, remedy = f"GitHub answered {status}{behind}", "look whether it was done, then run again"
        case _ if status >= 500:
            what, remedy = f"GitHub answered {status}{behind}", "run again later: https://www.githubstatus.com"
        case _:
            what, remedy = f"GitHub answered {status}{behind}", ""
    return GitHubError(what, value=_place(answer), remedy=remedy, status=status)


def limited(answer: httpx.Response, user: str, limit: Limit) -> GitHubError:
    """Return the error for a limit that lasts too long to wait for."""
    until = (datetime.now(UTC) + timedelta(seconds=limit.seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")
    words = said(answer)
    what = f"GitHub's {limit.kind} rate limit holds {user} up ({answer.status_code}){f': {words}' if words else ''}"
    remedy = f"it takes calls again at {until}: run again then"
    return GitHubError(what, value=_place(answer), remedy=remedy, status=answer.status_code)


def _permission(answer: httpx.Response) -> str:
    """Return what the token lacks, as far as the headers tell."""
    if page := sso_page(answer):
        return f"authorise the token for the organisation's single sign-on: {page}"
    headers = answer.headers
    accepted, has = listed(headers.get("x-accepted-oauth-scopes", "")), headers.get("x-oauth-scopes")
    if has is not None and accepted and not set(accepted) & set(listed(has)):
        return f"the token needs the scope {' or '.join(accepted)}, and has {has.strip() or 'none'}"
    if permissions := headers.get("x-accepted-github-permissions", "").strip():
        return f"the token needs the permissions {permissions.replace('; ', ' or ')}" if has is None else ""
    return ""


def _detail(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    return str(error.get("message") or " ".join(str(error[key]) for key in ("field", "code") if error.get(key)))


def _place(answer: httpx.Response) -> str:
    return str(answer.url.copy_with(query=None))
