"""Each named credential, tried where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ..credentials import from_environment, variable
from ..errors import GitHubError
from ..github import GitHub, Packages
from ..github_access import endpoint_of
from ..package_page import site_of
from ..plan import Repository
from . import tokens
from .finding import Finding
from .opening import opens
from .patient import Patient
from .tokens import Held

JOBS: Final = 8
"""Repositories asked for at the same time."""


def look(patient: Patient, name: str) -> list[Finding]:
    """Return what a credential is and may do.

    Raises:
        CredentialError: its value is malformed.
    """
    declared = patient.settings.credentials[name]
    credential = from_environment(declared.username, declared.secretKey, patient.environ)
    if credential is None:
        remedy = f"set {variable(declared.secretKey)}, or open the stack's secrets (PULUMI_CONFIG_PASSPHRASE)"
        return [Finding("failure", "credential", name, "its value is not here, so it was not tried", remedy)]
    held = Held(name, credential, patient.wanted(name), site_of(patient.settings.home))
    found = _token(patient, held) if held.on_github else []
    if any(each.state == "failure" for each in found):
        return found
    for use, repositories in patient.uses.items():
        if use.credential == name:
            found += opens(name, patient.registry(use, credential), repositories, push=use.push)
    if patient.plan and not held.wanted:
        found.append(held.finding("warning", "nothing of the plan needs it", "take it out"))
    elif not found and all(each.kind == "secret" for each in held.wanted):
        # what it opens is known to those who use it: sent to anybody else, it would be given away
        found.append(held.finding("ok", f"{held.who()} is a secret for others, and was not tried"))
    return found


def _token(patient: Patient, held: Held) -> list[Finding]:
    if foreign := tokens.foreign(held):
        return [foreign]
    endpoint = endpoint_of(patient.settings, patient.settings.home)
    if not endpoint:
        text = f"no API is known for {patient.settings.home}, so its scopes, and when it ends, cannot be looked at"
        return [held.finding("warning", text, "set `github.endpoint`")]
    with GitHub(endpoint, held.credential, told=patient.told) as github:
        try:
            told = tokens.ask(github, held.credential.secret)
        except GitHubError as error:
            return [tokens.refused(held, error)]
        found = tokens.judge(held, told, patient.now)
        for look_at in (_packages, _repositories):
            if not any(each.state == "failure" for each in found):  # single sign-on is told once, not for each of 200
                found += look_at(patient, held, github)
    return found


def _packages(patient: Patient, held: Held, github: GitHub) -> Iterator[Finding]:
    """Yield whose packages are open to a token that has the scope, and whose are not: by single sign-on, mostly."""
    if not any(each.scope.endswith(":packages") for each in held.wanted):
        return
    for owner in patient.owners:
        try:
            next(Packages(github, owner).all(), None)
        except GitHubError as error:
            yield held.finding("failure", f"packages of {owner}: {error.what}", error.remedy)
        else:
            yield held.finding("ok", f"packages of {owner}: open to it, no single sign-on is lacking")


def _repositories(patient: Patient, held: Held, github: GitHub) -> Iterator[Finding]:
    """Yield the repositories that the token of the section ``github`` cannot administer, or how many it can."""
    side = patient.plan.github if patient.plan else None
    if side is None or side.credential.name != held.name:
        return

    def look_at(repository: Repository) -> Finding | None:
        place = f"{repository.owner}/{repository.name}"
        try:
            there = github.send("GET", "repos", repository.owner, repository.name)
        except GitHubError as error:
            return held.finding("failure", f"{place}: {error.what}", error.remedy)
        if there is None:
            remedy = "correct its name, or give the token's user access to it"
            return held.finding("failure", f"{place} is not there, or not for it", remedy)
        if not (there.get("permissions") or {}).get("admin", True):
            return held.finding("failure", f"may not administer {place}", f"make its user an administrator of {place}")
        return None

    with ThreadPoolExecutor(JOBS) as pool:
        failed = [each for each in pool.map(look_at, side.repositories) if each is not None]
    yield from failed
    if side.repositories and not failed:
        yield held.finding("ok", f"repositories of {side.owner}: administers all {len(side.repositories)} of the plan")
