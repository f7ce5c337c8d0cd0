"""The keys ``hub2ghcr:*`` of a stack file, as types. Unknown keys are refused; nothing is converted silently."""

from __future__ import annotations

import collections.abc
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from ..mapping import HOMES, NO_ALIASES, Aliases, Mapping, Rule, RuleOptions
from ..places import Place, Places
from ..reference import GHCR
from .clusters import ClusterSettings
from .fields import (
    Annotation,
    ConfigKey,
    ExclusionSettings,
    Host,
    InsidePath,
    Model,
    Name,
    Phase,
    PlacePath,
    Platform,
    Text,
    Url,
)
from .github import GitHubSettings

Config = collections.abc.Mapping[str, Any]
Environ = collections.abc.Mapping[str, str]


class CredentialSettings(Model):
    """A credential by name: as whom it speaks, and the flat secret key that holds its value.

    ``email`` is written into pull Secrets, for registries that ask for one.
    """

    username: Text
    secretKey: ConfigKey
    email: str = ""


class RegistrySettings(Model):
    """How a registry host is reached (``endpoint``; None: ``https://`` and its host) and which credentials open it.

    ``certificateAuthority`` is a PEM file, as seen from the project's folder, that is trusted besides the system's.
    ``aliases`` are other names under which clusters reach the same registry: an image is one source under all of them.
    ``github`` says that it is the registry of a GitHub Enterprise (``containers.HOST``): images may move there.
    """

    endpoint: Url | None = None
    aliases: tuple[Host, ...] = ()
    pull: Name | None = None
    push: Name | None = None
    certificateAuthority: Text | None = None
    github: bool = False


class RuleSettings(Model):
    """One mapping rule: see `hub2ghcr.mapping.Rule`."""

    source: Text = Field(alias="from")
    target: Text = Field(alias="to")
    platforms: tuple[Platform, ...] = ()
    allowNewDigest: bool = False
    public: bool = False

    @property
    def options(self) -> RuleOptions:
        """What the rule asks of its copies."""
        return RuleOptions(self.platforms, self.allowNewDigest, self.public)

    def build(self, aliases: Aliases = NO_ALIASES, homes: frozenset[str] = HOMES) -> Rule:
        """Return the rule.

        Raises:
            MappingError: it does not parse.
        """
        return Rule.parse(self.source, self.target, self.options, aliases, homes)


class MappingSettings(Model):
    """Rules in their order, and exclusions."""

    rules: tuple[RuleSettings, ...] = ()
    exclude: tuple[ExclusionSettings, ...] = ()

    def build(self, aliases: Aliases = NO_ALIASES, homes: frozenset[str] = HOMES) -> Mapping:
        """Return the mapping; `Settings.image_mapping` gives it with what the stack says of its registries.

        Raises:
            MappingError: of a pattern or rule that does not parse; `hub2ghcr.settings` reports them with their paths.
        """
        return Mapping(
            tuple(rule.build(aliases, homes) for rule in self.rules),
            tuple(each.build(aliases) for each in self.exclude),
            aliases,
            homes,
        )


class PlaceSettings(Model):
    """Where a kind keeps images that the table of `hub2ghcr.places` does not know: a row more of it.

    ``kind`` is ``Kind`` of the core group, ``group/Kind``, the name of a file's format, or holds ``*``; ``name`` limits
    it to objects of that name. The other keys are those of `hub2ghcr.places.Place`.
    """

    kind: Text
    name: Text = "*"
    pods: tuple[PlacePath, ...] = ()
    images: tuple[PlacePath, ...] = ()
    names: tuple[PlacePath, ...] = ()
    follows: tuple[PlacePath, ...] = ()
    groups: tuple[PlacePath, ...] = ()
    values: tuple[PlacePath, ...] = ()
    parameters: tuple[PlacePath, ...] = ()
    kustomize: tuple[PlacePath, ...] = ()
    objects: tuple[PlacePath, ...] = ()
    env: tuple[Text, ...] = ()
    args: tuple[Text, ...] = ()
    annotations: tuple[Annotation, ...] = ()

    def build(self) -> Place:
        """Return the row."""
        group, _, kind = self.kind.rpartition("/")
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}
        return Place("*" if kind == "*" and not group else group, kind, **given)


class ImagesSettings(Model):
    """The lock file, whether the program copies images or requires that they are in GHCR, and ``archives`` of images.

    Without ``mirror`` their number decides, see `hub2ghcr.plan.REQUIRE_ABOVE`. Archives are ``docker save`` archives,
    OCI archives and OCI layouts, relative to the project's folder or anywhere. ``pullBudget`` is how many manifests one
    run may read from sources (None: as many as their registries allow).
    """

    lock: InsidePath = "images.lock.yaml"
    mirror: Literal["copy", "require"] | None = None
    archives: tuple[Text, ...] = ()
    pullBudget: Annotated[int, Field(ge=0)] | None = None


class Settings(Model):
    """Everything one stack is told. Holds names of credentials, never values."""

    stack: str
    phase: Phase = "prepare"
    rollback: Literal["checked", "forced"] = "checked"
    registries: dict[Host, RegistrySettings] = Field(default_factory=dict)
    credentials: dict[Name, CredentialSettings] = Field(default_factory=dict)
    mapping: MappingSettings = MappingSettings()
    places: tuple[PlaceSettings, ...] = ()
    images: ImagesSettings = ImagesSettings()
    github: GitHubSettings | None = None
    clusters: tuple[ClusterSettings, ...] = ()

    @property
    def aliases(self) -> Aliases:
        """Each further name of a registry, and the name it is declared by."""
        return {alias: host for host, registry in self.registries.items() for alias in registry.aliases}

    @property
    def homes(self) -> frozenset[str]:
        """The registries that images may move to."""
        return HOMES | {host for host, registry in self.registries.items() if registry.github}

    @property
    def home(self) -> str:
        """The registry that this stack's images move to: that of its rules, ghcr.io where there are none."""
        hosts = {rule.target.lower().partition("/")[0] for rule in self.mapping.rules}
        return min(hosts, default=GHCR)

    @property
    def image_mapping(self) -> Mapping:
        """The mapping of this stack's images."""
        return self.mapping.build(self.aliases, self.homes)

    @property
    def declared_places(self) -> Places:
        """The rows that ``places`` adds to the table of places."""
        return Places(tuple(each.build() for each in self.places))

    @classmethod
    def from_config(cls, stack: str, config: Config, root: Path, environ: Environ) -> Settings:
        """Return the settings that a configuration holds: see `hub2ghcr.settings.from_config`."""
        from .load import from_config

        return from_config(stack, config, root, environ)
