"""Each named credential, tried where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..credentials import from_environment, variable
from ..errors import GitHubError
from ..github import GitHub, Packages
from ..github_access import endpoint_of
from ..package_page import site_of
from . import tokens
from .finding import Finding
from .opening import opens
from .patient import Patient

_GITHUB: Final = ("gho_", "ghp_", "ghs_", "ghu_", "github_pat_")


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
    wanted = patient.wanted(name)
    found = []
    on_github = tuple(each for each in wanted if each.kind == "github")
    if on_github or credential.secret.startswith(_GITHUB):
        found += _token(patient, tokens.Held(name, credential, on_github, site_of(patient.settings.home)))
    if any(each.state == "failure" for each in found):
        return found
    for use, repositories in patient.uses.items():
        if use.credential == name:
            found += opens(name, patient.registry(use, credential), repositories, push=use.push)
    if patient.plan and not wanted:
        found.append(Finding("warning", "credential", name, "nothing of the plan needs it", "take it out"))
    return found


def _token(patient: Patient, held: tokens.Held) -> list[Finding]:
    endpoint = endpoint_of(patient.settings, patient.settings.home)
    if not endpoint:
        text = f"where the API of {patient.settings.home} is nobody says, so its scopes and end are not known"
        return [held.finding("warning", text, "set `github.endpoint`")]
    with GitHub(endpoint, held.credential, told=patient.told) as github:
        try:
            told = tokens.ask(github, held.credential.secret)
        except GitHubError as error:
            return [tokens.refused(held, error)]
        found = tokens.judge(held, told, patient.now)
        if not any(each.state == "failure" for each in found):
            found += _packages(patient, held, github)
            found += _repositories(patient, held, github)
    return found


def _packages(patient: Patient, held: tokens.Held, github: GitHub) -> Iterator[Finding]:
    """Yield the owners whose packages are closed to a token that has the scope: single sign-on, mostly."""
    if not any(each.scope.endswith(":packages") for each in held.wanted):
        return
    for owner in patient.owners:
        try:
            next(Packages(github, owner).all(), None)
        except GitHubError as error:
            yield held.finding("failure", f"packages of {owner}: {error.what}", error.remedy)


def _repositories(patient: Patient, held: tokens.Held, github: GitHub) -> Iterator[Finding]:
    """Yield the repositories that the token of the section ``github`` cannot administer."""
    side = patient.plan.github if patient.plan else None
    if side is None or side.credential.name != held.name:
        return
    for each in side.repositories:
        place = f"{each.owner}/{each.name}"
        try:
            there = github.send("GET", "repos", each.owner, each.name)
        except GitHubError as error:
            yield held.finding("failure", f"{place}: {error.what}", error.remedy)
            continue
        if there is None:
            remedy = "correct its name, or give the token's user access to it"
            yield held.finding("failure", f"{place} is not there, or not for it", remedy)
        elif not (there.get("permissions") or {}).get("admin", True):
            remedy = f"make its user an administrator of {place}"
            yield held.finding("failure", f"may not administer {place}", remedy)
