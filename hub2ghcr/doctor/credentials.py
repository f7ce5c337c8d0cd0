"""Each named credential, tried where it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..credentials import Credential, from_environment, variable
from ..errors import GitHubError
from ..github import GitHub, Packages
from ..github_access import endpoint_of
from ..permissions import Need
from . import tokens
from .finding import Finding
from .opening import opens
from .patient import Patient


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
    on_github = [each for each in wanted if each.kind == "github"]
    if on_github or credential.secret.startswith(("gh", "github_pat_")):
        found += _token(patient, name, credential, on_github)
    if any(each.state == "failure" for each in found):
        return found
    for use, repositories in patient.uses.items():
        if use.credential == name:
            found += opens(name, patient.registry(use, credential), repositories, push=use.push)
    if patient.plan and not wanted:
        found.append(Finding("warning", "credential", name, "nothing of the plan needs it", "take it out"))
    return found


def _token(patient: Patient, name: str, credential: Credential, wanted: Sequence[Need]) -> list[Finding]:
    endpoint = endpoint_of(patient.settings, patient.settings.home)
    if not endpoint:
        text = f"where the API of {patient.settings.home} is nobody says, so its scopes and end are not known"
        return [Finding("warning", "credential", name, text, "set `github.endpoint`")]
    with GitHub(endpoint, credential, told=patient.told) as github:
        try:
            told = tokens.ask(github, credential.secret)
        except GitHubError as error:
            return [tokens.refused(name, credential, error, wanted)]
        found = tokens.judge(name, credential.username, credential.secret, told, wanted, patient.now)
        if not any(each.state == "failure" for each in found):
            found += _packages(patient, name, github, wanted)
            found += _repositories(patient, name, github)
    return found


def _packages(patient: Patient, name: str, github: GitHub, wanted: Sequence[Need]) -> Iterator[Finding]:
    """Yield the owners whose packages are closed to a token that has the scope: single sign-on, mostly."""
    if not any(each.scope.endswith(":packages") for each in wanted):
        return
    for owner in patient.owners:
        try:
            next(Packages(github, owner).all(), None)
        except GitHubError as error:
            yield Finding("failure", "credential", name, f"packages of {owner}: {error.what}", error.remedy)


def _repositories(patient: Patient, name: str, github: GitHub) -> Iterator[Finding]:
    """Yield the repositories that the token of the section ``github`` cannot administer."""
    side = patient.plan.github if patient.plan else None
    if side is None or side.credential.name != name:
        return
    for each in side.repositories:
        place = f"{each.owner}/{each.name}"
        try:
            there = github.send("GET", "repos", each.owner, each.name)
        except GitHubError as error:
            yield Finding("failure", "credential", name, f"{place}: {error.what}", error.remedy)
            continue
        if there is None:
            remedy = "correct its name, or give the token's user access to it"
            yield Finding("failure", "credential", name, f"{place} is not there, or not for it", remedy)
        elif not (there.get("permissions") or {}).get("admin", True):
            remedy = f"make its user an administrator of {place}"
            yield Finding("failure", "credential", name, f"may not administer {place}", remedy)
