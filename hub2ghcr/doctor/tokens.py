"""One token of GitHub's: what GitHub tells of it, and what that means for what the plan needs of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ..credentials import Credential
from ..errors import GitHubError
from ..expiry import warning
from ..github import GitHub
from ..github.scopes import lacking, least, superfluous
from ..permissions import Need
from ..token_shapes import kind_of
from .finding import Finding, State

NEW: Final = "https://github.com/settings/tokens/new?scopes="

Kind = Literal["classic", "fine-grained", "workflow", "app", "other"]


@dataclass(frozen=True, slots=True)
class Told:
    """What GitHub tells of a token.

    Attributes:
        kind: by its beginning, and by what its answers look like.
        login: whose it is; empty where GitHub does not say.
        scopes: of a classic token, else None.
        expires: when, None where it does not or GitHub does not say.
        repositories: that a token of a workflow or an App sees.
    """

    kind: Kind
    login: str = ""
    scopes: frozenset[str] | None = None
    expires: datetime | None = None
    repositories: tuple[str, ...] = ()


def ask(github: GitHub, secret: str) -> Told:
    """Return what GitHub tells of a token.

    Raises:
        GitHubError: it refuses the token, or cannot be asked.
    """
    if secret.startswith("ghs_"):
        return _installation(github)
    user, token = github.who()
    fine = secret.startswith("github_pat_") or (token.scopes is None and not secret.startswith(("ghp_", "gho_")))
    if secret.startswith("ghu_"):
        kind: Kind = "app"
    else:
        kind = "fine-grained" if fine else "classic"
    return Told(kind, user, token.scopes, token.expires)


def _installation(github: GitHub) -> Told:
    """A token of a workflow is one of the App of GitHub Actions: it sees one repository."""
    try:
        found = tuple(sorted(str(each["full_name"]) for each in _seen(github)))
    except GitHubError as error:
        if error.status == 401:
            raise
        found = ()
    return Told("workflow" if len(found) == 1 else "app", repositories=found)


def _seen(github: GitHub) -> Iterable[dict[str, str]]:
    return github.pages("installation", "repositories", key="repositories")


def judge(name: str, username: str, secret: str, told: Told, wanted: Sequence[Need], now: datetime) -> list[Finding]:
    """Return what of a token is as it should be, and what is not.

    Args:
        name: the credential's.
        username: as the settings have it.
        secret: its value, of which only the beginning is told.
        told: what GitHub says.
        wanted: what the plan needs of it.
        now: the moment of asking.
    """
    who = f"{kind_of(secret)} of {told.login or username}"
    found = [*_kind(name, told, who, wanted), *_scopes(name, told, who, wanted), *_life(name, told, now)]
    if told.login and told.login.lower() != username.lower():
        text = f"the settings say {username}, and this token is of {told.login}"
        found.append(Finding("warning", "credential", name, text, "change `username`"))
    if not any(each.state == "failure" for each in found):
        scopes = "" if told.scopes is None else f", scopes {', '.join(sorted(told.scopes)) or 'none'}"
        expires = f", until {told.expires:%Y-%m-%d}" if told.expires else ""
        found.insert(0, Finding("ok", "credential", name, f"{who}{scopes}{expires}"))
    return found


def refused(name: str, credential: Credential, error: GitHubError, wanted: Sequence[Need]) -> Finding:
    """Return what it means that GitHub does not answer a token."""
    who = f"{kind_of(credential.secret)} of {credential.username}"
    if error.status == 401:
        what = error.what.partition("(401): ")[2]
        return Finding("failure", "credential", name, f"{who} is refused ({what}): expired or revoked", _make(wanted))
    state: State = "failure" if error.status else "warning"
    return Finding(state, "credential", name, f"{who}: {error.what}", error.remedy)


def _kind(name: str, told: Told, who: str, wanted: Sequence[Need]) -> list[Finding]:
    """Return what this kind of token is refused, whoever has it: GHCR and the packages API take classic ones alone."""
    closed = sorted({each.scope for each in wanted if not each.permission})
    if told.kind == "classic" or not closed:
        if told.kind in ("workflow", "app") and wanted:
            text = f"{who} ends within the hour"
            return [Finding("warning", "credential", name, text, _make(wanted))]
        return []
    packages = "GHCR and the packages API take classic tokens alone"
    if told.kind == "fine-grained":
        text = f"{who} is fine-grained: {packages}"
    elif told.kind == "workflow":
        sees = ", ".join(told.repositories)
        text = f"{who} is a workflow's, ends with its job, and opens packages of {sees} alone"
    else:
        text = f"{who} is a GitHub App's: GHCR lets it log in, and refuses to pull and push"
    return [Finding("failure", "credential", name, text, _make(wanted))]


def _scopes(name: str, told: Told, who: str, wanted: Sequence[Need]) -> list[Finding]:
    if told.scopes is None or told.kind != "classic":
        return []
    needed = {each.scope for each in wanted}
    found = [
        Finding(
            "failure",
            "credential",
            name,
            f"{who} lacks the scope {scope}: it {_reasons(wanted, scope)}",
            _make(wanted),
        )
        for scope in lacking(told.scopes, needed)
    ]
    if wanted and (extra := superfluous(told.scopes, needed)):
        text = f"{who} may do more than anything needs of it: {', '.join(extra)}"
        found.append(Finding("warning", "credential", name, text, _make(wanted)))
    return found


def _life(name: str, told: Told, now: datetime) -> list[Finding]:
    line = warning(name, told.expires, now).removeprefix(f"the token of {name} ")
    text, _, remedy = line.partition(": ")
    return [Finding("warning", "credential", name, text, remedy)] if line else []


def _reasons(wanted: Iterable[Need], scope: str) -> str:
    return "; ".join(sorted({each.why for each in wanted if each.scope == scope}))


def _make(wanted: Iterable[Need]) -> str:
    return f"make a classic one with no more than {NEW}{','.join(least({each.scope for each in wanted}))}"
