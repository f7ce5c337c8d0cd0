"""One token of GitHub's: what GitHub tells of it, and what that means for what the plan needs of it."""

from __future__ import annotations

from collections.abc import Iterator
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

WORKFLOW: Final = "github-actions[bot]"
"""As whom a workflow's own token acts."""

_GITHUB: Final = ("gho_", "ghp_", "ghs_", "ghu_", "github_pat_")
_FOREIGN: Final = ("dckr_", "glpat-", "eyJ", "pul-")

Kind = Literal["classic", "fine-grained", "workflow", "app", "other"]


@dataclass(frozen=True, slots=True)
class Held:
    """A token that a stack has: the credential's name and value, what the plan needs of it, and whose site it is of."""

    name: str
    credential: Credential
    wanted: tuple[Need, ...]
    site: str = "github.com"

    def finding(self, state: State, text: str, remedy: str = "") -> Finding:
        """Return a finding about it."""
        return Finding(state, "credential", self.name, text, remedy)

    def who(self, login: str = "") -> str:
        """Return what it is and of whom, by its beginning alone."""
        return f"{kind_of(self.credential.secret)} of {login or self.credential.username}"

    @property
    def needed(self) -> tuple[Need, ...]:
        """What is needed of it at GitHub."""
        return tuple(each for each in self.wanted if each.kind == "github")

    @property
    def on_github(self) -> bool:
        """Whether it is one for GitHub: by what is needed of it, or by its beginning."""
        return bool(self.needed) or self.credential.secret.startswith(_GITHUB)

    @property
    def make(self) -> str:
        """Where one is made that may do what is needed, and no more."""
        scopes = ",".join(least(each.scope for each in self.needed))
        return f"make a classic one with no more than https://{self.site}/settings/tokens/new?scopes={scopes}"


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
    """A token of a workflow is one of the App of GitHub Actions, and sees the workflow's repository."""
    try:
        login = github.viewer()
        seen = github.pages("installation", "repositories", key="repositories")
        found = tuple(sorted(str(each["full_name"]) for each in seen))
    except GitHubError as error:
        if error.status != 403:
            raise
        return Told("app")
    return Told("workflow" if login == WORKFLOW else "app", login, repositories=found)


def foreign(held: Held) -> Finding | None:
    """Return that a token is another vendor's: GitHub is not asked about it, which would give it away."""
    if not held.credential.secret.startswith(_FOREIGN):
        return None
    return held.finding("failure", f"{held.who()} is none of GitHub's, and was not sent there", held.make)


def judge(held: Held, told: Told, now: datetime) -> list[Finding]:
    """Return what of a token is as it should be, and what is not.

    Args:
        held: the token, and what is needed of it.
        told: what GitHub says of it.
        now: the moment of asking, with a zone.
    """
    found = [*_kind(held, told), *_scopes(held, told), *_life(held, told, now)]
    username = held.credential.username
    if told.kind in ("classic", "fine-grained") and told.login.lower() not in ("", username.lower()):
        text = f"the settings say {username}, and this token is of {told.login}"
        found.append(held.finding("warning", text, "change `username`"))
    if not any(each.state == "failure" for each in found):
        scopes = "" if told.scopes is None else f", scopes {', '.join(sorted(told.scopes)) or 'none'}"
        expires = f", until {told.expires:%Y-%m-%d}" if told.expires else ""
        found.insert(0, held.finding("ok", f"{held.who(told.login)}{scopes}{expires}"))
    return found


def refused(held: Held, error: GitHubError) -> Finding:
    """Return what it means that GitHub does not answer a token."""
    if error.status == 401:
        what = error.what.partition("(401): ")[2]
        return held.finding("failure", f"{held.who()} is refused ({what}): expired or revoked", held.make)
    return held.finding("failure" if error.status else "warning", f"{held.who()}: {error.what}", error.remedy)


def _kind(held: Held, told: Told) -> Iterator[Finding]:
    """Yield what this kind of token is refused, whoever has it: GHCR and the packages API take classic ones alone."""
    who = held.who(told.login)
    if told.kind == "classic":
        return
    if all(each.permission for each in held.needed):
        if told.kind in ("workflow", "app") and held.needed:
            yield held.finding("warning", f"{who} ends within the hour", held.make)
    elif told.kind == "fine-grained":
        text = f"{who} is fine-grained: GHCR and the packages API take classic tokens alone"
        yield held.finding("failure", text, held.make)
    elif told.kind == "workflow":
        sees = ", ".join(told.repositories)
        text = f"{who} is a workflow's, ends with its job, and opens packages of {sees} alone"
        yield held.finding("failure", text, held.make)
    else:
        text = f"{who} is a GitHub App's: GHCR lets it log in, and refuses to pull and push"
        yield held.finding("failure", text, held.make)


def _scopes(held: Held, told: Told) -> Iterator[Finding]:
    if told.scopes is None or told.kind != "classic":
        return
    who, needed = held.who(told.login), {each.scope for each in held.needed}
    for scope in lacking(told.scopes, needed):
        why = "; ".join(sorted({each.why for each in held.needed if each.scope == scope}))
        yield held.finding("failure", f"{who} lacks the scope {scope}: it {why}", held.make)
    if held.needed and (extra := superfluous(told.scopes, needed)):
        text = f"{who} may do more than anything needs of it: {', '.join(extra)}"
        yield held.finding("warning", text, held.make)


def _life(held: Held, told: Told, now: datetime) -> Iterator[Finding]:
    line = warning(held.name, told.expires, now).removeprefix(f"the token of {held.name} ")
    if line:
        text, _, remedy = line.partition(": ")
        yield held.finding("warning", text, remedy)
