"""The configuration of one stack: typed, frozen, with names of credentials and never their values."""

from .clusters import (
    PULL_SECRET,
    ClusterSettings,
    GuardSettings,
    HelmSettings,
    KustomizeSettings,
    NamespaceSettings,
    RenderSettings,
    SelectorSettings,
)
from .fields import ExclusionSettings
from .github import (
    GitHubSettings,
    HubSettings,
    PackageSettings,
    RepositorySettings,
    RetentionSettings,
    WorkflowSettings,
)
from .load import file_of, files, from_config, load, merged, over_bases, partial, stacks
from .schema import (
    CredentialSettings,
    ImagesSettings,
    MappingSettings,
    PlaceSettings,
    RegistrySettings,
    RuleSettings,
    Settings,
)

__all__ = [
    "PULL_SECRET",
    "ClusterSettings",
    "CredentialSettings",
    "ExclusionSettings",
    "GitHubSettings",
    "GuardSettings",
    "HelmSettings",
    "HubSettings",
    "ImagesSettings",
    "KustomizeSettings",
    "MappingSettings",
    "NamespaceSettings",
    "PackageSettings",
    "PlaceSettings",
    "RegistrySettings",
    "RenderSettings",
    "RepositorySettings",
    "RetentionSettings",
    "RuleSettings",
    "SelectorSettings",
    "Settings",
    "WorkflowSettings",
    "file_of",
    "files",
    "from_config",
    "load",
    "merged",
    "over_bases",
    "partial",
    "stacks",
]
