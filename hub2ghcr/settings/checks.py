"""What one key cannot say alone: names that must exist, secrets that must be set, rules that must hold together.

A check that needs a section which is broken itself is left out: its problem is reported already.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from ..errors import CredentialError, MappingError, SettingsError
from ..mapping import Mapping as ImageMapping
from ..mapping import Rule
from ..reference import GHCR, HUB_HOSTS
from ..token_shapes import looks_like_token
from . import github_checks, rancher_checks
from .bases import KEYS
from .cluster_checks import clusters, namespaces
from .clusters import ClusterSettings
from .read import SECTIONS, unknown
from .schema import Settings
from .workflow_checks import workflows

DEFAULT_PROVIDERS: Final = "pulumi:disable-default-providers"
_DISABLED: Final = ("github", "kubernetes")


def default_providers(config: Mapping[str, Any]) -> Iterator[SettingsError]:
    """Require that no resource can fall through to the current kubeconfig or the environment's GitHub token."""
    value = config.get(DEFAULT_PROVIDERS)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = [value]
    listed = value if isinstance(value, list) else []
    missing = [name for name in _DISABLED if name not in listed]
    if "*" in listed:
        yield SettingsError(
            "disables the provider of our own resources too",
            DEFAULT_PROVIDERS,
            "*",
            f"list {' and '.join(_DISABLED)} by name",
        )
    elif missing:
        yield SettingsError(
            f"must list {' and '.join(missing)}",
            DEFAULT_PROVIDERS,
            remedy="else a resource could reach whatever the current kubeconfig or GITHUB_TOKEN opens",
        )


def credentials(
    settings: Settings, broken: Collection[str], own: Mapping[str, Any], secret: Collection[str]
) -> Iterator[CredentialError]:
    """Require that each credential's value is set, as a secret, under a key that is nothing else."""
    if "credentials" in broken:
        return
    for name, credential in sorted(settings.credentials.items()):
        key, path = credential.secretKey, f"credentials.{name}.secretKey"
        if key in KEYS:
            yield CredentialError("names a key that is no secret", path, key, "choose another key")
        elif key not in own:
            command = f"pulumi config set --secret hub2ghcr:{key} -s {settings.stack}"
            yield CredentialError("missing secret", path, f"hub2ghcr:{key}", f"set it: {command}")
        elif key not in secret and not looks_like_token(str(own[key])):  # those have their line already
            command = f"pulumi config set --secret hub2ghcr:{key} -s {settings.stack}"
            yield CredentialError("a secret in plain text", f"hub2ghcr:{key}", remedy=f"revoke it, then: {command}")


def unknown_keys(settings: Settings, broken: Collection[str], own: Mapping[str, Any]) -> Iterator[SettingsError]:
    """Refuse keys that are neither a section nor the secret of a credential."""
    secret_keys = {credential.secretKey for credential in settings.credentials.values()}
    for key in own:
        if key in SECTIONS or key in secret_keys:
            continue
        if isinstance(own[key], Mapping) and set(own[key]) == {"secure"}:
            if "credentials" not in broken:
                remedy = "name it as the secretKey of a credential, or remove it"
                yield SettingsError("no credential uses this secret", f"hub2ghcr:{key}", remedy=remedy)
        else:
            yield unknown(f"hub2ghcr:{key}", key, {*KEYS, *secret_keys})


def names(settings: Settings, broken: Collection[str]) -> Iterator[SettingsError | MappingError]:
    """Require that what is named exists, that names are used once, and that mapping rules parse."""
    if "credentials" not in broken:
        for path, name in _credential_names(settings):
            if name not in settings.credentials:
                error = unknown(path, name, settings.credentials)
                yield SettingsError("no such credential", path, error.value, error.remedy)
    yield from rules(settings)
    if settings.github is not None:
        yield from workflows(settings.github)
        yield from github_checks.repositories(settings.github)
    yield from clusters(settings)


def _credential_names(settings: Settings) -> Iterator[tuple[str, str]]:
    for host, registry in settings.registries.items():
        for use in ("pull", "push"):
            if (name := getattr(registry, use)) is not None:
                yield f"registries.{host}.{use}", name
    if settings.github is not None:
        yield "github.credential", settings.github.credential
        yield from github_checks.credential_names(settings.github)
    for index, cluster in enumerate(settings.clusters):
        yield from _named(cluster, f"clusters[{index}]")


def _named(cluster: ClusterSettings, path: str) -> Iterator[tuple[str, str]]:
    if cluster.token is not None:
        yield f"{path}.token", cluster.token
    if cluster.nodeMirror is not None and cluster.nodeMirror.credential is not None:
        yield f"{path}.nodeMirror.credential", cluster.nodeMirror.credential
    yield from rancher_checks.credential_names(cluster.rancher, f"{path}.rancher")
    pulls = {f"{path}.pull": cluster.pull}
    pulls |= {f"{each}.pull": declared.pull for each, declared in namespaces(cluster, path)}
    pulls[f"{path}.openshift.globalPullSecret"] = cluster.openshift.globalPullSecret if cluster.openshift else None
    if cluster.push is not None:
        yield f"{path}.push", cluster.push
    for where, declared in namespaces(cluster, path):
        if declared.push is not None:
            yield f"{where}.push", declared.push
        for name, build in declared.builds.items():
            if build.pushCredential is not None:
                yield f"{where}.builds.{name}.pushCredential", build.pushCredential
            if build.context.credential is not None:
                yield f"{where}.builds.{name}.context.credential", build.context.credential
    for where, pull in pulls.items():
        if isinstance(pull, str):
            yield where, pull
        elif pull is not None:
            yield from ((f"{where}.{host}", name) for host, name in pull.items())


def rules(settings: Settings) -> Iterator[SettingsError | MappingError]:
    """Require that aliases name one registry each, and that mapping rules parse and can apply."""
    yield from _aliases(settings)
    yield from _mapping(settings)


def _aliases(settings: Settings) -> Iterator[SettingsError]:
    owners: dict[str, str] = {}
    for host, registry in sorted(settings.registries.items()):
        for index, alias in enumerate(registry.aliases):
            path = f"registries.{host}.aliases[{index}]"
            if alias in HUB_HOSTS or alias == GHCR:
                yield SettingsError("has a meaning of its own", path, alias, "remove it")
            elif alias in settings.registries:
                yield SettingsError("is a registry of its own", path, alias, "keep one: the alias or the registry")
            elif alias in owners:
                yield SettingsError(f"is an alias of {owners[alias]} already", path, alias, "keep one")
            owners.setdefault(alias, host)


def _mapping(settings: Settings) -> Iterator[MappingError]:
    parsed: list[Rule] = []
    for index, rule in enumerate(settings.mapping.rules):
        try:
            parsed.append(rule.build(settings.aliases, settings.homes))
        except MappingError as error:
            yield error.at(f"mapping.rules[{index}]")
    if len(parsed) == len(settings.mapping.rules):
        hosts = sorted({rule.target.partition("/")[0] for rule in parsed})
        if len(hosts) > 1:
            remedy = "use a stack for each: a namespace pulls with one credential"
            yield MappingError("lead to several registries", "mapping.rules", " and ".join(hosts), remedy)
        for problem in ImageMapping(tuple(parsed)).problems():
            yield problem.at("mapping")
    for index, each in enumerate(settings.mapping.exclude):
        try:
            each.build(settings.aliases)
        except MappingError as error:
            yield error.at(f"mapping.exclude[{index}].match")
